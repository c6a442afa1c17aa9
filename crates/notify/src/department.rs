//! Who a mail is from.

use std::{fmt, str::FromStr};

/// The part of the shop that signs a mail; each may have its own sender address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Department {
    /// Orders and welcomes.
    Sales,
    /// Payments and invoices.
    Billing,
    /// Services: running, broken, changed.
    Support,
}

/// A word that names no department.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown department '{0}'; expected sales, billing or support")]
pub struct UnknownDepartment(pub String);

impl Department {
    /// All departments.
    pub const ALL: [Self; 3] = [Self::Sales, Self::Billing, Self::Support];

    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Billing => "billing",
            Self::Support => "support",
        }
    }
}

impl FromStr for Department {
    type Err = UnknownDepartment;

    fn from_str(text: &str) -> Result<Self, UnknownDepartment> {
        let found = Self::ALL.into_iter().find(|department| department.as_str() == text);
        found.ok_or_else(|| UnknownDepartment(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Department {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
