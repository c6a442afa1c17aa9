//! The sandbox driven from outside: over HTTP, SMTP and as a receiver of webhooks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "tests fail by panicking, and document themselves by their names"
)]

mod contracts;
mod faults;
mod idempotency;
mod pages;
mod panel;
mod panel_vectors;
mod receiver;
mod sessions;
mod smtp;
mod stripe_objects;
mod support;
mod webhooks;
