//! One call of the cluster's API, and what its errors mean: prose, mostly, and only some of it is certain.

use std::time::Duration;

use outgoing::http::HttpAnswer;
use provisioning::ProviderError;
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::ProxmoxSettings;
use crate::{
    Line,
    answer::{Doubt, doubtful, printable, refused, silence, unavailable},
    wire::form,
};

/// Whatever takes longer is a task there, and is asked about.
const TIMEOUT: Duration = Duration::from_secs(45);
/// When to come back to what is locked by another task.
const LOCKED: Duration = Duration::from_secs(10);

/// The cluster, with our token.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) line: Line,
    pub(super) settings: ProxmoxSettings,
}

/// What the cluster says no with.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such machine.
    Missing(String),
    /// The number is taken.
    Taken,
    /// Everything else, as the error that it is.
    Error(ProviderError),
}

impl From<Refusal> for ProviderError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing(detail) => Self::Gone { detail },
            Refusal::Taken => unavailable("the machine's number was taken at this moment", None),
            Refusal::Error(error) => error,
        }
    }
}

impl Cluster {
    /// Reads; `data` of the answer.
    pub(super) async fn get(&self, path: &[&str]) -> Result<Value, Refusal> {
        self.call((Method::GET, path, &[]), Doubt::Harmless).await
    }

    /// Changes something; `data` of the answer, the name of a task where it takes a while.
    pub(super) async fn write(&self, method: Method, path: &[&str], fields: &[(&str, &str)]) -> Result<Value, Refusal> {
        self.call((method, path, fields), Doubt::MayHaveHappened).await
    }

    async fn call(
        &self,
        (method, path, fields): (Method, &[&str], &[(&str, &str)]),
        doubt: Doubt,
    ) -> Result<Value, Refusal> {
        let (header, mut url) = (self.header().map_err(Refusal::Error)?, self.settings.url.clone());
        let unusable = |()| Refusal::Error(unavailable("its url cannot be used", None));
        url.path_segments_mut().map_err(unusable)?.pop_if_empty().extend(["api2", "json"]).extend(path);
        let body = form(fields);
        let in_query = matches!(method, Method::GET | Method::DELETE);
        if in_query && !fields.is_empty() {
            url.set_query(Some(&body));
        }
        let mut request = self.line.request(method, url).header(AUTHORIZATION, header).timeout(TIMEOUT);
        if !in_query {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        let sent = self.line.send(request).await.map_err(|error| Refusal::Error(silence(&error, doubt)))?;
        sort(&sent, path.last().copied().unwrap_or_default(), doubt)
    }

    fn header(&self) -> Result<HeaderValue, ProviderError> {
        let secret = self.settings.secret.as_ref().ok_or_else(|| unavailable("its secret was not read", None))?;
        let text = format!("PVEAPIToken={}={}", self.settings.token_id, secret.expose_secret().trim());
        let mut header = HeaderValue::from_str(&text).map_err(|_| unavailable("its secret cannot be sent", None))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

fn sort(answer: &HttpAnswer, what: &str, doubt: Doubt) -> Result<Value, Refusal> {
    let (status, retry_after) = (answer.status.as_u16(), answer.retry_after());
    let body = serde_json::from_slice::<Value>(&answer.body).ok();
    let said = body.as_ref().and_then(message).unwrap_or_default();
    let says = if said.is_empty() {
        format!("{what}: the cluster answered {status}")
    } else {
        format!("{what}: the cluster answered {status}: {said}")
    };
    Err(Refusal::Error(match status {
        200 => match body {
            Some(Value::Object(mut table)) if table.contains_key("data") => {
                return Ok(table.remove("data").unwrap_or_default());
            }
            Some(_) | None => doubtful(format!("{what}: the answer cannot be read"), doubt),
        },
        300..=399 => unavailable(format!("{says}, a redirect; check that url is its final address"), None),
        401 => unavailable(format!("{says}; check its token_id and secret"), None),
        403 => unavailable(format!("{says}; check what the token may do: privileges are separated by default"), None),
        429 => unavailable(says, retry_after),
        503 if retry_after.is_some() => unavailable(says, retry_after),
        // Parameters: nothing was done.
        400 => refused(says),
        500..=599 => return Err(by_words(&said, says, doubt)),
        _ => doubtful(says, doubt),
    }))
}

/// What a `die` of the cluster's own code said, as far as its words are known (qemu-server, pve-common).
fn by_words(said: &str, says: String, doubt: Doubt) -> Refusal {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["config file already exists", "already exists"]) {
        return Refusal::Taken;
    }
    if said.starts_with("Configuration file") && has(&["does not exist"]) {
        return Refusal::Missing(says);
    }
    Refusal::Error(if has(&["got timeout", "is locked"]) {
        // It waited for a lock and did nothing.
        unavailable(says, Some(LOCKED))
    } else if has(&["free space", "no space left", "out of space"]) {
        ProviderError::NoCapacity { detail: says }
    } else if has(&["shrinking disks"]) {
        refused(says)
    } else {
        doubtful(says, doubt)
    })
}

/// The message beside the data; older versions say it in the reason phrase only.
fn message(body: &Value) -> Option<String> {
    if let Some(text) = body.get("message").and_then(Value::as_str) {
        return Some(printable(text.trim()));
    }
    let errors = body.get("errors")?.as_object()?;
    let line = |(field, said): (&String, &Value)| format!("{field}: {}", said.as_str().unwrap_or_default());
    Some(printable(&errors.iter().map(line).collect::<Vec<_>>().join("; ")))
}
