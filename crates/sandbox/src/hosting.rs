//! `/hosting/{name}/…`: stand-ins for hosting panels, from their contracts alone. One file each, and one line in [`all`].

use crate::faults::{Rule, Voice, go_wrong};
use crate::http::{Answer, Call, Line};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::sync::Arc;

mod directadmin;
mod hestia;
mod mailcow;
mod proxmox;
mod whm;

/// One panel.
pub(crate) trait Standin: Debug + Send {
    /// Its name in addresses: `whm`.
    fn name(&self) -> &'static str;

    /// Answers a call. Its path is the one beneath `/hosting/{name}`. It refuses whatever the real panel refuses.
    fn answer(&mut self, call: &Call, now: DateTime<Utc>) -> Answer;

    /// How the panel itself says that something went wrong, in its own shape, as far as a status can be.
    fn failure(&self, call: &Call, status: u16) -> Answer;

    /// A success of a shape that this version does not have.
    fn other_version(&self) -> Answer {
        Answer::json(200, &json!({ "job": { "id": 1, "state": "queued" } }))
    }

    /// What stands there: `{"things": […]}`, each in the panel's own words, with what a shop cannot see besides.
    fn truth(&self) -> Value;

    /// A knob of its own, for what its owner does by hand there. A sentence where it is wrong.
    fn turn(&mut self, wish: &Value) -> Result<Value, String>;
}

/// Every panel, as it is at the start.
pub(crate) fn all() -> Vec<Box<dyn Standin>> {
    vec![
        Box::new(directadmin::DirectAdmin::default()),
        Box::new(hestia::Hestia::default()),
        Box::new(mailcow::Mailcow::default()),
        Box::new(proxmox::Proxmox::default()),
        Box::new(whm::Whm::default()),
    ]
}

/// Answers a request to `/hosting/{name}/…`.
pub(crate) async fn serve(world: Arc<World>, call: Call, line: &Line) -> Answer {
    let rule = world.faults.take_hosting(&call);
    let (name, path) = call.path.trim_start_matches('/').split_once('/').unwrap_or((&call.path, ""));
    let (name, inner) = (name.to_owned(), Call { path: format!("/{path}"), ..call.clone() });
    let Some(rule) = rule else { return answer(&world, &name, &inner) };
    let (working, panel, told) = (Arc::clone(&world), name.clone(), inner.clone());
    go_wrong(rule, line, move || answer(&working, &panel, &told), |rule| failure(&world, &name, &inner, rule)).await
}

fn answer(world: &World, name: &str, call: &Call) -> Answer {
    let now = world.clock.now();
    world.hosting(name, |standin| standin.answer(call, now)).unwrap_or_else(nothing)
}

fn nothing() -> Answer {
    Answer::html(404, "<h1>There is no such panel here.</h1>".to_owned())
}

fn failure(world: &World, name: &str, call: &Call, rule: &Rule) -> Answer {
    let status = rule.status.unwrap_or(500);
    let answer = match rule.voice {
        Voice::Html => Answer::bad_gateway(rule.status.unwrap_or(502)),
        Voice::Redirect => Answer::empty(302).with("location", "/login".to_owned()),
        Voice::OtherVersion => world.hosting(name, |standin| standin.other_version()).unwrap_or_else(nothing),
        Voice::Service | Voice::Daemon => {
            world.hosting(name, |standin| standin.failure(call, status)).unwrap_or_else(nothing)
        }
    };
    match rule.ms {
        Some(ms) if matches!(status, 429 | 503) => answer.with("retry-after", (ms / 1000).to_string()),
        Some(_) | None => answer,
    }
}

/// A member of a JSON value; null where there is none.
fn at<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}
