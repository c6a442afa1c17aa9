//! The way of one request through the Stripe stand-in, including its faults.

use super::error::ApiError;
use super::idempotency::Verdict;
use super::routes::{self, Route};
use super::{Cause, form};
use crate::faults::{Kind, Rule, Target, Voice};
use crate::http::{Answer, Call, Line};
use crate::options::EventVersion;
use crate::world::{World, lock};
use base64::Engine;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::time::sleep;

/// Answers a request to `/stripe…`.
pub(crate) async fn serve(world: Arc<World>, call: Call, line: &Line) -> Answer {
    match world.faults.take(Target::Stripe, &call.method, &call.path, "") {
        None => answer(&world, &call, None).await,
        Some(rule) => faulty(world, call, line, rule).await,
    }
}

async fn faulty(world: Arc<World>, call: Call, line: &Line, rule: Rule) -> Answer {
    match rule.kind {
        Kind::Delay => {
            // In a task of its own: the work is done even when the client has hung up by then, as with the real one.
            let work = async move {
                sleep(rule.wait(1000)).await;
                answer(&world, &call, None).await
            };
            actix_web::rt::spawn(work).await.unwrap_or_else(|_| Answer::empty(500))
        }
        Kind::Fail if !rule.is_saved() => dressed(failure(&rule), &world.dice.id("req_", 14), &call),
        Kind::Fail | Kind::FailAfterEffect => answer(&world, &call, Some(&rule)).await,
        Kind::HangAfterEffect => {
            drop(answer(&world, &call, None).await);
            sleep(rule.wait(30_000)).await;
            line.cut();
            Answer::empty(500)
        }
        Kind::Drop | Kind::Duplicate | Kind::Reorder => {
            line.cut();
            Answer::empty(500)
        }
    }
}

/// The failure that a rule wants, in the right voice.
fn failure(rule: &Rule) -> Answer {
    let status = rule.status.unwrap_or(500);
    if rule.voice == Voice::Html {
        return Answer::html(
            status,
            format!("<html><head><title>{status}</title></head><body>Bad gateway</body></html>"),
        );
    }
    let error = match status {
        402 => ApiError::invalid("Your card was declined.").kind("card_error").code("card_declined"),
        409 => ApiError::invalid(
            "This object cannot be accessed right now because another API request is currently accessing it.",
        )
        .code("lock_timeout"),
        429 => ApiError::invalid("Request rate limit exceeded.").code("rate_limit"),
        400..=499 => ApiError::invalid("The sandbox was told to refuse this request."),
        _ => ApiError::invalid("An unknown error occurred. (The sandbox was told to fail.)").kind("api_error"),
    };
    error.status(status).into_answer()
}

/// Works, waits as long as Stripe is set to take, answers. The idempotency key stays held meanwhile.
async fn answer(world: &Arc<World>, call: &Call, rule: Option<&Rule>) -> Answer {
    let request = world.dice.id("req_", 14);
    let (answer, hold) = perform(world, call, &request, rule).unwrap_or_else(|error| (error.into_answer(), None));
    if !world.options.stripe_latency.is_zero() {
        sleep(world.options.stripe_latency).await;
    }
    drop(hold);
    dressed(answer, &request, call)
}

fn dressed(answer: Answer, request: &str, call: &Call) -> Answer {
    let version = call.header("stripe-version").unwrap_or(EventVersion::Endive.name());
    let mut answer = answer.with("request-id", request.to_owned()).with("stripe-version", version.to_owned());
    if let Some(key) = call.header("idempotency-key").filter(|_| call.method == "POST") {
        answer = answer.with("idempotency-key", key.to_owned());
    }
    answer
}

/// A held idempotency key. Dropping it saves the answer, or frees the key when nothing was executed; so a client that
/// hangs up leaves no key in use.
struct Hold {
    world: Arc<World>,
    key: String,
    saved: Option<(Answer, String)>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        lock(&self.world.idempotency).finish(&self.key, self.saved.take());
    }
}

fn perform(
    world: &Arc<World>,
    call: &Call,
    request: &str,
    rule: Option<&Rule>,
) -> Result<(Answer, Option<Hold>), ApiError> {
    authorise(world, call)?;
    let (route, id) = routes::find(&call.method, &call.path)?;
    let form = form::decode(form_text(call)?)?;
    let key = call.header("idempotency-key").filter(|_| call.method == "POST");
    let mut hold = match key {
        None => None,
        Some(key) => match begin(world, call, key, &form)? {
            Begun::Run(hold) => Some(hold),
            Begun::Replay(answer) => return Ok((answer, None)),
        },
    };
    let cause = Cause { request: Some(request.to_owned()), idempotency_key: key.map(str::to_owned) };
    let effect = rule.is_none_or(|rule| rule.kind == Kind::FailAfterEffect);
    let (mut answer, executed) = execute(world, (route, &id), &form, effect.then_some(cause));
    let saved = answer.clone();
    if let Some(rule) = rule.filter(|_| executed) {
        answer = failure(rule);
    }
    if let Some(hold) = &mut hold {
        let kept = if rule.is_some_and(Rule::is_saved) { answer.clone() } else { saved };
        hold.saved = executed.then(|| (kept, request.to_owned()));
    }
    Ok((answer, hold))
}

/// Checks the parameters and, when there is a cause, runs the endpoint; tells whether execution began.
fn execute(world: &World, (route, id): (&Route, &str), form: &Value, cause: Option<Cause>) -> (Answer, bool) {
    let checked = route.table.check(form);
    let result = checked.and_then(|params| {
        let Some(cause) = cause else { return Ok(Value::Null) };
        world.stripe(|stripe| {
            stripe.cause = cause;
            let result =
                (route.run)(stripe, id, &params).and_then(|object| super::expand::expand(stripe, object, &params));
            stripe.cause = Cause::default();
            result
        })
    });
    match result {
        Ok(object) => (Answer::json(200, &object), true),
        Err(error) => {
            let executed = error.executed;
            (error.into_answer(), executed)
        }
    }
}

fn form_text(call: &Call) -> Result<&str, ApiError> {
    if call.method != "POST" {
        return Ok(&call.query);
    }
    let media_type = call.header("content-type").unwrap_or_default();
    if !call.body.is_empty() && !media_type.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::invalid(format!(
            "Invalid request: the content type must be application/x-www-form-urlencoded, got {media_type:?}."
        )));
    }
    std::str::from_utf8(&call.body).map_err(|_| ApiError::invalid("Invalid request: the body is not valid UTF-8."))
}

enum Begun {
    Run(Hold),
    Replay(Answer),
}

fn begin(world: &Arc<World>, call: &Call, key: &str, form: &Value) -> Result<Begun, ApiError> {
    if key.is_empty() || key.len() > 255 {
        return Err(ApiError::invalid("Idempotency keys must have 1 to 255 characters."));
    }
    let mut hasher = DefaultHasher::new();
    (&call.method, &call.path, form.to_string()).hash(&mut hasher);
    match lock(&world.idempotency).begin(key, hasher.finish(), world.clock.now().timestamp()) {
        Verdict::Run => Ok(Begun::Run(Hold { world: Arc::clone(world), key: key.to_owned(), saved: None })),
        Verdict::Replay(answer, original) => {
            Ok(Begun::Replay(answer.with("idempotent-replayed", "true".to_owned()).with("original-request", original)))
        }
        Verdict::InUse => Err(ApiError::invalid(
            "There is currently another in-progress request using this Idempotent Key (that probably means \
             you submitted twice, and the other request is still going through). Please try again later.",
        )
        .status(409)
        .code("idempotency_key_in_use")),
        Verdict::Mismatch => Err(ApiError::invalid(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        ))
        .kind("idempotency_error")),
    }
}

fn authorise(world: &World, call: &Call) -> Result<(), ApiError> {
    let header = call.header("authorization").unwrap_or_default();
    let key = match header.split_once(' ') {
        Some(("Bearer", key)) => key.to_owned(),
        Some(("Basic", encoded)) => basic_user(encoded).unwrap_or_default(),
        Some(_) | None => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::invalid(
            "You did not provide an API key. You need to provide your API key in the Authorization header, \
             using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
        .status(401));
    }
    if !bool::from(key.as_bytes().ct_eq(world.options.stripe_key.as_bytes())) {
        return Err(ApiError::invalid(format!("Invalid API Key provided: {}", masked(&key))).status(401));
    }
    match call.header("stripe-version") {
        Some(version) if !is_version(version) => {
            Err(ApiError::invalid(format!("Invalid Stripe API version: {version}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn basic_user(encoded: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let pair = String::from_utf8(bytes).ok()?;
    pair.split_once(':').map(|(user, _)| user.to_owned())
}

/// The beginning of a key, the rest as stars.
fn masked(key: &str) -> String {
    let shown: String = key.chars().take(8).collect();
    format!("{shown}{}", "*".repeat(key.chars().count().saturating_sub(8)))
}

/// `YYYY-MM-DD`, since 2024 followed by `.name`.
fn is_version(version: &str) -> bool {
    let (date, name) = version.split_once('.').map_or((version, None), |(date, name)| (date, Some(name)));
    let date = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    date && name.is_none_or(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}
