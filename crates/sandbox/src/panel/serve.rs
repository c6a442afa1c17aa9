//! The way of one request through the panel stand-in: faults, page or API, key, rate, body, endpoint.

use super::check::normalise;
use super::error::PanelError;
use super::lists::Query;
use super::{Panel, routes};
use crate::faults::{Rule, Target, Voice, go_wrong};
use crate::http::{Answer, Call, Line};
use crate::pages;
use crate::world::World;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Answers a request to `/panel…`.
pub(crate) async fn serve(world: Arc<World>, call: Call, line: &Line) -> Answer {
    if matches!(call.path.as_str(), "" | "/") {
        return pages::panel(&world);
    }
    let Some(rule) = world.faults.take(Target::Panel, &call.method, &call.path, "") else {
        return answer(&world, &call);
    };
    let (working, told) = (Arc::clone(&world), call.clone());
    let pelican = world.panel(|panel| panel.is_pelican());
    go_wrong(rule, line, move || answer(&working, &told), |rule| failure(rule, &call, pelican)).await
}

/// The failure that a rule wants, in the right voice.
fn failure(rule: &Rule, call: &Call, pelican: bool) -> Answer {
    // Pelican says 500 whatever its daemon said, or when it said nothing.
    if pelican && rule.voice == Voice::Daemon {
        let code = if rule.status == Some(504) { "ConnectionException" } else { "RequestException" };
        let detail = "An unexpected error was encountered while processing this request, please try again.";
        return PanelError::new(500, code, detail).into_answer(wants_json(call));
    }
    let status = rule.status.unwrap_or(match rule.voice {
        Voice::Service => 500,
        Voice::Html => 502,
        Voice::Daemon => 504,
        Voice::Redirect | Voice::OtherVersion => 302,
    });
    let (code, detail) = match (rule.voice, status) {
        (Voice::Redirect, _) => return Answer::empty(302).with("location", "/auth/login".to_owned()),
        (Voice::OtherVersion, _) => {
            return Answer::json(200, &json!({ "data": { "type": "job", "id": 1, "state": "queued" } }));
        }
        (Voice::Html, _) => {
            return Answer::bad_gateway(status);
        }
        (Voice::Daemon, 504) => (
            "DaemonConnectionException",
            "Could not establish a connection to the machine running this server. Please try again.",
        ),
        (Voice::Daemon, 404) => (
            "DaemonConnectionException",
            "An error occurred on the remote host: The requested resource does not exist on this instance.. \
             (request id: sandbox)",
        ),
        (Voice::Daemon, 401 | 403) => (
            "DaemonConnectionException",
            "An error occurred on the remote host: You are not authorized to access this endpoint.. \
             (request id: sandbox)",
        ),
        (Voice::Daemon, _) => (
            "DaemonConnectionException",
            "There was an error while communicating with the machine running this server. This error has \
             been logged, please try again. (request_id: sandbox)",
        ),
        (Voice::Service, 401) => ("AuthenticationException", "Unauthenticated."),
        (Voice::Service, 403) => ("AccessDeniedHttpException", "This action is unauthorized."),
        (Voice::Service, 404) => ("NotFoundHttpException", "The requested resource could not be found on the server."),
        (Voice::Service, 409) => (
            "ConflictHttpException",
            "Cannot toggle suspension status on a server that is currently being transferred.",
        ),
        (Voice::Service, 429) => ("ThrottleRequestsException", "Too Many Attempts."),
        (Voice::Service, 503) => ("HttpException", "Service Unavailable"),
        (Voice::Service, 400..=499) => ("DisplayException", "The sandbox was told to refuse this request."),
        (Voice::Service, _) => {
            ("ErrorException", "An unexpected error was encountered while processing this request, please try again.")
        }
    };
    let answer = PanelError::new(status, code, detail).into_answer(wants_json(call));
    match rule.ms {
        // When to come back, as the panel and its proxies say it.
        Some(ms) if matches!(status, 429 | 503) => answer.with("retry-after", (ms / 1000).to_string()),
        Some(_) | None => answer,
    }
}

/// Laravel looks at the first media type of `Accept` only.
fn wants_json(call: &Call) -> bool {
    let first = call.header("accept").and_then(|accept| accept.split(',').next()).unwrap_or_default().to_lowercase();
    first.contains("/json") || first.contains("+json")
}

fn answer(world: &World, call: &Call) -> Answer {
    let (headers, result) = match admit(world, call) {
        Err(error) => (Vec::new(), Err(error)),
        Ok(headers) => {
            let blocked = headers.iter().any(|(name, _)| *name == "retry-after");
            let throttled = || PanelError::new(429, "ThrottleRequestsException", "Too Many Attempts.");
            (headers, if blocked { Err(throttled()) } else { work(world, call) })
        }
    };
    let mut answer = result.unwrap_or_else(|error| error.into_answer(wants_json(call)));
    answer.headers.extend(headers);
    answer
}

/// Key and rate; the headers tell the rate, and `retry-after` among them that it is used up.
fn admit(world: &World, call: &Call) -> Result<Vec<(&'static str, String)>, PanelError> {
    let client = call.path.starts_with("/api/client");
    if !client && !call.path.starts_with("/api/application") {
        return Err(PanelError::not_found());
    }
    let key = call.header("authorization").and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    let is = |known: &str| bool::from(key.as_bytes().ct_eq(known.as_bytes()));
    let (application, account) = (is(&world.options.panel_key), is(&world.options.panel_account_key));
    if !application && !account {
        return Err(PanelError::unauthenticated());
    }
    if client && !account {
        return Err(PanelError::new(403, "AccessDeniedHttpException", "This action is unauthorized."));
    }
    // A request that looks like one of the panel's own pages needs a CSRF token instead of a key.
    let own_page = ["origin", "referer"]
        .iter()
        .filter_map(|name| call.header(name))
        .any(|from| from.contains("://localhost") || from.contains("://127.0.0.1"));
    if own_page && call.method != "GET" {
        return Err(PanelError::new(419, "HttpException", "CSRF token mismatch."));
    }
    Ok(world.panel(Panel::count_request))
}

fn work(world: &World, call: &Call) -> Result<Answer, PanelError> {
    let body = body(call)?;
    let query = Query::parse(&call.query);
    world.panel(|panel| match call.path.strip_prefix("/api/application") {
        Some(path) => routes::application(panel, &call.method, path, &query, &body),
        None => routes::client(panel, &call.method, call.path.trim_start_matches("/api/client"), &body),
    })
}

/// The JSON body; a body of another type is not seen by the panel's rules.
fn body(call: &Call) -> Result<Value, PanelError> {
    let is_json = call.header("content-type").is_some_and(|kind| kind.contains("/json") || kind.contains("+json"));
    if !is_json || call.body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(&call.body) {
        Ok(value) => Ok(normalise(value)),
        Err(_) => Err(PanelError::new(
            400,
            "BadRequestHttpException",
            "The JSON data passed in the request appears to be malformed: Syntax error",
        )),
    }
}

impl Panel {
    /// Counts a request in the present minute; tells the rate headers.
    fn count_request(&mut self) -> Vec<(&'static str, String)> {
        if self.rate_limit == 0 {
            return Vec::new();
        }
        let window = TimeDelta::minutes(1);
        if self.now - self.rate_window.0 >= window {
            self.rate_window = (self.now, 0);
        }
        let (since, count) = self.rate_window;
        let blocked = count >= self.rate_limit;
        let count = if blocked { count } else { count + 1 };
        self.rate_window = (since, count);
        self.throttled += u64::from(blocked);
        self.busiest_minute = self.busiest_minute.max(count);
        let mut headers = vec![
            ("x-ratelimit-limit", self.rate_limit.to_string()),
            ("x-ratelimit-remaining", (self.rate_limit - count).to_string()),
        ];
        if blocked {
            let until = since + window;
            headers.push(("retry-after", (until - self.now).num_seconds().max(1).to_string()));
            headers.push(("x-ratelimit-reset", until.timestamp().to_string()));
        }
        headers
    }
}
