//! Whether a shop has limits.

use std::net::IpAddr;

use crate::{Attempt, Charge, LimitKey};

/// A shop's limits.
#[derive(Debug, Clone)]
pub struct Limits(Option<LimitKey>);

impl Limits {
    /// With its rules.
    pub const fn on(key: LimitKey) -> Self {
        Self(Some(key))
    }

    /// Everything passes: for load tests and simulations, never where strangers come.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether there are any.
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Everything a try is counted under, in the order of the buckets. Without an IP address, what needs one is left out.
    pub fn charges(&self, attempt: &Attempt<'_>, ip: Option<IpAddr>) -> Vec<Charge> {
        self.0.as_ref().map(|key| attempt.charges(key, ip)).unwrap_or_default()
    }
}
