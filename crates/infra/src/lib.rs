//! The only crate with diesel, Stripe, HTTP clients and SMTP: stores, job engine, gateways, providers, config.

pub mod config;
pub mod http;
pub mod providers;
pub mod smtp;
pub mod telemetry;
pub mod world;
pub mod stripe;
