//! The JSON API and the pages, on actix-web.
//!
//! An endpoint parses, authorises, runs one flow or one query and shapes the answer; what any of it means is decided in
//! the crates below. `endpoints.rs` lists them all, one line each.

mod auth;
mod body;
mod closed;
mod config;
mod cors;
mod csrf;
mod detached;
mod document;
mod endpoints;
#[cfg(test)]
mod fuzz;
mod intake;
mod problem;
mod protect;
mod route;
mod secrets;
mod serve;
mod settings;
mod state;
mod trace;
mod webhooks;

pub use config::{Config, Settings};
pub use endpoints::{ROUTES, document};
pub use problem::chain;
pub use serve::{Api, StartError, Stopper, build, run};
