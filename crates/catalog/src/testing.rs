//! For tests, here and in other crates: a store in memory, the suite that every store must pass, a sample catalogue.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test support fails by panicking"
)]

mod conformance;
mod memory;

use std::sync::Arc;

use kernel::{Clock, Env, Slug, Timestamp};

pub use conformance::store_conforms;
pub use memory::MemoryCatalog;

use crate::{
    change::changes,
    file::{self, Checked, SettingsCheck, SettingsProblem},
    product::ProductKind,
};

/// The text behind [`sample_catalog`].
pub const SAMPLE: &str = include_str!("testing/sample.toml");

/// Knows the providers of the shipped catalogue and accepts whatever settings they are given.
#[derive(Debug, Clone, Copy)]
pub struct AnySettings;

impl SettingsCheck for AnySettings {
    fn providers(&self) -> Vec<Slug> {
        ["manual", "pterodactyl", "website"].into_iter().map(|key| key.parse().unwrap()).collect()
    }

    fn check(&self, _: &Slug, _: ProductKind, _: &serde_json::Value) -> Vec<SettingsProblem> {
        Vec::new()
    }
}

/// A small catalogue that does not change when the shipped one does: `starter` (hosting; 7.99 monthly with a trial of
/// 7 days, 53.64 triennial), `paper-4gb` (game; 11.99 monthly), `vps-basic` (vps; 19.99 monthly, delivered by hand),
/// `setup` (hosting; 49.00 once), coupons `WELCOME10` (10 % once), `LOYAL20` (20 % forever), `GAME5` (5.00 once, for
/// `paper-4gb`), `SPRING24` (expired), `SOMEDAY` (not yet valid). The same ids each time.
pub fn sample_catalog() -> MemoryCatalog {
    catalog_of(SAMPLE)
}

/// The catalogue of a file that is known to be right. The same ids each time.
pub fn catalog_of(text: &str) -> MemoryCatalog {
    let mut catalog = MemoryCatalog::default();
    let set = changes((Vec::new(), Vec::new()), &checked(text), &mut env());
    for step in set.steps() {
        catalog.perform(step).unwrap();
    }
    catalog
}

/// A file that is known to be right, with [`AnySettings`].
pub fn checked(text: &str) -> Checked {
    file::read(text, &AnySettings).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("the catalogue has problems:\n{}", lines.join("\n"))
    })
}

/// The time at which the sample's coupons are as described: 2026-01-15, noon.
pub fn now() -> Timestamp {
    Timestamp::from_timestamp(1_768_478_400, 0).unwrap()
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        now()
    }
}

fn env() -> Env {
    Env::with(Arc::new(Noon), 0x00ca_7a10)
}
