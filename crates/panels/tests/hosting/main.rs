//! Hosting panels against the sandbox's, which were written from the contracts alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod bed;
mod directadmin;
mod hestia;
mod mailcow;
mod proxmox;
mod slow;
mod whm;
