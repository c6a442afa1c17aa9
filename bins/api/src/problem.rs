//! What clients are told when something does not work: RFC 9457 problems, or `{"error": …}` where the older systems'
//! clients expect it.
//!
//! A failure's kind decides the status. What is unavailable, or our own mistake, shows an id and no text; the whole chain
//! of causes is logged under that id, once, here.

use std::fmt::Write as _;

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};
use kernel::{Failure, FailureKind};
use serde_json::{Map, Value, json};

use crate::trace;

/// Seconds after which a client may ask again when something is not available.
const RETRY_AFTER: &str = "5";

/// A refusal.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(header::HeaderName, String)>,
}

impl Problem {
    /// A refusal in our own words.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), members: Vec::new(), headers: Vec::new() }
    }

    /// The request is wrong.
    pub(crate) fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed-out", detail).header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// There is no such thing.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// Our own mistake; `what` is logged, not shown.
    pub(crate) fn bug(what: &str) -> Self {
        let id = trace::request_id();
        tracing::error!(error.id = id, error = what, "a request failed");
        Self::hidden(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", &id)
    }

    /// With another member in the body.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// With a header.
    pub(crate) fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn hidden(status: StatusCode, code: &'static str, id: &str) -> Self {
        let detail = if status == StatusCode::SERVICE_UNAVAILABLE {
            format!("This does not work at the moment; please try again. If it stays so, tell us the number {id}.")
        } else {
            format!("Something went wrong on our side. Please tell us the number {id}.")
        };
        Self::new(status, code, detail).with("errorId", id).retry_after()
    }

    fn retry_after(self) -> Self {
        let away = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if away { self.header(header::RETRY_AFTER, RETRY_AFTER) } else { self }
    }

    /// A failure whose text may be shown although it is somebody else's: it was logged where it was met.
    pub(crate) fn shown(error: &impl Failure, detail: impl Into<String>) -> Self {
        Self::new(status(error.kind()), error.code(), detail).retry_after()
    }

    /// Its stable word.
    #[cfg(test)]
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    fn builder(&self) -> HttpResponseBuilder {
        let mut builder = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            builder.insert_header((name.clone(), value.as_str()));
        }
        builder
    }

    fn body(&self, mut body: Map<String, Value>) -> String {
        body.extend(self.members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(body).to_string()
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("about:blank"));
        body.insert("title".to_owned(), json!(self.status.canonical_reason()));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.detail));
        body.insert("code".to_owned(), json!(self.code));
        self.builder().content_type("application/problem+json").body(self.body(body))
    }
}

impl<E: Failure> From<E> for Problem {
    fn from(error: E) -> Self {
        let (kind, code) = (error.kind(), error.code());
        match kind {
            FailureKind::Unavailable | FailureKind::Bug => {
                let id = trace::request_id();
                let error = chain(&error);
                if kind == FailureKind::Bug {
                    tracing::error!(error.id = id, error.code = code, error, "a request failed");
                } else {
                    tracing::warn!(error.id = id, error.code = code, error, "a request has to wait");
                }
                Self::hidden(status(kind), code, &id)
            }
            FailureKind::Unauthenticated => {
                Self::new(status(kind), code, error.to_string()).header(header::WWW_AUTHENTICATE, "Bearer")
            }
            FailureKind::Limited => {
                let wait = error.retry_after();
                let problem = Self::new(status(kind), code, error.to_string());
                wait.into_iter().fold(problem, |problem, wait| problem.header(header::RETRY_AFTER, wait.to_string()))
            }
            FailureKind::Invalid
            | FailureKind::Forbidden
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Upstream => Self::new(status(kind), code, error.to_string()),
        }
    }
}

const fn status(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::Invalid => StatusCode::BAD_REQUEST,
        FailureKind::Forbidden => StatusCode::FORBIDDEN,
        FailureKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FailureKind::NotFound => StatusCode::NOT_FOUND,
        FailureKind::Conflict => StatusCode::CONFLICT,
        FailureKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        FailureKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FailureKind::Upstream => StatusCode::BAD_GATEWAY,
        FailureKind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error and its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        // Transparent variants repeat their source's text; once is enough.
        let line = source.to_string();
        if !text.ends_with(&line) {
            let _ = write!(text, ": {line}");
        }
        cause = source.source();
    }
    text
}

/// A refusal in the older systems' shape, `{"error": text, "code": …}`, for the endpoints that they had.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SeedError(Problem);

impl ResponseError for SeedError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(self.0.detail));
        body.insert("code".to_owned(), json!(self.0.code));
        self.0.builder().content_type("application/json").body(self.0.body(body))
    }
}

impl<E: Failure> From<E> for SeedError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}
impl From<Problem> for SeedError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}
