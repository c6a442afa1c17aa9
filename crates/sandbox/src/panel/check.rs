//! Validation in the manner of Laravel: every broken rule is reported, by field and rule name.

use super::error::{Broken, PanelError};
use serde_json::Value;

/// Collects what is wrong with a body.
#[derive(Debug)]
pub(crate) struct Checks<'a> {
    body: &'a Value,
    broken: Vec<Broken>,
}

impl<'a> Checks<'a> {
    /// Begins with a body.
    pub(crate) fn of(body: &'a Value) -> Self {
        Self { body, broken: Vec::new() }
    }

    /// A field by its dotted path.
    pub(crate) fn field(&mut self, path: &str) -> Field<'_, 'a> {
        let value = at(self.body, path);
        Field { value, path: path.to_owned(), done: false, failed: false, checks: self }
    }

    /// Every element of an array field, each with its own path.
    pub(crate) fn each(&mut self, path: &str, mut check: impl FnMut(Field<'_, 'a>)) {
        let count = at(self.body, path).and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..count {
            check(self.field(&format!("{path}.{index}")));
        }
    }

    /// Whether a field is there and not null.
    pub(crate) fn has(&self, path: &str) -> bool {
        at(self.body, path).is_some_and(|value| !value.is_null())
    }

    /// Reports a broken rule of another origin.
    pub(crate) fn report(&mut self, field: String, rule: &'static str, detail: String) {
        self.broken.push(Broken { field, rule, detail });
    }

    /// The verdict.
    pub(crate) fn finish(self) -> Result<(), PanelError> {
        if self.broken.is_empty() { Ok(()) } else { Err(PanelError::validation(self.broken)) }
    }
}

/// A field under check. After `required`, `nullable` or `sometimes` has settled its case the other rules are skipped.
#[derive(Debug)]
pub(crate) struct Field<'c, 'a> {
    checks: &'c mut Checks<'a>,
    path: String,
    value: Option<&'a Value>,
    done: bool,
    failed: bool,
}

impl Field<'_, '_> {
    fn rule(mut self, name: &'static str, holds: impl FnOnce(&Value) -> bool, message: &str) -> Self {
        let Some(value) = self.value.filter(|_| !self.done) else { return self };
        if !holds(value) {
            self.fail(name, message);
        }
        self
    }

    fn fail(&mut self, name: &'static str, message: &str) {
        let words = self.path.replace('_', " ");
        self.checks.broken.push(Broken {
            field: self.path.clone(),
            rule: name,
            detail: format!("The {words} {message}"),
        });
        self.failed = true;
    }

    /// There, not null, not an empty array.
    pub(crate) fn required(self) -> Self {
        self.required_as("required")
    }

    /// The same under the name of one of its relatives (`required_with`, `required_without`).
    pub(crate) fn required_as(mut self, name: &'static str) -> Self {
        let empty = self.value.is_none_or(|value| match value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        });
        if empty && !self.done {
            self.fail(name, "field is required.");
            self.done = true;
        }
        self
    }

    /// There, if only as null.
    pub(crate) fn present(mut self) -> Self {
        if self.value.is_none() {
            self.fail("present", "field must be present.");
            self.done = true;
        }
        self
    }

    /// Null is fine, and so is absence.
    pub(crate) fn nullable(mut self) -> Self {
        self.done |= self.value.is_none_or(Value::is_null);
        self
    }

    /// Absence is fine.
    pub(crate) fn sometimes(mut self) -> Self {
        self.done |= self.value.is_none();
        self
    }

    /// A string.
    pub(crate) fn string(self) -> Self {
        self.rule("string", Value::is_string, "must be a string.")
    }

    /// An object or array.
    pub(crate) fn array(self) -> Self {
        self.rule("array", |value| value.is_array() || value.is_object(), "must be an array.")
    }

    /// true, false, 0, 1, "0", "1".
    pub(crate) fn boolean(self) -> Self {
        self.rule("boolean", |value| truth(value).is_some(), "field must be true or false.")
    }

    /// A whole number, as number or string.
    pub(crate) fn integer(self) -> Self {
        self.rule("integer", |value| whole(value).is_some(), "must be an integer.")
    }

    /// At least `least`.
    pub(crate) fn min(self, least: i64) -> Self {
        self.rule(
            "min",
            |value| whole(value).is_none_or(|number| number >= least),
            &format!("must be at least {least}."),
        )
    }

    /// Between two numbers.
    pub(crate) fn between(self, least: i64, most: i64) -> Self {
        let holds = move |value: &Value| whole(value).is_none_or(|number| (least..=most).contains(&number));
        self.rule("between", holds, &format!("must be between {least} and {most}."))
    }

    /// A text of at most so many characters.
    pub(crate) fn max_length(self, most: usize) -> Self {
        let holds = move |value: &Value| value.as_str().is_none_or(|text| text.chars().count() <= most);
        self.rule("max", holds, &format!("may not be greater than {most} characters."))
    }

    /// A text of a length between two numbers.
    pub(crate) fn length_between(self, least: usize, most: usize) -> Self {
        let holds =
            move |value: &Value| value.as_str().is_none_or(|text| (least..=most).contains(&text.chars().count()));
        self.rule("between", holds, &format!("must be between {least} and {most} characters."))
    }

    /// Text that a pattern accepts.
    pub(crate) fn regex(self, matches: impl FnOnce(&str) -> bool) -> Self {
        self.text_rule("regex", matches, "format is invalid.")
    }

    /// A rule on text, by another name.
    pub(crate) fn text_rule(self, name: &'static str, holds: impl FnOnce(&str) -> bool, message: &str) -> Self {
        self.rule(name, |value| value.as_str().is_none_or(holds), message)
    }

    /// Something that is in the database. Not asked when an earlier rule failed.
    pub(crate) fn exists(mut self, known: impl FnOnce(i64) -> bool) -> Self {
        self.done |= self.failed;
        let path = self.path.clone();
        let field = self;
        let Some(value) = field.value.filter(|_| !field.done) else { return field };
        if !whole(value).is_some_and(known) {
            let detail = format!("The selected {} is invalid.", path.replace('_', " "));
            field.checks.broken.push(Broken { field: path, rule: "exists", detail });
        }
        field
    }

    /// Something that is not in the database yet. Not asked when an earlier rule failed.
    pub(crate) fn unique(mut self, taken: impl FnOnce(&str) -> bool) -> Self {
        self.done |= self.failed;
        self.text_rule("unique", |text| !taken(text), "has already been taken.")
    }
}

/// The value at a dotted path.
pub(crate) fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, part| match value {
        Value::Object(map) => map.get(part),
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// A whole number, also one written as text.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

/// A truth value in any of its spellings.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match (value.as_bool(), whole(value)) {
        (Some(truth), _) => Some(truth),
        (None, Some(0)) => Some(false),
        (None, Some(1)) => Some(true),
        (None, _) => None,
    }
}

/// A body as the panel's middleware leaves it: texts trimmed, empty ones null (passwords are left alone).
pub(crate) fn normalise(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() { Value::Null } else { Value::String(text.to_owned()) }
        }
        Value::Array(list) => Value::Array(list.into_iter().map(normalise).collect()),
        Value::Object(map) => {
            let entry = |(name, value)| if name == "password" { (name, value) } else { (name, normalise(value)) };
            Value::Object(map.into_iter().map(entry).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}
