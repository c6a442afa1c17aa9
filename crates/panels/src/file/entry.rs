//! One table of the file while it is read: what every type may have.

use std::{ops::RangeInclusive, path::Path, time::Duration};

use provisioning::DomainName;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::Value;

use super::Secrets;
use crate::settings::Reader;

/// A table that is being read. What is wrong is noted with its place, and `None` comes back.
pub struct Entry<'r, 'a> {
    /// Its fields.
    pub reader: &'r mut Reader<'a>,
    secrets: Secrets,
}

impl<'r, 'a> Entry<'r, 'a> {
    pub(super) const fn new(reader: &'r mut Reader<'a>, secrets: Secrets) -> Self {
        Self { reader, secrets }
    }

    /// The field `url`, which must be there: an address without credentials, query or fragment, which would end up in logs.
    pub fn url(&mut self) -> Option<Url> {
        let plain = |text: &str| {
            Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
                    && url.password().is_none()
            })
        };
        let _ = self.reader.required("url");
        let expected = "expected an http or https address without user, password, query and fragment";
        self.reader.text("url", plain, expected).and_then(|text| Url::parse(&text).ok())
    }

    /// The field `timeout_seconds`.
    pub fn timeout(&mut self, allowed: RangeInclusive<i64>, usual: i64) -> Duration {
        Duration::from_secs(self.reader.number("timeout_seconds", allowed, Some(usual)).unsigned_abs())
    }

    /// A domain that must be there.
    pub fn domain(&mut self, key: &'static str) -> Option<DomainName> {
        let is_domain = |text: &str| text.parse::<DomainName>().is_ok();
        self.needs(key, is_domain, "expected a domain such as sites.example.com")?.parse().ok()
    }

    /// A text that must be there and pass a check.
    pub fn needs(&mut self, key: &'static str, check: fn(&str) -> bool, expected: &str) -> Option<String> {
        let _ = self.reader.required(key);
        self.reader.text(key, check, expected)
    }

    /// A list of texts; empty where there is none.
    pub fn texts(&mut self, key: &'static str, check: fn(&str) -> bool, expected: &str) -> Option<Vec<String>> {
        let Some(value) = self.reader.value(key) else { return Some(Vec::new()) };
        let text = |value: &Value| value.as_str().filter(|text| check(text)).map(str::to_owned);
        let texts = value.as_array().and_then(|all| all.iter().map(text).collect());
        if texts.is_none() {
            self.reader.problem(key, expected);
        }
        texts
    }

    /// A list of variables' names, with their values where secrets are read.
    pub fn variables(&mut self, key: &'static str) -> Option<Vec<(String, SecretString)>> {
        let is_name = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            plain && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
        };
        let names = self.texts(key, is_name, "expected a list of variables' names")?;
        let mut found = Vec::new();
        for name in names {
            match variable(&name, self.secrets) {
                Ok(value) => found.push((name, SecretString::from(value))),
                Err(why) => {
                    self.reader.problem(key, why);
                    return None;
                }
            }
        }
        Some(found)
    }

    /// The secret that one of two fields refers to, one by the name of a variable and one by the path of a file: exactly one
    /// of them. `None` where something is wrong, `Some(None)` where it was left alone.
    #[allow(
        clippy::option_option,
        reason = "the inner one is the setting, the outer one says that a problem was noted"
    )]
    pub fn secret(
        &mut self,
        (by_variable, by_file): (&'static str, &'static str),
        shortest: usize,
    ) -> Option<Option<SecretString>> {
        let (reader, secrets) = (&mut *self.reader, self.secrets);
        let filled = |text: &str| !text.trim().is_empty();
        let name = reader.text(by_variable, filled, "expected the name of a variable");
        let file = reader.text(by_file, |text| Path::new(text).is_absolute(), "expected the absolute path of a file");
        let (path, found) = match (name, file) {
            (Some(name), None) => (by_variable, variable(&name, secrets)),
            (None, Some(file)) => (by_file, content(&file, secrets)),
            (None, None) | (Some(_), Some(_)) => {
                let said = format!("expected either {by_variable} or {by_file}: where the secret is, never itself");
                reader.problem(by_variable, said);
                return None;
            }
        };
        if secrets == Secrets::Left {
            return Some(None);
        }
        let text = found.map(|text| text.trim().to_owned()).map_err(|why| reader.problem(path, why)).ok()?;
        if text.len() < shortest {
            reader.problem(path, format!("the secret is too short; expected at least {shortest} characters"));
            return None;
        }
        Some(Some(SecretString::from(text)))
    }
}

#[allow(clippy::disallowed_methods, reason = "the variable's name is the file's, so that clap cannot know it")]
fn variable(name: &str, secrets: Secrets) -> Result<String, String> {
    match secrets {
        Secrets::Left => Ok(String::new()),
        Secrets::Read => std::env::var(name).map_err(|_| format!("the variable {name} is not set, or no text")),
    }
}

fn content(file: &str, secrets: Secrets) -> Result<String, String> {
    match secrets {
        Secrets::Left => Ok(String::new()),
        Secrets::Read => std::fs::read_to_string(file).map_err(|error| format!("{file} cannot be read: {error}")),
    }
}
