//! One call of the server's API, and what its answers mean: an answer is believed with all its entries, or not at all.

use std::time::Duration;

use outgoing::http::HttpAnswer;
use provisioning::{ProviderError, RemoteState};
use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::MailcowSettings;
use crate::{
    Line,
    answer::{Doubt, doubtful, printable, refused, silence, unavailable},
};

/// A mailbox is a few rows of a database, and a restart of the web mail for a domain.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The server, with our key.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) line: Line,
    pub(super) settings: MailcowSettings,
}

/// A mailbox, as far as it matters here.
#[derive(Debug, Clone)]
pub(super) struct Mailbox {
    pub(super) state: RemoteState,
    pub(super) tags: Vec<String>,
    pub(super) quota_mebibytes: u64,
    /// In bytes.
    pub(super) used: u64,
}

/// What the server says no with (mailcow, `data/web/inc/functions.mailbox.inc.php`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is there already, under this name or as an alias.
    Exists,
    /// No room in the domain.
    Full(String),
    /// The key may not do this, or what is named is not there: the server says the same to both.
    Denied,
    /// The values.
    Wrong(String),
}

impl Refusal {
    fn of(code: &str) -> Self {
        match code {
            "object_exists" | "domain_exists" | "is_alias" | "is_alias_or_mailbox" => Self::Exists,
            "max_mailbox_exceeded" | "mailbox_quota_left_exceeded" | "mailbox_quota_exceeded" => {
                Self::Full(code.to_owned())
            }
            "access_denied" => Self::Denied,
            other => Self::Wrong(printable(other)),
        }
    }

    pub(super) fn error(self, what: &str) -> ProviderError {
        match self {
            Self::Exists => refused(format!("{what}: it is there already")),
            Self::Full(code) => ProviderError::NoCapacity { detail: format!("{what}: {code}") },
            Self::Denied => unavailable(format!("{what}: not allowed; check that its api_key may write"), None),
            Self::Wrong(code) => refused(format!("{what}: {code}")),
        }
    }
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: String,
    /// A code, or a list whose first entry is one. `log`, beside it, repeats passwords and is not read.
    #[serde(default)]
    msg: Value,
}

impl Said {
    fn code(&self) -> &str {
        self.msg.as_str().or_else(|| self.msg.get(0).and_then(Value::as_str)).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct MailboxLine {
    username: String,
    active: Value,
    quota: Value,
    #[serde(default)]
    quota_used: Value,
    #[serde(default)]
    tags: Vec<String>,
}

impl MailboxLine {
    /// `None` when a value is not one that is known.
    fn mailbox(self) -> Option<(String, Mailbox)> {
        let state = match number(&self.active)? {
            1 => RemoteState::Ready,
            // 2 is a mailbox that takes mail and lets nobody in.
            0 | 2 => RemoteState::Suspended,
            _ => return None,
        };
        let (quota_mebibytes, used) = (number(&self.quota)? >> 20, number(&self.quota_used).unwrap_or(0));
        Some((self.username, Mailbox { state, tags: self.tags, quota_mebibytes, used }))
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Caller {
    /// The mailbox; `None` when the server itself says that there is none, which is an empty object.
    pub(super) async fn mailbox(&self, address: &str) -> Result<Option<Mailbox>, ProviderError> {
        let found = self.read(&["get", "mailbox", address]).await?;
        if found == json!({}) {
            return Ok(None);
        }
        let line: MailboxLine = serde_json::from_value(found).map_err(|_| unreadable())?;
        let (name, mailbox) = line.mailbox().ok_or_else(unreadable)?;
        if name.eq_ignore_ascii_case(address) { Ok(Some(mailbox)) } else { Err(unreadable()) }
    }

    /// Every mailbox. One that is not understood makes the whole list worthless.
    pub(super) async fn mailboxes(&self) -> Result<Vec<(String, Mailbox)>, ProviderError> {
        let found = self.read(&["get", "mailbox", "all"]).await?;
        if found == json!({}) {
            return Ok(Vec::new());
        }
        let lines: Vec<MailboxLine> = serde_json::from_value(found).map_err(|_| unreadable())?;
        lines.into_iter().map(|line| line.mailbox().ok_or_else(unreadable)).collect()
    }

    /// The tags of a domain; `None` when it is not there.
    pub(super) async fn domain_tags(&self, domain: &str) -> Result<Option<Vec<String>>, ProviderError> {
        #[derive(Deserialize)]
        struct Domain {
            domain_name: String,
            #[serde(default)]
            tags: Vec<String>,
        }
        let found = self.read(&["get", "domain", domain]).await?;
        if found == json!({}) {
            return Ok(None);
        }
        let found: Domain = serde_json::from_value(found).map_err(|_| unreadable())?;
        if found.domain_name.eq_ignore_ascii_case(domain) { Ok(Some(found.tags)) } else { Err(unreadable()) }
    }

    /// A customer's own domain goes with its last mailbox. What keeps it is no matter: it holds nothing.
    pub(super) async fn drop_domain(&self, address: &str, customer: &str) {
        let Some((_, domain)) = address.split_once('@') else { return };
        match self.domain_tags(domain).await {
            Ok(Some(tags)) if tags.iter().any(|tag| tag == customer) => {}
            Ok(_) | Err(_) => return,
        }
        match self.write("delete/domain", &json!([domain]), Doubt::Harmless).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => tracing::info!(domain, why = ?why, "a customer's domain stays on the mail server"),
            Err(error) => tracing::warn!(domain, error = %error, "a customer's domain may stay on the mail server"),
        }
    }

    /// One change. The inner error is the server's own no: nothing happened.
    pub(super) async fn write(
        &self,
        path: &str,
        body: &Value,
        doubt: Doubt,
    ) -> Result<Result<(), Refusal>, ProviderError> {
        let request = self.request(Method::POST, &path.split('/').collect::<Vec<_>>())?;
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = self.line.send(request).await.map_err(|error| silence(&error, doubt))?;
        by_status(&answer, path, doubt)?;
        let entries: Vec<Said> = match serde_json::from_slice::<Value>(&answer.body) {
            Ok(Value::Array(entries)) if !entries.is_empty() => serde_json::from_value(Value::Array(entries)).ok(),
            Ok(one @ Value::Object(_)) => serde_json::from_value(one).ok().map(|one| vec![one]),
            Ok(_) | Err(_) => None,
        }
        .ok_or_else(|| doubtful(format!("{path}: the answer cannot be read"), doubt))?;
        match entries.iter().find(|entry| entry.kind != "success") {
            None => Ok(Ok(())),
            Some(no) if matches!(no.kind.as_str(), "danger" | "error" | "warning") && entries.len() == 1 => {
                Ok(Err(Refusal::of(no.code())))
            }
            // Part of it was done, or it says something that is not known.
            Some(_) => Err(doubtful(format!("{path}: not all of it succeeded"), doubt)),
        }
    }

    async fn read(&self, path: &[&str]) -> Result<Value, ProviderError> {
        let request = self.request(Method::GET, path)?;
        let answer = self.line.send(request).await.map_err(|error| silence(&error, Doubt::Harmless))?;
        by_status(&answer, "get", Doubt::Harmless)?;
        let value: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        // An error in the shape of an answer to a change.
        if value.get("type").is_some() { Err(unreadable()) } else { Ok(value) }
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, ProviderError> {
        let key = self.settings.key.as_ref().ok_or_else(|| unavailable("its api_key was not read", None))?;
        let mut header = HeaderValue::from_str(key.expose_secret().trim())
            .map_err(|_| unavailable("its api_key is no word of printable characters", None))?;
        header.set_sensitive(true);
        let mut url = self.settings.url.clone();
        let unusable = |()| unavailable("its url cannot be used", None);
        url.path_segments_mut().map_err(unusable)?.pop_if_empty().extend(["api", "v1"]).extend(path);
        let request = self.line.request(method, url).header("X-API-Key", header).header(ACCEPT, "application/json");
        Ok(request.timeout(TIMEOUT))
    }
}

fn by_status(answer: &HttpAnswer, what: &str, doubt: Doubt) -> Result<(), ProviderError> {
    let (status, retry_after) = (answer.status.as_u16(), answer.retry_after());
    let says = format!("{what}: the mail server answered {status}");
    Err(match status {
        200 => return Ok(()),
        300..=399 => unavailable(format!("{says}, a redirect; check that url is its final address"), None),
        401 | 403 => unavailable(format!("{says}; check its api_key, and the addresses that may use it"), None),
        429 => unavailable(says, retry_after),
        503 if retry_after.is_some() => unavailable(says, retry_after),
        _ => doubtful(says, doubt),
    })
}

fn unreadable() -> ProviderError {
    unavailable("the mail server's answer cannot be read: it may be of another version", None)
}
