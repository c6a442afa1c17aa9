//! What every adapter says of answers: certain, or in doubt.

use std::time::Duration;

use outgoing::http::{HttpError, Sent};
use provisioning::ProviderError;

/// What it means when an answer is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A read: nothing can have happened.
    Harmless,
    /// It may have happened.
    MayHaveHappened,
}

/// Nothing happened, and later it may work.
pub(crate) fn unavailable(detail: impl Into<String>, retry_after: Option<Duration>) -> ProviderError {
    ProviderError::Unavailable { detail: detail.into(), retry_after }
}

/// Not known whether it happened, unless it was a read.
pub(crate) fn doubtful(detail: impl Into<String>, doubt: Doubt) -> ProviderError {
    match doubt {
        Doubt::Harmless => unavailable(detail, None),
        Doubt::MayHaveHappened => ProviderError::Unknown { detail: detail.into() },
    }
}

/// It will not be done for this order, now or later.
pub(crate) fn refused(detail: impl Into<String>) -> ProviderError {
    ProviderError::Refused { detail: detail.into() }
}

/// A call that brought no answer.
pub(crate) fn silence(error: &HttpError, doubt: Doubt) -> ProviderError {
    match error.sent {
        // It is no fault of the order, which goes on once the operator has put it right.
        Sent::Forbidden => unavailable(format!("{error}; check its url"), None),
        Sent::NotSent => unavailable(error.to_string(), None),
        Sent::Lost => doubtful(error.to_string(), doubt),
    }
}

/// Foreign text for our records: no control characters, and not much of it.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A member of a JSON value; null where there is none.
pub(crate) fn at<'a>(value: &'a serde_json::Value, key: &str) -> &'a serde_json::Value {
    value.get(key).unwrap_or(&serde_json::Value::Null)
}
