//! How somebody signs in was changed: an app, a passkey, recovery codes.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorChange {
    /// An app was added.
    AppAdded,
    /// The app was removed.
    AppRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// Recovery codes were made anew.
    CodesMade,
    /// A recovery code was used.
    CodeUsed,
    /// The shop's people removed everything, because the owner asked.
    Dropped,
}

impl FactorChange {
    const fn words(self) -> &'static str {
        match self {
            Self::AppAdded => "An authenticator app was added.",
            Self::AppRemoved => "The authenticator app was removed.",
            Self::PasskeyAdded => "A passkey was added.",
            Self::PasskeyRemoved => "A passkey was removed.",
            Self::CodesMade => "New recovery codes were made; older ones do not count any more.",
            Self::CodeUsed => "A recovery code was used to sign in.",
            Self::Dropped => "We removed the authenticator app, all passkeys and all recovery codes.",
        }
    }
}

/// Tells the owner of an account that the ways into it are others now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecondFactorChanged {
    /// The account's address.
    pub login_email: EmailAddress,
    /// What happened, a sentence.
    pub change: String,
    /// Where a new password is asked for.
    pub forgot_url: String,
}

impl SecondFactorChanged {
    /// About one change.
    pub fn new(login_email: EmailAddress, change: FactorChange, forgot_url: String) -> Self {
        Self { login_email, change: change.words().to_owned(), forgot_url }
    }
}

impl MailTemplate for SecondFactorChanged {
    const NAME: &'static str = "second_factor_changed";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        let sample = |change| Self::new(sample::address(), change, "https://shop.example/forgot-password".to_owned());
        [FactorChange::AppAdded, FactorChange::Dropped].map(sample).into()
    }
}
