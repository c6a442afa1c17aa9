//! What we asked of the world.
//!
//! A row with the call's idempotency key is committed before every call that moves money or makes something, and its
//! outcome is written afterwards. Whoever comes later reads what may have happened and decides by rules that stand here:
//! a call whose outcome is unknown is looked up, never blindly repeated.

mod call;
mod operations;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use call::{Absence, CallState, OutboundCall, Purpose, STRIPE_KEY_LIFE};
pub use operations::{about_to_call, did_not_happen, happened, seen_absent};
pub use store::OutboundStore;
