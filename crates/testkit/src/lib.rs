//! What tests share: a database per test, a clock that can be set, an `Env` that repeats itself, clients that
//! misbehave.
#![allow(clippy::expect_used, clippy::panic, reason = "test support fails by panicking")]

mod clock;
mod database;
pub mod fuzz;
pub mod slow;
pub mod wire;

pub use clock::{FixedClock, fixed_env, noon};
pub use database::{API_ROLE, TestDb, WORKER_ROLE};
