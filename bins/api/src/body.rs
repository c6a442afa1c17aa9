//! Reading request bodies: within a size and a time, then field by field, so that a refusal names the field.

use std::{
    fmt::Display,
    io::ErrorKind,
    sync::atomic::{AtomicUsize, Ordering},
};

use actix_web::{
    HttpRequest,
    error::PayloadError,
    http::{StatusCode, header},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt as _;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// The largest JSON body: 64 KiB.
pub(crate) const JSON_LIMIT: usize = 64 << 10;
/// Bytes of a body that need no share of [`TOGETHER`]: nearly every body is smaller.
const FREE: usize = 8 << 10;
/// Bytes beyond that which all bodies under way may hold together, so that many slow large ones cannot fill the memory.
const TOGETHER: usize = 32 << 20;
/// The longest text in a field, in bytes.
const TEXT_LIMIT: usize = 2_000;

/// What the bodies under way hold beyond [`FREE`].
static HELD: AtomicUsize = AtomicUsize::new(0);

/// One body's share of [`TOGETHER`].
#[derive(Default)]
struct Share(usize);

impl Share {
    /// Makes it as large as a body of this size needs.
    fn grow(&mut self, size: usize) -> Result<(), Problem> {
        let more = size.saturating_sub(FREE).saturating_sub(self.0);
        let before = HELD.fetch_add(more, Ordering::Relaxed);
        self.0 = self.0.saturating_add(more);
        if more > 0 && before.saturating_add(more) > TOGETHER {
            let text = "Too many large requests at once; please try again.";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).header(header::RETRY_AFTER, "5"));
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Reads a whole body of at most `limit` bytes. How long it may take is decided for all routes alike, in `intake`.
///
/// What says that it is larger is refused unread; the sender gets to read that, because the connection is listened to for a
/// little longer.
pub(crate) async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let text = format!("The body is too large; expected at most {limit} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", text)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    let mut share = Share::default();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken_off(&error))?;
        let size = body.len().saturating_add(chunk.len());
        if size > limit {
            return Err(too_large());
        }
        if body.is_empty() && announced == Some(chunk.len()) {
            return Ok(chunk);
        }
        share.grow(size)?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn broken_off(error: &PayloadError) -> Problem {
    if matches!(error, PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut) {
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "body-timeout", "The body took too long to arrive.");
    }
    Problem::invalid("broken-body", "The body broke off.")
}

/// The fields of a JSON object, taken one by one. Unknown members are left alone: older clients send more.
pub(crate) struct Fields {
    path: String,
    object: Map<String, Value>,
    problems: Vec<String>,
}

impl Fields {
    /// Reads the body of a request as a JSON object.
    pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        check_content_type(request)?;
        let body = read(request, payload, JSON_LIMIT).await?;
        let text = std::str::from_utf8(&body).map_err(|error| {
            let at = error.valid_up_to();
            Problem::invalid("not-utf8", format!("The body is not UTF-8 text: byte {at} is wrong."))
        })?;
        let value = serde_json::from_str(text)
            .map_err(|error| Problem::invalid("not-json", format!("The body is not valid JSON: {error}.")))?;
        let text = format!("The body must be a JSON object, got {}.", kind_of(&value));
        let Value::Object(object) = value else { return Err(Problem::invalid("not-an-object", text)) };
        Ok(Self { path: String::new(), object, problems: Vec::new() })
    }

    /// Whether one of these members is there and not null.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.object.get(*name).is_some_and(|value| !value.is_null()))
    }

    fn take(&mut self, names: &[&str]) -> Option<(String, Value)> {
        let present = |name: &&&str| self.object.get(**name).is_some_and(|value| !value.is_null());
        let name = names.iter().find(present)?;
        let value = self.object.remove(*name)?;
        Some((format!("{}{name}", self.path), value))
    }

    fn note(&mut self, field: &str, problem: impl Display) {
        self.problems.push(format!("{field}: {problem}"));
    }

    /// A text that may be absent; an empty one counts as absent. `example` shows what would be right.
    pub(crate) fn text(&mut self, names: &[&str], example: &str) -> Option<String> {
        let (field, value) = self.take(names)?;
        let kind = kind_of(&value);
        let Value::String(text) = value else {
            self.note(&field, format_args!("expected a text such as {example}, got {kind}"));
            return None;
        };
        if text.len() > TEXT_LIMIT {
            self.note(&field, format_args!("too long; expected at most {TEXT_LIMIT} bytes"));
            return None;
        }
        if text.contains('\0') {
            self.note(&field, "expected no NUL characters");
            return None;
        }
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, names: &[&str], example: &str) -> Option<String> {
        let before = self.problems.len();
        let text = self.text(names, example);
        if text.is_none() && self.problems.len() == before {
            let field = format!("{}{}", self.path, names.first().unwrap_or(&"field"));
            self.note(&field, format_args!("missing; expected a text such as {example}"));
        }
        text
    }

    /// A text that must be there and is kept out of logs.
    pub(crate) fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.required(&[name], "a password").map(SecretString::from)
    }

    /// A text that may be absent and must make sense to `parse`.
    pub(crate) fn parsed<T, E: Display>(
        &mut self,
        names: &[&str],
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(names, example)?;
        self.understood(names, parse(&text))
    }

    /// A text that must be there and make sense to `parse`.
    pub(crate) fn required_parsed<T, E: Display>(
        &mut self,
        names: &[&str],
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.required(names, example)?;
        self.understood(names, parse(&text))
    }

    /// The value, or the problem noted under the first of `names`.
    pub(crate) fn understood<T, E: Display>(&mut self, names: &[&str], value: Result<T, E>) -> Option<T> {
        let field = format!("{}{}", self.path, names.first().unwrap_or(&"field"));
        value.map_err(|problem| self.note(&field, problem)).ok()
    }

    /// True or false; absent is false.
    pub(crate) fn flag(&mut self, names: &[&str]) -> bool {
        match self.take(names) {
            None => false,
            Some((_, Value::Bool(flag))) => flag,
            Some((field, other)) => {
                self.note(&field, format_args!("expected true or false, got {}", kind_of(&other)));
                false
            }
        }
    }

    /// An object within; `None` when it is absent. Give it back with [`Fields::close`].
    pub(crate) fn open(&mut self, name: &str, example: &str) -> Option<Self> {
        let (field, value) = self.take(&[name])?;
        let kind = kind_of(&value);
        let Value::Object(object) = value else {
            self.note(&field, format_args!("expected an object such as {example}, got {kind}"));
            return None;
        };
        Some(Self { path: format!("{field}."), object, problems: Vec::new() })
    }

    /// An object that must be there, as the JSON that it is: for who reads it elsewhere.
    pub(crate) fn object(&mut self, name: &str, example: &str) -> Option<String> {
        match self.take(&[name]) {
            Some((_, Value::Object(object))) => Some(Value::Object(object).to_string()),
            Some((field, other)) => {
                self.note(&field, format_args!("expected an object such as {example}, got {}", kind_of(&other)));
                None
            }
            None => {
                self.missing(name, example);
                None
            }
        }
    }

    /// Takes over the problems of an object within.
    pub(crate) fn close(&mut self, inner: Self) {
        self.problems.extend(inner.problems);
    }

    /// Notes that a member is missing.
    pub(crate) fn missing(&mut self, name: &str, example: &str) {
        let field = format!("{}{name}", self.path);
        self.note(&field, format_args!("missing; expected {example}"));
    }

    /// Everything that is wrong, together.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        if self.problems.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }

    /// `value`, unless something is wrong.
    pub(crate) fn finish_with<T>(&self, value: Option<T>) -> Result<T, Problem> {
        self.finish()?;
        value.ok_or_else(|| self.refusal())
    }

    fn refusal(&self) -> Problem {
        Problem::invalid("invalid-request", self.problems.join("; "))
    }
}

/// JSON only: a page of another site can send forms and plain texts without asking, but no JSON.
fn check_content_type(request: &HttpRequest) -> Result<(), Problem> {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/json" {
        return Ok(());
    }
    let text = "The body must be JSON; send it with the header Content-Type: application/json.";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", text))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
