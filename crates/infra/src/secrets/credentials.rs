//! Credentials for services outside that are kept in the table of secrets instead of the environment.

use kernel::Timestamp;
use secrecy::SecretString;

use super::{SecretBox, SecretError, table::active_secrets};
use crate::db::Db;

/// The name of the panel's application key in the table of secrets.
pub const PANEL_API_KEY: &str = "pterodactyl_api_key";
/// The name of the mail server's password there.
pub const SMTP_PASSWORD: &str = "smtp_password";

/// What the table has. The newest version that counts is used, and goes before what the environment says.
#[derive(Debug, Clone)]
pub struct Credentials {
    panel: Option<SecretString>,
    mail: Option<SecretString>,
}

impl Credentials {
    /// Nothing is kept: the environment's values are used.
    pub const NONE: Self = Self { panel: None, mail: None };

    /// Before the table is read, when all else is checked: whatever is missing may be there.
    pub fn unread() -> Self {
        Self { panel: Some(SecretString::from("unread")), mail: None }
    }

    /// Reads those that count at `now`.
    ///
    /// # Errors
    /// [`SecretError`] when one does not open, or the table cannot be read.
    pub async fn read(db: &Db, sealer: &SecretBox, now: Timestamp) -> Result<Self, SecretError> {
        let newest = async |name| Ok::<_, SecretError>(active_secrets(db, sealer, name, now).await?.into_iter().next());
        Ok(Self { panel: newest(PANEL_API_KEY).await?, mail: newest(SMTP_PASSWORD).await? })
    }

    /// The panel's key.
    pub const fn panel(&self) -> Option<&SecretString> {
        self.panel.as_ref()
    }

    /// The mail server's password.
    pub const fn mail(&self) -> Option<&SecretString> {
        self.mail.as_ref()
    }
}

#[cfg(test)]
impl Credentials {
    /// These two.
    pub(crate) fn of(panel: &str, mail: &str) -> Self {
        Self { panel: Some(SecretString::from(panel)), mail: Some(SecretString::from(mail)) }
    }
}
