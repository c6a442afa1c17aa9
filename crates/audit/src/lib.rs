//! The audit trail: who did what to what, from where, what it was before and after.
//!
//! An entry is written in the transaction of the act that it tells of, so neither is there without the other. A job puts
//! entries that can no longer change into a chain: each link's hash covers its place, the link before and the entry's
//! canonical bytes, under a key that the database does not have. [`verify`] finds what was changed, removed or moved.
//!
//! No entry holds a secret or a whole mail address: people are named by their ids, which say nothing once the account is
//! erased.

mod act;
mod actor;
mod chain;
mod encoding;
mod entry;
mod extend;
mod facts;
mod jobs;
mod keys;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod verify;
mod walk;

pub use act::Act;
pub use actor::Actor;
pub use chain::{Hash, Head, InvalidHead, Link};
pub use encoding::{decode, encode};
pub use entry::{Entry, Origin, Subject};
pub use extend::{BATCH, extend};
pub use facts::{Fact, Facts};
pub use jobs::{ChainEntries, NoteHead};
pub use keys::{ChainKey, PseudonymKey};
pub use store::{AuditStore, ChainStore, Settled, Unchained};
pub use verify::{Proof, Question, VerifyError, verify};
pub use walk::{Fault, Row, Walk, Written};
