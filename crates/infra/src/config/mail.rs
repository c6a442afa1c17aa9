//! The mail server.

use clap::Args;
use notify::Department;
use secrecy::SecretString;

use super::{BrandSenders, Problems};
use crate::{
    outgoing::Outgoing,
    secrets::Credentials,
    smtp::{Senders, SmtpSettings, SmtpTls},
};

/// Where mails are handed over, and who they are from.
#[derive(Debug, Clone, Args)]
pub struct MailConfig {
    /// The mail server.
    #[arg(long, env = "SMTP_HOST")]
    pub smtp_host: Option<String>,
    /// Its port: 465 begins with TLS, any other upgrades with STARTTLS.
    #[arg(long, env = "SMTP_PORT", default_value_t = 587)]
    pub smtp_port: u16,
    /// Who logs in there.
    #[arg(long, env = "SMTP_USER")]
    pub smtp_user: Option<String>,
    /// Their password. One in the secrets table, `smtp_password`, goes before it.
    #[arg(long, env = "SMTP_PASS", hide_env_values = true)]
    pub smtp_pass: Option<String>,
    /// auto, required or none: auto allows plain text to this machine only.
    #[arg(long, env = "SMTP_TLS", default_value = "auto")]
    pub smtp_tls: String,
    /// Who mails are from: Shop <mail@shop.example>.
    #[arg(long, env = "EMAIL_FROM")]
    pub email_from: Option<String>,
    /// The sales department's own sender.
    #[arg(long, env = "EMAIL_FROM_SALES")]
    pub email_from_sales: Option<String>,
    /// The billing department's own sender.
    #[arg(long, env = "EMAIL_FROM_BILLING")]
    pub email_from_billing: Option<String>,
    /// The support department's own sender.
    #[arg(long, env = "EMAIL_FROM_SUPPORT")]
    pub email_from_support: Option<String>,
}

impl MailConfig {
    /// With the senders of a brand file before these.
    #[must_use]
    pub fn of_brand(&self, senders: &BrandSenders) -> Self {
        let first = |file: &Option<String>, own: &Option<String>| file.clone().or_else(|| own.clone());
        Self {
            email_from: first(&senders.all, &self.email_from),
            email_from_sales: first(&senders.sales, &self.email_from_sales),
            email_from_billing: first(&senders.billing, &self.email_from_billing),
            email_from_support: first(&senders.support, &self.email_from_support),
            ..self.clone()
        }
    }

    /// What the mailer is made with.
    pub fn settings(&self, kept: &Credentials, outgoing: &Outgoing, problems: &mut Problems) -> Option<SmtpSettings> {
        let host = problems.required("SMTP_HOST", self.smtp_host.as_ref(), "the mail server's name");
        let tls = problems.take("SMTP_TLS", self.smtp_tls.parse::<SmtpTls>());
        let senders = self.senders(problems);
        let user = self.smtp_user.clone().filter(|text| !text.is_empty());
        let given = self.smtp_pass.clone().filter(|text| !text.is_empty()).map(SecretString::from);
        // Without a user nobody logs in, and a password that is kept is for nobody.
        let kept = kept.mail().cloned().filter(|_| user.is_some());
        Some(SmtpSettings {
            host: host?,
            port: self.smtp_port,
            user,
            password: kept.or(given),
            tls: tls?,
            senders: senders?,
            outgoing: outgoing.clone(),
        })
    }

    fn senders(&self, problems: &mut Problems) -> Option<Senders> {
        let from = problems.required("EMAIL_FROM", self.email_from.as_ref(), "Shop <mail@shop.example>")?;
        let mut senders = problems.take("EMAIL_FROM", Senders::new(&from))?;
        for (name, department, sender) in [
            ("EMAIL_FROM_SALES", Department::Sales, &self.email_from_sales),
            ("EMAIL_FROM_BILLING", Department::Billing, &self.email_from_billing),
            ("EMAIL_FROM_SUPPORT", Department::Support, &self.email_from_support),
        ] {
            if let Some(sender) = sender.as_ref().filter(|text| !text.is_empty()) {
                senders = problems.take(name, senders.with(department, sender))?;
            }
        }
        Some(senders)
    }
}
