//! The world outside: providers that fail with and without effect, webhooks that come twice, late, in another order or
//! never, and a network that does what networks do.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use crate::{
    failed::Outcome,
    proxy::{Blow, Weather},
};

const SESSIONS: &str = "/checkout/sessions";
const SERVERS: &str = "/application/servers";

/// A new fault every moment; each is for a few calls.
pub(super) async fn providers(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() {
        scene.rest_some(60, 250).await;
        let rule = match scene.dice.below(10) {
            0..=2 => stripe(scene),
            3..=5 => panel(scene),
            6 => mail(scene),
            _ => webhook(scene),
        };
        scene.stack.desk.control("/faults", &rule).await?;
        scene.board.fault();
        scene.stack.keep()?;
    }
    Ok(())
}

fn kind_of_failure(scene: &Scene<'_>) -> &'static str {
    scene.dice.pick(&["delay", "fail", "fail_after_effect", "hang_after_effect", "drop"]).copied().unwrap_or("fail")
}

fn stripe(scene: &Scene<'_>) -> Value {
    let method = if scene.dice.permille(500) { "POST" } else { "GET" };
    json!({
        "target": "stripe", "kind": kind_of_failure(scene), "method": method, "path_contains": SESSIONS,
        "times": scene.dice.between(1, 3), "ms": scene.dice.between(200, 1500),
    })
}

fn panel(scene: &Scene<'_>) -> Value {
    let (method, path) = scene
        .dice
        .pick(&[("POST", SERVERS), ("GET", SERVERS), ("POST", "/application/users")])
        .copied()
        .unwrap_or(("GET", ""));
    let voice = scene.dice.pick(&["service", "html", "daemon"]).copied().unwrap_or("service");
    json!({
        "target": "panel", "kind": kind_of_failure(scene), "method": method, "path_contains": path, "voice": voice,
        "times": scene.dice.between(1, 2), "ms": scene.dice.between(200, 1500), "status": 502,
    })
}

fn mail(scene: &Scene<'_>) -> Value {
    json!({
        "target": "smtp", "kind": kind_of_failure(scene), "times": scene.dice.between(1, 3),
        "ms": scene.dice.between(200, 1500), "path_contains": "@example.com",
    })
}

fn webhook(scene: &Scene<'_>) -> Value {
    // A share of events that never come is only bearable where the shop asks for itself.
    let kinds: &[&str] = if scene.form.lose_events {
        &["duplicate", "duplicate", "reorder", "delay", "fail", "drop"]
    } else {
        &["duplicate", "duplicate", "reorder", "delay", "fail"]
    };
    let kind = scene.dice.pick(kinds).copied().unwrap_or("duplicate");
    let count = if kind == "reorder" { scene.dice.between(2, 6) } else { scene.dice.between(1, 3) };
    json!({ "target": "webhook", "kind": kind, "times": scene.dice.between(1, 6), "count": count, "ms": 800 })
}

/// One way after another goes bad for a moment.
pub(super) async fn network(scene: &mut Scene<'_>) -> Outcome<()> {
    let names = ["database", "database", "providers", "mail", "shop"];
    while !scene.is_over() {
        let name = scene.dice.pick(&names).copied().unwrap_or("database");
        let gate = scene.stack.gate(name)?;
        scene.board.fault();
        let span = match scene.dice.below(5) {
            0 => {
                gate.strike(Blow::Reset);
                50
            }
            1 => {
                gate.strike(Blow::HalfOpen);
                50
            }
            2 => {
                gate.weather(Weather {
                    delay: Duration::from_millis(scene.dice.between(20, 200)),
                    ..Weather::default()
                });
                2000
            }
            3 => {
                gate.weather(Weather { blackhole: true, ..Weather::default() });
                3000
            }
            _ => {
                gate.weather(Weather { refuse: true, ..Weather::default() });
                gate.strike(Blow::Reset);
                1500
            }
        };
        scene.rest_some(span / 4, span).await;
        scene.stack.gate(name)?.weather(Weather::default());
        scene.stack.keep()?;
        scene.rest_some(100, 700).await;
    }
    Ok(())
}
