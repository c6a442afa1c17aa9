//! DirectAdmin's commands: forms in, query strings out, and a page for whoever is not let in.

use super::Standin;
use crate::http::{Answer, Call, form};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The user whose login key the sandbox takes.
const USER: &str = "admin";
/// The login key.
const KEY: &str = "SandboxDirectAdminLoginKey";
/// The reseller's addresses.
const IPS: [&str; 1] = ["192.0.2.10"];
/// Packages that there are.
const PACKAGES: [&str; 3] = ["default", "small", "large"];

#[derive(Debug, Clone)]
struct Account {
    domain: String,
    email: String,
    package: String,
    suspended: bool,
}

/// The server.
#[derive(Debug, Default)]
pub(super) struct DirectAdmin {
    accounts: BTreeMap<String, Account>,
    keys: u32,
}

type Fields = BTreeMap<String, String>;
/// What is told of a success, or text and details of a failure.
type Result = std::result::Result<Vec<(&'static str, String)>, (&'static str, String)>;

impl Standin for DirectAdmin {
    fn name(&self) -> &'static str {
        "directadmin"
    }

    fn answer(&mut self, call: &Call, _: DateTime<Utc>) -> Answer {
        let Some(acting) = signed_in(call) else { return sign_in_page() };
        let fields: Fields = form(&call.body).unwrap_or_default().into_iter().collect();
        let get = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
        let result = match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/CMD_API_ACCOUNT_USER") => self.create(&get),
            ("POST", "/CMD_API_SELECT_USERS") => self.select(&get),
            ("POST", "/CMD_API_MODIFY_USER") => self.modify(&get),
            ("POST" | "GET", "/CMD_API_SHOW_USER_CONFIG") => self.show(get("user")),
            ("POST", "/CMD_API_LOGIN_KEYS") => self.login_key(&acting, &get),
            // A command that the key does not allow.
            _ => return sign_in_page(),
        };
        let pairs = match result {
            Ok(pairs) => pairs,
            Err((text, details)) => vec![("error", "1".to_owned()), ("text", text.to_owned()), ("details", details)],
        };
        Answer::text(200, "text/plain", encoded(&pairs))
    }

    fn failure(&self, _: &Call, status: u16) -> Answer {
        Answer::text(status, "text/plain", "error=1&text=The sandbox was told to fail&details=".to_owned())
    }

    fn truth(&self) -> Value {
        let thing = |(user, found): (&String, &Account)| {
            json!({
                "user": user, "domain": found.domain, "email": found.email, "package": found.package,
                "suspended": found.suspended,
            })
        };
        json!({ "things": self.accounts.iter().map(thing).collect::<Vec<_>>() })
    }

    fn turn(&mut self, wish: &Value) -> std::result::Result<Value, String> {
        let text = |key: &str| wish.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (domain, email, package) = (text("domain"), text("email"), "default".to_owned());
        self.accounts.insert(text("user"), Account { domain, email, package, suspended: false });
        Ok(json!({ "ok": true }))
    }
}

/// In whose name somebody acts: our own, where it is nobody else's. `None` for whoever is not let in.
fn signed_in(call: &Call) -> Option<String> {
    let basic = call.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(basic).ok()?).ok()?;
    let (user, key) = text.split_once(':')?;
    if key != KEY {
        return None;
    }
    match user.split_once('|') {
        None => (user == USER).then(|| user.to_owned()),
        Some((own, acting)) => (own == USER).then(|| acting.to_owned()),
    }
}

fn sign_in_page() -> Answer {
    Answer::html(
        200,
        "<html><body><form action=\"/CMD_LOGIN\">Please enter your Username</form></body></html>".to_owned(),
    )
}

fn encoded(pairs: &[(&'static str, String)]) -> String {
    let escape = |text: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let sign = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
        text.bytes().map(sign).collect::<String>()
    };
    pairs.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect::<Vec<_>>().join("&")
}

fn done() -> Vec<(&'static str, String)> {
    vec![("error", "0".to_owned()), ("text", "Success".to_owned()), ("details", String::new())]
}

impl DirectAdmin {
    fn known(&mut self, user: &str) -> std::result::Result<&mut Account, (&'static str, String)> {
        let missing = || ("Unable to show user", format!("User &#39{user}&#39 does not exist"));
        self.accounts.get_mut(user).ok_or_else(missing)
    }

    fn create<'a>(&mut self, get: &impl Fn(&str) -> &'a str) -> Result {
        let no = |details: String| Err(("Cannot Create Account", details));
        let (user, domain) = (get("username"), get("domain"));
        if get("action") != "create" || get("add") != "Submit" {
            return no("No action was given".to_owned());
        }
        if !(4..=8).contains(&user.len()) || !user.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return no("Invalid username: 4 to 8 letters and digits".to_owned());
        }
        if self.accounts.contains_key(user) {
            return no(format!("The user &#39{user}&#39 already exists"));
        }
        if !domain.contains('.') {
            return no("Invalid domain".to_owned());
        }
        if self.accounts.values().any(|found| found.domain == domain) {
            return no("That domain already exists".to_owned());
        }
        if get("passwd").len() < 8 || get("passwd") != get("passwd2") {
            return no("The passwords do not match, or are too weak".to_owned());
        }
        if !get("email").contains('@') {
            return no("Invalid email".to_owned());
        }
        if !PACKAGES.contains(&get("package")) {
            return no(format!("The package &#39{}&#39 is not yours", get("package")));
        }
        if !IPS.contains(&get("ip")) {
            return no("That ip is not yours".to_owned());
        }
        let (domain, email, package) = (domain.to_owned(), get("email").to_owned(), get("package").to_owned());
        self.accounts.insert(user.to_owned(), Account { domain, email, package, suspended: false });
        Ok(done())
    }

    /// The button is a switch, whatever stands on it.
    fn select<'a>(&mut self, get: &impl Fn(&str) -> &'a str) -> Result {
        let user = get("select0").to_owned();
        if get("delete") == "yes" {
            if get("confirmed") != "Confirm" {
                return Err(("Cannot delete", "It was not confirmed".to_owned()));
            }
            self.known(&user)?;
            self.accounts.remove(&user);
            return Ok(done());
        }
        if !["Suspend", "Unsuspend"].contains(&get("suspend")) || get("location") != "CMD_SELECT_USERS" {
            return Err(("Cannot do that", "Nothing was selected".to_owned()));
        }
        let found = self.known(&user)?;
        found.suspended = !found.suspended;
        Ok(done())
    }

    fn modify<'a>(&mut self, get: &impl Fn(&str) -> &'a str) -> Result {
        if get("action") != "package" || !PACKAGES.contains(&get("package")) {
            return Err(("Cannot modify", format!("The package &#39{}&#39 is not yours", get("package"))));
        }
        let package = get("package").to_owned();
        self.known(get("user"))?.package = package;
        Ok(done())
    }

    fn show(&mut self, user: &str) -> Result {
        if user == USER {
            return Ok(vec![("username", USER.to_owned()), ("suspended", "no".to_owned())]);
        }
        let found = self.known(user)?.clone();
        let suspended = if found.suspended { "yes" } else { "no" };
        Ok(vec![
            ("username", user.to_owned()),
            ("email", found.email),
            ("domain", found.domain),
            ("package", found.package),
            ("suspended", suspended.to_owned()),
        ])
    }

    fn login_key<'a>(&mut self, user: &str, get: &impl Fn(&str) -> &'a str) -> Result {
        self.known(user)?;
        if get("action") != "create" || get("type") != "one_time_url" {
            return Err(("Cannot create a key", "Unknown type".to_owned()));
        }
        self.keys += 1;
        let url = format!("https://da.example.com:2222/api/login/url?key={}", self.keys);
        Ok(vec![("error", "0".to_owned()), ("text", "Key created".to_owned()), ("details", url)])
    }
}
