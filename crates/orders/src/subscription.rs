//! The recurring agreement, mirrored from the gateway.

use kernel::{Id, Timestamp, entity};

/// The gateway's status. Open: words that are not known yet are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// Paid up.
    Active,
    /// In its free trial.
    Trialing,
    /// A renewal was not paid; the gateway keeps trying.
    PastDue,
    /// Given up on, not yet ended.
    Unpaid,
    /// Ended.
    Canceled,
    /// Any other word.
    Other(String),
}

impl SubscriptionStatus {
    /// The gateway's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Trialing => "trialing",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for SubscriptionStatus {
    fn from(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "trialing" => Self::Trialing,
            "past_due" => Self::PastDue,
            "unpaid" => Self::Unpaid,
            "canceled" => Self::Canceled,
            other => Self::Other(other.chars().take(40).collect()),
        }
    }
}

/// A recurring agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: Id<entity::Subscription>,
    /// The order that began it.
    pub order: Id<entity::Order>,
    /// Who pays.
    pub customer: Id<entity::Customer>,
    /// The gateway's id; `None` where nothing is charged through a gateway.
    pub gateway_id: Option<String>,
    /// The gateway's status.
    pub status: SubscriptionStatus,
    /// The present period, as far as it is known.
    pub period_start: Option<Timestamp>,
    /// Its end.
    pub period_end: Option<Timestamp>,
    /// Ends with the present period.
    pub cancel_at_period_end: bool,
    /// When we learnt of it.
    pub created_at: Timestamp,
}
