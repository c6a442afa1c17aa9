//! The only crate with diesel, Stripe, HTTP clients and SMTP: stores, job engine, gateways, providers, config.

pub mod config;
pub mod db;
pub mod grants;
pub mod jobs;
pub mod maintenance;
pub mod passkeys;
pub mod passwords;
pub mod providers;
pub mod queries;
pub mod schema;
pub mod secrets;
pub mod smtp;
mod store;
pub mod stripe;
pub mod telemetry;
pub mod tokens;
pub mod world;

pub use ::outgoing::{self, http};
pub use store::{Erased, HELD, Held, NOTHING, STOCKS};
