//! Who may do what in the database: everything in the schema, with what the API's role and the worker's role may do to it.
//!
//! The list is whole: a test compares it with the schema, so that a new table is nobody's until it says here whose it is
//! (docs/decisions/0019). `apply` makes the database so.

mod apply;
mod role;

pub use apply::{Applied, GrantError, apply_in};
pub use role::{RoleName, RoleNameError};

use Right::{Delete, Execute, Insert, Select, Update};

/// What may be done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Rows may be read.
    Select,
    /// Rows may be added.
    Insert,
    /// Rows may be changed. Locking rows asks for this too.
    Update,
    /// Rows may be removed.
    Delete,
    /// A function may be called.
    Execute,
}

impl Right {
    /// Its word in GRANT.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Execute => "EXECUTE",
        }
    }
}

/// One thing in the schema.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    /// A table, a view, or a function with the types of what it takes.
    pub thing: &'static str,
    /// What the API's role may do.
    pub api: &'static [Right],
    /// What the worker's role may do.
    pub worker: &'static [Right],
}

impl Grant {
    /// Whether it is a function.
    pub fn is_function(&self) -> bool {
        self.thing.contains('(')
    }
}

/// A table of which a role sees some rows only.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// Which rows the API's role sees.
    pub api: &'static str,
    /// Which rows the worker's role sees.
    pub worker: &'static str,
}

const NOTHING: &[Right] = &[];
const READ: &[Right] = &[Select];
const ADD: &[Right] = &[Insert];
const READ_ADD: &[Right] = &[Select, Insert];
const READ_CHANGE: &[Right] = &[Select, Update];
const READ_CHANGE_REMOVE: &[Right] = &[Select, Update, Delete];
const READ_ADD_CHANGE: &[Right] = &[Select, Insert, Update];
const READ_ADD_REMOVE: &[Right] = &[Select, Insert, Delete];
const ALL: &[Right] = &[Select, Insert, Update, Delete];
const CALL: &[Right] = &[Execute];

const fn grant(thing: &'static str, api: &'static [Right], worker: &'static [Right]) -> Grant {
    Grant { thing, api, worker }
}

/// Everything. Programs are not told here what is the operator's alone: that is the owner's, who may do anything. The API
/// changes or removes what erasing a person changes or removes (`HELD`), besides what it sells.
pub const GRANTS: &[Grant] = &[
    // What is sold. The operator's command and the desk change it; nothing of it is ever removed (decision 0027).
    grant("products", READ_ADD_CHANGE, READ),
    grant("prices", READ_ADD_CHANGE, READ),
    grant("coupons", READ_ADD_CHANGE, READ),
    // What providers said of the room they have for it.
    grant("room_seen", READ_ADD_CHANGE, READ_ADD_CHANGE),
    // Whether the shop is closed for maintenance.
    grant("maintenance", ALL, NOTHING),
    // People, and how they sign in. No worker knows a sign-in or a second factor.
    grant("users", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("customers", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("account_requests", ALL, ALL),
    grant("sessions", ALL, NOTHING),
    grant("api_keys", ALL, NOTHING),
    grant("user_totp", ALL, NOTHING),
    grant("recovery_codes", ALL, NOTHING),
    grant("passkeys", ALL, NOTHING),
    grant("passkey_challenges", ALL, NOTHING),
    grant("sealed_secrets", READ_ADD_REMOVE, READ_ADD_REMOVE),
    // Orders and what becomes of them.
    grant("orders", READ_ADD_CHANGE, READ_CHANGE),
    grant("order_timeline", READ_ADD_CHANGE, READ_ADD),
    grant("payments", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("refunds", READ_ADD_CHANGE, READ_CHANGE),
    grant("order_sessions", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("subscriptions", READ, READ_ADD_CHANGE),
    grant("checkout_keys", READ_ADD_REMOVE, NOTHING),
    grant("services", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("service_operations", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("websites", READ_CHANGE, READ_ADD_CHANGE),
    grant("stripe_events_log", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("email_log", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("cases", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("outbound_calls", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("sweeps", READ, READ_ADD_CHANGE),
    grant("v_orders_brief", NOTHING, NOTHING),
    grant("checkout_sessions", READ, NOTHING),
    // The queue.
    grant("jobs", READ_ADD, ALL),
    grant("job_history", NOTHING, READ_ADD),
    grant("job_dead", READ_CHANGE, READ_ADD_CHANGE),
    grant("workers", READ, ALL),
    grant("queue_control", READ, READ_CHANGE),
    grant("schedules", NOTHING, READ_ADD_CHANGE),
    grant("job_history_keep(integer, integer)", NOTHING, NOTHING),
    grant("job_history_housekeeping(integer, integer)", NOTHING, CALL),
    // The audit trail: added to and never changed. The API shows it to staff and owners.
    grant("audit_log", READ_ADD, READ_ADD),
    grant("audit_chain", READ, READ_ADD),
    grant("audit_pending", ADD, READ_ADD_REMOVE),
    grant("audit_is_append_only()", NOTHING, NOTHING),
    // Tries that are counted.
    grant("limit_buckets", READ_ADD_CHANGE, READ_CHANGE_REMOVE),
    // How often panels may be asked.
    grant("panel_allowance", READ_ADD_CHANGE, READ_ADD_CHANGE),
    grant("panel_take(text, bigint, bigint, bigint, bigint)", CALL, CALL),
    grant("limits_take(bytea[], integer[], integer[], timestamp with time zone)", CALL, NOTHING),
    // Keys; see `ROWS`.
    grant("secrets", READ, READ),
    // The desk says whether the database is up to date.
    grant("__diesel_schema_migrations", READ, NOTHING),
];

/// Of the secrets each program sees what it uses, and nobody but the operator the keys of the audit trail.
pub const ROWS: &[Rows] = &[Rows {
    table: "secrets",
    api: "name IN ('password_pepper', 'stripe_webhook_secret')",
    worker: "name IN ('password_pepper', 'pterodactyl_api_key', 'smtp_password')",
}];
