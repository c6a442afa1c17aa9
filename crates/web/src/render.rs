//! Templates, compiled once and in strict mode: a field that a page does not have is an error, not an empty string.

use std::sync::Arc;

use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    head::Head,
    languages::{self, OwnTexts, Texts},
    state::SiteView,
};

pub(crate) const TEMPLATES: &[(&str, &str)] = &[
    ("layout", include_str!("templates/layout.hbs")),
    ("mark", include_str!("templates/mark.hbs")),
    ("field", include_str!("templates/field.hbs")),
    ("summary", include_str!("templates/summary.hbs")),
    ("plan_card", include_str!("templates/plan_card.hbs")),
    ("comparison", include_str!("templates/comparison.hbs")),
    ("gallery", include_str!("templates/gallery.hbs")),
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
    ("account_nav", include_str!("templates/account_nav.hbs")),
    ("billing", include_str!("templates/billing.hbs")),
    ("mails", include_str!("templates/mails.hbs")),
    ("service", include_str!("templates/service.hbs")),
    ("to_console", include_str!("templates/to_console.hbs")),
    ("to_portal", include_str!("templates/to_portal.hbs")),
    ("password", include_str!("templates/password.hbs")),
    ("message", include_str!("templates/message.hbs")),
    ("form_errors", include_str!("templates/form_errors.hbs")),
    ("desk/today", include_str!("templates/desk/today.hbs")),
    ("desk/orders", include_str!("templates/desk/orders.hbs")),
    ("desk/order_rows", include_str!("templates/desk/order_rows.hbs")),
    ("desk/order", include_str!("templates/desk/order.hbs")),
    ("desk/refund", include_str!("templates/desk/refund.hbs")),
    ("desk/end", include_str!("templates/desk/end.hbs")),
    ("desk/event", include_str!("templates/desk/event.hbs")),
    ("desk/search", include_str!("templates/desk/search.hbs")),
    ("desk/cases", include_str!("templates/desk/cases.hbs")),
    ("desk/case", include_str!("templates/desk/case.hbs")),
    ("desk/customer", include_str!("templates/desk/customer.hbs")),
    ("desk/system", include_str!("templates/desk/system.hbs")),
    ("desk/trail", include_str!("templates/desk/trail.hbs")),
    ("desk/area", include_str!("templates/desk/area.hbs")),
    ("desk/catalogue", include_str!("templates/desk/catalogue.hbs")),
    ("desk/coupons", include_str!("templates/desk/coupons.hbs")),
    ("desk/customers", include_str!("templates/desk/customers.hbs")),
    ("desk/health", include_str!("templates/desk/health.hbs")),
    ("desk/mail_rows", include_str!("templates/desk/mail_rows.hbs")),
    ("desk/maintenance", include_str!("templates/desk/maintenance.hbs")),
    ("desk/product", include_str!("templates/desk/product.hbs")),
    ("closed", include_str!("templates/closed.hbs")),
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

impl From<languages::TextError> for TemplateError {
    fn from(error: languages::TextError) -> Self {
        Self { page: "messages".to_owned(), reason: error.to_string() }
    }
}

/// All templates, in every language.
#[derive(Debug)]
pub(crate) struct Renderer(Vec<(Arc<Texts>, Handlebars<'static>)>);

impl Renderer {
    /// With the texts that a brand says in other words.
    pub(crate) fn new(texts: &OwnTexts) -> Result<Self, TemplateError> {
        let broken = |page: &str, reason: String| TemplateError { page: page.to_owned(), reason };
        let mut renderer = Vec::new();
        for texts in languages::with(texts)? {
            let mut templates = Handlebars::new();
            templates.set_strict_mode(true);
            for (name, source) in TEMPLATES {
                let registered = templates.register_template_string(name, source);
                registered.map_err(|error| broken(name, error.to_string()))?;
            }
            templates.register_helper("t", Box::new(Speak(Arc::clone(&texts))));
            renderer.push((texts, templates));
        }
        Ok(Self(renderer))
    }

    /// A whole page in a language: what it holds is written first and stands in the layout then. As a block of the layout it
    /// would be the same, but whatever a template names within a block is copied by handlebars each time that it is named.
    pub(crate) fn page(
        &self,
        (name, language): (&str, &'static str),
        (site, head): (&SiteView, &Head),
        it: Value,
    ) -> Result<String, TemplateError> {
        let broken = |reason: String| TemplateError { page: name.to_owned(), reason };
        let (_, templates) = self.speaker(language).ok_or_else(|| broken("no language is spoken".to_owned()))?;
        let around = json!({ "site": site, "head": head, "language": language, "it": Value::Null });
        let mut data = Context::null();
        *data.data_mut() = around;
        put(&mut data, "it", it);
        let content = templates.render_with_context(name, &data).map_err(|error| broken(error.to_string()))?;
        put(&mut data, "it", Value::Null);
        put(&mut data, "content", Value::String(content));
        templates.render_with_context("layout", &data).map_err(|error| broken(error.to_string()))
    }

    /// A part of a page.
    pub(crate) fn part<T: Serialize>(&self, name: (&str, &str), it: &T) -> Result<String, TemplateError> {
        self.render(name, it)
    }

    fn speaker(&self, language: &str) -> Option<&(Arc<Texts>, Handlebars<'static>)> {
        self.0.iter().find(|(texts, _)| texts.tag == language).or_else(|| self.0.first())
    }

    fn render<T: Serialize>(&self, (name, language): (&str, &str), data: &T) -> Result<String, TemplateError> {
        let broken = |reason: String| TemplateError { page: name.to_owned(), reason };
        let (_, templates) = self.speaker(language).ok_or_else(|| broken("no language is spoken".to_owned()))?;
        templates.render(name, data).map_err(|error| broken(error.to_string()))
    }
}

/// Without copying it.
fn put(context: &mut Context, key: &str, value: Value) {
    if let Some(data) = context.data_mut().as_object_mut() {
        data.insert(key.to_owned(), value);
    }
}

/// `{{t "test-key" name=value}}` and `{{t it.text}}`: a message in the language of the page. What comes of it is escaped as any
/// other text.
struct Speak(Arc<Texts>);

impl HelperDef for Speak {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let what = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("t", 0))?;
        // A text out of the page's data is no key: it is said as it is.
        let literal = what.value().as_str().filter(|_| what.relative_path().is_none());
        let said = match literal {
            Some(key) => self.0.message(key, helper.hash().iter().map(|(name, fill)| (*name, fill.value()))),
            None => self.0.speak(what.value()),
        };
        let text = said.map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        Ok(ScopedJson::Derived(Value::String(text)))
    }
}
