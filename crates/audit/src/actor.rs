//! Who did it.

use std::fmt;

use kernel::{Id, entity};

use crate::facts::clean;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not proven who they are.
    Visitor,
    /// A customer.
    Customer(Id<entity::User>),
    /// Somebody of the shop, in a browser.
    Staff(Id<entity::User>),
    /// Somebody at the operator's command, by the name that they gave.
    Operator(String),
    /// A program of ours, by itself.
    System(String),
}

impl Actor {
    /// The operator of this name; of a mail address, what stands before the host.
    pub fn operator(name: &str) -> Self {
        Self::Operator(clean(name.split('@').next().unwrap_or(name)))
    }

    /// The program of this name.
    pub fn system(name: &str) -> Self {
        Self::System(clean(name))
    }

    /// The stable word of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Customer(_) => "customer",
            Self::Staff(_) => "staff",
            Self::Operator(_) => "operator",
            Self::System(_) => "system",
        }
    }

    /// Its id or name; empty where nobody knows.
    pub fn name(&self) -> String {
        match self {
            Self::Visitor => String::new(),
            Self::Customer(user) | Self::Staff(user) => user.to_string(),
            Self::Operator(name) | Self::System(name) => name.clone(),
        }
    }

    /// Reads what [`Actor::kind`] and [`Actor::name`] gave.
    pub fn parse(kind: &str, name: &str) -> Option<Self> {
        let actor = match kind {
            "visitor" => Self::Visitor,
            "customer" => Self::Customer(name.parse().ok()?),
            "staff" => Self::Staff(name.parse().ok()?),
            "operator" => Self::Operator(name.to_owned()),
            "system" => Self::System(name.to_owned()),
            _ => return None,
        };
        // An id can be written in two ways, of which one counts.
        (actor.name() == name).then_some(actor)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visitor => f.write_str("visitor"),
            Self::Customer(user) => write!(f, "customer {user}"),
            Self::Staff(user) => write!(f, "staff {user}"),
            Self::Operator(name) => write!(f, "operator {name}"),
            Self::System(name) => write!(f, "system {name}"),
        }
    }
}
