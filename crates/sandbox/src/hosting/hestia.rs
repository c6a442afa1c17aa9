//! HestiaCP's API: one path, a command in the body, the result in the header `Hestia-Exit-Code`.
//!
//! The key may call what a shop's own profile would allow and nothing else. HTTP statuses are as odd as the panel's: what is
//! suspended already is a 401.

use super::Standin;
use crate::http::{Answer, Call, form};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The access key that the sandbox takes.
const ACCESS_KEY: &str = "SandboxAccessKey0001";
/// Its secret.
const SECRET_KEY: &str = "sandbox-hestia-secret-key";
/// Packages that there are.
const PACKAGES: [&str; 3] = ["default", "small", "large"];

/// Exit codes of the panel's commands.
mod exit {
    pub(super) const ARGS: i32 = 1;
    pub(super) const INVALID: i32 = 2;
    pub(super) const NOT_EXIST: i32 = 3;
    pub(super) const EXISTS: i32 = 4;
    pub(super) const SUSPENDED: i32 = 5;
    pub(super) const UNSUSPENDED: i32 = 6;
    pub(super) const PASSWORD: i32 = 9;
    pub(super) const FORBIDDEN: i32 = 10;
    pub(super) const DISK: i32 = 13;
}

#[derive(Debug, Clone)]
struct User {
    contact: String,
    name: String,
    package: String,
    suspended: bool,
    domains: Vec<String>,
}

/// The panel.
#[derive(Debug, Default)]
pub(super) struct Hestia {
    users: BTreeMap<String, User>,
    files: BTreeMap<String, String>,
    full: bool,
}

type Result<T> = std::result::Result<T, (i32, String)>;

fn error<T>(code: i32, sentence: &str) -> Result<T> {
    Err((code, format!("Error: {sentence}")))
}

impl Standin for Hestia {
    fn name(&self) -> &'static str {
        "hestia"
    }

    fn answer(&mut self, call: &Call, _: DateTime<Utc>) -> Answer {
        if call.path != "/api/" || call.method != "POST" {
            return Answer::html(404, "<h1>404 Not Found</h1>".to_owned());
        }
        let Some(fields) = fields(call) else { return told(error(exit::ARGS, "no command")) };
        let get = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
        if get("access_key") != ACCESS_KEY || get("secret_key") != SECRET_KEY {
            return told(error(exit::PASSWORD, "authentication failed"));
        }
        let args: Vec<&str> = (1..=13).map_while(|n| fields.get(&format!("arg{n}")).map(String::as_str)).collect();
        told(self.run(get("cmd"), &args))
    }

    fn failure(&self, _: &Call, status: u16) -> Answer {
        Answer::text(status, "text/plain", "Error".to_owned())
    }

    fn truth(&self) -> Value {
        let things = self.users.iter().flat_map(|(login, user)| {
            user.domains.iter().map(move |domain| {
                json!({
                    "user": login, "name": user.name, "contact": user.contact, "package": user.package,
                    "domain": domain, "suspended": user.suspended,
                })
            })
        });
        json!({ "things": things.collect::<Vec<_>>(), "users": self.users.len(), "files": self.files.len() })
    }

    fn turn(&mut self, wish: &Value) -> std::result::Result<Value, String> {
        let text = |key: &str| wish.get(key).and_then(Value::as_str);
        if let Some(full) = wish.get("full").and_then(Value::as_bool) {
            self.full = full;
        }
        if let Some(login) = text("user") {
            let name = text("name").unwrap_or_default().to_owned();
            let contact = text("contact").unwrap_or("stranger@x.com").to_owned();
            let domains = text("domain").map(str::to_owned).into_iter().collect();
            let (contact_now, name_now) = (contact.clone(), name.clone());
            let fresh = User { contact, name, package: "default".to_owned(), suspended: false, domains };
            let user = self.users.entry(login.to_owned()).or_insert(fresh);
            (user.name, user.contact) = (name_now, contact_now);
        }
        Ok(json!({ "ok": true }))
    }
}

/// Form or JSON, as the panel takes both.
fn fields(call: &Call) -> Option<BTreeMap<String, String>> {
    let kind = call.header("content-type").unwrap_or_default();
    if kind.starts_with("application/json") {
        let table: Map<String, Value> = serde_json::from_slice(&call.body).ok()?;
        return table.into_iter().map(|(key, value)| value.as_str().map(|text| (key, text.to_owned()))).collect();
    }
    Some(form(&call.body)?.into_iter().collect())
}

/// The answer in the panel's way.
fn told(result: Result<String>) -> Answer {
    let (code, body) = match result {
        Ok(body) => (0, body),
        Err((code, body)) => (code, body),
    };
    let status = match code {
        0 if body.is_empty() => 204,
        0 => 200,
        exit::INVALID => 422,
        exit::SUSPENDED | exit::UNSUSPENDED | exit::PASSWORD | exit::FORBIDDEN => 401,
        _ => 400,
    };
    Answer::text(status, "text/plain", body).with("hestia-exit-code", code.to_string())
}

impl Hestia {
    fn run(&mut self, command: &str, args: &[&str]) -> Result<String> {
        match (command, args) {
            ("v-make-tmp-file", [content, name]) => self.keep_file(content, name),
            ("v-add-user", [login, password, contact, rest @ ..]) => self.add_user(login, password, (contact, rest)),
            ("v-add-web-domain", [login, domain, ..]) => self.add_domain(login, domain),
            ("v-list-web-domains", [login, "json"]) => {
                let user = self.user(login)?;
                let suspended = if user.suspended { "yes" } else { "no" };
                let all = user.domains.iter().map(|name| (name.clone(), json!({ "SUSPENDED": suspended })));
                Ok(Value::Object(all.collect()).to_string())
            }
            ("v-list-user", [login, "json"]) => {
                let shown = shown(self.user(login)?);
                Ok(json!({ *login: shown }).to_string())
            }
            ("v-list-users", ["json"]) => {
                let all = self.users.iter().map(|(login, user)| (login.clone(), shown(user)));
                Ok(Value::Object(all.collect()).to_string())
            }
            ("v-suspend-user", [login, ..]) => self.suspend(login, true),
            ("v-unsuspend-user", [login, ..]) => self.suspend(login, false),
            ("v-delete-user", [login, ..]) => {
                self.user(login)?;
                self.users.remove(*login);
                Ok(String::new())
            }
            ("v-change-user-package", [login, package, ..]) => {
                known_package(package)?;
                (*package).clone_into(&mut self.user_mut(login)?.package);
                Ok(String::new())
            }
            ("v-change-user-password", [login, file]) => {
                self.user(login)?;
                self.password(file).map(|_| String::new())
            }
            (known, _) if ALLOWED.contains(&known) => error(exit::ARGS, "not enough arguments"),
            _ => error(exit::FORBIDDEN, "this key may not call that"),
        }
    }

    fn user(&self, login: &str) -> Result<&User> {
        self.users.get(login).map_or_else(|| error(exit::NOT_EXIST, &format!("user {login} doesn't exist")), Ok)
    }

    fn user_mut(&mut self, login: &str) -> Result<&mut User> {
        let missing = || (exit::NOT_EXIST, format!("Error: user {login} doesn't exist"));
        self.users.get_mut(login).ok_or_else(missing)
    }

    fn keep_file(&mut self, content: &str, name: &str) -> Result<String> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
            return error(exit::INVALID, "invalid file name");
        }
        self.files.insert(format!("/tmp/{name}"), content.to_owned());
        Ok(String::new())
    }

    /// A password as an argument would be seen in the list of processes: this stand-in refuses it.
    fn password(&mut self, file: &str) -> Result<String> {
        match self.files.remove(file) {
            Some(password) if password.len() >= 8 => Ok(password),
            Some(_) => error(exit::PASSWORD, "password is too short"),
            None => error(exit::INVALID, "the password is not in a file of /tmp"),
        }
    }

    fn add_user(&mut self, login: &str, file: &str, (contact, rest): (&str, &[&str])) -> Result<String> {
        let starts = login.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !starts || login.len() > 32 || !login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return error(exit::INVALID, "invalid user format");
        }
        if !contact.contains('@') {
            return error(exit::INVALID, "invalid email format");
        }
        let package = rest.first().copied().unwrap_or("default");
        known_package(package)?;
        if self.users.contains_key(login) {
            return error(exit::EXISTS, &format!("user {login} exists"));
        }
        if self.full {
            return error(exit::DISK, "no disk left");
        }
        self.password(file)?;
        let user = User {
            contact: contact.to_owned(),
            name: rest.get(1).copied().unwrap_or(contact).to_owned(),
            package: package.to_owned(),
            suspended: false,
            domains: Vec::new(),
        };
        self.users.insert(login.to_owned(), user);
        Ok(String::new())
    }

    fn add_domain(&mut self, login: &str, domain: &str) -> Result<String> {
        if !domain.contains('.') || domain != domain.to_lowercase() {
            return error(exit::INVALID, "invalid domain format");
        }
        // One domain is one user's, whoever that is.
        if self.users.values().any(|user| user.domains.iter().any(|known| known == domain)) {
            return error(exit::EXISTS, &format!("web domain {domain} exists"));
        }
        let user = self.user_mut(login)?;
        if user.suspended {
            return error(exit::SUSPENDED, "user is suspended");
        }
        user.domains.push(domain.to_owned());
        Ok(String::new())
    }

    fn suspend(&mut self, login: &str, suspended: bool) -> Result<String> {
        let user = self.user_mut(login)?;
        match (user.suspended, suspended) {
            (true, true) => error(exit::SUSPENDED, "user is suspended"),
            (false, false) => error(exit::UNSUSPENDED, "user is not suspended"),
            (_, wanted) => {
                user.suspended = wanted;
                Ok(String::new())
            }
        }
    }
}

/// What the key's profile allows.
const ALLOWED: [&str; 11] = [
    "v-make-tmp-file",
    "v-add-user",
    "v-add-web-domain",
    "v-list-web-domains",
    "v-list-user",
    "v-list-users",
    "v-suspend-user",
    "v-unsuspend-user",
    "v-delete-user",
    "v-change-user-package",
    "v-change-user-password",
];

fn known_package(package: &str) -> Result<()> {
    let known = PACKAGES.contains(&package);
    if known { Ok(()) } else { error(exit::NOT_EXIST, &format!("package {package} doesn't exist")) }
}

fn shown(user: &User) -> Value {
    json!({
        "NAME": user.name, "CONTACT": user.contact, "PACKAGE": user.package,
        "SUSPENDED": if user.suspended { "yes" } else { "no" },
        "U_WEB_DOMAINS": user.domains.len().to_string(), "U_DISK": "12", "U_BANDWIDTH": "0",
    })
}
