//! A form's field: what was entered, and what is wrong with it.

use serde::Serialize;

use crate::say::{Say, say};

/// One input with its label, hint and error.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Field {
    name: &'static str,
    label: Say,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    hint: Option<Say>,
    error: Option<Say>,
    described_by: Option<String>,
    required: bool,
    /// Said beside the label.
    optional: bool,
    max: u16,
}

impl Field {
    /// A required line of text.
    pub(crate) fn text(name: &'static str, label: Say, value: &str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            autocomplete: "off",
            value: value.to_owned(),
            hint: None,
            error: None,
            described_by: None,
            required: true,
            optional: false,
            max: 100,
        }
    }

    /// An address. `autocomplete` is `email` for a contact and `username` for signing in.
    pub(crate) fn email(value: &str, autocomplete: &'static str) -> Self {
        Self { kind: "email", autocomplete, max: 254, ..Self::text("email", say("field-email"), value) }
    }

    /// A password; what was entered is never sent back.
    pub(crate) fn password(name: &'static str, label: Say, autocomplete: &'static str) -> Self {
        Self { kind: "password", autocomplete, max: 200, ..Self::text(name, label, "") }
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.required = false;
        self.optional = true;
        self
    }

    /// Required only where another choice says so, which a browser cannot know.
    pub(crate) const fn depends(mut self) -> Self {
        self.required = false;
        self
    }

    pub(crate) const fn autocomplete(mut self, word: &'static str) -> Self {
        self.autocomplete = word;
        self
    }

    /// A field whose content browsers may keep: what is in one with «off» is lost by a reload.
    pub(crate) const fn kept(self) -> Self {
        self.autocomplete("on")
    }

    pub(crate) const fn max(mut self, max: u16) -> Self {
        self.max = max;
        self
    }

    pub(crate) fn hint(mut self, hint: Say) -> Self {
        self.hint = Some(hint);
        self.describe()
    }

    pub(crate) fn error(mut self, error: Option<&Say>) -> Self {
        self.error = error.cloned();
        self.describe()
    }

    fn describe(mut self) -> Self {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = [error, hint].into_iter().flatten().collect();
        self.described_by = (!ids.is_empty()).then(|| ids.join(" "));
        self
    }

    /// Name, label and error, where there is one, for the list at the top of the form.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let text = self.error.clone()?;
        Some(Problem { name: self.name, text })
    }
}

/// A line of the list at the top of a form.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    pub(crate) text: Say,
}
