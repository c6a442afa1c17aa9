//! The port to the mail server.

use std::future::Future;

use kernel::{Failure, FailureKind};

use crate::Message;

/// Hands mails to a mail server. One attempt per call: no retry, no pause, no store.
pub trait Mailer {
    /// Sends `message` under a Message-ID that depends on its mail's id and sender alone, so that a repetition is
    /// recognisable as one.
    fn send(&self, message: &Message) -> impl Future<Output = Result<Accepted, MailError>> + Send;
}

/// A mail server took the mail and with it the duty to deliver it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The Message-ID, in angle brackets.
    pub message_id: String,
    /// What the server answered; often its queue id.
    pub response: String,
}

/// Why a mail was not, or may not have been, taken. The reasons hold nothing of the message and no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// No connection, no encryption, no log-in, a time-out before the mail was handed over, or a 4xx answer: later it may
    /// work.
    #[error("the mail server does not take the mail now: {reason}")]
    Unavailable {
        /// The server's words or the connection's.
        reason: String,
    },
    /// The server refused this mail for good (a 5xx answer), or it cannot be written as a mail.
    #[error("the mail was refused: {reason}")]
    Rejected {
        /// The server's words, or what is wrong with the mail.
        reason: String,
    },
    /// The connection was lost after the mail was handed over and before the answer, so it may have arrived. It is
    /// sent again under the same Message-ID: a second copy is better than none, and many servers drop it.
    #[error("it is unknown whether the mail was taken: {reason}")]
    Unknown {
        /// What happened to the connection.
        reason: String,
    },
}

impl Failure for MailError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Unavailable { .. } | Self::Unknown { .. } => FailureKind::Unavailable,
            Self::Rejected { .. } => FailureKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "mail-server-unavailable",
            Self::Rejected { .. } => "mail-rejected",
            Self::Unknown { .. } => "mail-outcome-unknown",
        }
    }
}
