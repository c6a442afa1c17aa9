//! The list of everything that is held on people. A test holds it against the database: a table that stands in neither list
//! fails it.

/// What becomes of rows when their person is erased.
#[derive(Debug, Clone, Copy)]
pub enum Erased {
    /// They go.
    Deleted,
    /// These columns are set to what says nothing.
    Reduced(&'static str),
    /// They stay, for this reason.
    Kept(&'static str),
}

/// A table with something about people.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The table.
    pub table: &'static str,
    /// Which rows, of `t` and `who`.
    pub whose: &'static str,
    /// Columns that are not handed out: proofs, keys, and what is the shop's alone.
    pub hidden: &'static [&'static str],
    /// What erasure leaves.
    pub erased: Erased,
}

const OF_ORDER: &str = "t.order_id IN (SELECT id FROM theirs)";
const OF_USER: &str = "t.user_id = who.user_id";
const OF_CUSTOMER: &str = "t.customer_id = who.customer_id";

/// Tables with something about people, in the order in which they are erased.
pub const HELD: &[Held] = &[
    Held {
        table: "email_log",
        whose: "(lower(t.to_email) = who.email OR t.order_id IN (SELECT id FROM theirs))",
        hidden: &["secret_id"],
        erased: Erased::Reduced(
            "to_email = 'erased@erased.invalid', to_name = NULL, context = '{}'::jsonb, last_error = NULL",
        ),
    },
    Held {
        table: "stripe_events_log",
        whose: OF_ORDER,
        hidden: &["payload"],
        // The gateway keeps the original under the event's id.
        erased: Erased::Reduced("payload = '{}'::bytea, detail = 'erased'"),
    },
    Held {
        table: "cases",
        whose: OF_ORDER,
        hidden: &["owner", "closed_by", "next_step"],
        erased: Erased::Reduced(
            "reason = 'erased', next_step = 'erased', resolution = CASE WHEN t.resolution IS NULL THEN NULL ELSE 'erased' END",
        ),
    },
    Held {
        table: "account_requests",
        whose: "(t.user_id = who.user_id OR t.email = who.email)",
        hidden: &["password_hash", "token_hash"],
        erased: Erased::Deleted,
    },
    Held { table: "sealed_secrets", whose: OF_USER, hidden: &["sealed"], erased: Erased::Deleted },
    Held { table: "api_keys", whose: OF_USER, hidden: &["token_hash"], erased: Erased::Deleted },
    Held { table: "user_totp", whose: OF_USER, hidden: &["sealed", "last_step"], erased: Erased::Deleted },
    Held { table: "recovery_codes", whose: OF_USER, hidden: &["code_hash"], erased: Erased::Deleted },
    Held { table: "passkeys", whose: OF_USER, hidden: &["credential_id", "key"], erased: Erased::Deleted },
    Held { table: "passkey_challenges", whose: OF_USER, hidden: &["state"], erased: Erased::Deleted },
    Held { table: "sessions", whose: OF_USER, hidden: &["token_hash"], erased: Erased::Deleted },
    Held { table: "checkout_keys", whose: OF_ORDER, hidden: &["fingerprint"], erased: Erased::Deleted },
    Held {
        table: "websites",
        whose: OF_CUSTOMER,
        hidden: &[],
        // A domain may name a person, and is free again.
        erased: Erased::Reduced("domain = t.id::text || '.erased.invalid'"),
    },
    Held {
        table: "service_operations",
        whose: "t.service_id IN (SELECT s.id FROM services s WHERE s.customer_id = who.customer_id)",
        // What the shop said of it to itself and to its providers.
        hidden: &["note", "detail", "poll_token"],
        erased: Erased::Reduced("note = 'erased', detail = 'erased'"),
    },
    Held {
        table: "services",
        whose: OF_CUSTOMER,
        hidden: &["settings"],
        erased: Erased::Reduced(
            "owner_email = 'erased@erased.invalid', owner_name = 'Erased', label = 'Erased', delivery = '{}'::jsonb, \
             access = '[]'::jsonb, failure_reason = CASE WHEN t.failure_reason IS NULL THEN NULL ELSE 'erased' END",
        ),
    },
    Held { table: "order_timeline", whose: OF_ORDER, hidden: &[], erased: Erased::Reduced("detail = ''") },
    Held { table: "order_sessions", whose: OF_ORDER, hidden: &[], erased: Erased::Reduced("url = NULL") },
    Held {
        table: "payments",
        whose: OF_ORDER,
        hidden: &[],
        erased: Erased::Kept("accounting: what was paid, when, and the gateway's ids"),
    },
    Held {
        table: "refunds",
        whose: OF_ORDER,
        // Who of the shop sent it.
        hidden: &["asked_by"],
        erased: Erased::Reduced("reason = 'erased', detail = CASE WHEN detail IS NOT NULL THEN 'erased' END"),
    },
    Held {
        table: "subscriptions",
        whose: OF_CUSTOMER,
        hidden: &[],
        erased: Erased::Kept("accounting: what renewed until when"),
    },
    Held {
        table: "orders",
        whose: "t.id IN (SELECT id FROM theirs)",
        hidden: &["settings"],
        erased: Erased::Reduced("email = 'erased@erased.invalid', customer_name = 'Erased', delivery = '{}'::jsonb"),
    },
    Held {
        table: "audit_log",
        whose: "(t.subject = 'usr_' || replace(who.user_id::text, '-', '') OR t.actor = 'usr_' || replace(who.user_id::text, '-', ''))",
        hidden: &["encoding"],
        erased: Erased::Kept(
            "security: the record is only ever added to, and names people by ids that lead to nobody any more",
        ),
    },
    Held {
        table: "customers",
        whose: "t.id = who.customer_id",
        hidden: &[],
        // The gateway's id stays: it is how a payment is found in the accounts.
        erased: Erased::Reduced("name = 'Erased', email = t.id::text || '@erased.invalid'"),
    },
    Held {
        table: "users",
        whose: "t.id = who.user_id",
        hidden: &["password_hash"],
        // No password has this hash.
        erased: Erased::Reduced(
            "email = t.id::text || '@erased.invalid', must_change_password = true, \
             password_hash = '$2b$12$' || repeat('.', 53)",
        ),
    },
];

/// Tables with nothing about people who buy.
pub const NOTHING: &[&str] = &[
    "products",
    "prices",
    "coupons",
    "outbound_calls",
    "sweeps",
    "secrets",
    "jobs",
    "job_history",
    "job_dead",
    "workers",
    "queue_control",
    "schedules",
    "audit_chain",
    "audit_pending",
    "limit_buckets",
    "maintenance",
    "room_seen",
    "panel_allowance",
];
