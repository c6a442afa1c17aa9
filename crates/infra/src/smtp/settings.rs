//! What the operator says about the mail server.

use std::{net::IpAddr, str::FromStr};

use lettre::message::Mailbox;
use notify::Department;
use secrecy::SecretString;

use crate::outgoing::{ForbiddenAddress, Outgoing};

/// `SMTP_HOST`, `SMTP_PORT`, `SMTP_USER`, `SMTP_PASS`, `SMTP_TLS` and the `EMAIL_FROM` family.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Name or address of the server; its certificate must name it.
    pub host: String,
    /// 465 for implicit TLS, 587 or 25 for STARTTLS.
    pub port: u16,
    /// Who logs in; nobody without it.
    pub user: Option<String>,
    /// Their password.
    pub password: Option<SecretString>,
    /// When plain text is allowed.
    pub tls: SmtpTls,
    /// Who the mails are from.
    pub senders: Senders,
    /// What may be connected to.
    pub outgoing: Outgoing,
}

impl SmtpSettings {
    /// Whether the server is on this machine, so that plain text stays on it.
    pub(super) fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Whether the connection is encrypted. How is decided by the port: 465 begins with TLS, any other upgrades with
/// STARTTLS. There is no "if offered": whoever sits between could take the offer out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// Encrypted, except to a server on this machine on another port than 465.
    #[default]
    Auto,
    /// Encrypted, wherever the server is.
    Required,
    /// Never: mails and password in plain text, because the operator said so.
    None,
}

/// A word that is no [`SmtpTls`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown SMTP_TLS '{0}'; expected auto, required or none")]
pub struct UnknownSmtpTls(pub String);

impl FromStr for SmtpTls {
    type Err = UnknownSmtpTls;

    fn from_str(text: &str) -> Result<Self, UnknownSmtpTls> {
        match text {
            "auto" => Ok(Self::Auto),
            "required" => Ok(Self::Required),
            "none" => Ok(Self::None),
            _ => Err(UnknownSmtpTls(text.chars().take(40).collect())),
        }
    }
}

/// Who the mails of each department are from.
#[derive(Debug, Clone)]
pub struct Senders {
    default: Mailbox,
    sales: Option<Mailbox>,
    billing: Option<Mailbox>,
    support: Option<Mailbox>,
}

impl Senders {
    /// Everything from one mailbox, `Shop <sales@example.com>` or `sales@example.com` (`EMAIL_FROM`).
    ///
    /// # Errors
    /// A text that is no mailbox.
    pub fn new(default: &str) -> Result<Self, SmtpConfigError> {
        Ok(Self { default: mailbox(default)?, sales: None, billing: None, support: None })
    }

    /// One department from a mailbox of its own (`EMAIL_FROM_SALES`, `EMAIL_FROM_BILLING`, `EMAIL_FROM_SUPPORT`).
    ///
    /// # Errors
    /// A text that is no mailbox.
    pub fn with(mut self, department: Department, sender: &str) -> Result<Self, SmtpConfigError> {
        let own = Some(mailbox(sender)?);
        match department {
            Department::Sales => self.sales = own,
            Department::Billing => self.billing = own,
            Department::Support => self.support = own,
        }
        Ok(self)
    }

    pub(super) fn of(&self, department: Department) -> &Mailbox {
        let own = match department {
            Department::Sales => &self.sales,
            Department::Billing => &self.billing,
            Department::Support => &self.support,
        };
        own.as_ref().unwrap_or(&self.default)
    }

    /// How this client introduces itself: a domain of the shop's, since behind NAT no host name of ours means anything.
    pub(super) fn default_domain(&self) -> &str {
        self.default.email.domain()
    }
}

fn mailbox(text: &str) -> Result<Mailbox, SmtpConfigError> {
    text.parse().map_err(|_| SmtpConfigError::Sender(text.to_owned()))
}

/// Settings with which no mail could be sent.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// A sender that is no mailbox.
    #[error("'{0}' is not a sender; expected something like Shop <sales@example.com>")]
    Sender(String),
    /// A user without a password.
    #[error("SMTP_USER is set and SMTP_PASS is not, nor is smtp_password in the secrets table")]
    PasswordMissing,
    /// A password without a user.
    #[error("SMTP_PASS is set and SMTP_USER is not")]
    UserMissing,
    /// The server's address is one that is not connected to.
    #[error("SMTP_HOST cannot be used")]
    Forbidden(#[from] ForbiddenAddress),
    /// TLS to this host cannot be prepared.
    #[error("TLS to the mail server '{host}' cannot be prepared")]
    Tls {
        /// `SMTP_HOST`.
        host: String,
        /// lettre's reason.
        #[source]
        source: lettre::transport::smtp::Error,
    },
}
