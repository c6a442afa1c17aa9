//! `/control/…`: the knobs, in JSON. Errors are `{"error": "a sentence"}`.

mod knobs;
mod truth;

use crate::http::{Answer, Call};
use crate::world::{World, lock};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A refusal of the control API: status and sentence.
#[derive(Debug)]
pub(crate) struct Problem(u16, String);

impl Problem {
    /// A request that is wrong.
    fn wrong(sentence: impl Into<String>) -> Self {
        Self(400, sentence.into())
    }

    /// Something that does not exist.
    fn not_found(sentence: impl Into<String>) -> Self {
        Self(404, sentence.into())
    }

    /// The answer.
    pub(crate) fn into_answer(self) -> Answer {
        Answer::json(self.0, &json!({ "error": self.1 }))
    }
}

/// Answers a request to `/control…`.
pub(crate) fn serve(world: &World, call: &Call) -> Result<Answer, Problem> {
    let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    let value = match (call.method.as_str(), parts.as_slice()) {
        ("GET", [""]) => knobs::overview(),
        ("GET", ["truth"]) => truth::tell(world),
        ("POST", ["reset"]) => knobs::reset(world),
        ("POST", ["clock"]) => knobs::clock(world, &body(call)?),
        ("GET", ["faults"]) => json!({ "faults": world.faults.list() }),
        ("POST", ["faults"]) => knobs::add_fault(world, body(call)?)?,
        ("DELETE", ["faults"]) => knobs::clear_faults(world),
        ("DELETE", ["faults", id]) => knobs::remove_fault(world, id)?,
        ("POST", ["stripe", "sessions", id, "pay"]) => knobs::pay(world, id, &body(call)?)?,
        ("POST", ["stripe", "sessions", id, "async"]) => knobs::finish_async(world, id, &body(call)?)?,
        ("POST", ["stripe", "sessions", id, "expire"]) => knobs::expire(world, id)?,
        ("POST", ["stripe", "events", id, "resend"]) => knobs::resend(world, id)?,
        ("GET", ["stripe", "webhook"]) => knobs::show_webhook(world),
        ("POST", ["stripe", "webhook"]) => knobs::webhook(world, body(call)?)?,
        ("GET", ["hosting", name]) => known(name, world.hosting(name, |standin| standin.truth()))?,
        ("POST", ["hosting", name]) => {
            let wish = body(call)?;
            known(name, world.hosting(name, |standin| standin.turn(&wish)))?.map_err(Problem::wrong)?
        }
        ("GET", ["panel"]) => knobs::show_panel(world),
        ("POST", ["panel"]) => knobs::panel(world, body(call)?)?,
        (method, _) => {
            return Err(Problem::not_found(format!(
                "There is no {method} {} here. GET /control lists what there is.",
                call.path
            )));
        }
    };
    Ok(Answer::json(200, &value))
}

fn known<T>(name: &str, found: Option<T>) -> Result<T, Problem> {
    found.ok_or_else(|| Problem::not_found(format!("There is no hosting panel {name} here.")))
}

/// The JSON body; an empty one counts as `{}`.
fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Problem> {
    let bytes: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::wrong(format!("The body is not what this expects: {error}.")))
}

/// Lets open sessions expire and old idempotency keys go.
pub(crate) fn let_time_work(world: &World) {
    world.stripe(crate::stripe::Stripe::expire_due);
    let now = world.clock.now().timestamp();
    lock(&world.idempotency).prune(now, world.options.keep_sessions);
}

/// `{"ok": true}`
fn ok() -> Value {
    json!({ "ok": true })
}
