//! The languages of the shop: a file of messages each.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use actix_web::{
    HttpRequest,
    http::header::{AcceptLanguage, Header as _},
};
use chrono::{DateTime, Datelike as _, Utc};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use serde_json::Value;

use crate::{cookie::value_of, say::Say};

/// A third language is a file and a line here. The first one is spoken to whoever asks for none of them.
const FILES: [(&str, &str); 2] =
    [("en", include_str!("../messages/en.ftl")), ("de", include_str!("../messages/de.ftl"))];

/// Carries the language that somebody chose over what their browser asks for; the first name is for https.
pub(crate) const COOKIES: [&str; 2] = ["__Host-hw_language", "hw_language"];

/// Messages cannot be read or spoken: always a mistake of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the texts in '{language}': {reason}")]
pub(crate) struct TextError {
    language: &'static str,
    reason: String,
}

/// One language.
pub(crate) struct Texts {
    /// `en`, as in `<html lang>`.
    pub(crate) tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Texts").field(&self.tag).finish()
    }
}

/// Messages in a shop's own words, by language and key.
pub(crate) type OwnTexts = BTreeMap<String, BTreeMap<String, String>>;

/// All of them.
pub(crate) fn all() -> Result<Vec<Arc<Texts>>, TextError> {
    with(&OwnTexts::new())
}

/// All of them, with a shop's own words for some messages.
///
/// # Errors
/// A language or a message that there is not, or words that are no message.
pub(crate) fn with(own: &OwnTexts) -> Result<Vec<Arc<Texts>>, TextError> {
    if let Some(unknown) = own.keys().find(|tag| spoken(tag).is_none()) {
        return Err(TextError { language: "texts", reason: format!("'{unknown}' is no language of the shop") });
    }
    let texts = FILES.into_iter().map(|(tag, file)| {
        let mut texts = Texts::new(tag, file)?;
        own.iter()
            .filter(|(wanted, _)| wanted.eq_ignore_ascii_case(tag))
            .try_for_each(|(_, own)| texts.replace(own))?;
        Ok(Arc::new(texts))
    });
    texts.collect()
}

/// The language for an answer: the one that was chosen, else the first that the browser asks for, else our first.
pub(crate) fn of_request(request: &HttpRequest) -> &'static str {
    let chosen = COOKIES.into_iter().find_map(|name| value_of(request, name)).and_then(spoken);
    let asked = || {
        let ranked = AcceptLanguage::parse(request).map(|header| header.ranked()).unwrap_or_default();
        ranked.iter().find_map(|wanted| spoken(wanted.item()?.primary_language()))
    };
    chosen.or_else(asked).unwrap_or(FILES[0].0)
}

/// A language that the shop speaks.
pub(crate) fn spoken(wanted: &str) -> Option<&'static str> {
    FILES.iter().map(|(tag, _)| *tag).find(|tag| wanted.eq_ignore_ascii_case(tag))
}

/// The tag and the own name of every language, for choosing one.
pub(crate) fn choices() -> Result<Vec<(&'static str, String)>, TextError> {
    all()?.iter().map(|texts| Ok((texts.tag, texts.message("language-name", std::iter::empty())?))).collect()
}

impl Texts {
    fn new(tag: &'static str, file: &str) -> Result<Self, TextError> {
        let broken = |reason: String| TextError { language: tag, reason };
        let language = tag.parse().map_err(|error| broken(format!("{error:?}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks around what is filled in are for texts that mix directions; ours would show them in mails and tests.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| broken(format!("{errors:?}")))?;
        bundle.add_resource(resource).map_err(|errors| broken(format!("{errors:?}")))?;
        Ok(Self { tag, bundle })
    }

    /// Says some messages in other words.
    fn replace(&mut self, own: &BTreeMap<String, String>) -> Result<(), TextError> {
        for (key, words) in own {
            if !self.bundle.has_message(key) {
                return Err(self.broken(format!("there is no message '{key}' to say in other words")));
            }
            // Lines that go on are indented, as Fluent wants them.
            let message = format!("{key} = {}", words.trim().replace('\n', "\n    "));
            let unreadable = |why: String| self.broken(format!("'{key}': {why}"));
            let resource = FluentResource::try_new(message).map_err(|(_, errors)| unreadable(format!("{errors:?}")))?;
            self.bundle.add_resource_overriding(resource);
        }
        Ok(())
    }

    /// What a message says. `value` is a [`crate::say::Say`] or a fill of one, as it comes out of a page's data, or a text,
    /// which is taken as it is.
    ///
    /// # Errors
    /// No such message, or one that wants something that is not given.
    pub(crate) fn speak(&self, value: &Value) -> Result<String, TextError> {
        Ok(match self.fill(value)? {
            FluentValue::String(text) => text.into_owned(),
            FluentValue::Number(number) => number.as_string().into_owned(),
            other @ (FluentValue::Custom(_) | FluentValue::None | FluentValue::Error) => {
                return Err(self.broken(format!("{other:?} is nothing that can be said")));
            }
        })
    }

    /// What the message with this key says.
    ///
    /// # Errors
    /// As [`Self::speak`].
    pub(crate) fn message<'a>(
        &self,
        key: &str,
        fills: impl Iterator<Item = (&'a str, &'a Value)>,
    ) -> Result<String, TextError> {
        let mut args = FluentArgs::new();
        for (name, value) in fills {
            args.set(name.to_owned(), self.fill(value)?);
        }
        self.format(key, &args)
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> Result<String, TextError> {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let pattern = pattern.ok_or_else(|| self.broken(format!("there is no message '{key}'")))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        match errors.first() {
            None => Ok(text),
            Some(error) => Err(self.broken(format!("'{key}': {error}"))),
        }
    }

    fn broken(&self, reason: String) -> TextError {
        TextError { language: self.tag, reason }
    }

    fn fill<'a>(&self, value: &'a Value) -> Result<FluentValue<'a>, TextError> {
        match value {
            Value::String(text) => Ok(FluentValue::from(text.as_str())),
            Value::Number(number) => Ok(FluentValue::from(number.as_i64().unwrap_or_default())),
            Value::Object(object) => {
                if let Some(key) = object.get("say").and_then(Value::as_str) {
                    let fills = object.get("with").and_then(Value::as_object).into_iter().flatten();
                    let fills = fills.map(|(name, fill)| (name.as_str(), fill));
                    return self.message(key, fills).map(FluentValue::from);
                }
                let Some((kind, value)) = object.iter().next() else { return Err(self.broken("{}".to_owned())) };
                match kind.as_str() {
                    "text" | "number" | "say" => self.fill(value),
                    "money" => self.money(value).map(FluentValue::from),
                    "at" => self.at(value).map(FluentValue::from),
                    other => Err(self.broken(format!("'{other}' is nothing that can be said"))),
                }
            }
            Value::Null | Value::Bool(_) | Value::Array(_) => {
                Err(self.broken(format!("{value} is nothing that can be said")))
            }
        }
    }

    /// `$1,234.50`, `1.234,50 $`.
    fn money(&self, value: &Value) -> Result<String, TextError> {
        let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let (number, currency) = (part("number"), part("currency"));
        let none = FluentArgs::new();
        let (decimal, group) = (self.format("decimal-mark", &none)?, self.format("group-mark", &none)?);
        let (minus, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("−", digits));
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        let mut args = FluentArgs::new();
        let rest = if rest.is_empty() { String::new() } else { format!("{decimal}{rest}") };
        args.set("number", format!("{}{rest}", grouped(whole, &group)));
        args.set("minus", minus);
        match currency {
            "USD" => args.set("sign", "$"),
            "EUR" => args.set("sign", "€"),
            "GBP" => args.set("sign", "£"),
            code => {
                args.set("code", code.to_owned());
                return self.format("amount-with-code", &args);
            }
        }
        self.format("amount-with-sign", &args)
    }

    /// `27 Nov 2026, 06:02 UTC`.
    fn at(&self, value: &Value) -> Result<String, TextError> {
        let text = value.as_str().unwrap_or_default();
        let at: DateTime<Utc> = text.parse().map_err(|_| self.broken(format!("'{text}' is no time")))?;
        let mut args = FluentArgs::new();
        args.set("day", at.day());
        args.set("month", at.month());
        args.set("year", at.format("%Y").to_string());
        args.set("time", at.format("%H:%M").to_string());
        self.format("date-and-time", &args)
    }
}

/// Our first language, for what is written for programs.
static FIRST: LazyLock<Result<Texts, TextError>> = LazyLock::new(|| Texts::new(FILES[0].0, FILES[0].1));

/// What a message says in our first language; `None` when it cannot be said, which is a mistake of ours.
pub(crate) fn in_english(said: &Say) -> Option<String> {
    let value = serde_json::to_value(said).ok()?;
    FIRST.as_ref().ok()?.speak(&value).ok()
}

/// For tests of views.
#[cfg(test)]
pub(crate) fn spoken_in_english(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    all().and_then(|all| all.first().map_or(Ok(String::new()), |texts| texts.speak(&value))).unwrap_or_default()
}

/// Digits in threes.
fn grouped(digits: &str, mark: &str) -> String {
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
