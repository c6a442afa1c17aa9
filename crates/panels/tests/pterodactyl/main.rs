//! The Pterodactyl provider against a stub panel that holds it to the contract, and is made to go wrong in each of the
//! ways that panels do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod contract;
mod http;
mod stub;

mod adopt;
mod against_sandbox;
mod deliver;
mod doubt;
mod errors;
mod owners;
mod pelican;
mod states;
mod vectors;
mod witness;

use std::sync::Arc;

use kernel::{Clock, Env, Timestamp};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    pterodactyl::{PterodactylProvider, PterodactylSettings},
};
use provisioning::{Owner, ServiceOrder, testing::sample_order};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::stub::{KEY, StubPanel};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().expect("an instant")
    }
}

/// The provider, with nobody turned away.
fn gated(settings: &PterodactylSettings) -> Gated<PterodactylProvider> {
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    Gated::unlimited(PterodactylProvider::new(line, settings).unwrap())
}

/// The provider on this panel.
fn provider(panel: &StubPanel) -> Gated<PterodactylProvider> {
    provider_at(&format!("http://{}/panel", panel.address))
}

fn provider_at(url: &str) -> Gated<PterodactylProvider> {
    provider_with(url, KEY)
}

fn provider_with(url: &str, key: &str) -> Gated<PterodactylProvider> {
    let settings = PterodactylSettings {
        url: url.to_owned(),
        api_key: SecretString::from(key.to_owned()),
        panel_url: Some("https://panel.example.com".to_owned()),
        key_prefix: "hw".to_owned(),
        calls_per_minute: 0,
    };
    gated(&settings)
}

fn settings() -> Value {
    json!({
        "nest": 1, "egg": 3, "memory": 4096, "disk": 20480, "cpu": 200, "swap": 0, "io": 500, "databases": 1,
        "backups": 2, "allocations": 1, "docker_image": "ghcr.io/pterodactyl/yolks:java_21",
        "environment": { "MINECRAFT_VERSION": "1.21.4" }, "locations": { "us-central": [1], "eu-west": [2] },
    })
}

/// An order of `bob@x.com`; the number makes its ids.
fn order(seed: u64) -> ServiceOrder {
    let mut env = Env::with(Arc::new(Fixed), seed);
    let mut order = sample_order(&mut env, "game", settings());
    order.delivery.region = "eu-west".parse().ok();
    "Bob's world".clone_into(&mut order.label);
    order.owner =
        Owner { customer: order.owner.customer, email: "bob@x.com".parse().unwrap(), name: "Bob Builder".to_owned() };
    order
}

/// The key of the order's buyer in the panel.
fn buyer_key(order: &ServiceOrder) -> String {
    format!("hw:{}", order.owner.customer)
}
