//! Where tries are counted.

use std::future::Future;

use kernel::{Failure, FailureKind, StoreError, Timestamp};

use crate::{Bucket, Rule};

/// One bucket that a try is taken out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// By this rule.
    pub rule: Rule,
    /// This one.
    pub bucket: Bucket,
}

/// A bucket in which no try was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Of this rule.
    pub rule: Rule,
    /// Whole seconds until there is one.
    pub wait: u32,
    /// It is the first one in the time that the bucket takes to fill: worth telling. The others are more of the same.
    pub news: bool,
}

/// What comes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may go on.
    Allowed,
    /// Whole seconds to wait.
    Wait(u32),
}

impl Decision {
    /// Of all buckets together.
    pub fn of(refusals: &[Refusal]) -> Self {
        refusals.iter().map(|refusal| refusal.wait).max().map_or(Self::Allowed, Self::Wait)
    }
}

/// Counting, for all instances of a shop together.
pub trait LimitStore {
    /// Takes one try out of each bucket, or out of none when one of them has none left: those are returned. `charges` are in
    /// the order of their buckets. The time is the store's own, which all instances share, unless it is said.
    ///
    /// What was taken stays taken, whatever comes of the request: this is no part of any other transaction.
    fn take(
        &self,
        charges: &[Charge],
        now: Option<Timestamp>,
    ) -> impl Future<Output = Result<Vec<Refusal>, StoreError>> + Send;
}

/// It was tried too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; please try again in {seconds} s")]
pub struct Limited {
    /// Whole seconds after which it may be tried again.
    pub seconds: u32,
}

impl Failure for Limited {
    fn kind(&self) -> FailureKind {
        FailureKind::Limited
    }
    fn code(&self) -> &'static str {
        "too-many-tries"
    }
    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}
