//! What the service's answers mean. A status alone proves nothing: every answer is believed with its body, or not at all.

use std::time::Duration;

use kernel::Id;
use provisioning::{AccessField, Listed, ProviderError, Remote, RemoteRef, RemoteState};
use serde::Deserialize;

use crate::answer::{Doubt, doubtful, printable, unavailable};

/// An answer, however it travelled. The statuses are those of HTTP.
#[derive(Debug)]
pub struct Told {
    /// What it says in a number.
    pub status: u16,
    /// When it says to come back.
    pub retry_after: Option<Duration>,
    /// What it says in JSON.
    pub body: Vec<u8>,
}

/// What stands there, in the service's words.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    state: String,
    service: Option<String>,
    customer: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    details: Vec<AccessField>,
    reason: Option<String>,
    /// An address to ask at, or a word to ask with.
    #[serde(alias = "poll_url")]
    pub(super) poll: Option<String>,
    pub(super) check_after: Option<u64>,
}

/// An answer that was understood.
#[derive(Debug)]
pub(super) enum Reply {
    /// 200 or 201.
    Said(Box<Said>),
    /// 202: it takes a while.
    Later(Box<Said>),
    /// 409: it stands there already.
    Exists(Box<Said>),
    /// 404 with the state `absent`: nothing stands there, in its own words.
    Absent,
}

#[derive(Deserialize)]
struct Complaints {
    errors: Vec<String>,
}

#[derive(Deserialize)]
struct Full {
    reason: String,
}

/// What stands under a service's key.
pub(super) struct Thing {
    /// Whose it is, by the service's own records.
    pub(super) customer: String,
    pub(super) remote: Remote,
}

impl Said {
    /// Whether this is its state.
    pub(super) fn is(&self, state: &str) -> bool {
        self.state == state
    }

    /// What it tells of this service; `None` when it speaks of another one, or in words that are not known.
    pub(super) fn thing(self, service: &str) -> Option<Thing> {
        let customer = self.customer.filter(|_| self.service.as_deref() == Some(service))?;
        let state = state(&self.state, self.reason.as_deref())?;
        let identifier = printable(self.reference.as_deref().unwrap_or(service));
        let reference = RemoteRef { id: service.to_owned(), identifier };
        let plain = |field: AccessField| AccessField { label: printable(&field.label), value: printable(&field.value) };
        let access = self.details.into_iter().take(20).map(plain).collect();
        Some(Thing { customer, remote: Remote { reference, state, access } })
    }

    /// A line of its list.
    fn listed(self) -> Option<Listed> {
        let key = self.service?;
        let identifier = printable(self.reference.as_deref().unwrap_or(&key));
        let state = state(&self.state, self.reason.as_deref())?;
        Some(Listed {
            service: key.parse::<Id<_>>().ok(),
            reference: RemoteRef { id: key, identifier },
            state,
            access: None,
        })
    }
}

/// The words for a state.
fn state(word: &str, reason: Option<&str>) -> Option<RemoteState> {
    match word {
        "pending" | "installing" => Some(RemoteState::Installing),
        "active" => Some(RemoteState::Ready),
        "suspended" => Some(RemoteState::Suspended),
        "failed" => Some(RemoteState::Failed(printable(reason.unwrap_or("the service gave no reason")))),
        _ => None,
    }
}

/// The answer to the verb `list`.
#[derive(Deserialize)]
pub(super) struct Sheet {
    services: Vec<Said>,
    pub(super) next: Option<String>,
}

impl Sheet {
    /// Its lines; `None` when one of them is not understood: half a list must not be taken for all of it.
    pub(super) fn read(body: &[u8]) -> Option<(Vec<Listed>, Option<String>)> {
        let sheet: Self = serde_json::from_slice(body).ok()?;
        let lines = sheet.services.into_iter().map(Said::listed).collect::<Option<_>>()?;
        Some((lines, sheet.next))
    }
}

/// Sorts an answer by status and body together.
pub(super) fn sort(answer: &Told, doubt: Doubt) -> Result<Reply, ProviderError> {
    let said = || serde_json::from_slice::<Said>(&answer.body).ok().map(Box::new);
    let understood = match answer.status {
        200 | 201 => said().map(Reply::Said),
        202 => said().filter(|said| said.is("pending")).map(Reply::Later),
        404 => said().filter(|said| said.is("absent")).map(|_| Reply::Absent),
        409 => said().filter(|said| !said.is("busy")).map(Reply::Exists),
        _ => None,
    };
    understood.ok_or_else(|| refusal(answer, doubt))
}

/// Every other answer.
pub(super) fn refusal(answer: &Told, doubt: Doubt) -> ProviderError {
    let (status, retry_after) = (answer.status, answer.retry_after);
    let says = format!("the service answered {status}");
    match status {
        300..=399 => unavailable(format!("{says}, a redirect; check that url is its final address"), None),
        401 | 403 => unavailable(format!("{says}; check its secret and that both clocks are right"), None),
        409 if serde_json::from_slice::<Said>(&answer.body).is_ok_and(|said| said.is("busy")) => {
            unavailable(format!("{says}: it is busy"), retry_after)
        }
        422 => match serde_json::from_slice::<Complaints>(&answer.body) {
            Ok(Complaints { errors }) if !errors.is_empty() => {
                let lines: Vec<String> = errors.iter().take(10).map(|line| printable(line)).collect();
                ProviderError::Refused { detail: lines.join("; ") }
            }
            Ok(_) | Err(_) => doubtful(format!("{says} without saying what is wrong"), doubt),
        },
        429 => unavailable(says, retry_after),
        503 if retry_after.is_some() => unavailable(says, retry_after),
        507 => match serde_json::from_slice::<Full>(&answer.body) {
            Ok(Full { reason }) => ProviderError::NoCapacity { detail: printable(&reason) },
            Err(_) => doubtful(format!("{says} without a reason"), doubt),
        },
        _ => doubtful(format!("{says} with a body that is not known"), doubt),
    }
}
