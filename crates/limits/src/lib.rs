//! How often something may be tried, before anything costly or telling is done for it.
//!
//! The rules are data ([`RULES`]); what a try is counted under is worked out by [`Limits::charges`]; a [`LimitStore`]
//! counts all of it at once. A bucket's name is a keyed hash: where they are kept, nobody's address is to be read.

mod attempt;
mod bucket;
mod decide;
mod rule;
mod settings;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use attempt::{Attempt, Whose};
pub use bucket::{Bucket, LimitKey, network};
pub use decide::take;
pub use rule::{Per, RULES, Rule};
pub use settings::Limits;
pub use store::{Charge, Decision, LimitStore, Limited, Refusal};
