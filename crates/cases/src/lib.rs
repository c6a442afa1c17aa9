//! What needs a person.
//!
//! A case says what is wrong in plain words and what to do next. It is opened in the transaction that learns of its
//! cause, at most one is open for one cause, and it ends only because the cause is gone or because a person says so.
//! Nothing here decides what a cause is: the domains and flows do.

mod case;
mod kind;
mod operations;
mod store;
mod sweep;
#[cfg(feature = "testing")]
pub mod testing;

pub use case::{Case, Ending, NewCase};
pub use kind::CaseKind;
pub use operations::{CaseError, assign, cause_gone, open, order_causes_gone, resolve};
pub use store::CaseStore;
pub use sweep::{SweepReport, SweepStore};
