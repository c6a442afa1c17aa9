//! Accounts on a cPanel server, through WHM's API 1.
//!
//! The server answers 200 to success and failure alike, and a failure's reason is English prose. So a success is one that
//! says `result: 1`, a failure of a creation is looked at, and everything else after a change is in doubt.

use std::time::Duration;

use outgoing::http::HttpAnswer;
use provisioning::{DomainName, ProviderError, SettingsProblem};
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{
    Limits, Line,
    accounts::{Account, AccountPanel, AccountProvider, Added, NewAccount},
    answer::{Doubt, at, doubtful, printable, refused, silence, unavailable},
    file::{Entry, Instance, Type},
    settings::package,
    wire::form,
};

/// Reads are quick.
const READ: Duration = Duration::from_secs(30);
/// An account is made in a minute and a half on a busy server.
const WRITE: Duration = Duration::from_mins(3);

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "whm", limits: Limits { per_minute: 120, at_once: 2 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let is_user = |text: &str| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let user = entry.needs("user", is_user, "expected the reseller's or root's user name, to whom the token belongs");
    let token = entry.secret(("token_env", "token_file"), 16);
    let base = entry.domain("subdomain_base");
    let settings = WhmSettings { url: url?, user: user?, token: token?, subdomain_base: base? };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| provider(line, settings.clone())))
}

/// Where the server is.
#[derive(Debug, Clone)]
pub struct WhmSettings {
    /// Its address, with its port: `https://host:2087`.
    pub url: Url,
    /// Whose token it is.
    pub user: String,
    /// The API token. Without it settings can be checked, and every call is unavailable.
    pub token: Option<SecretString>,
    /// The domain beneath which free subdomains are given.
    pub subdomain_base: DomainName,
}

/// The provider on this server.
pub const fn provider(line: Line, settings: WhmSettings) -> AccountProvider<Whm> {
    AccountProvider::on(Whm { line, settings })
}

/// A server.
#[derive(Debug)]
pub struct Whm {
    line: Line,
    settings: WhmSettings,
}

/// The answer to a function of API 1.
enum Said {
    /// `result: 1`, with its data.
    Yes(Value),
    /// `result: 0`, with its reason.
    No(String),
}

impl Whm {
    async fn call(
        &self,
        function: &str,
        fields: &[(&str, &str)],
        how: (Doubt, Duration),
    ) -> Result<Said, ProviderError> {
        let (doubt, timeout) = how;
        let token = self.settings.token.as_ref().ok_or_else(|| unavailable("its token was not read", None))?;
        let text = format!("whm {}:{}", self.settings.user, token.expose_secret().trim());
        let mut header = HeaderValue::from_str(&text)
            .map_err(|_| unavailable("its token is no word of printable characters", None))?;
        header.set_sensitive(true);
        let mut url = self.settings.url.clone();
        let unusable = |()| unavailable("its url cannot be used", None);
        url.path_segments_mut().map_err(unusable)?.pop_if_empty().extend(["json-api", function]);
        // Without its version the answer comes in the shape of API 0.
        let body = form(&[&[("api.version", "1")], fields].concat());
        let request = self.line.request(Method::POST, url).header(AUTHORIZATION, header);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").timeout(timeout).body(body);
        let answer = self.line.send(request).await.map_err(|error| silence(&error, doubt))?;
        sort(&answer, function, doubt)
    }

    /// A change that is not the making of an account.
    async fn change(&self, function: &str, fields: &[(&str, &str)]) -> Result<(), ProviderError> {
        match self.call(function, fields, (Doubt::MayHaveHappened, WRITE)).await? {
            Said::Yes(_) => Ok(()),
            Said::No(why) if is_absence(&why) => Err(ProviderError::Gone { detail: printable(&why) }),
            Said::No(why) => Err(refused(format!("{function}: {}", printable(&why)))),
        }
    }
}

fn sort(answer: &HttpAnswer, function: &str, doubt: Doubt) -> Result<Said, ProviderError> {
    let (status, retry_after) = (answer.status.as_u16(), answer.retry_after());
    let says = format!("{function}: the server answered {status}");
    let denied = || unavailable(format!("{says}; check its user, its token and what that may do"), None);
    match status {
        200 => {}
        300..=399 => return Err(unavailable(format!("{says}, a redirect; check that url is its final address"), None)),
        401 | 403 => return Err(denied()),
        429 => return Err(unavailable(says, retry_after)),
        503 if retry_after.is_some() => return Err(unavailable(says, retry_after)),
        _ => return Err(doubtful(says, doubt)),
    }
    let body: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| doubtful(format!("{says} with what cannot be read"), doubt))?;
    // Refused credentials come in a shape of their own.
    if body.get("cpanelresult").is_some_and(|result| result.get("error").is_some()) {
        return Err(denied());
    }
    let metadata = at(&body, "metadata");
    let ours = at(metadata, "command").as_str().is_none_or(|command| command == function);
    match (at(metadata, "result").as_u64(), at(metadata, "reason").as_str()) {
        (Some(1), _) if ours => Ok(Said::Yes(at(&body, "data").clone())),
        (Some(0), Some(reason)) if ours => Ok(Said::No(reason.to_owned())),
        _ => Err(doubtful(format!("{says} in a shape that is not known"), doubt)),
    }
}

/// WHM has no code for it: these are its words.
fn is_absence(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["does not exist", "no such user", "not exist on the server"].iter().any(|words| reason.contains(words))
}

/// Its words for a domain that somebody has.
fn is_about_the_domain(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    reason.contains("domain") && ["already", "exists", "pointed"].iter().any(|words| reason.contains(words))
}

/// `12M`, `1G`, `unlimited`.
fn bytes(text: &str) -> u64 {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let shift = match text.trim_start_matches(|c: char| c.is_ascii_digit()).chars().next() {
        Some('K' | 'k') => 10,
        Some('M' | 'm') => 20,
        Some('G' | 'g') => 30,
        Some(_) | None => 0,
    };
    digits.parse::<u64>().unwrap_or(0).checked_shl(shift).unwrap_or(0)
}

impl AccountPanel for Whm {
    /// FOSSBilling had to wait 90 s for a new account; twice as long, and as long again for what waits in a queue there.
    const SETTLE: Duration = Duration::from_mins(5);
    const FLAVOUR: &'static str = "cPanel & WHM";

    fn subdomain_base(&self) -> &DomainName {
        &self.settings.subdomain_base
    }

    fn url(&self) -> &Url {
        &self.settings.url
    }

    fn problems(settings: &Value) -> Vec<SettingsProblem> {
        package(settings).err().unwrap_or_default()
    }

    /// A reseller's packages have the reseller's name before them.
    fn is_package(found: &str, wanted: &str) -> bool {
        found == wanted || found.strip_suffix(wanted).is_some_and(|before| before.ends_with('_'))
    }

    async fn greet(&self) -> Result<Vec<String>, ProviderError> {
        match self.call("listpkgs", &[], (Doubt::Harmless, READ)).await? {
            Said::Yes(data) => {
                let packages = at(&data, "pkg").as_array().map_or(0, Vec::len);
                Ok(vec![
                    format!("the token sees {packages} packages"),
                    "accounts of other resellers are not seen: a name that looks free may be taken".to_owned(),
                    "there is no list of the shop's accounts: orphans are not looked for here".to_owned(),
                ])
            }
            Said::No(why) => Err(unavailable(format!("listpkgs: {}", printable(&why)), None)),
        }
    }

    async fn account(&self, login: &str) -> Result<Option<Account>, ProviderError> {
        let data = match self.call("accountsummary", &[("user", login)], (Doubt::Harmless, READ)).await? {
            Said::Yes(data) => data,
            Said::No(why) if is_absence(&why) => return Ok(None),
            Said::No(why) => return Err(unavailable(format!("accountsummary: {}", printable(&why)), None)),
        };
        let unreadable = || unavailable("accountsummary: the account cannot be read", None);
        let found = at(&data, "acct").get(0).filter(|found| at(found, "user") == login).ok_or_else(unreadable)?;
        let text = |key: &str| at(found, key).as_str().map(str::to_owned).ok_or_else(unreadable);
        let flag = at(found, "suspended");
        let number = flag.as_u64().or_else(|| flag.as_bool().map(u64::from)).or_else(|| flag.as_str()?.parse().ok());
        let suspended = match number {
            Some(0) => false,
            Some(1) => true,
            Some(_) | None => return Err(unreadable()),
        };
        let disk_bytes = at(found, "diskused").as_str().map_or(0, bytes);
        let (email, domain, package) = (text("email")?, text("domain")?, text("plan")?);
        Ok(Some(Account { email, domain, package, suspended, disk_bytes }))
    }

    async fn add(&self, new: &NewAccount<'_>) -> Result<Added, ProviderError> {
        let package = Self::package(new.settings);
        let fields = [
            ("username", new.login),
            ("domain", new.domain),
            ("plan", package.as_str()),
            ("password", new.password.expose_secret()),
            ("contactemail", new.email),
        ];
        Ok(match self.call("createacct", &fields, (Doubt::MayHaveHappened, WRITE)).await? {
            Said::Yes(_) => Added::Made,
            Said::No(why) => Added::No { domain: is_about_the_domain(&why), why },
        })
    }

    async fn set_suspended(&self, login: &str, suspended: bool, why: &str) -> Result<(), ProviderError> {
        if suspended {
            self.change("suspendacct", &[("user", login), ("reason", why)]).await
        } else {
            self.change("unsuspendacct", &[("user", login)]).await
        }
    }

    async fn remove(&self, login: &str) -> Result<(), ProviderError> {
        self.change("removeacct", &[("username", login)]).await
    }

    async fn set_package(&self, login: &str, package: &str) -> Result<(), ProviderError> {
        self.change("changepackage", &[("user", login), ("pkg", package)]).await
    }

    async fn sign_in(&self, login: &str) -> Result<String, ProviderError> {
        let fields = [("user", login), ("service", "cpaneld")];
        let url = match self.call("create_user_session", &fields, (Doubt::Harmless, READ)).await? {
            Said::Yes(data) => at(&data, "url").as_str().map(str::to_owned),
            Said::No(why) => return Err(refused(format!("create_user_session: {}", printable(&why)))),
        };
        // The address is a key: it stands in no error.
        let whole = |text: &String| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        url.filter(whole).ok_or_else(|| unavailable("create_user_session: the address cannot be read", None))
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn disk_is_read_with_its_unit() {
        let cases = [("12M", 12 << 20), ("1G", 1 << 30), ("7", 7), ("unlimited", 0), ("", 0), ("3K", 3072)];
        for (text, wanted) in cases {
            assert_eq!(bytes(text), wanted, "{text}");
        }
    }
}
