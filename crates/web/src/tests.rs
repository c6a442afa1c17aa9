//! The pages on the memory shop: real handlers, real flows, no database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod accounts;
mod browser;
mod factors;
mod forms;
mod fuzz;
mod german;
mod journey;
mod limits;
mod rules;
mod services;
mod stock;
mod stories;
mod templates;
