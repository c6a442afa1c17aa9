//! What pages say, before anybody knows in which language: a message's key and what is filled into it.

use std::collections::BTreeMap;

use kernel::{Money, Timestamp};
use serde::Serialize;

/// A message of the files under `messages`. Views are made of these; the renderer speaks them (`{{t it.headline}}`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Say {
    say: &'static str,
    with: BTreeMap<&'static str, Fill>,
}

/// Something filled into a message, written as the language writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fill {
    /// As it is: names, addresses.
    Text(String),
    /// Also decides between singular and plural.
    Number(i64),
    /// In minor units.
    Money {
        /// `7.99`, with the currency's own number of decimals.
        number: String,
        /// ISO 4217.
        currency: String,
    },
    /// A date with its time of day, in UTC.
    At(String),
    /// Another message.
    Say(Box<Say>),
}

/// The message with this key. A test finds every key that is written like this, so give no other text than a literal.
pub(crate) const fn say(key: &'static str) -> Say {
    Say { say: key, with: BTreeMap::new() }
}

impl Say {
    /// Fills a place of the message.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, fill: impl Into<Fill>) -> Self {
        self.with.insert(name, fill.into());
        self
    }
}

impl From<&str> for Fill {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Fill {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Fill {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Fill {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Fill {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Fill {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Say> for Fill {
    fn from(say: Say) -> Self {
        Self::Say(Box::new(say))
    }
}

impl From<Money> for Fill {
    fn from(money: Money) -> Self {
        let text = money.to_string();
        let number = text.split(' ').next().unwrap_or_default().to_owned();
        Self::Money { number, currency: money.currency().code().to_owned() }
    }
}

impl From<Timestamp> for Fill {
    fn from(at: Timestamp) -> Self {
        Self::At(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}
