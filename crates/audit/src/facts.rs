//! What something was before and after: a few plain values by name.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

/// The longest text of an entry, in characters.
const LONGEST: usize = 500;
/// What stands for an address.
const ADDRESS: &str = "(address)";

/// Without control characters and mail addresses, and not too long. People write addresses into sentences, and nothing can
/// be taken out of the trail again.
pub(crate) fn clean(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = plain.split(' ').map(|word| if word.contains('@') { ADDRESS } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

/// One value. There are no fractions: their bytes would be a matter of opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// Values by name. Nothing secret, and nobody's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a text; what looks like a mail address in it is left out.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.with(name, Fact::Text(clean(text)))
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, number: impl Into<i64>) -> Self {
        self.with(name, Fact::Number(number.into()))
    }

    /// Adds yes or no.
    #[must_use]
    pub fn flag(self, name: &str, flag: bool) -> Self {
        self.with(name, Fact::Flag(flag))
    }

    /// Adds a text where there is one.
    #[must_use]
    pub fn maybe_text(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds a number where there is one.
    #[must_use]
    pub fn maybe_number(self, name: &str, number: Option<impl Into<i64>>) -> Self {
        match number {
            Some(number) => self.number(name, number),
            None => self,
        }
    }

    pub(crate) fn with(mut self, name: &str, fact: Fact) -> Self {
        self.0.insert(clean(name), fact);
        self
    }

    /// As they were written, cleaned by nobody; `None` where a name comes twice or out of order.
    pub(crate) fn exact(facts: Vec<(String, Fact)>) -> Option<Self> {
        let ordered = facts.is_sorted_by(|(one, _), (next, _)| one < next);
        ordered.then(|| Self(facts.into_iter().collect()))
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(name, fact)| (name.as_str(), fact))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a JSON object, for reading; hashed is something else.
    pub fn to_json(&self) -> Value {
        let value = |fact: &Fact| match fact {
            Fact::Text(text) => Value::from(text.as_str()),
            Fact::Number(number) => Value::from(*number),
            Fact::Flag(flag) => Value::from(*flag),
        };
        Value::Object(self.0.iter().map(|(name, fact)| (name.clone(), value(fact))).collect())
    }

    /// Reads what [`Facts::to_json`] gave; `None` for anything else.
    pub fn from_json(value: Value) -> Option<Self> {
        let Value::Object(members) = value else { return None };
        let fact = |value: Value| match value {
            Value::String(text) => Some(Fact::Text(text)),
            Value::Bool(flag) => Some(Fact::Flag(flag)),
            Value::Number(number) => number.as_i64().map(Fact::Number),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        members.into_iter().map(|(name, value)| Some((name, fact(value)?))).collect::<Option<_>>().map(Self)
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, fact)) in self.iter().enumerate() {
            let gap = if place == 0 { "" } else { ", " };
            match fact {
                Fact::Text(text) => write!(f, "{gap}{name}: {text}")?,
                Fact::Number(number) => write!(f, "{gap}{name}: {number}")?,
                Fact::Flag(flag) => write!(f, "{gap}{name}: {}", if *flag { "yes" } else { "no" })?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_control_characters_do_not_get_in() {
        let facts = Facts::none().text("resolution", "told ada@example.com,\nrefunded\0 her").number("version", 2);
        assert_eq!(facts.to_string(), "resolution: told (address) refunded  her, version: 2");
        let long = Facts::none().text("x", &"y".repeat(10_000));
        assert_eq!(long.to_string().len(), LONGEST + 3);
    }

    #[test]
    fn json_reads_back_and_nothing_else_does() {
        let facts = Facts::none().text("a", "ž").number("b", -7).flag("c", true);
        assert_eq!(Facts::from_json(facts.to_json()), Some(facts));
        for text in ["[]", "{\"a\":1.5}", "{\"a\":null}", "{\"a\":{}}", "3"] {
            assert_eq!(Facts::from_json(text.parse().unwrap()), None, "{text}");
        }
    }
}
