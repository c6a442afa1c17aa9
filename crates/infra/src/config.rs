//! Configuration, read once at start-up from the environment; `--help` of each program is its reference.
//!
//! Each section is a clap `Args` struct of plain texts. [`Problems`] checks them all and reports every mistake together,
//! so that an operator mends them in one go.

mod brand;
mod limits;
mod mail;
mod outbound;
mod panel;
mod site;

use clap::Args;
use kernel::EmailAddress;
use secrecy::SecretString;

use crate::{
    db::DbSettings,
    outgoing::Outgoing,
    secrets::Keys,
    stripe::StripeSettings,
    telemetry::{self, LogFormat},
};

pub use brand::{BrandError, BrandFile, BrandSenders, Logo};
pub use limits::{LimitsConfig, Switch};
pub use mail::MailConfig;
pub use outbound::OutboundConfig;
pub use panel::PanelConfig;
pub use site::SiteConfig;

/// Everything that is wrong with the configuration.
#[derive(Debug, Default, thiserror::Error)]
#[error("the configuration has {} problem(s):\n{}", .0.len(), .0.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n"))]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes a problem with a variable.
    pub fn note(&mut self, name: &str, problem: impl std::fmt::Display) {
        self.0.push(format!("{name}: {problem}"));
    }

    /// The value, or the problem noted.
    pub fn take<T, E: std::fmt::Display>(&mut self, name: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|problem| self.note(name, problem)).ok()
    }

    /// A text that must be set.
    pub fn required(&mut self, name: &str, value: Option<&String>, what: &str) -> Option<String> {
        let value = value.filter(|text| !text.trim().is_empty()).cloned();
        if value.is_none() {
            self.note(name, format!("not set; expected {what}"));
        }
        value
    }

    /// `value` when nothing is wrong.
    ///
    /// # Errors
    /// All problems noted so far.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

/// Where the record is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseConfig {
    /// postgres://user:password@host:port/database; instead of the PG… variables.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Host of PostgreSQL.
    #[arg(long, env = "PGHOST", default_value = "127.0.0.1")]
    pub pg_host: String,
    /// Its port.
    #[arg(long, env = "PGPORT", default_value_t = 5432)]
    pub pg_port: u16,
    /// The database.
    #[arg(long, env = "PGDATABASE", default_value = "hostwright")]
    pub pg_database: String,
    /// The role.
    #[arg(long, env = "PGUSER", default_value = "hostwright")]
    pub pg_user: String,
    /// Its password.
    #[arg(long, env = "PGPASSWORD", hide_env_values = true)]
    pub pg_password: Option<String>,
    /// Connections at most.
    #[arg(long, env = "DATABASE_POOL_SIZE", default_value_t = 12)]
    pub database_pool_size: usize,
}

impl DatabaseConfig {
    /// The URL, from `DATABASE_URL` or the PG… variables.
    pub fn url(&self) -> SecretString {
        let plain = self.database_url.clone().unwrap_or_else(|| {
            let password = self.pg_password.as_deref().map(|text| format!(":{}", escaped(text))).unwrap_or_default();
            let (user, host) = (escaped(&self.pg_user), &self.pg_host);
            format!("postgres://{user}{password}@{host}:{}/{}", self.pg_port, escaped(&self.pg_database))
        });
        SecretString::from(plain)
    }

    /// What the pool is made with. Statements of the API, for which a browser waits, are cut off sooner.
    pub fn settings(&self, application: &str) -> DbSettings {
        let settings = DbSettings {
            pool_size: self.database_pool_size.max(2),
            application_name: application.to_owned(),
            ..DbSettings::new(self.url())
        };
        if application == "hostwright-api" { settings.answering() } else { settings }
    }
}

/// Percent-encodes what a URL would read as a mark.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}

/// One hexadecimal digit.
fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

/// The keys that protect what is stored.
#[derive(Debug, Clone, Args)]
pub struct KeyConfig {
    /// Key of the secrets table and of all that is sealed: 32 characters or more, kept safe.
    #[arg(long, env = "SECRETS_KEY", hide_env_values = true)]
    pub secrets_key: Option<String>,
    /// Earlier keys, separated by commas: what they sealed opens until `hostwright secrets rotate` has sealed it anew.
    #[arg(long, env = "SECRETS_KEYS_OLD", hide_env_values = true, value_delimiter = ',')]
    pub secrets_keys_old: Vec<String>,
    /// The older name of SECRETS_KEYS_OLD.
    #[arg(long, env = "SECRETS_KEYS_BEFORE", hide = true, hide_env_values = true, value_delimiter = ',')]
    pub secrets_keys_before: Vec<String>,
    /// bcrypt's cost; each step doubles the time.
    #[arg(long, env = "BCRYPT_COST", default_value_t = 12, hide = true)]
    pub bcrypt_cost: u32,
}

impl KeyConfig {
    /// The keys.
    pub fn keys(&self, problems: &mut Problems) -> Option<Keys> {
        let current = secret("SECRETS_KEY", self.secrets_key.as_ref(), problems);
        let old = self.secrets_keys_old.iter().chain(&self.secrets_keys_before).filter(|text| !text.trim().is_empty());
        let old: Option<Vec<_>> = old.map(|text| secret("SECRETS_KEYS_OLD", Some(text), problems)).collect();
        Some(Keys { current: current?, old: old? })
    }
}

/// A secret of at least 32 characters.
pub fn secret(name: &str, value: Option<&String>, problems: &mut Problems) -> Option<SecretString> {
    let text = problems.required(name, value, "at least 32 random characters, e.g. from `openssl rand -hex 32`")?;
    if text.len() < 32 {
        problems.note(name, "too short; expected at least 32 random characters, e.g. from `openssl rand -hex 32`");
        return None;
    }
    Some(SecretString::from(text))
}

/// The payment gateway.
#[derive(Debug, Clone, Args)]
pub struct StripeConfig {
    /// Stripe's secret key, `sk_…`.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    pub stripe_secret_key: Option<String>,
    /// Webhook signing secrets, `whsec_…`; several separated by commas while one is rotated. More may be in the
    /// secrets table.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true, value_delimiter = ',')]
    pub stripe_webhook_secret: Vec<String>,
    /// Where Stripe's API is; for tests and the sandbox.
    #[arg(long, env = "STRIPE_API_BASE", default_value = "https://api.stripe.com")]
    pub stripe_api_base: String,
}

impl StripeConfig {
    /// What the gateway is made with.
    pub fn settings(&self, outgoing: &Outgoing, problems: &mut Problems) -> Option<StripeSettings> {
        let what = "Stripe's secret key (sk_…); `hostwright-sandbox` stands in for Stripe while you try things out";
        let key = problems.required("STRIPE_SECRET_KEY", self.stripe_secret_key.as_ref(), what)?;
        Some(StripeSettings {
            secret_key: SecretString::from(key),
            api_base: self.stripe_api_base.clone(),
            outgoing: outgoing.clone(),
        })
    }

    /// The webhook secrets of the environment.
    pub fn webhook_secrets(&self) -> Vec<SecretString> {
        let texts = self.stripe_webhook_secret.iter().map(|text| text.trim());
        texts.filter(|text| !text.is_empty()).map(SecretString::from).collect()
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, Args)]
pub struct LogConfig {
    /// text or json.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: String,
    /// What is logged, e.g. info or hostwright=debug,info.
    #[arg(long = "log", env = "RUST_LOG", default_value = "info")]
    pub filter: String,
}

impl LogConfig {
    /// Starts logging.
    pub fn start(&self, problems: &mut Problems) {
        let format = match self.log_format.as_str() {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            other => {
                problems.note("LOG_FORMAT", format!("'{other}' is unknown; expected text or json"));
                LogFormat::Text
            }
        };
        telemetry::start(format, &self.filter);
    }
}

/// An address, or the problem noted.
pub(crate) fn address(name: &str, text: &str, problems: &mut Problems) -> Option<EmailAddress> {
    problems.take(name, text.parse())
}
