//! The panel's errors: `{"errors": [{code, status, detail, meta?}]}`.

use crate::http::Answer;
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct PanelError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    /// Field and rule of each broken rule, when the code is `ValidationException`.
    pub(crate) broken: Vec<Broken>,
}

/// A broken validation rule.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) field: String,
    pub(crate) rule: &'static str,
    pub(crate) detail: String,
}

impl PanelError {
    /// An error with its code.
    pub(crate) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), broken: Vec::new() }
    }

    /// Validation failed.
    pub(crate) fn validation(broken: Vec<Broken>) -> Self {
        Self { broken, ..Self::new(422, "ValidationException", "The given data was invalid.") }
    }

    /// No such object.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "NotFoundHttpException", "The requested resource could not be found on the server.")
    }

    /// No key, or an unknown one.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(401, "AuthenticationException", "Unauthenticated.")
    }

    /// Something that the panel tells its users.
    pub(crate) fn display(detail: &str) -> Self {
        Self::new(400, "DisplayException", detail)
    }

    fn entries(&self) -> Vec<Value> {
        let status = self.status.to_string();
        if self.broken.is_empty() {
            return vec![json!({ "code": self.code, "status": status, "detail": self.detail })];
        }
        let entry = |broken: &Broken| {
            json!({
                "code": self.code, "status": status, "detail": broken.detail,
                "meta": { "source_field": broken.field, "rule": broken.rule },
            })
        };
        self.broken.iter().map(entry).collect()
    }

    /// The answer. Without a JSON `Accept` header it is what a browser would get.
    pub(crate) fn into_answer(self, wants_json: bool) -> Answer {
        if wants_json {
            return Answer::json(self.status, &json!({ "errors": self.entries() }));
        }
        match self.status {
            401 => Answer::empty(302).with("location", "/auth/login".to_owned()),
            422 => Answer::empty(302).with("location", "/".to_owned()),
            status => Answer::html(status, format!("<!doctype html><title>{status}</title><h1>{status}</h1>")),
        }
    }
}
