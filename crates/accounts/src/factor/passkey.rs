//! Passkeys (WebAuthn): keys on somebody's devices, which sign in by themselves or stand as the second factor.

use chrono::Duration;
use kernel::{Failure, FailureKind, Id, Timestamp, entity};

use crate::User;

/// Passkeys of one account at most.
pub const PASSKEYS_MOST: usize = 20;
/// How long a question waits for its answer.
pub const CHALLENGE_COUNTS: Duration = Duration::minutes(5);
const NAME_LONGEST: usize = 60;

/// A key of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: Id<entity::Passkey>,
    /// Whose.
    pub user: Id<entity::User>,
    /// What its device calls it.
    pub credential: Vec<u8>,
    /// Public key and counter, as the port wrote them; nothing secret.
    pub key: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it signed last.
    pub last_used_at: Option<Timestamp>,
}

/// What its owner may call a passkey; an empty name is «Passkey».
pub fn passkey_name(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = name.chars().count() <= NAME_LONGEST && !name.chars().any(char::is_control);
    fits.then(|| if name.is_empty() { "Passkey".to_owned() } else { name.to_owned() })
}

/// What a question is asked for. An answer to one counts for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengePurpose {
    /// A new passkey.
    Add,
    /// Signing in with nothing else.
    SignIn,
    /// The step after the password.
    SecondFactor,
    /// A fresh proof of somebody who is signed in.
    Prove,
}

impl ChallengePurpose {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign-in",
            Self::SecondFactor => "second-factor",
            Self::Prove => "prove",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Add, Self::SignIn, Self::SecondFactor, Self::Prove].into_iter().find(|it| it.as_str() == text)
    }
}

/// A question that waits. It is taken once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Its id, which the browser sends back.
    pub id: Id<entity::PasskeyChallenge>,
    /// For what.
    pub purpose: ChallengePurpose,
    /// Who is asked; nobody known when it is for signing in.
    pub user: Option<Id<entity::User>>,
    /// What the port wants back with the answer. Stays here.
    pub state: String,
    /// When it stops to count.
    pub expires_at: Timestamp,
}

impl Challenge {
    /// Whether an answer to it counts here and now.
    pub fn counts(&self, purpose: ChallengePurpose, user: Option<Id<entity::User>>, now: Timestamp) -> bool {
        self.purpose == purpose && self.user == user && now < self.expires_at
    }
}

/// What the browser is asked, and what is kept for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// JSON for `navigator.credentials`: an object with `publicKey`.
    pub options: String,
    /// For [`Challenge::state`].
    pub state: String,
}

/// A key that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// [`Passkey::credential`].
    pub credential: Vec<u8>,
    /// [`Passkey::key`].
    pub key: String,
}

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Browsers have passkeys for sites with a name alone, over https (or on localhost).
    #[error("passkeys need a shop that is reached by a name over https; PUBLIC_SITE_URL is none")]
    Impossible,
    /// Not signed by the key, for another site, or without the owner's finger or PIN. The reason is for the record.
    #[error("this passkey was not accepted")]
    Refused(String),
    /// Its counter went backwards: there may be a copy of it (WebAuthn level 2, 6.1.1).
    #[error("this passkey was not accepted: it may have been copied; remove it and add it anew")]
    Copied,
    /// The library failed, or what is stored cannot be read.
    #[error("passkeys do not work: {0}")]
    Broken(String),
}

impl Failure for PasskeyError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Impossible => FailureKind::Conflict,
            Self::Refused(_) | Self::Copied => FailureKind::Invalid,
            Self::Broken(_) => FailureKind::Bug,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Impossible => "passkeys-impossible",
            Self::Refused(_) => "passkey-refused",
            Self::Copied => "passkey-copied",
            Self::Broken(_) => "internal-error",
        }
    }
}

/// Asks passkeys and checks their answers. Computes only: it sees no store and waits for nothing.
///
/// The user must have been verified by the device (finger, face or PIN) in every answer, so that a passkey is two factors
/// by itself.
pub trait Passkeys: Send + Sync {
    /// Whether browsers have passkeys for this shop's address at all.
    fn possible(&self) -> bool;

    /// Asks for a new key; the devices of `known` keys make no second one.
    ///
    /// # Errors
    /// [`PasskeyError::Impossible`], [`PasskeyError::Broken`].
    fn ask_new(&self, user: &User, known: &[Passkey]) -> Result<Question, PasskeyError>;

    /// The key that was made.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`].
    fn take_new(&self, state: &str, answer: &str) -> Result<NewKey, PasskeyError>;

    /// Asks one of these keys to sign, or any key of this shop when there are none.
    ///
    /// # Errors
    /// [`PasskeyError::Impossible`], [`PasskeyError::Broken`].
    fn ask(&self, keys: &[Passkey]) -> Result<Question, PasskeyError>;

    /// Which key an answer claims to be of ([`Passkey::credential`]). Nothing is checked yet.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`] when it cannot be read.
    fn credential(&self, answer: &str) -> Result<Vec<u8>, PasskeyError>;

    /// Checks an answer against the key as it is stored now. Returns [`Passkey::key`] to store, with its new counter.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`], [`PasskeyError::Copied`].
    fn check(&self, state: &str, answer: &str, key: &Passkey) -> Result<String, PasskeyError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(passkey_name(" My phone "), Some("My phone".to_owned()));
        assert_eq!(passkey_name(""), Some("Passkey".to_owned()));
        assert_eq!(passkey_name("a\nb"), None);
        assert_eq!(passkey_name(&"x".repeat(61)), None);
    }

    #[test]
    fn purposes_read_back() {
        for purpose in
            [ChallengePurpose::Add, ChallengePurpose::SignIn, ChallengePurpose::SecondFactor, ChallengePurpose::Prove]
        {
            assert_eq!(ChallengePurpose::parse(purpose.as_str()), Some(purpose));
        }
        assert_eq!(ChallengePurpose::parse("other"), None);
    }
}
