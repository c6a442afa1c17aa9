//! The providers file: instances beside the built-in ones, one `[[provider]]` each, with secrets by reference only.

use std::{collections::BTreeSet, fmt, path::Path, time::Duration};

use kernel::Slug;
use provisioning::SettingsProblem;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::{settings::Reader, webhook::WebhookSettings};

/// Keys that are built in, which no provider of the file may have.
pub const BUILT_IN: [&str; 4] = ["pterodactyl", "website", "local", "manual"];
/// Every `type` that a provider may have.
pub const TYPES: [&str; 1] = ["webhook"];
/// The fewest characters of a secret that calls are signed with.
const SHORTEST_SECRET: usize = 32;
/// How long a call of an operator's service may take, unless the file says otherwise, in seconds.
const USUAL_TIMEOUT: i64 = 60;

/// The file, read.
#[derive(Debug, Clone, Default)]
pub struct ProvidersFile {
    /// Its providers, in its order.
    pub providers: Vec<Configured>,
}

/// One provider of the file.
#[derive(Debug, Clone)]
pub struct Configured {
    /// As the catalogue names it.
    pub key: Slug,
    /// What it is.
    pub what: Kind,
}

/// What a provider of the file is, by its `type`.
#[derive(Debug, Clone)]
pub enum Kind {
    /// An operator's own service.
    Webhook(WebhookSettings),
}

/// Whether the secrets that the file refers to are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// They are, and must be there: providers will be called.
    Read,
    /// They stay where they are: settings are checked, and nothing is called.
    Left,
}

/// Everything that is wrong with the file, each with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidersFileError(Vec<String>);

impl fmt::Display for ProvidersFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for ProvidersFileError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    provider: Vec<Spanned<Value>>,
}

impl ProvidersFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ProvidersFileError`]: all problems together, with their lines.
    pub fn read(path: &Path, secrets: Secrets) -> Result<Self, ProvidersFileError> {
        let unreadable = |error| ProvidersFileError(vec![format!("{}: {error}", path.display())]);
        Self::parse(&std::fs::read_to_string(path).map_err(unreadable)?, secrets)
    }

    /// The same from its text.
    ///
    /// # Errors
    /// As [`ProvidersFile::read`].
    pub fn parse(text: &str, secrets: Secrets) -> Result<Self, ProvidersFileError> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            ProvidersFileError(vec![format!("line {line}: {}", error.message())])
        })?;
        let (mut providers, mut wrong, mut keys) =
            (Vec::new(), Vec::new(), BTreeSet::from(BUILT_IN.map(str::to_owned)));
        for entry in &raw.provider {
            let line = line_of(text, entry.span().start);
            let told = |problem: SettingsProblem| format!("line {line}: {}: {}", problem.path, problem.message);
            match configured(entry.get_ref(), secrets) {
                Ok(one) if !keys.insert(one.key.to_string()) => {
                    let message = format!("{} is another provider's, or built in", one.key);
                    wrong.push(told(SettingsProblem { path: "key".to_owned(), message }));
                }
                Ok(one) => providers.push(one),
                Err(problems) => wrong.extend(problems.into_iter().map(told)),
            }
        }
        if wrong.is_empty() { Ok(Self { providers }) } else { Err(ProvidersFileError(wrong)) }
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

fn configured(entry: &Value, secrets: Secrets) -> Result<Configured, Vec<SettingsProblem>> {
    let mut reader = Reader::new(entry);
    let (_, _) = (reader.required("key"), reader.required("type"));
    let is_key = |text: &str| text.parse::<Slug>().is_ok();
    let key = reader.text("key", is_key, "expected a name of small letters, digits and hyphens, such as my-servers");
    let kind = reader.text("type", |text| TYPES.contains(&text), &format!("expected one of {}", TYPES.join(", ")));
    let Some(kind) = kind else {
        // The fields of an unknown type are unknown, too: only the type is reported.
        let kept = |problem: &SettingsProblem| ["", "key", "type"].contains(&problem.path.as_str());
        let problems = reader.finish(()).err().unwrap_or_default();
        return Err(problems.into_iter().filter(kept).collect());
    };
    let what = match kind.as_str() {
        "webhook" => webhook(&mut reader, secrets).map(Kind::Webhook),
        other => {
            reader.problem("type", format!("{other} is in the list of types, and nothing reads it"));
            None
        }
    };
    let built = key.and_then(|text| text.parse().ok()).zip(what);
    // Whatever is missing here was noted as a problem before.
    reader.finish(built)?.map(|(key, what)| Configured { key, what }).ok_or_else(Vec::new)
}

fn webhook(reader: &mut Reader<'_>, secrets: Secrets) -> Option<WebhookSettings> {
    let url = url(reader);
    let secret = secret(reader, secrets);
    let lists = reader.flag("lists");
    let seconds = reader.number("timeout_seconds", 1..=300, Some(USUAL_TIMEOUT));
    let timeout = Duration::from_secs(seconds.unsigned_abs());
    Some(WebhookSettings { url: url?, secret: secret?, lists, timeout })
}

/// An address without credentials, query or fragment, which would end up in logs.
fn url(reader: &mut Reader<'_>) -> Option<Url> {
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
    let _ = reader.required("url");
    let expected = "expected an http or https address without user, password, query and fragment";
    reader.text("url", plain, expected).and_then(|text| Url::parse(&text).ok())
}

/// The secret that `secret_env` or `secret_file` refers to: exactly one of them. `None` where something is wrong,
/// `Some(None)` where it was left alone.
#[allow(clippy::option_option, reason = "the inner one is the setting, the outer one says that a problem was noted")]
fn secret(reader: &mut Reader<'_>, secrets: Secrets) -> Option<Option<SecretString>> {
    let filled = |text: &str| !text.trim().is_empty();
    let name = reader.text("secret_env", filled, "expected the name of a variable");
    let file = reader.text("secret_file", |text| Path::new(text).is_absolute(), "expected the absolute path of a file");
    let (path, found) = match (name, file) {
        (Some(name), None) => ("secret_env", variable(&name, secrets)),
        (None, Some(file)) => ("secret_file", content(&file, secrets)),
        (None, None) | (Some(_), Some(_)) => {
            reader
                .problem("secret_env", "expected either secret_env or secret_file: where the secret is, never itself");
            return None;
        }
    };
    if secrets == Secrets::Left {
        return Some(None);
    }
    let text = found.map(|text| text.trim().to_owned()).map_err(|why| reader.problem(path, why)).ok()?;
    if text.len() < SHORTEST_SECRET {
        reader.problem(path, format!("the secret is too short; expected at least {SHORTEST_SECRET} random characters"));
        return None;
    }
    Some(Some(SecretString::from(text)))
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

#[cfg(test)]
mod tests;
