//! Accounts on a DirectAdmin server, through its `CMD_API_…` commands.
//!
//! Answers are query strings with HTML entities in them; whoever is not let in gets the page for signing in, with 200. The
//! form that suspends is a switch, so that whoever presses it looks before and after.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use outgoing::http::HttpAnswer;
use provisioning::{Ability, DomainName, ProviderError, SettingsProblem};
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{
    Limits, Line,
    accounts::{Account, AccountPanel, AccountProvider, Added, NewAccount},
    answer::{Doubt, doubtful, printable, refused, silence, unavailable},
    file::{Entry, Instance, Type},
    settings::Reader,
    wire::{fields, form},
};

/// Reads are quick.
const READ: Duration = Duration::from_secs(30);
/// An account is made while the request waits.
const WRITE: Duration = Duration::from_mins(2);

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "directadmin", limits: Limits { per_minute: 120, at_once: 2 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let is_user = |text: &str| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let user = entry.needs("user", is_user, "expected the user name that the login key belongs to, such as admin");
    let key = entry.secret(("login_key_env", "login_key_file"), 8);
    let base = entry.domain("subdomain_base");
    let settings = DirectAdminSettings { url: url?, user: user?, login_key: key?, subdomain_base: base? };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| provider(line, settings.clone())))
}

/// Where the server is.
#[derive(Debug, Clone)]
pub struct DirectAdminSettings {
    /// Its address, with its port: `https://host:2222`.
    pub url: Url,
    /// Whose login key it is.
    pub user: String,
    /// The login key. Without it settings can be checked, and every call is unavailable.
    pub login_key: Option<SecretString>,
    /// The domain beneath which free subdomains are given.
    pub subdomain_base: DomainName,
}

/// The provider on this server.
pub const fn provider(line: Line, settings: DirectAdminSettings) -> AccountProvider<DirectAdmin> {
    AccountProvider::on(DirectAdmin { line, settings })
}

/// A server.
#[derive(Debug)]
pub struct DirectAdmin {
    line: Line,
    settings: DirectAdminSettings,
}

/// An answer in the server's own shape.
#[derive(Debug)]
struct Said(Vec<(String, String)>);

impl Said {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Its complaint, if it has one; text and details together, without the page's entities.
    fn complaint(&self) -> Option<String> {
        let error = self.get("error").is_some_and(|error| error != "0");
        let words = [self.get("text"), self.get("details")].into_iter().flatten().collect::<Vec<_>>().join(": ");
        error.then(|| printable(&words.replace("&#39;", "'").replace("&#39", "'").replace("<br>", " ")))
    }
}

impl DirectAdmin {
    /// One command, as ourselves or in the name of a user of ours.
    async fn call(
        &self,
        command: &str,
        pairs: &[(&str, &str)],
        (acting, doubt, timeout): (Option<&str>, Doubt, Duration),
    ) -> Result<Said, ProviderError> {
        let key = self.settings.login_key.as_ref().ok_or_else(|| unavailable("its login_key was not read", None))?;
        let user = acting.map_or_else(|| self.settings.user.clone(), |user| format!("{}|{user}", self.settings.user));
        let basic = BASE64_STANDARD.encode(format!("{user}:{}", key.expose_secret().trim()));
        let mut header = HeaderValue::from_str(&format!("Basic {basic}"))
            .map_err(|_| unavailable("its login_key cannot be sent", None))?;
        header.set_sensitive(true);
        let mut url = self.settings.url.clone();
        let unusable = |()| unavailable("its url cannot be used", None);
        url.path_segments_mut().map_err(unusable)?.pop_if_empty().push(command);
        let request = self.line.request(Method::POST, url).header(AUTHORIZATION, header).timeout(timeout);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(pairs));
        let answer = self.line.send(request).await.map_err(|error| silence(&error, doubt))?;
        sort(&answer, command, doubt)
    }

    /// A change that is not the making of an account.
    async fn change(&self, command: &str, pairs: &[(&str, &str)]) -> Result<(), ProviderError> {
        let said = self.call(command, pairs, (None, Doubt::MayHaveHappened, WRITE)).await?;
        match said.complaint() {
            None => Ok(()),
            Some(why) if is_absence(&why) => Err(ProviderError::Gone { detail: why }),
            Some(why) => Err(refused(format!("{command}: {why}"))),
        }
    }
}

fn sort(answer: &HttpAnswer, command: &str, doubt: Doubt) -> Result<Said, ProviderError> {
    let (status, retry_after) = (answer.status.as_u16(), answer.retry_after());
    let says = format!("{command}: the server answered {status}");
    let denied = "check its user and login_key, the commands and the addresses that the key allows";
    match status {
        200 => {}
        300..=399 => return Err(unavailable(format!("{says}, a redirect; check that url is its final address"), None)),
        401 | 403 => return Err(unavailable(format!("{says}; {denied}"), None)),
        429 => return Err(unavailable(says, retry_after)),
        503 if retry_after.is_some() => return Err(unavailable(says, retry_after)),
        _ => return Err(doubtful(says, doubt)),
    }
    let page = answer.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    if page {
        return Err(unavailable(format!("{says} with a page, as to whoever is not let in; {denied}"), None));
    }
    let said = Said(fields(&answer.body));
    let known = said.get("error").is_some_and(|error| error == "0" || error == "1") || said.get("username").is_some();
    if known { Ok(said) } else { Err(doubtful(format!("{says} in a shape that is not known"), doubt)) }
}

/// The server has no code for it: these are its words.
fn is_absence(words: &str) -> bool {
    let words = words.to_lowercase();
    ["does not exist", "no such user", "cannot find user", "unknown user"].iter().any(|known| words.contains(known))
}

fn product(settings: &Value) -> Result<(String, String), Vec<SettingsProblem>> {
    let mut reader = Reader::new(settings);
    let (_, _) = (reader.required("package"), reader.required("ip"));
    let is_name = |text: &str| !text.is_empty() && text.len() <= 64 && !text.chars().any(char::is_whitespace);
    let package = reader.text("package", is_name, "expected the name of a package of the server's");
    let is_ip = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    let ip = reader.text("ip", is_ip, "expected one of the reseller's IP addresses");
    reader.finish((package.unwrap_or_default(), ip.unwrap_or_default()))
}

impl AccountPanel for DirectAdmin {
    const SETTLE: Duration = Duration::from_mins(3);
    const FLAVOUR: &'static str = "DirectAdmin";
    /// What an account uses is another command, which our contract with the server does not have.
    const DOES: &'static [Ability] =
        &[Ability::Suspend, Ability::Resume, Ability::Terminate, Ability::Change, Ability::Console];

    fn subdomain_base(&self) -> &DomainName {
        &self.settings.subdomain_base
    }

    fn url(&self) -> &Url {
        &self.settings.url
    }

    fn problems(settings: &Value) -> Vec<SettingsProblem> {
        product(settings).err().unwrap_or_default()
    }

    async fn greet(&self) -> Result<Vec<String>, ProviderError> {
        let user = self.settings.user.as_str();
        let said = self.call("CMD_API_SHOW_USER_CONFIG", &[("user", user)], (None, Doubt::Harmless, READ)).await?;
        match said.complaint() {
            None => Ok(vec!["there is no list of the shop's accounts: orphans are not looked for here".to_owned()]),
            Some(why) => Err(unavailable(format!("CMD_API_SHOW_USER_CONFIG: {why}"), None)),
        }
    }

    async fn account(&self, login: &str) -> Result<Option<Account>, ProviderError> {
        let said = self.call("CMD_API_SHOW_USER_CONFIG", &[("user", login)], (None, Doubt::Harmless, READ)).await?;
        match said.complaint() {
            Some(why) if is_absence(&why) => return Ok(None),
            Some(why) => return Err(unavailable(format!("CMD_API_SHOW_USER_CONFIG: {why}"), None)),
            None => {}
        }
        let unreadable = || unavailable("CMD_API_SHOW_USER_CONFIG: the account cannot be read", None);
        let text = |key: &str| said.get(key).map(str::to_owned).ok_or_else(unreadable);
        let suspended = match said.get("suspended") {
            Some("yes") => true,
            Some("no") => false,
            Some(_) | None => return Err(unreadable()),
        };
        if said.get("username") != Some(login) {
            return Err(unreadable());
        }
        let (email, domain, package) = (text("email")?, text("domain")?, text("package")?);
        Ok(Some(Account { email, domain, package, suspended, disk_bytes: 0 }))
    }

    async fn add(&self, new: &NewAccount<'_>) -> Result<Added, ProviderError> {
        let (package, ip) = product(new.settings).unwrap_or_default();
        let password = new.password.expose_secret();
        let pairs = [
            ("action", "create"),
            ("add", "Submit"),
            ("username", new.login),
            ("email", new.email),
            ("passwd", password),
            ("passwd2", password),
            ("domain", new.domain),
            ("package", package.as_str()),
            ("ip", ip.as_str()),
            ("notify", "no"),
        ];
        let said = self.call("CMD_API_ACCOUNT_USER", &pairs, (None, Doubt::MayHaveHappened, WRITE)).await?;
        Ok(match said.complaint() {
            None => Added::Made,
            // Never taken for success: the domain may be a stranger's.
            Some(why) => Added::No { domain: why.to_lowercase().contains("domain already exists"), why },
        })
    }

    async fn set_suspended(&self, login: &str, suspended: bool, _why: &str) -> Result<(), ProviderError> {
        let word = if suspended { "Suspend" } else { "Unsuspend" };
        let pairs = [("location", "CMD_SELECT_USERS"), ("suspend", word), ("select0", login)];
        self.change("CMD_API_SELECT_USERS", &pairs).await?;
        match self.account(login).await {
            Ok(Some(found)) if found.suspended == suspended => Ok(()),
            Ok(_) | Err(_) => {
                Err(ProviderError::Unknown { detail: "the switch is not seen to have turned".to_owned() })
            }
        }
    }

    async fn remove(&self, login: &str) -> Result<(), ProviderError> {
        let pairs = [("confirmed", "Confirm"), ("delete", "yes"), ("select0", login)];
        self.change("CMD_API_SELECT_USERS", &pairs).await
    }

    async fn set_package(&self, login: &str, package: &str) -> Result<(), ProviderError> {
        let pairs = [("action", "package"), ("user", login), ("package", package)];
        self.change("CMD_API_MODIFY_USER", &pairs).await
    }

    async fn sign_in(&self, login: &str) -> Result<String, ProviderError> {
        let pairs = [("action", "create"), ("type", "one_time_url"), ("expiry", "5m")];
        let said = self.call("CMD_API_LOGIN_KEYS", &pairs, (Some(login), Doubt::Harmless, READ)).await?;
        if let Some(why) = said.complaint() {
            return Err(refused(format!("CMD_API_LOGIN_KEYS: {why}")));
        }
        // The address is a key: it stands in no error.
        let whole = |text: &&str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let url = said.get("details").filter(whole).map(str::to_owned);
        url.ok_or_else(|| unavailable("CMD_API_LOGIN_KEYS: the address cannot be read", None))
    }
}
