//! A page that is one short form.

use serde::Serialize;

use crate::{
    field::{Field, Problem},
    say::Say,
};

/// A short form, as the template `form_page` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct FormPage {
    title: Say,
    lead: Option<Say>,
    action: &'static str,
    /// From the mailed link; sent along.
    token: Option<String>,
    fields: Vec<Field>,
    button: Say,
    problems: Vec<Problem>,
    form_error: Option<Say>,
}

impl FormPage {
    /// Without fields so far.
    pub(crate) fn new(title: Say, action: &'static str, button: Say) -> Self {
        let (lead, fields, problems) = (None, Vec::new(), Vec::new());
        Self { title, lead, action, token: None, fields, button, problems, form_error: None }
    }

    pub(crate) fn title(&self) -> Say {
        self.title.clone()
    }

    pub(crate) fn lead(self, lead: Say) -> Self {
        Self { lead: Some(lead), ..self }
    }

    pub(crate) fn token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    pub(crate) fn field(mut self, field: Field) -> Self {
        self.problems.extend(field.problem());
        self.fields.push(field);
        self
    }

    /// What is wrong, but with no field.
    pub(crate) fn error(self, error: Option<Say>) -> Self {
        Self { form_error: error, ..self }
    }
}

/// A page that says what happened and where to go on, as the template `notice` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Notice {
    /// The heading.
    pub(crate) title: Say,
    /// What happened.
    pub(crate) text: Say,
    /// What else is good to know.
    pub(crate) more: Say,
    /// The button's words.
    pub(crate) button: Say,
    /// Where it leads.
    pub(crate) url: &'static str,
}
