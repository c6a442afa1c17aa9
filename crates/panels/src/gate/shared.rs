//! What several programs may ask of one panel together. Each takes a few calls at a time from where all of them see what is
//! left, so that a second worker does not double what the panel is asked.

use std::{fmt, sync::Arc};

use provisioning::BoxFuture;

/// What is taken of a panel's allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// What is earned in a minute, in calls.
    pub per_minute: u32,
    /// The most that is saved up, in calls.
    pub burst: i64,
    /// How many calls are wanted.
    pub calls: i64,
    /// How many must be left then; less than nothing for what goes on.
    pub least: i64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// They may be made.
    All,
    /// None were taken: so many thousandths of a call are missing.
    Missing(i64),
    /// Nobody could be asked.
    Unknown,
}

/// Where the allowance is kept.
pub trait Allowance: fmt::Debug + Send + Sync {
    /// Takes it or leaves it.
    fn take<'a>(&'a self, panel: &'a str, take: Take) -> BoxFuture<'a, Taken>;
}

/// One panel's part of it.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The panel's key, the same in every program.
    pub panel: String,
    /// Where it is kept.
    pub allowance: Arc<dyn Allowance>,
}
