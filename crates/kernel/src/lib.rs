//! The words every other crate speaks: ids, money, billing cycles, addresses, `Env`, `Failure`, jobs, transactions.
//!
//! No I/O lives here and no business rule: what an order is, or what paying means, is decided above.

mod cycle;
mod email;
pub mod entity;
mod env;
mod failure;
mod id;
mod job;
mod money;
mod name;
mod page;
mod planted;
#[cfg(feature = "testing")]
pub mod testing;
mod transact;

pub use cycle::{BillingCycle, Interval, UnknownCycle};
pub use email::{EmailAddress, InvalidEmail};
pub use env::{Clock, Env};
pub use failure::{Failure, FailureKind};
pub use id::{Id, InvalidId};
pub use job::{
    CompleteAlone, Enqueued, Job, JobContext, JobFailure, JobQueue, Lease, Queue, Recorded, RetryClass, StoreError,
};
pub use money::{Currency, Money, MoneyError, NotAnAmount, Percent};
pub use name::{InvalidName, Slug};
pub use page::Page;
#[cfg(planted)]
pub use planted::plant;
pub use planted::planted;
pub use transact::Transact;

/// An instant in UTC, the only kind of time there is here.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
