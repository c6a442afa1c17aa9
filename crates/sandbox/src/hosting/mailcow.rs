//! mailcow's API: JSON, an `X-API-Key`, and HTTP 200 for success and failure alike.

use super::{Standin, at};
use crate::http::{Answer, Call, percent_decode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The read-write key that the sandbox takes.
const KEY: &str = "SANDBO-XMAILC-OWKEY0-00000-000001";
/// The shop's own domain, which is there.
const SHARED: &str = "mail.example.com";
/// What one domain may hold in all, in MiB.
const DOMAIN_QUOTA: u64 = 10_240;

#[derive(Debug, Clone)]
struct Domain {
    tags: Vec<String>,
    left: u64,
}

#[derive(Debug, Clone)]
struct Mailbox {
    domain: String,
    name: String,
    quota: u64,
    active: bool,
    tags: Vec<String>,
}

/// The mail server.
#[derive(Debug)]
pub(super) struct Mailcow {
    domains: BTreeMap<String, Domain>,
    mailboxes: BTreeMap<String, Mailbox>,
}

impl Default for Mailcow {
    fn default() -> Self {
        let shared = Domain { tags: Vec::new(), left: 1_000_000 };
        Self { domains: BTreeMap::from([(SHARED.to_owned(), shared)]), mailboxes: BTreeMap::new() }
    }
}

/// A code, with what it is about.
type Said = (&'static str, String);

impl Standin for Mailcow {
    fn name(&self) -> &'static str {
        "mailcow"
    }

    fn answer(&mut self, call: &Call, _: DateTime<Utc>) -> Answer {
        let Some(path) = call.path.strip_prefix("/api/v1/") else { return route_error() };
        if call.header("sec-fetch-dest").is_some_and(|wish| wish != "empty") {
            return Answer::json(403, &json!({ "type": "error", "msg": "access denied" }));
        }
        if call.header("x-api-key") != Some(KEY) {
            return Answer::json(401, &json!({ "type": "error", "msg": "authentication failed" }));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["get", "mailbox", "all"]) => {
                let all: Vec<Value> = self.mailboxes.iter().map(|(address, found)| shown(address, found)).collect();
                Answer::json(200, &json!(all))
            }
            ("GET", ["get", "mailbox", address]) => {
                let address = percent_decode(address, false).unwrap_or_default();
                let found = self.mailboxes.get(&address).map(|found| shown(&address, found));
                Answer::json(200, &found.unwrap_or_else(|| json!({})))
            }
            ("GET", ["get", "domain", name]) => {
                let found = self.domains.get(*name).map(|found| json!({ "domain_name": name, "tags": found.tags }));
                Answer::json(200, &found.unwrap_or_else(|| json!({})))
            }
            ("POST", [verb @ ("add" | "edit" | "delete"), what @ ("domain" | "mailbox")]) => {
                self.post(call, (verb, what))
            }
            ("GET" | "POST", _) => route_error(),
            _ => Answer::json(405, &json!({ "type": "error", "msg": "only POST and GET" })),
        }
    }

    fn failure(&self, _: &Call, status: u16) -> Answer {
        Answer::json(status, &json!({ "type": "error", "msg": "the sandbox was told to fail" }))
    }

    fn truth(&self) -> Value {
        let thing = |(address, found): (&String, &Mailbox)| {
            let mut thing = shown(address, found);
            if let Some(table) = thing.as_object_mut() {
                table.insert("quota_mib".to_owned(), json!(found.quota));
            }
            thing
        };
        let things: Vec<Value> = self.mailboxes.iter().map(thing).collect();
        json!({ "things": things, "domains": self.domains.keys().collect::<Vec<_>>() })
    }

    fn turn(&mut self, wish: &Value) -> Result<Value, String> {
        let text = |key: &str| wish.get(key).and_then(Value::as_str).map(str::to_owned);
        let tags = || wish.get("tags").map(words).unwrap_or_default();
        if let Some(domain) = text("domain") {
            let left = wish.get("left").and_then(Value::as_u64).unwrap_or(DOMAIN_QUOTA);
            self.domains.insert(domain, Domain { tags: tags(), left });
        }
        if let Some(address) = text("mailbox") {
            let domain = address.split('@').nth(1).unwrap_or_default().to_owned();
            let fresh = Mailbox { domain, name: String::new(), quota: 1, active: true, tags: Vec::new() };
            self.mailboxes.entry(address).or_insert(fresh).tags = tags();
        }
        Ok(json!({ "ok": true }))
    }
}

fn route_error() -> Answer {
    Answer::json(404, &json!({ "type": "error", "msg": "route not found" }))
}

/// As the server tells of a mailbox: numbers where one would expect words, and the quota in bytes.
fn shown(address: &str, found: &Mailbox) -> Value {
    json!({
        "username": address, "domain": found.domain, "name": found.name, "active": u8::from(found.active),
        "active_int": u8::from(found.active), "quota": found.quota << 20, "quota_used": 4096, "messages": 1,
        "tags": found.tags,
    })
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A number, or a text of one, as forms send it.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Mailcow {
    fn post(&mut self, call: &Call, what: (&str, &str)) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
            return Answer::json(400, &json!({ "type": "error", "msg": "request body is no JSON" }));
        };
        let result = match what {
            ("add", "domain") => self.add_domain(&body),
            ("add", _) => self.add_mailbox(&body),
            ("edit", "mailbox") => self.edit_mailbox(&body),
            ("delete", "mailbox") => self.delete_mailbox(&body),
            ("delete", _) => self.delete_domain(&body),
            _ => return route_error(),
        };
        let (kind, (code, about)) = match result {
            Ok(said) => ("success", said),
            Err(said) => ("danger", said),
        };
        // The log repeats what was asked, passwords and all.
        Answer::json(200, &json!([{ "type": kind, "msg": [code, about], "log": [what.0, what.1, body] }]))
    }

    fn add_domain(&mut self, body: &Value) -> Result<Said, Said> {
        let name = at(body, "domain").as_str().unwrap_or_default().to_owned();
        if !name.contains('.') || name.to_lowercase() != name {
            return Err(("domain_invalid", name));
        }
        for needed in ["aliases", "mailboxes", "defquota", "maxquota", "quota"] {
            if number(at(body, needed)).is_none() {
                return Err(("domain_quota_m_in_use", needed.to_owned()));
            }
        }
        if self.domains.contains_key(&name) {
            return Err(("domain_exists", name));
        }
        let left = number(at(body, "quota")).unwrap_or(0);
        self.domains.insert(name.clone(), Domain { tags: words(at(body, "tags")), left });
        Ok(("domain_added", name))
    }

    fn add_mailbox(&mut self, body: &Value) -> Result<Said, Said> {
        let text = |key: &str| at(body, key).as_str().unwrap_or_default().to_owned();
        let (local, domain) = (text("local_part"), text("domain"));
        let address = format!("{local}@{domain}");
        let valid = !local.is_empty() && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !valid {
            return Err(("mailbox_invalid", address));
        }
        let Some(found) = self.domains.get_mut(&domain) else { return Err(("domain_not_found", domain)) };
        if self.mailboxes.contains_key(&address) {
            return Err(("object_exists", address));
        }
        strong(body)?;
        let Some(quota) = number(at(body, "quota")) else { return Err(("quota_invalid", address)) };
        if quota > found.left {
            return Err(("mailbox_quota_left_exceeded", found.left.to_string()));
        }
        found.left -= quota;
        let active = number(at(body, "active")).unwrap_or(1) == 1;
        let mailbox = Mailbox { domain, name: text("name"), quota, active, tags: words(at(body, "tags")) };
        self.mailboxes.insert(address.clone(), mailbox);
        Ok(("mailbox_added", address))
    }

    fn edit_mailbox(&mut self, body: &Value) -> Result<Said, Said> {
        let [address] = words(at(body, "items")).try_into().map_err(|_| ("mailbox_invalid", String::new()))?;
        let attr = at(body, "attr");
        let Some(found) = self.mailboxes.get_mut(&address) else { return Err(("access_denied", address)) };
        if attr.get("password").is_some() {
            strong(attr)?;
        }
        if let Some(quota) = attr.get("quota").and_then(number) {
            let left = self.domains.get(&found.domain).map_or(0, |domain| domain.left);
            if quota > left + found.quota {
                return Err(("mailbox_quota_left_exceeded", address));
            }
            found.quota = quota;
        }
        if let Some(active) = attr.get("active").and_then(number) {
            found.active = active == 1;
        }
        Ok(("mailbox_modified", address))
    }

    fn delete_mailbox(&mut self, body: &Value) -> Result<Said, Said> {
        let [address] = words(body).try_into().map_err(|_| ("mailbox_invalid", String::new()))?;
        match self.mailboxes.remove(&address) {
            Some(_) => Ok(("mailbox_removed", address)),
            None => Err(("access_denied", address)),
        }
    }

    fn delete_domain(&mut self, body: &Value) -> Result<Said, Said> {
        let [name] = words(body).try_into().map_err(|_| ("domain_invalid", String::new()))?;
        if self.mailboxes.values().any(|mailbox| mailbox.domain == name) {
            return Err(("domain_not_empty", name));
        }
        match self.domains.remove(&name) {
            Some(_) => Ok(("domain_removed", name)),
            None => Err(("domain_not_found", name)),
        }
    }
}

/// The server's rules for passwords.
fn strong(fields: &Value) -> Result<(), Said> {
    let password = at(fields, "password").as_str().unwrap_or_default();
    if at(fields, "password2").as_str() != Some(password) {
        return Err(("password_mismatch", String::new()));
    }
    let good = password.len() >= 8 && password.chars().any(char::is_alphabetic);
    if good { Ok(()) } else { Err(("password_complexity", String::new())) }
}
