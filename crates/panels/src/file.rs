//! The providers file: instances beside the built-in ones, one `[[provider]]` each, with secrets by reference only.

use std::{collections::BTreeSet, fmt, path::Path};

use kernel::Slug;
use provisioning::SettingsProblem;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::{Limits, directadmin, exec, hestia, mailcow, proxmox, pterodactyl, settings::Reader, webhook, whm};

mod entry;
mod instance;

pub use entry::Entry;
pub use instance::{Instance, Type};

/// Keys that are built in, which no provider of the file may have.
pub const BUILT_IN: [&str; 4] = ["pterodactyl", "website", "local", "manual"];
/// Every `type` that a provider may have.
pub const TYPES: [Type; 8] = [
    pterodactyl::TYPE,
    whm::TYPE,
    directadmin::TYPE,
    hestia::TYPE,
    proxmox::TYPE,
    mailcow::TYPE,
    webhook::TYPE,
    exec::TYPE,
];

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
    pub what: Instance,
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

fn configured(table: &Value, secrets: Secrets) -> Result<Configured, Vec<SettingsProblem>> {
    let mut reader = Reader::new(table);
    let (_, _) = (reader.required("key"), reader.required("type"));
    let is_key = |text: &str| text.parse::<Slug>().is_ok();
    let key = reader.text("key", is_key, "expected a name of small letters, digits and hyphens, such as my-servers");
    let names = TYPES.map(|one| one.name).join(", ");
    let known = |text: &str| TYPES.iter().any(|one| one.name == text);
    let name = reader.text("type", known, &format!("expected one of {names}"));
    let Some(kind) = TYPES.into_iter().find(|one| Some(one.name) == name.as_deref()) else {
        // The fields of an unknown type are unknown, too: only the type is reported.
        let kept = |problem: &SettingsProblem| ["", "key", "type"].contains(&problem.path.as_str());
        let problems = reader.finish(()).err().unwrap_or_default();
        return Err(problems.into_iter().filter(kept).collect());
    };
    let limits = limits(&mut reader, kind.limits);
    let what = (kind.read)(&mut Entry::new(&mut reader, secrets)).map(|what| what.within(limits));
    let built = key.and_then(|text| text.parse().ok()).zip(what);
    // Whatever is missing here was noted as a problem before.
    reader.finish(built)?.map(|(key, what)| Configured { key, what }).ok_or_else(Vec::new)
}

/// What the panel bears, where the file knows better than its type.
fn limits(reader: &mut Reader<'_>, usual: Limits) -> Limits {
    let number = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let at_once = i64::try_from(usual.at_once).unwrap_or(i64::MAX);
    Limits {
        per_minute: number(reader.number("calls_per_minute", 0..=100_000, Some(usual.per_minute.into()))),
        at_once: usize::try_from(reader.number("at_once", 1..=1000, Some(at_once))).unwrap_or(1),
    }
}

#[cfg(test)]
mod tests;
