//! Slow clients against a running api, with a probe beside them; the measurement of `scripts/bench intake`.
//!
//! `slow-clients TARGET KIND CONNECTIONS PID SECRET`, where KIND is idle, head, body or read. TARGET must be of 127.0.0.0/8.
//! Writes one line of JSON.
#![allow(clippy::expect_used, clippy::panic, reason = "a program for measuring fails loudly")]
#![allow(clippy::disallowed_methods, reason = "its tasks are waited for")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::Env;
use serde_json::json;
use testkit::{
    slow::{Attack, Kind},
    wire,
};
use tokio::time::sleep;

const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(40);
/// Files that the server may have open because of the probes: their connections and more of the database's.
const PROBES: usize = 24;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, kind, connections, pid, secret] = &arguments[..] else {
        panic!("slow-clients TARGET KIND CONNECTIONS PID SECRET");
    };
    let target: SocketAddr = target.parse().expect("an address");
    assert!(target.ip().is_loopback(), "only this machine is attacked");
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind).expect("idle, head, body or read");
    let now = Env::system().now().timestamp();
    let connections = connections.parse().expect("a number");
    let attack = Attack { target, kind, connections, now, patience: PATIENCE };
    let over = Arc::new(AtomicBool::new(false));
    let health = tokio::spawn(probe(target, Arc::clone(&over), |_| wire::get("/api/health")));
    let (word, secret) = (std::process::id(), secret.clone());
    let event = move |number| {
        let id = format!("evt_slow_{word}_{}_{number}", kind.name());
        wire::signed_event(&id, &secret, Env::system().now().timestamp())
    };
    let webhooks = tokio::spawn(probe(target, Arc::clone(&over), event));
    let watching = tokio::spawn(watch(pid.clone(), Arc::clone(&over)));
    let outcome = attack.run().await;
    over.store(true, Ordering::Relaxed);
    let (health, webhooks) = (health.await.expect("the probe"), webhooks.await.expect("the probe"));
    let Watched { rss_kb, rid_of_all_ms } = watching.await.expect("the watch");
    let held = outcome.held.last().map_or(0, Duration::as_millis);
    let report = json!({
        "kind": kind.name(), "opened": outcome.opened, "refused": outcome.refused, "left": outcome.left,
        "held_ms": u64::try_from(held).unwrap_or(u64::MAX), "rss_kb": rss_kb,
        "rid_of_all_ms": rid_of_all_ms,
        "health": health.json(), "webhooks": webhooks.json(),
    });
    println!("{report}");
}

#[derive(Default)]
struct Probed {
    took: Vec<Duration>,
    failed: usize,
}

impl Probed {
    fn json(mut self) -> serde_json::Value {
        self.took.sort_unstable();
        let at = |share: usize| {
            let place = (self.took.len() * share / 100).min(self.took.len().saturating_sub(1));
            self.took.get(place).map_or(0, |took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
        };
        json!({ "asked": self.took.len(), "failed": self.failed, "p50_us": at(50), "p99_us": at(99), "max_us": at(100) })
    }
}

/// Asks again and again, each time on a new connection, until it is over.
async fn probe(target: SocketAddr, over: Arc<AtomicBool>, request: impl Fn(usize) -> String) -> Probed {
    let mut probed = Probed::default();
    while !over.load(Ordering::Relaxed) {
        let text = request(probed.took.len());
        let began = Instant::now();
        if !matches!(wire::ask(target, &text).await, Ok(200)) {
            probed.failed += 1;
        }
        probed.took.push(began.elapsed());
        sleep(PAUSE).await;
    }
    probed
}

/// What was seen of the server's process.
#[derive(Default)]
struct Watched {
    /// The most memory that it kept resident.
    rss_kb: u64,
    /// When it last had more open files than before and those of the probes, from the first connection of the attack on.
    rid_of_all_ms: u64,
}

async fn watch(pid: String, over: Arc<AtomicBool>) -> Watched {
    let open = || std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
    let (began, usual) = (Instant::now(), open().saturating_add(PROBES));
    let mut watched = Watched::default();
    while !over.load(Ordering::Relaxed) {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
        let kb = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
        watched.rss_kb = watched.rss_kb.max(kb);
        if open() > usual {
            watched.rid_of_all_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        sleep(Duration::from_millis(100)).await;
    }
    watched
}
