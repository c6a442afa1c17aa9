//! The case.

use kernel::{Id, Timestamp, entity};

use crate::CaseKind;

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Who: a person's name, or `system` when its cause is gone.
    pub by: String,
    /// How, in a sentence.
    pub resolution: String,
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: Id<entity::Case>,
    /// What kind of trouble.
    pub kind: CaseKind,
    /// The natural key of its cause within the kind, e.g. an order's or an event's id: one open case per cause.
    pub subject: String,
    /// The order that it is about.
    pub order: Option<Id<entity::Order>>,
    /// What is wrong, in plain words.
    pub reason: String,
    /// What a person should do.
    pub next_step: String,
    /// Who looks after it.
    pub owner: Option<String>,
    /// When its cause was first seen.
    pub opened_at: Timestamp,
    /// When its cause was last seen.
    pub last_seen_at: Timestamp,
    /// How often its cause was seen.
    pub times: i32,
    /// How it ended; `None` while it is open.
    pub ending: Option<Ending>,
}

/// A cause as it was seen just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// What kind of trouble.
    pub kind: CaseKind,
    /// The natural key of the cause within the kind.
    pub subject: String,
    /// The order that it is about.
    pub order: Option<Id<entity::Order>>,
    /// What is wrong, in plain words; nothing secret.
    pub reason: String,
    /// What a person should do.
    pub next_step: String,
}

impl NewCase {
    /// A case about an order as a whole.
    pub fn of_order(
        kind: CaseKind,
        order: Id<entity::Order>,
        reason: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            subject: order.to_string(),
            order: Some(order),
            reason: reason.into(),
            next_step: next_step.into(),
        }
    }
}
