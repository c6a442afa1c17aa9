//! cPanel's WHM API 1: a function in the path, a form, and HTTP 200 for success and failure alike.

use super::Standin;
use crate::http::{Answer, Call, form};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The token that the sandbox takes, of the user root.
const AUTHORIZATION: &str = "whm root:SANDBOXWHMTOKEN0000000000000001";
/// Packages that there are.
const PACKAGES: [&str; 3] = ["default", "small", "large"];

#[derive(Debug, Clone)]
struct Acct {
    domain: String,
    email: String,
    plan: String,
    suspended: Option<String>,
}

/// The server.
#[derive(Debug, Default)]
pub(super) struct Whm {
    accounts: BTreeMap<String, Acct>,
    /// A creation that failed half-way left this group.
    groups: Vec<String>,
    sessions: u32,
}

type Fields = BTreeMap<String, String>;

impl Standin for Whm {
    fn name(&self) -> &'static str {
        "whm"
    }

    fn answer(&mut self, call: &Call, _: DateTime<Utc>) -> Answer {
        let Some(function) = call.path.strip_prefix("/json-api/") else {
            return Answer::html(404, "<h1>404 Not Found</h1>".to_owned());
        };
        if call.header("authorization") != Some(AUTHORIZATION) {
            let refused =
                json!({ "cpanelresult": { "apiversion": "2", "error": "Access denied", "data": { "result": "0" } } });
            return Answer::json(200, &refused);
        }
        let query = form(call.query.as_bytes()).unwrap_or_default();
        let body = form(&call.body).unwrap_or_default();
        let fields: Fields = query.into_iter().chain(body).collect();
        let result = self.run(function, &fields);
        if fields.get("api.version").map(String::as_str) != Some("1") {
            // What API 0 looks like.
            let (status, said) = match result {
                Ok(_) => (1, "OK".to_owned()),
                Err(reason) => (0, reason),
            };
            return Answer::json(200, &json!({ "result": [{ "status": status, "statusmsg": said }] }));
        }
        let (result, reason, data) = match result {
            Ok(data) => (1, "OK".to_owned(), data),
            Err(reason) => (0, reason, Value::Null),
        };
        let metadata = json!({ "command": function, "version": 1, "result": result, "reason": reason });
        Answer::json(200, &json!({ "metadata": metadata, "data": data }))
    }

    fn failure(&self, _: &Call, status: u16) -> Answer {
        let metadata = json!({ "result": 0, "version": 1, "reason": "the sandbox was told to fail" });
        Answer::json(status, &json!({ "metadata": metadata }))
    }

    fn truth(&self) -> Value {
        let thing = |(user, found): (&String, &Acct)| {
            json!({
                "user": user, "domain": found.domain, "email": found.email, "plan": found.plan,
                "suspended": found.suspended,
            })
        };
        json!({ "things": self.accounts.iter().map(thing).collect::<Vec<_>>() })
    }

    fn turn(&mut self, wish: &Value) -> Result<Value, String> {
        let text = |key: &str| wish.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if wish.get("group").is_some() {
            self.groups.push(text("group"));
        }
        if wish.get("user").is_some() {
            let acct =
                Acct { domain: text("domain"), email: text("email"), plan: "default".to_owned(), suspended: None };
            self.accounts.insert(text("user"), acct);
        }
        Ok(json!({ "ok": true }))
    }
}

fn no<T>(reason: impl Into<String>) -> Result<T, String> {
    Err(reason.into())
}

impl Whm {
    fn run(&mut self, function: &str, fields: &Fields) -> Result<Value, String> {
        let get = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
        match function {
            "createacct" => self.create(&get),
            "accountsummary" => {
                let (user, found) = self.known(get("user"))?;
                let suspended = u8::from(found.suspended.is_some());
                Ok(json!({ "acct": [{
                    "user": user, "domain": found.domain, "email": found.email, "plan": found.plan,
                    "suspended": suspended, "suspendreason": found.suspended, "diskused": "12M", "disklimit": "unlimited",
                }] }))
            }
            "suspendacct" => {
                let reason = get("reason").to_owned();
                self.change(get("user"), |found| found.suspended = Some(reason))
            }
            "unsuspendacct" => self.change(get("user"), |found| found.suspended = None),
            "removeacct" => {
                let user = get("username").to_owned();
                self.known(&user)?;
                self.accounts.remove(&user);
                Ok(Value::Null)
            }
            "changepackage" => {
                let package = known_package(get("pkg"))?;
                self.change(get("user"), |found| found.plan = package)
            }
            "listpkgs" => Ok(json!({ "pkg": PACKAGES.map(|name| json!({ "name": name })) })),
            "create_user_session" => {
                let (user, _) = self.known(get("user"))?;
                if !["cpaneld", "webmaild", "whostmgrd"].contains(&get("service")) {
                    return no("Invalid service.");
                }
                let url = format!("https://whm.example.com:2083/cpsess{}/login/?session={user}", self.sessions);
                self.sessions += 1;
                Ok(json!({ "url": url, "service": get("service") }))
            }
            _ => no(format!("Unknown app (“{function}”) requested")),
        }
    }

    fn known(&self, user: &str) -> Result<(String, &Acct), String> {
        let found = self.accounts.get(user).ok_or_else(|| format!("Account “{user}” does not exist."))?;
        Ok((user.to_owned(), found))
    }

    fn change(&mut self, user: &str, change: impl FnOnce(&mut Acct)) -> Result<Value, String> {
        let found = self.accounts.get_mut(user).ok_or_else(|| format!("Account “{user}” does not exist."))?;
        change(found);
        Ok(Value::Null)
    }

    fn create<'a>(&mut self, get: &impl Fn(&str) -> &'a str) -> Result<Value, String> {
        let (user, domain) = (get("username"), get("domain"));
        let starts = user.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && !user.starts_with("test");
        let plain = user.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !starts || user.len() > 16 || !plain {
            return no(format!("Sorry, “{user}” is not a valid username on this server."));
        }
        if !domain.contains('.') {
            return no("Sorry, that is not a valid domain.");
        }
        let package = known_package(get("plan"))?;
        if get("password").len() < 8 || !get("contactemail").contains('@') {
            return no("Sorry, a password and a contact email are needed.");
        }
        let short = |name: &str| name.chars().take(8).collect::<String>();
        if self.accounts.keys().any(|known| short(known) == short(user)) {
            return no(format!("Sorry, a user named “{user}” already exists on this server."));
        }
        if self.groups.iter().any(|group| group == user) {
            return no("Sorry, a group for that username already exists.");
        }
        if self.accounts.values().any(|known| known.domain == domain) {
            return no(format!("The domain “{domain}” already exists in the userdata."));
        }
        let email = get("contactemail").to_owned();
        self.accounts
            .insert(user.to_owned(), Acct { domain: domain.to_owned(), email, plan: package, suspended: None });
        Ok(json!({ "ip": "192.0.2.10", "package": get("plan") }))
    }
}

fn known_package(name: &str) -> Result<String, String> {
    if PACKAGES.contains(&name) { Ok(name.to_owned()) } else { no(format!("The package “{name}” does not exist.")) }
}
