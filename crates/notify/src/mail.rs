//! The mail as it is logged, and as it is sent.

use std::{fmt, str::FromStr};

use kernel::{EmailAddress, Id, Timestamp, entity};
use serde::Serialize;

use crate::{Colours, Department};

/// A mail to be written into the log.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMail {
    /// Its id; the Message-ID is made of it.
    pub id: Id<entity::Mail>,
    /// The recipient.
    pub to: EmailAddress,
    /// The recipient's name, if known.
    pub to_name: Option<String>,
    /// [`crate::MailTemplate::NAME`].
    pub template: String,
    /// Who signs it.
    pub department: Department,
    /// The serialised [`crate::MailTemplate`]; nothing secret.
    pub context: serde_json::Value,
    /// The sealed value that the templates print, if they print one.
    pub secret: Option<Id<entity::SealedSecret>>,
    /// The order that caused it, if one did.
    pub order: Option<Id<entity::Order>>,
    /// When it was written into the log.
    pub queued_at: Timestamp,
}

/// A mail of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// Its id; the Message-ID is made of it.
    pub id: Id<entity::Mail>,
    /// The recipient.
    pub to: EmailAddress,
    /// The recipient's name, if known.
    pub to_name: Option<String>,
    /// [`crate::MailTemplate::NAME`].
    pub template: String,
    /// Who signs it.
    pub department: Department,
    /// The serialised [`crate::MailTemplate`]; nothing secret.
    pub context: serde_json::Value,
    /// The sealed value that the templates print, if they print one.
    pub secret: Option<Id<entity::SealedSecret>>,
    /// The order that caused it, if one did.
    pub order: Option<Id<entity::Order>>,
    /// When it was written into the log.
    pub queued_at: Timestamp,
    /// How far it is.
    pub status: MailStatus,
    /// Tries whose outcome was recorded.
    pub attempts: i32,
    /// When a mail server accepted it.
    pub sent_at: Option<Timestamp>,
    /// The Message-ID under which it was accepted.
    pub message_id: Option<String>,
    /// Why the latest try failed; `None` once sent.
    pub last_error: Option<String>,
}

impl From<NewMail> for Mail {
    /// The row as it stands before the first try.
    fn from(new: NewMail) -> Self {
        Self {
            id: new.id,
            to: new.to,
            to_name: new.to_name,
            template: new.template,
            department: new.department,
            context: new.context,
            secret: new.secret,
            order: new.order,
            queued_at: new.queued_at,
            status: MailStatus::Queued,
            attempts: 0,
            sent_at: None,
            message_id: None,
            last_error: None,
        }
    }
}

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailStatus {
    /// Waiting for its first or next try.
    Queued,
    /// A mail server accepted it. Final.
    Sent,
    /// Given up; an operator may send it again.
    Failed,
}

/// A word that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown mail status '{0}'; expected queued, sent or failed")]
pub struct UnknownMailStatus(pub String);

impl MailStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Queued, Self::Sent, Self::Failed];

    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for MailStatus {
    type Err = UnknownMailStatus;

    fn from_str(text: &str) -> Result<Self, UnknownMailStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| UnknownMailStatus(text.chars().take(40).collect()))
    }
}

/// The shop as its mails present it; from the configuration, given when a mail is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// The shop's name.
    pub shop_name: String,
    /// The shop's address, `https://…`.
    pub site_url: String,
    /// Where customers write to.
    pub support_email: String,
    /// What its buttons and links wear.
    pub colours: Colours,
}

/// A rendered mail. It may hold a password, so it is neither stored nor logged, and `Debug` hides the parts that were
/// rendered.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The mail it was rendered from.
    pub id: Id<entity::Mail>,
    /// The recipient.
    pub to: EmailAddress,
    /// The recipient's name on one line, if known.
    pub to_name: Option<String>,
    /// Who signs it.
    pub department: Department,
    /// One line without control characters.
    pub subject: String,
    /// The HTML part, a whole document.
    pub html: String,
    /// The text part, which says everything that the HTML part says.
    pub text: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("to", &self.to)
            .field("department", &self.department)
            .finish_non_exhaustive()
    }
}
