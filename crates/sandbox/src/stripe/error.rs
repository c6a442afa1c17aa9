//! Errors in Stripe's shape.

use crate::http::Answer;
use crate::json::Members;
use serde_json::json;

/// A refusal: what goes into `{"error": …}`, and whether an idempotency key would replay it.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    /// Whether the endpoint had begun executing: such answers are saved under the idempotency key.
    pub(crate) executed: bool,
}

impl ApiError {
    /// A request that fails validation (400, never saved).
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
            executed: false,
        }
    }

    /// Another HTTP status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With one of Stripe's error codes.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Naming the parameter, in bracket form.
    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Of another error type than `invalid_request_error`.
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// An answer of an endpoint that had begun executing.
    pub(crate) fn executed(mut self) -> Self {
        self.executed = true;
        self
    }

    /// A parameter that does not exist.
    pub(crate) fn unknown(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}")).code("parameter_unknown").param(param)
    }

    /// A parameter that must be there.
    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    /// Parameters that exclude each other.
    pub(crate) fn exclusive(params: &[&str]) -> Self {
        Self::invalid(format!("You may only specify one of these parameters: {}.", params.join(", ")))
            .code("parameters_exclusive")
    }

    /// An object that does not exist, named by a parameter (400).
    pub(crate) fn no_such(what: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {what}: '{id}'")).code("resource_missing").param(param)
    }

    /// An object that does not exist, named by the path (404).
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::no_such(what, id, "id").status(404)
    }

    /// The answer.
    pub(crate) fn into_answer(self) -> Answer {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error.set("code", json!(code));
            error.set("doc_url", json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))));
        }
        if let Some(param) = self.param {
            error.set("param", json!(param));
        }
        Answer::json(self.status, &json!({ "error": error }))
    }
}
