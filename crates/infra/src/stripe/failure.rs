//! Why a call to Stripe gave no result, and what that means for the order.

use std::{fmt, time::Duration};

use checkout::GatewayError;
use serde_json::Value;
use stripe_client_core::StripeClientErr;

use super::locate::text;
use crate::http::{HttpAnswer, HttpError, Sent};

/// The most that is kept of Stripe's sentence, in characters.
const MESSAGE: usize = 500;

/// An answer that is no success (docs.stripe.com/api/errors).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `error.type`.
    pub kind: Option<String>,
    /// `error.code`.
    pub code: Option<String>,
    /// `error.message`, shortened.
    pub message: Option<String>,
    /// `Request-Id`, by which Stripe's log finds it.
    pub request_id: Option<String>,
    /// The answer was saved under the idempotency key and came from there.
    pub replayed: bool,
    /// `Stripe-Should-Retry`.
    pub should_retry: Option<bool>,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
}

fn header<'a>(answer: &'a HttpAnswer, name: &str) -> Option<&'a str> {
    answer.headers.get(name)?.to_str().ok()
}

/// By which Stripe's own log finds the call.
pub(super) fn request_id(answer: &HttpAnswer) -> Option<&str> {
    header(answer, "request-id")
}

/// Whether the answer was saved under the idempotency key by an earlier call.
pub(super) fn replayed(answer: &HttpAnswer) -> bool {
    header(answer, "idempotent-replayed") == Some("true")
}

impl Refusal {
    pub(super) fn read(answer: &HttpAnswer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let error = |place: &str| text(&body, &[place]);
        Self {
            status: answer.status.as_u16(),
            kind: error("/error/type"),
            code: error("/error/code"),
            message: error("/error/message").map(|message| message.chars().take(MESSAGE).collect()),
            request_id: request_id(answer).map(str::to_owned),
            replayed: replayed(answer),
            should_retry: header(answer, "stripe-should-retry").and_then(|word| word.parse().ok()),
            retry_after: answer.retry_after(),
        }
    }

    /// The same key came with other parameters. Said by the type: the status is 400 or 409, depending on whom one asks.
    pub(super) fn is_key_reuse(&self) -> bool {
        self.kind.as_deref() == Some("idempotency_error")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}", self.status)?;
        if let Some(word) = self.code.as_ref().or(self.kind.as_ref()) {
            write!(f, " {word}")?;
        }
        if self.replayed {
            f.write_str(", replayed")?;
        }
        if let Some(request) = &self.request_id {
            write!(f, " (request {request})")?;
        }
        Ok(())
    }
}

/// What was seen in the last try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    NoAnswer(HttpError),
    Refused(Box<Refusal>),
    Unreadable(String),
}

/// A call without a result, after all its tries. Its text names no key, header or body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    pub(super) seen: Seen,
    /// In this or an earlier try the answer was lost, so that the call may have taken effect.
    pub(super) maybe_done: bool,
}

impl CallError {
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self { seen: Seen::Refused(Box::new(refusal)), maybe_done: false }
    }

    pub(super) fn not_sent(detail: impl Into<String>) -> Self {
        Self::from(HttpError { sent: Sent::NotSent, detail: detail.into() })
    }

    /// The answer, if there was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.seen {
            Seen::Refused(refusal) => Some(refusal),
            Seen::NoAnswer(_) | Seen::Unreadable(_) => None,
        }
    }

    /// Whether Stripe refused with this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code.as_deref() == Some(code))
    }
}

impl From<HttpError> for CallError {
    fn from(error: HttpError) -> Self {
        let maybe_done = error.sent == Sent::Lost;
        Self { seen: Seen::NoAnswer(error), maybe_done }
    }
}

impl StripeClientErr for CallError {
    fn deserialize_err(message: impl fmt::Display) -> Self {
        Self { seen: Seen::Unreadable(message.to_string()), maybe_done: true }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.seen {
            Seen::NoAnswer(error) => error.fmt(f),
            Seen::Refused(refusal) => refusal.fmt(f),
            Seen::Unreadable(detail) => write!(f, "answered what cannot be read: {detail}"),
        }?;
        let earlier = self.maybe_done && !matches!(&self.seen, Seen::NoAnswer(error) if error.sent == Sent::Lost);
        if earlier { f.write_str("; an earlier try's answer was lost") } else { Ok(()) }
    }
}

impl std::error::Error for CallError {}

impl From<CallError> for GatewayError {
    fn from(error: CallError) -> Self {
        let detail = error.to_string();
        let open = |detail| if error.maybe_done { Self::Unknown { detail } } else { Self::Unavailable { detail } };
        match error.seen {
            // Not the request's fault: reads must not pass for answered, and orders go on once it is put right.
            Seen::NoAnswer(unsent) if unsent.sent == Sent::Forbidden => {
                open(format!("{detail}; check STRIPE_API_BASE"))
            }
            Seen::NoAnswer(_) => open(detail),
            Seen::Unreadable(_) => Self::Unknown { detail },
            Seen::Refused(refusal) => match refusal.status {
                _ if refusal.is_key_reuse() => refused(*refusal, "idempotency_error"),
                404 if refusal.code.as_deref() == Some("resource_missing") => Self::NotFound,
                401 => refused(*refusal, "api_key_invalid"),
                // Another call holds the key: what it does, the same key will tell.
                409 => Self::Unknown { detail },
                // Neither is Stripe's verdict on the request: too many calls, or something that stands before Stripe.
                429 | 300..=399 => open(detail),
                400..=499 => {
                    let code = refusal.code.clone().or_else(|| refusal.kind.clone());
                    let code = code.unwrap_or_else(|| format!("http_{}", refusal.status));
                    refused(*refusal, &code)
                }
                _ => Self::Failed { detail },
            },
        }
    }
}

fn refused(refusal: Refusal, code: &str) -> GatewayError {
    let message = refusal.message.unwrap_or_else(|| format!("answered {} without a message", refusal.status));
    GatewayError::Refused { code: code.to_owned(), message, request_id: refusal.request_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_connected_to_is_a_matter_for_the_operator() {
        let forbidden = HttpError { sent: Sent::Forbidden, detail: "fe80::1 is a link-local address".to_owned() };
        let mut error = CallError::from(forbidden);
        let expected = "the request was not sent: fe80::1 is a link-local address; check STRIPE_API_BASE";
        assert_eq!(GatewayError::from(error.clone()), GatewayError::Unavailable { detail: expected.to_owned() });
        error.maybe_done = true;
        assert!(matches!(GatewayError::from(error), GatewayError::Unknown { .. }), "an earlier try may have arrived");
    }
}
