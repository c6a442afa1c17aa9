//! Providers that are called over the wire: game panels, hosting panels, virtual machines, mail, an operator's own service.
//!
//! Each is an [`Adapter`] in a file of its own, and one line in [`file::TYPES`]. [`Gated`] stands before each of them: it keeps
//! to what the other side bears, and leaves it alone while it fails.

pub mod accounts;
mod answer;
pub mod directadmin;
pub mod exec;
pub mod file;
mod gate;
pub mod hestia;
mod line;
pub mod mailcow;
pub mod names;
mod port;
pub mod proxmox;
pub mod pterodactyl;
pub mod service;
pub mod settings;
pub mod webhook;
pub mod whm;
mod wire;

pub use gate::{Allowance, Gate, Gated, Limits, Shared, Take, Taken};
pub use line::Line;
pub use port::Adapter;

use provisioning::SettingsProblem;

/// A problem when the provider does not deliver this kind of product.
pub fn kind_problems(kind: &str, kinds: &[&str]) -> Vec<SettingsProblem> {
    if kinds.contains(&kind) {
        return Vec::new();
    }
    let message = format!("this provider delivers {}, not {kind}", kinds.join(" and "));
    vec![SettingsProblem { path: String::new(), message }]
}
