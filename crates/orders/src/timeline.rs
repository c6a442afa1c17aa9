//! What happened to an order, by whom, when and why.

use std::fmt;

use kernel::Timestamp;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The buyer.
    Customer,
    /// The payment gateway.
    Gateway,
    /// Our own worker.
    Worker,
    /// A person of the shop.
    Operator,
}

impl Actor {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Gateway => "gateway",
            Self::Worker => "worker",
            Self::Operator => "operator",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Customer, Self::Gateway, Self::Worker, Self::Operator].into_iter().find(|actor| actor.as_str() == text)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of an order's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as a stable word: `paid`, `provisioned`.
    pub event: String,
    /// Why, in a sentence.
    pub detail: String,
}
