//! Reads a product's provisioning settings and collects everything that is wrong with them, each with its place.

use std::{collections::BTreeSet, ops::RangeInclusive};

use provisioning::{ProviderError, ServiceOrder, SettingsProblem};
use serde_json::{Map, Value};

use crate::answer::refused;

/// A table of settings that is being read. What is not asked for is a problem: a misspelt key must not do nothing.
pub struct Reader<'a> {
    table: Option<&'a Map<String, Value>>,
    asked: BTreeSet<&'static str>,
    problems: Vec<SettingsProblem>,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub fn new(settings: &'a Value) -> Self {
        let mut reader = Self { table: settings.as_object(), asked: BTreeSet::new(), problems: Vec::new() };
        if reader.table.is_none() {
            reader.problem("", "expected a table of settings");
        }
        reader
    }

    /// Notes a problem.
    pub fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(SettingsProblem { path: path.into(), message: message.into() });
    }

    /// The value under this key, if there is one.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.asked.insert(key);
        self.table?.get(key)
    }

    /// The value under this key, which must be there.
    pub fn required(&mut self, key: &'static str) -> Option<&'a Value> {
        let value = self.value(key);
        if value.is_none() && self.table.is_some() {
            self.problem(key, "is missing");
        }
        value
    }

    /// A whole number in this range.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<i64>, default: Option<i64>) -> i64 {
        let value = if default.is_some() { self.value(key) } else { self.required(key) };
        let fallback = default.unwrap_or(*range.start());
        let Some(value) = value else { return fallback };
        value.as_i64().filter(|number| range.contains(number)).unwrap_or_else(|| {
            self.problem(key, format!("expected a whole number from {} to {}", range.start(), range.end()));
            fallback
        })
    }

    /// True or false; false when left out.
    pub fn flag(&mut self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.problem(key, "expected true or false");
                false
            }
        }
    }

    /// A text that passes a check, if it is there.
    pub fn text(&mut self, key: &'static str, check: fn(&str) -> bool, expected: &str) -> Option<String> {
        let value = self.value(key)?;
        let text = value.as_str().filter(|text| check(text));
        if text.is_none() {
            self.problem(key, expected);
        }
        text.map(str::to_owned)
    }

    /// What was built, unless something was wrong.
    pub fn finish<T>(mut self, built: T) -> Result<T, Vec<SettingsProblem>> {
        let unknown: Vec<String> = self
            .table
            .into_iter()
            .flat_map(Map::keys)
            .filter(|key| !self.asked.contains(key.as_str()))
            .cloned()
            .collect();
        let known = self.asked.iter().copied().collect::<Vec<_>>().join(", ");
        for key in unknown {
            self.problem(key, format!("is not a setting of this provider; there are {known}"));
        }
        if self.problems.is_empty() { Ok(built) } else { Err(self.problems) }
    }
}

/// `a: is missing; b: expected …`, for an order whose settings are wrong nevertheless.
pub fn listed(problems: &[SettingsProblem]) -> String {
    let line = |problem: &SettingsProblem| format!("{}: {}", problem.path, problem.message);
    problems.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// The settings of a product on a panel with packages: `package` alone.
pub(crate) fn package(settings: &Value) -> Result<String, Vec<SettingsProblem>> {
    let mut reader = Reader::new(settings);
    let _ = reader.required("package");
    let is_name = |text: &str| !text.is_empty() && text.len() <= 64 && !text.chars().any(char::is_whitespace);
    let package = reader.text("package", is_name, "expected the name of a package of the panel's").unwrap_or_default();
    reader.finish(package)
}

/// The same of an order's.
pub(crate) fn package_of(order: &ServiceOrder) -> Result<String, ProviderError> {
    package(&order.settings)
        .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))
}
