//! A page that is one short form.

use serde::Serialize;

use crate::field::{Field, Problem};

/// A short form, as the template `form_page` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct FormPage {
    title: &'static str,
    lead: String,
    action: &'static str,
    /// From the mailed link; sent along.
    token: Option<String>,
    fields: Vec<Field>,
    button: &'static str,
    problems: Vec<Problem>,
    form_error: Option<String>,
}

impl FormPage {
    /// Without fields so far.
    pub(crate) fn new(title: &'static str, action: &'static str, button: &'static str) -> Self {
        let (lead, fields, problems) = (String::new(), Vec::new(), Vec::new());
        Self { title, lead, action, token: None, fields, button, problems, form_error: None }
    }

    pub(crate) const fn title(&self) -> &'static str {
        self.title
    }

    pub(crate) fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: lead.into(), ..self }
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
    pub(crate) fn error(self, error: Option<String>) -> Self {
        Self { form_error: error, ..self }
    }
}

/// A page that says what happened and where to go on, as the template `notice` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Notice {
    /// The heading.
    pub(crate) title: &'static str,
    /// What happened.
    pub(crate) text: String,
    /// What else is good to know.
    pub(crate) more: &'static str,
    /// The button's words.
    pub(crate) button: &'static str,
    /// Where it leads.
    pub(crate) url: &'static str,
}
