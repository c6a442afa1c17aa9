//! What the control API changes.

use super::{Problem, ok};
use crate::faults::Rule;
use crate::options::{EventVersion, RetrySpacing};
use crate::panel::Settings;
use crate::stripe::{ApiError, Outcome};
use crate::world::World;
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What there is.
pub(super) fn overview() -> Value {
    json!({ "knobs": [
        "GET /control/truth", "POST /control/reset", "POST /control/clock {advance_seconds}",
        "GET|POST|DELETE /control/faults, DELETE /control/faults/{id}",
        "POST /control/stripe/sessions/{id}/pay {outcome: paid|declined|async, email?}",
        "POST /control/stripe/sessions/{id}/async {outcome: succeeded|failed}",
        "POST /control/stripe/sessions/{id}/expire", "POST /control/stripe/events/{id}/resend",
        "GET|POST /control/stripe/webhook {url?, secrets?, paused?, retry?, event_version?}",
        "GET /control/hosting/{name}", "POST /control/hosting/{name} {its own knobs}",
        "GET|POST /control/panel {install_seconds?, install_outcome?, rate_limit?, node?}",
    ] })
}

/// Everything forgotten.
pub(super) fn reset(world: &World) -> Value {
    world.reset();
    ok()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance_seconds: u32,
}

/// The sandbox's clock moves forward.
pub(super) fn clock(world: &World, advance: &Advance) -> Value {
    world.clock.advance(TimeDelta::seconds(i64::from(advance.advance_seconds)));
    super::let_time_work(world);
    json!({ "ok": true, "now": world.clock.now().to_rfc3339() })
}

/// A new fault rule.
pub(super) fn add_fault(world: &World, rule: Rule) -> Result<Value, Problem> {
    match rule.objection() {
        Some(sentence) => Err(Problem::wrong(sentence)),
        None => Ok(json!({ "ok": true, "id": world.faults.add(rule) })),
    }
}

/// No more faults.
pub(super) fn clear_faults(world: &World) -> Value {
    world.faults.clear();
    ok()
}

/// One fault rule less.
pub(super) fn remove_fault(world: &World, id: &str) -> Result<Value, Problem> {
    let known = id.parse().is_ok_and(|id| world.faults.remove(id));
    if known { Ok(ok()) } else { Err(Problem::not_found(format!("There is no fault rule {id}."))) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payment {
    outcome: String,
    email: Option<String>,
}

/// The payer acts.
pub(super) fn pay(world: &World, id: &str, payment: &Payment) -> Result<Value, Problem> {
    let outcome = Outcome::parse(&payment.outcome).ok_or_else(|| {
        Problem::wrong(format!("The outcome {:?} is none of paid, declined, async.", payment.outcome))
    })?;
    let email = payment.email.as_deref().unwrap_or("payer@example.test");
    world.stripe(|stripe| stripe.pay(id, outcome, Some(email))).map_err(problem)?;
    session(world, id)
}

/// A delayed payment ends.
pub(super) fn finish_async(world: &World, id: &str, payment: &Payment) -> Result<Value, Problem> {
    let succeeded = match payment.outcome.as_str() {
        "succeeded" => true,
        "failed" => false,
        other => return Err(Problem::wrong(format!("The outcome {other:?} is none of succeeded, failed."))),
    };
    world.stripe(|stripe| stripe.finish_async(id, succeeded)).map_err(problem)?;
    session(world, id)
}

/// An open session expires.
pub(super) fn expire(world: &World, id: &str) -> Result<Value, Problem> {
    world.stripe(|stripe| stripe.expire_session(id)).map_err(problem)?;
    session(world, id)
}

fn session(world: &World, id: &str) -> Result<Value, Problem> {
    let object = world.stripe(|stripe| stripe.object(id));
    object
        .map(|session| json!({ "ok": true, "session": session }))
        .ok_or_else(|| Problem::not_found(format!("There is no session {id}.")))
}

fn problem(error: ApiError) -> Problem {
    Problem(if error.status == 404 { 404 } else { 409 }, error.message)
}

/// An event goes out once more.
pub(super) fn resend(world: &World, id: &str) -> Result<Value, Problem> {
    let event = world.stripe(|stripe| stripe.events.get(id).map(Arc::clone));
    world.webhooks.resend(event.ok_or_else(|| Problem::not_found(format!("There is no event {id}.")))?);
    Ok(ok())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    url: Option<String>,
    secrets: Option<Vec<String>>,
    paused: Option<bool>,
    retry: Option<String>,
    event_version: Option<String>,
}

/// Where events go, how they are signed, whether they go at all.
pub(super) fn webhook(world: &World, wanted: Webhook) -> Result<Value, Problem> {
    let retry = match wanted.retry.as_deref() {
        None => None,
        Some("fast") => Some(RetrySpacing::Fast),
        Some("real") => Some(RetrySpacing::Real),
        Some(other) => return Err(Problem::wrong(format!("retry is fast or real, not {other:?}."))),
    };
    if let Some(version) = &wanted.event_version {
        let version: EventVersion = version.parse().map_err(Problem::wrong)?;
        world.stripe(|stripe| stripe.set_event_version(version));
    }
    if wanted.secrets.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::wrong("At least one secret is needed to sign with."));
    }
    world.webhooks.configure(|endpoint| {
        // An empty address switches sending off.
        if let Some(url) = wanted.url {
            endpoint.url = Some(url).filter(|url| !url.is_empty());
        }
        endpoint.secrets = wanted.secrets.unwrap_or_else(|| std::mem::take(&mut endpoint.secrets));
        endpoint.paused = wanted.paused.unwrap_or(endpoint.paused);
        endpoint.retry = retry.unwrap_or(endpoint.retry);
    });
    Ok(show_webhook(world))
}

/// The webhook settings.
pub(super) fn show_webhook(world: &World) -> Value {
    json!({ "webhook": world.webhooks.endpoint(), "pending": world.webhooks.pending() })
}

/// The panel's settings.
pub(super) fn panel(world: &World, wanted: Settings) -> Result<Value, Problem> {
    world.panel(|panel| panel.configure(wanted)).map_err(Problem::wrong)?;
    Ok(show_panel(world))
}

/// The panel's settings as they are.
pub(super) fn show_panel(world: &World) -> Value {
    world.panel(|panel| panel.show_settings())
}
