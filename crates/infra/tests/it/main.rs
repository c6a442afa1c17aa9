//! The stores, the queue and the migrations on a real PostgreSQL, each test on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod allowance;
mod audit;
mod cancelling;
mod case_locks;
mod checkout_keys;
mod commit_cable;
mod commits;
mod completions;
mod conformance;
mod deaths;
mod doorbell;
mod engine;
mod engine_faults;
mod grants;
mod history;
mod inbox;
mod inbox_batches;
mod limits;
mod migrations;
mod operators_sql;
mod probe;
mod queries;
mod queue_limits;
mod schedules;
mod schema;
mod secrets;
mod shop;
mod stock;
mod transactions;
