//! The mailer over SMTP: one connection per mail, no retry.
//!
//! lettre composes the mails and speaks the protocol. Its connection is driven step by step rather than through its
//! transport, since only so is it known whether a connection was lost before the mail was handed over (try again freely)
//! or after (it may have arrived).

mod letter;
mod settings;
#[cfg(test)]
mod tests;

use std::{future::Future, time::Duration};

use lettre::transport::smtp::{
    Error as LettreError,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailParameter},
    response::Response,
};
use notify::{Accepted, MailError, Mailer, Message};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout, timeout_at};

use crate::outgoing::{LookupError, Outgoing};

use self::letter::Letter;
pub use self::settings::{Senders, SmtpConfigError, SmtpSettings, SmtpTls, UnknownSmtpTls};

/// For one mail, from the connection to the server's last answer.
const TOTAL: Duration = Duration::from_secs(30);
/// For taking leave, whose answer nobody needs.
const FAREWELL: Duration = Duration::from_secs(2);
/// The port of implicit TLS (RFC 8314).
const SUBMISSIONS: u16 = 465;

/// Sends mails through one SMTP server.
pub struct SmtpMailer {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    senders: Senders,
    outgoing: Outgoing,
    total: Duration,
}

enum Security {
    Plain,
    StartTls(TlsParameters),
    Implicit(TlsParameters),
}

impl SmtpMailer {
    /// Checks the settings and prepares TLS; the server is asked with the first mail, or by [`Self::check`].
    ///
    /// # Errors
    /// Settings that contradict each other, or a host that no certificate can name.
    pub fn connect(settings: SmtpSettings) -> Result<Self, SmtpConfigError> {
        let credentials = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose_secret().to_owned())),
            (None, None) => None,
            (Some(_), None) => return Err(SmtpConfigError::PasswordMissing),
            (None, Some(_)) => return Err(SmtpConfigError::UserMissing),
        };
        if let Ok(address) = settings.host.parse() {
            settings.outgoing.check(address)?;
        }
        Ok(Self {
            security: security(&settings)?,
            host: settings.host,
            port: settings.port,
            credentials,
            senders: settings.senders,
            outgoing: settings.outgoing,
            total: TOTAL,
        })
    }

    /// Another limit than 30 seconds for one mail as a whole.
    #[must_use]
    pub fn with_timeout(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// Connects, encrypts, logs in and takes leave, without a mail.
    ///
    /// # Errors
    /// Only [`MailError::Unavailable`].
    pub async fn check(&self) -> Result<(), MailError> {
        let mut connection = before(Instant::now() + self.total, self.open()).await?;
        take_leave(&mut connection).await;
        Ok(())
    }

    async fn deliver(&self, letter: &Letter) -> Result<Response, MailError> {
        let deadline = Instant::now() + self.total;
        let mut connection = before(deadline, self.open()).await?;
        let result = exchange(&mut connection, letter, deadline).await;
        take_leave(&mut connection).await;
        result
    }

    /// Whatever goes wrong here says nothing about the mail, so even a 5xx answer (a wrong password, a server that is
    /// closed) leaves it to be tried again once the operator has put it right.
    async fn open(&self) -> Result<AsyncSmtpConnection, MailError> {
        let hello = ClientId::Domain(self.senders.default_domain().to_owned());
        let implicit = match &self.security {
            Security::Implicit(tls) => Some(tls.clone()),
            Security::Plain | Security::StartTls(_) => None,
        };
        let found = self.outgoing.addresses(&self.host, self.port).await.map_err(not_found)?;
        let connecting =
            AsyncSmtpConnection::connect_tokio1(found.as_slice(), Some(self.total), &hello, implicit, None);
        let mut connection = connecting.await.map_err(unavailable)?;
        if let Security::StartTls(tls) = &self.security {
            if !connection.can_starttls() {
                return Err(no_starttls());
            }
            connection.starttls(tls.clone(), &hello).await.map_err(unavailable)?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(unavailable)?;
        }
        Ok(connection)
    }
}

impl Mailer for SmtpMailer {
    async fn send(&self, message: &Message) -> Result<Accepted, MailError> {
        let letter = Letter::compose(&self.senders, message)?;
        match self.deliver(&letter).await {
            Ok(response) => Ok(Accepted {
                message_id: letter.message_id,
                response: shortened(&format!(
                    "{} {}",
                    response.code(),
                    response.message().collect::<Vec<_>>().join(" ")
                )),
            }),
            Err(error) => Err(without_address(error, message)),
        }
    }
}

fn security(settings: &SmtpSettings) -> Result<Security, SmtpConfigError> {
    let plain = match settings.tls {
        SmtpTls::None => true,
        SmtpTls::Auto => settings.port != SUBMISSIONS && settings.is_loopback(),
        SmtpTls::Required => false,
    };
    if plain {
        return Ok(Security::Plain);
    }
    let tls = TlsParameters::new(settings.host.clone())
        .map_err(|source| SmtpConfigError::Tls { host: settings.host.clone(), source })?;
    Ok(if settings.port == SUBMISSIONS { Security::Implicit(tls) } else { Security::StartTls(tls) })
}

async fn exchange(
    connection: &mut AsyncSmtpConnection,
    letter: &Letter,
    deadline: Instant,
) -> Result<Response, MailError> {
    before(deadline, announce(connection, letter)).await?;
    // From here on silence means "perhaps": the server may have the whole mail although we do not have its answer.
    match timeout_at(deadline, connection.message(&letter.bytes)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) if error.status().is_some() => Err(refusal(error)),
        Ok(Err(error)) => Err(MailError::Unknown { reason: shortened(&error.to_string()) }),
        Err(_) => Err(MailError::Unknown { reason: "no answer in time after the mail was handed over".to_owned() }),
    }
}

/// Everything before the mail's own text.
async fn announce(connection: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), MailError> {
    let mut parameters = Vec::new();
    if !letter.bytes.is_ascii() {
        // The bodies and names are encoded; what remains is an address beyond ASCII (RFC 6531).
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let reason = "the mail server does not take addresses beyond ASCII".to_owned();
            return Err(MailError::Rejected { reason });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    connection.command(Mail::new(Some(letter.from.clone()), parameters)).await.map_err(refusal)?;
    connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await.map_err(refusal)?;
    connection.command(Data).await.map_err(refusal)?;
    Ok(())
}

async fn take_leave(connection: &mut AsyncSmtpConnection) {
    // Nothing depends on the answer: the mail's outcome is known, and the connection is closed either way.
    let _ = timeout(FAREWELL, connection.abort()).await;
}

/// `step`, given up at the deadline; for steps after which the mail was certainly not taken.
async fn before<T>(deadline: Instant, step: impl Future<Output = Result<T, MailError>>) -> Result<T, MailError> {
    let late = |_| Err(MailError::Unavailable { reason: "no answer in time".to_owned() });
    timeout_at(deadline, step).await.unwrap_or_else(late)
}

fn not_found(error: LookupError) -> MailError {
    let reason = match error {
        LookupError::Lookup(cause) => format!("the mail server's name cannot be looked up: {cause}"),
        LookupError::Forbidden(address) => format!("{address}; check SMTP_HOST"),
    };
    MailError::Unavailable { reason: shortened(&reason) }
}

fn unavailable(error: LettreError) -> MailError {
    MailError::Unavailable { reason: shortened(&error.to_string()) }
}

/// An answer about this mail: 5xx is final (RFC 5321, 4.2.1), anything else may pass.
fn refusal(error: LettreError) -> MailError {
    let reason = shortened(&error.to_string());
    if error.is_permanent() { MailError::Rejected { reason } } else { MailError::Unavailable { reason } }
}

fn no_starttls() -> MailError {
    MailError::Unavailable { reason: "the mail server offers no STARTTLS; nothing was sent to it".to_owned() }
}

/// Servers like to repeat the address they refuse, and reasons end up in logs.
fn without_address(error: MailError, message: &Message) -> MailError {
    let redact = |reason: String| reason.replace(message.to.as_str(), &message.to.redacted());
    match error {
        MailError::Unavailable { reason } => MailError::Unavailable { reason: redact(reason) },
        MailError::Rejected { reason } => MailError::Rejected { reason: redact(reason) },
        MailError::Unknown { reason } => MailError::Unknown { reason: redact(reason) },
    }
}

/// A server's words as one line of at most 300 characters.
fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
