//! Whoever is killed, at any moment of the flow: after the next start every purchase is provisioned once.
//!
//! Some moments are too short to be met by chance; a fault in the sandbox, or a lock in the database that a test holds,
//! makes them long enough. The others are met by killing after so many milliseconds. A lost job is taken back after ten
//! seconds, so each ground takes several kills in a row and waits for their end once. No ground kills the worker more than
//! three times: a job that takes three workers with it is buried, and rightly so.

mod api;
mod worker;

use std::time::Duration;

use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

use crate::ground::{Buyer, Goods, Ground, Purchase, Victim};

/// A moment that a fault rule makes long: what is bought, the rule, and how long after it fired.
struct Moment {
    name: &'static str,
    goods: Goods,
    rule: Value,
    after: Duration,
}

const fn moment(name: &'static str, goods: Goods, rule: Value) -> Moment {
    Moment { name, goods, rule, after: Duration::ZERO }
}

/// Sells once for each moment, and kills the worker in it.
async fn kill_the_worker_in(ground: &mut Ground, moments: Vec<Moment>) -> Vec<Purchase> {
    let mut sold = Vec::new();
    for Moment { name, goods, rule, after } in moments {
        let fault = ground.fault(rule).await;
        sold.push(ground.sell(goods).await);
        ground.fired(fault).await;
        sleep(after).await;
        ground.kill(Victim::Worker, name).await;
        ground.heal().await;
    }
    sold
}

/// Several who buy at the same time.
struct Crowd(JoinSet<Purchase>);

impl Crowd {
    fn of(buyers: impl IntoIterator<Item = Buyer>) -> Self {
        let mut set = JoinSet::new();
        for buyer in buyers {
            set.spawn(buyer.buy());
        }
        Self(set)
    }

    async fn served(self) -> Vec<Purchase> {
        self.0.join_all().await
    }
}

/// So many milliseconds, spread over a span: one in each equal part of it, where exactly decides the seed. Another seed is
/// set with `HOSTWRIGHT_KILL_SEED`.
fn moments(count: u64, span_ms: u64, salt: u64) -> Vec<Duration> {
    #[allow(clippy::disallowed_methods, reason = "the seed of a search for bad moments, set by hand")]
    let seed: u64 = std::env::var("HOSTWRIGHT_KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    println!("HOSTWRIGHT_KILL_SEED={seed}");
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt;
    let part = span_ms / count;
    let draw = |step: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis(step * part + (state >> 33) % part.max(1))
    };
    (0..count).map(draw).collect()
}
