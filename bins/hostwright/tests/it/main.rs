//! The real programs, started as processes, on a real PostgreSQL, with the sandbox as the rest of the world.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod browser;
mod ground;
mod kill;
mod leaks;
mod operator;
