//! From a mail of the log to the message that is sent.

use handlebars::Handlebars;
use kernel::{Failure, FailureKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{
    Brand, Mail, Message,
    mails::{self, Registered},
};

const HTML_PARTIALS: [(&str, &str); 3] = [
    ("layout", include_str!("templates/layout/html.hbs")),
    ("fact", include_str!("templates/layout/fact_html.hbs")),
    ("paragraph", include_str!("templates/layout/paragraph_html.hbs")),
];
const TEXT_PARTIALS: [(&str, &str); 1] = [("layout", include_str!("templates/layout/text.hbs"))];

/// Why a mail could not be rendered: always a mistake of ours, visible before anything was sent. Names templates and
/// fields, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The log names a mail that this version does not have.
    #[error("there is no mail named '{0}'")]
    UnknownTemplate(String),
    /// The mail prints a secret and was given none.
    #[error("the mail '{0}' needs a secret and has none")]
    MissingSecret(String),
    /// The mail prints no secret and was given one, which would be lost.
    #[error("the mail '{0}' takes no secret and was given one")]
    UnexpectedSecret(String),
    /// A template does not parse, or asks for a field that the context does not have.
    #[error("the template '{template}' cannot be rendered: {reason}")]
    Template {
        /// Mail and part, `welcome/html`.
        template: String,
        /// Where and why.
        reason: String,
    },
    /// A part came out empty.
    #[error("the template '{0}' renders to nothing")]
    Empty(String),
}

impl Failure for RenderError {
    /// A bug, hence tried again: a newer version may know the mail.
    fn kind(&self) -> FailureKind {
        FailureKind::Bug
    }

    fn code(&self) -> &'static str {
        "mail-not-renderable"
    }
}

/// All templates, parsed and checked.
#[derive(Debug)]
pub struct Renderer {
    html: Handlebars<'static>,
    plain: Handlebars<'static>,
    #[cfg(feature = "testing")]
    repeated: Option<crate::testing::Repeated>,
}

impl Renderer {
    /// Parses every template and renders every sample, so that a broken mail stops the start and not a purchase.
    ///
    /// # Errors
    /// The first template that is broken.
    pub fn new() -> Result<Self, RenderError> {
        let mut renderer = Self {
            html: strict(),
            plain: strict(),
            #[cfg(feature = "testing")]
            repeated: None,
        };
        renderer.plain.register_escape_fn(handlebars::no_escape);
        for (name, source) in HTML_PARTIALS {
            register(&mut renderer.html, name, source)?;
        }
        for (name, source) in TEXT_PARTIALS {
            register(&mut renderer.plain, name, source)?;
        }
        for mail in mails::ALL {
            register(&mut renderer.html, &format!("{}/html", mail.name), mail.html)?;
            register(&mut renderer.plain, &format!("{}/text", mail.name), mail.text)?;
            register(&mut renderer.plain, &format!("{}/subject", mail.name), mail.subject)?;
        }
        renderer.check_samples()?;
        Ok(renderer)
    }

    /// Renders a mail of the log. The secret is exposed here and lives on in the message only.
    ///
    /// # Errors
    /// A mail that is unknown, that lacks its secret or has one too many, or whose stored context does not fit its
    /// templates (strict: a missing field is an error, not an empty string).
    pub fn render(&self, mail: &Mail, brand: &Brand, secret: Option<&SecretString>) -> Result<Message, RenderError> {
        let entry = mails::ALL.iter().find(|entry| entry.name == mail.template);
        let entry = entry.ok_or_else(|| RenderError::UnknownTemplate(mail.template.clone()))?;
        #[cfg(feature = "testing")]
        if let Some(repeated) = self.repeated.as_ref().filter(|_| entry.needs_secret == secret.is_some())
            && let Some(message) = repeated.again(mail, secret)
        {
            return Ok(message);
        }
        let to_name = mail.to_name.as_deref().map(one_line).filter(|name| !name.is_empty());
        let mut data = json!({
            "brand": brand,
            "to": { "name": to_name, "email": mail.to.as_str() },
            "mail": mail.context,
        });
        add_secret(entry, secret, &mut data)?;
        let parts = self.parts(entry.name, &data)?;
        let message = Message {
            id: mail.id,
            to: mail.to.clone(),
            to_name,
            department: mail.department,
            subject: parts.subject,
            html: parts.html,
            text: parts.text,
        };
        #[cfg(feature = "testing")]
        if let Some(repeated) = &self.repeated {
            repeated.keep(entry.name, &message);
        }
        Ok(message)
    }

    /// Renders each mail once and says the same again for all others like it: for simulations of millions of mails.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn repeating(self) -> Self {
        Self { repeated: Some(crate::testing::Repeated::default()), ..self }
    }

    fn parts(&self, name: &str, data: &Value) -> Result<Parts, RenderError> {
        let subject = one_line(&render_one(&self.plain, &format!("{name}/subject"), data)?);
        let html = render_one(&self.html, &format!("{name}/html"), data)?;
        let text = tidy(&render_one(&self.plain, &format!("{name}/text"), data)?);
        for (part, rendered) in [("subject", &subject), ("html", &html), ("text", &text)] {
            if rendered.trim().is_empty() {
                return Err(RenderError::Empty(format!("{name}/{part}")));
            }
        }
        Ok(Parts { subject, html, text })
    }

    fn check_samples(&self) -> Result<(), RenderError> {
        for mail in mails::ALL {
            let samples = mail
                .samples()
                .map_err(|error| RenderError::Template { template: mail.name.to_owned(), reason: error.to_string() })?;
            for context in samples {
                let mut data = json!({
                    "brand": { "shop_name": "Shop", "site_url": "https://shop.example", "support_email": "s@shop.example",
                        "colours": crate::Colours::default() },
                    "to": { "name": null, "email": "customer@example.com" },
                    "mail": context,
                });
                let secret = SecretString::from("sample-secret");
                add_secret(mail, mail.needs_secret.then_some(&secret), &mut data)?;
                self.parts(mail.name, &data)?;
            }
        }
        Ok(())
    }
}

struct Parts {
    subject: String,
    html: String,
    text: String,
}

/// Puts the secret beside the context, exactly for mails that print one.
fn add_secret(entry: &Registered, secret: Option<&SecretString>, data: &mut Value) -> Result<(), RenderError> {
    match (entry.needs_secret, secret) {
        (false, None) => Ok(()),
        (true, None) => Err(RenderError::MissingSecret(entry.name.to_owned())),
        (false, Some(_)) => Err(RenderError::UnexpectedSecret(entry.name.to_owned())),
        (true, Some(secret)) => {
            if let Value::Object(fields) = data {
                fields.insert("secret".to_owned(), Value::from(secret.expose_secret()));
            }
            Ok(())
        }
    }
}

fn strict() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry
}

fn register(registry: &mut Handlebars<'static>, name: &str, source: &str) -> Result<(), RenderError> {
    registry
        .register_template_string(name, source)
        .map_err(|error| RenderError::Template { template: name.to_owned(), reason: error.to_string() })
}

fn render_one(registry: &Handlebars<'static>, name: &str, data: &Value) -> Result<String, RenderError> {
    registry
        .render(name, data)
        .map_err(|error| RenderError::Template { template: name.to_owned(), reason: error.to_string() })
}

/// Control characters, line ends above all, would let a value add headers to the mail.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No blanks at line ends, never two empty lines in a row, one line end at the end: branches of a template leave gaps.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut gap = true;
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && gap) {
            tidied.push_str(line);
            tidied.push('\n');
        }
        gap = line.is_empty();
    }
    let end = tidied.trim_end().len();
    tidied.truncate(end);
    tidied.push('\n');
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_do_not_survive_in_a_subject() {
        assert_eq!(one_line(" Ready:\r\nBcc: x@y.z\t\u{7}now "), "Ready: Bcc: x@y.z now");
    }

    #[test]
    fn gaps_are_closed_in_texts() {
        assert_eq!(tidy("\n\nHello,  \n\n\n\nbye\n\n"), "Hello,\n\nbye\n");
    }
}
