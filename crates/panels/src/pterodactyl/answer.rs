//! What the panel's answers mean.
//!
//! The code in the body outranks the status: the panel relays its daemon's status, so that a 403 or 404 can be about a
//! node and not about our key or our server.

use std::time::Duration;

use provisioning::ProviderError;
use reqwest::StatusCode;

use super::wire::{ErrorEntry, Errors};
use outgoing::http::{HttpAnswer, HttpError, Sent};

/// What it means when a call leaves us in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing of the service can have come about: a read, or a call that is looked after by the next try (users).
    Harmless,
    /// It may have happened: a server may exist now, or be suspended, or gone.
    MayHaveHappened,
}

/// A call without success.
#[derive(Debug)]
pub(super) enum Fault {
    /// No answer.
    Silence(HttpError),
    /// An answer that says no, in the panel's own shape.
    Refusal(Refusal),
    /// An answer that the panel did not write, or not as we know it: a proxy's page, a redirect, a cut body.
    Strange { status: StatusCode, what: &'static str, retry_after: Option<Duration> },
}

/// The panel's own error.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    entries: Vec<ErrorEntry>,
    retry_after: Option<Duration>,
}

impl Refusal {
    fn code(&self) -> &str {
        self.entries.first().map_or("", |entry| entry.code.as_str())
    }

    /// Whether this field broke this rule.
    pub(super) fn breaks(&self, field: &str, rule: &str) -> bool {
        self.code() == "ValidationException"
            && self.entries.iter().any(|entry| {
                entry.meta.source_field.as_deref() == Some(field) && entry.meta.rule.as_deref() == Some(rule)
            })
    }

    /// Proven absence: the panel itself says so. A 404 of a daemon or of a proxy is no proof.
    pub(super) fn is_absence(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.code() == "NotFoundHttpException"
    }

    /// `limits.io (between), name (required)`.
    fn fields(&self) -> String {
        let field = |entry: &ErrorEntry| {
            let name = entry.meta.source_field.as_deref().unwrap_or("a field");
            let rule = entry.meta.rule.as_deref().unwrap_or("invalid");
            format!("{} ({})", printable(name), printable(rule))
        };
        self.entries.iter().take(10).map(field).collect::<Vec<_>>().join(", ")
    }
}

/// Sorts an answer: its body when it is a success, else the fault.
pub(super) fn sort(answer: HttpAnswer) -> Result<Vec<u8>, Fault> {
    if answer.status.is_success() {
        return Ok(answer.body);
    }
    let (status, retry_after) = (answer.status, answer.retry_after());
    if status.is_redirection() {
        return Err(Fault::Strange { status, what: "a redirect", retry_after });
    }
    match serde_json::from_slice::<Errors>(&answer.body) {
        Ok(Errors { entries }) if !entries.is_empty() => Err(Fault::Refusal(Refusal { status, entries, retry_after })),
        Ok(_) | Err(_) => Err(Fault::Strange { status, what: "no error of the panel's", retry_after }),
    }
}

impl Fault {
    /// A success whose body is not what the API promises.
    pub(super) const fn unreadable() -> Self {
        Self::Strange { status: StatusCode::OK, what: "a success that cannot be read", retry_after: None }
    }

    /// A request that could not even be put together.
    pub(super) fn unsendable() -> Self {
        let detail = "it could not be put together".to_owned();
        Self::Silence(HttpError { sent: Sent::NotSent, detail })
    }

    /// The error that it is for the flow.
    pub(super) fn into_error(self, doubt: Doubt) -> ProviderError {
        match self {
            Self::Silence(error) => match error.sent {
                // As with a wrong key: it is no fault of the order, which goes on once the operator has put it right.
                Sent::Forbidden => unavailable(format!("{error}; check PTERODACTYL_URL, or its url in PROVIDERS_FILE")),
                Sent::NotSent => unavailable(error.to_string()),
                Sent::Lost => doubtful(error.to_string(), doubt),
            },
            Self::Refusal(refusal) => refused(&refusal, doubt),
            Self::Strange { status, what, retry_after } => strange(status, what, retry_after, doubt),
        }
    }
}

fn unavailable(detail: String) -> ProviderError {
    ProviderError::Unavailable { detail, retry_after: None }
}

fn doubtful(detail: String, doubt: Doubt) -> ProviderError {
    match doubt {
        Doubt::Harmless => unavailable(detail),
        Doubt::MayHaveHappened => ProviderError::Unknown { detail },
    }
}

fn strange(status: StatusCode, what: &str, retry_after: Option<Duration>, doubt: Doubt) -> ProviderError {
    let detail = format!("the panel answered {} with {what}", status.as_u16());
    if status == StatusCode::TOO_MANY_REQUESTS {
        return ProviderError::Unavailable { detail, retry_after };
    }
    if status.is_redirection() {
        // The panel redirects only what it did not do (a failed check or sign-in), and so does a proxy before it.
        return unavailable(format!(
            "{detail}; check that PTERODACTYL_URL, or its url in PROVIDERS_FILE, is the panel's final address"
        ));
    }
    doubtful(detail, doubt)
}

/// The panel's own answer, by its code first.
fn refused(refusal: &Refusal, doubt: Doubt) -> ProviderError {
    let said = format!("the panel answered {} {}", refusal.status.as_u16(), printable(refusal.code()));
    match refusal.code() {
        "NoViableNodeException" => no_capacity("no public node in the region has the memory and disk"),
        "NoViableAllocationException" => no_capacity("no free port matches on the nodes of the region"),
        "ThrottleRequestsException" => ProviderError::Unavailable { detail: said, retry_after: refusal.retry_after },
        // Our key, its rights or its owner's account are wrong. That is a fault of this installation and not of the order:
        // `Refused` would fail every order for good, while this one goes on as soon as the key is put right; until then
        // the reason stands on the order's record, and the job that runs out of tries becomes a case.
        "AuthenticationException" | "AccessDeniedHttpException" | "TwoFactorAuthRequiredException" => {
            unavailable(format!(
                "{said}; check PTERODACTYL_API_KEY, or its api_key in PROVIDERS_FILE, its permissions, allowed addresses and owner"
            ))
        }
        // The daemon's answer, relayed under its own status. On a create the panel then takes its row back, but neither
        // that nor what the daemon keeps is certain.
        "DaemonConnectionException" => doubtful(format!("{said}: the node's daemon did not do it"), doubt),
        "ValidationException" => ProviderError::Refused { detail: format!("{said}: {}", refusal.fields()) },
        "NotFoundHttpException" => unavailable(format!("{said}; check PTERODACTYL_URL, or its url in PROVIDERS_FILE")),
        "ConflictHttpException" | "ServerStateConflictException" => unavailable(said),
        // Written for people by the panel, so it may be shown.
        "DisplayException" => ProviderError::Refused { detail: format!("{said}: {}", first_detail(refusal)) },
        _ => by_status(refusal, said, doubt),
    }
}

fn by_status(refusal: &Refusal, said: String, doubt: Doubt) -> ProviderError {
    match refusal.status.as_u16() {
        401 | 403 => unavailable(format!("{said}; check PTERODACTYL_API_KEY, or its api_key in PROVIDERS_FILE")),
        408 => doubtful(said, doubt),
        404 | 409 | 429 => ProviderError::Unavailable { detail: said, retry_after: refusal.retry_after },
        // The panel's maintenance mode answers before anything is done.
        503 if refusal.code() == "HttpException" => {
            ProviderError::Unavailable { detail: said, retry_after: refusal.retry_after }
        }
        400..=499 => ProviderError::Refused { detail: said },
        _ => doubtful(said, doubt),
    }
}

fn no_capacity(detail: &str) -> ProviderError {
    ProviderError::NoCapacity { detail: detail.to_owned() }
}

fn first_detail(refusal: &Refusal) -> String {
    refusal.entries.first().map(|entry| printable(&entry.detail)).unwrap_or_default()
}

/// Foreign text for our records: no control characters, and not much of it.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
