//! Templates, compiled once and in strict mode: a field that a page does not have is an error, not an empty string.

use handlebars::Handlebars;
use serde::Serialize;

use crate::{head::Head, state::SiteView};

pub(crate) const TEMPLATES: [(&str, &str); 28] = [
    ("layout", include_str!("templates/layout.hbs")),
    ("mark", include_str!("templates/mark.hbs")),
    ("field", include_str!("templates/field.hbs")),
    ("summary", include_str!("templates/summary.hbs")),
    ("plan_card", include_str!("templates/plan_card.hbs")),
    ("domain_choice", include_str!("templates/domain_choice.hbs")),
    ("order_live", include_str!("templates/order_live.hbs")),
    ("order_progress", include_str!("templates/order_progress.hbs")),
    ("access", include_str!("templates/access.hbs")),
    ("plans", include_str!("templates/plans.hbs")),
    ("checkout", include_str!("templates/checkout.hbs")),
    ("to_payment", include_str!("templates/to_payment.hbs")),
    ("order", include_str!("templates/order.hbs")),
    ("login", include_str!("templates/login.hbs")),
    ("passkey_form", include_str!("templates/passkey_form.hbs")),
    ("step", include_str!("templates/step.hbs")),
    ("privacy", include_str!("templates/privacy.hbs")),
    ("security", include_str!("templates/security.hbs")),
    ("app_setup", include_str!("templates/app_setup.hbs")),
    ("codes", include_str!("templates/codes.hbs")),
    ("passkey_new", include_str!("templates/passkey_new.hbs")),
    ("form_page", include_str!("templates/form_page.hbs")),
    ("notice", include_str!("templates/notice.hbs")),
    ("register", include_str!("templates/register.hbs")),
    ("account", include_str!("templates/account.hbs")),
    ("password", include_str!("templates/password.hbs")),
    ("message", include_str!("templates/message.hbs")),
    ("form_errors", include_str!("templates/form_errors.hbs")),
];

/// A template is broken: always a mistake of ours. Names templates and fields, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page '{page}' cannot be rendered: {reason}")]
pub struct TemplateError {
    /// Which.
    pub page: String,
    /// Where and why.
    pub reason: String,
}

/// What a page's template is given.
#[derive(Serialize)]
struct Page<'a, T> {
    site: &'a SiteView,
    head: &'a Head,
    it: &'a T,
}

/// All templates.
#[derive(Debug)]
pub(crate) struct Renderer(Handlebars<'static>);

impl Renderer {
    pub(crate) fn new() -> Result<Self, TemplateError> {
        let mut templates = Handlebars::new();
        templates.set_strict_mode(true);
        for (name, source) in TEMPLATES {
            let broken =
                |error: handlebars::TemplateError| TemplateError { page: name.to_owned(), reason: error.to_string() };
            templates.register_template_string(name, source).map_err(broken)?;
        }
        Ok(Self(templates))
    }

    /// A whole page.
    pub(crate) fn page<T: Serialize>(
        &self,
        name: &str,
        (site, head): (&SiteView, &Head),
        it: &T,
    ) -> Result<String, TemplateError> {
        self.render(name, &Page { site, head, it })
    }

    /// A part of a page.
    pub(crate) fn part<T: Serialize>(&self, name: &str, it: &T) -> Result<String, TemplateError> {
        self.render(name, it)
    }

    fn render<T: Serialize>(&self, name: &str, data: &T) -> Result<String, TemplateError> {
        let broken =
            |error: handlebars::RenderError| TemplateError { page: name.to_owned(), reason: error.to_string() };
        self.0.render(name, data).map_err(broken)
    }
}
