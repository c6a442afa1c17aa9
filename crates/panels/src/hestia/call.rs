//! One command of the panel's, and what its exit code means.

use std::{collections::BTreeMap, time::Duration};

use outgoing::http::HttpAnswer;
use provisioning::{ProviderError, RemoteState};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderName},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::HestiaSettings;
pub(super) use crate::answer::Doubt;
use crate::{
    Line,
    answer::{doubtful, refused, silence, unavailable},
};

/// Reads are quick; a user is made in several steps, and a server that is busy takes its time.
const READ: Duration = Duration::from_secs(20);
const WRITE: Duration = Duration::from_mins(2);

/// The panel, with our key.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) line: Line,
    pub(super) settings: HestiaSettings,
}

/// What a command's exit code says (HestiaCP, `func/main.sh`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done,
    /// 1 and 2: the arguments.
    Wrong,
    NotExist,
    Exists,
    Suspended,
    Unsuspended,
    /// 7.
    InUse,
    /// 8, 13, 14: the package's limit, the disk, the load.
    Full,
    Password,
    Forbidden,
    /// Whatever else, 15 to 20 among them: something may have been done before it failed.
    Other,
}

impl Exit {
    const fn of(code: i32) -> Self {
        match code {
            0 => Self::Done,
            1 | 2 => Self::Wrong,
            3 => Self::NotExist,
            4 => Self::Exists,
            5 => Self::Suspended,
            6 => Self::Unsuspended,
            7 => Self::InUse,
            8 | 13 | 14 => Self::Full,
            9 => Self::Password,
            10 => Self::Forbidden,
            _ => Self::Other,
        }
    }

    /// Itself, where it is one of these.
    pub(super) fn among(self, known: &[Self], command: &str, doubt: Doubt) -> Result<Self, ProviderError> {
        if known.contains(&self) { Ok(self) } else { Err(self.error(command, doubt)) }
    }

    /// The error that it is where it is not what was hoped for.
    fn error(self, command: &str, doubt: Doubt) -> ProviderError {
        let says = |what: &str| format!("{command}: {what}");
        match self {
            Self::Wrong => refused(says("the panel does not take these values")),
            Self::NotExist => refused(says("the panel does not know what is named, such as the package")),
            Self::Exists => refused(says("it exists already")),
            Self::InUse => refused(says("it is in use")),
            Self::Full => ProviderError::NoCapacity { detail: says("the panel has no room, or the package no more") },
            Self::Password | Self::Forbidden => {
                let what = "not allowed; check its access_key, secret and the key's commands and addresses";
                unavailable(says(what), None)
            }
            Self::Done | Self::Suspended | Self::Unsuspended | Self::Other => {
                doubtful(says("the panel ended it with a code that says nothing certain"), doubt)
            }
        }
    }
}

/// A user of the panel's.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) contact: String,
    pub(super) package: String,
    pub(super) websites: u32,
    pub(super) disk_mebibytes: u64,
    suspended: bool,
    /// Filled by whoever asked for them.
    pub(super) domains: Vec<String>,
}

impl User {
    pub(super) const fn state(&self) -> RemoteState {
        if self.suspended { RemoteState::Suspended } else { RemoteState::Ready }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct UserLine {
    name: String,
    contact: String,
    package: String,
    suspended: String,
    u_web_domains: String,
    u_disk: String,
}

impl UserLine {
    /// `None` when a word is not one that is known.
    fn user(self) -> Option<User> {
        let suspended = match self.suspended.as_str() {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(User {
            name: self.name,
            contact: self.contact,
            package: self.package,
            websites: self.u_web_domains.parse().ok()?,
            disk_mebibytes: self.u_disk.parse().unwrap_or(0),
            suspended,
            domains: Vec::new(),
        })
    }
}

impl Caller {
    /// One command that changes something.
    pub(super) async fn run(&self, command: &str, args: &[&str], doubt: Doubt) -> Result<Exit, ProviderError> {
        let answer = self.send(command, args, (doubt, WRITE)).await?;
        Ok(Exit::of(code(&answer, command, doubt)?))
    }

    /// Puts a password into a file of the panel's, whose path stands for it: an argument could be seen by everybody on that
    /// machine.
    pub(super) async fn hand_over(&self, login: &str, password: &SecretString) -> Result<String, ProviderError> {
        let args = [password.expose_secret(), login];
        let exit = self.run("v-make-tmp-file", &args, Doubt::Harmless).await?;
        exit.among(&[Exit::Done], "v-make-tmp-file", Doubt::Harmless)?;
        Ok(format!("/tmp/{login}"))
    }

    /// The user; `None` when the panel itself says that there is none.
    pub(super) async fn user(&self, login: &str) -> Result<Option<User>, ProviderError> {
        let Some(body) = self.read("v-list-user", &[login, "json"]).await? else { return Ok(None) };
        let mut all: BTreeMap<String, UserLine> = serde_json::from_slice(&body).map_err(|_| unreadable())?;
        all.remove(login).and_then(UserLine::user).map(Some).ok_or_else(unreadable)
    }

    /// Every user. One that is not understood makes the whole list worthless.
    pub(super) async fn users(&self) -> Result<Vec<(String, User)>, ProviderError> {
        let body = self.read("v-list-users", &["json"]).await?.ok_or_else(unreadable)?;
        let all: BTreeMap<String, UserLine> = serde_json::from_slice(&body).map_err(|_| unreadable())?;
        all.into_iter().map(|(login, line)| line.user().map(|user| (login, user)).ok_or_else(unreadable)).collect()
    }

    /// The user's websites.
    pub(super) async fn domains(&self, login: &str) -> Result<Vec<String>, ProviderError> {
        let body = self.read("v-list-web-domains", &[login, "json"]).await?;
        let Some(body) = body.filter(|body| !body.is_empty()) else { return Ok(Vec::new()) };
        let all: Map<String, Value> = serde_json::from_slice(&body).map_err(|_| unreadable())?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    async fn read(&self, command: &str, args: &[&str]) -> Result<Option<Vec<u8>>, ProviderError> {
        let answer = self.send(command, args, (Doubt::Harmless, READ)).await?;
        let exit = Exit::of(code(&answer, command, Doubt::Harmless)?);
        let exit = exit.among(&[Exit::Done, Exit::NotExist], command, Doubt::Harmless);
        // A read decides nothing for an order.
        let exit = exit.map_err(|error| unavailable(error.to_string(), None))?;
        Ok((exit == Exit::Done).then_some(answer.body))
    }

    async fn send(
        &self,
        command: &str,
        args: &[&str],
        (doubt, timeout): (Doubt, Duration),
    ) -> Result<HttpAnswer, ProviderError> {
        let secret = self.settings.secret.as_ref().ok_or_else(|| unavailable("its secret was not read", None))?;
        let mut fields = Map::new();
        fields.insert("access_key".to_owned(), Value::from(self.settings.access_key.as_str()));
        fields.insert("secret_key".to_owned(), Value::from(secret.expose_secret()));
        fields.insert("cmd".to_owned(), Value::from(command));
        fields.extend((1..).zip(args).map(|(number, arg)| (format!("arg{number}"), Value::from(*arg))));
        let mut url = self.settings.url.clone();
        let unusable = |()| unavailable("its url cannot be used", None);
        url.path_segments_mut().map_err(unusable)?.pop_if_empty().extend(["api", ""]);
        let request = self.line.request(Method::POST, url).header(CONTENT_TYPE, "application/json").timeout(timeout);
        self.line.send(request.body(Value::Object(fields).to_string())).await.map_err(|error| silence(&error, doubt))
    }
}

/// The exit code. Without it the answer is not the panel's own, whatever its status.
fn code(answer: &HttpAnswer, command: &str, doubt: Doubt) -> Result<i32, ProviderError> {
    let header = answer.header(&HeaderName::from_static("hestia-exit-code"));
    if let Some(code) = header.and_then(|text| text.trim().parse().ok()) {
        return Ok(code);
    }
    let (status, retry_after) = (answer.status.as_u16(), answer.retry_after());
    let says = format!("{command}: it answered {status} without an exit code");
    Err(match status {
        300..=399 => unavailable(format!("{says}, a redirect; check that url is its final address"), None),
        401 | 403 => unavailable(format!("{says}; check that its API is on and takes this machine's address"), None),
        429 => unavailable(says, retry_after),
        503 if retry_after.is_some() => unavailable(says, retry_after),
        _ => doubtful(says, doubt),
    })
}

fn unreadable() -> ProviderError {
    unavailable("the panel's list cannot be read: it may be of another version", None)
}
