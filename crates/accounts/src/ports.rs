//! What costs time or needs a key: hashing passwords, sealing secrets.

use std::future::Future;

use kernel::{Failure, FailureKind};
use secrecy::SecretString;

use crate::{PasswordHash, Sealed};

/// Hashing or checking a password did not work.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once; later it will work.
    #[error("too many sign-ins at this moment")]
    Busy,
    /// The stored hash is no bcrypt hash, or the library failed.
    #[error("the password could not be processed: {0}")]
    Broken(String),
}

impl Failure for PasswordError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Busy => FailureKind::Unavailable,
            Self::Broken(_) => FailureKind::Bug,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Broken(_) => "internal-error",
        }
    }
}

/// Slow on purpose, so it runs off the async threads and outside transactions.
pub trait Passwords: Send + Sync {
    /// The hash of a new password.
    fn hash(&self, password: &SecretString) -> impl Future<Output = Result<PasswordHash, PasswordError>> + Send;

    /// Whether `password` is the one behind `hash`. With `None` it takes as long and says no, so that the time tells
    /// nobody whether an address has an account.
    fn verify(
        &self,
        password: &SecretString,
        hash: Option<&PasswordHash>,
    ) -> impl Future<Output = Result<bool, PasswordError>> + Send;

    /// Whether a hash was made with less effort than new ones are; at its owner's next sign-in it is replaced.
    fn is_weaker(&self, _hash: &PasswordHash) -> bool {
        false
    }
}

/// A value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[error("the secret could not be {0}; is SECRETS_KEY the one it was sealed with?")]
pub struct SealError(pub &'static str);

impl Failure for SealError {
    fn kind(&self) -> FailureKind {
        FailureKind::Bug
    }
    fn code(&self) -> &'static str {
        "seal-broken"
    }
}

/// Authenticated encryption under the installation's key. `context` is bound into the seal: a value moved to another
/// row does not open.
pub trait Sealer: Send + Sync {
    /// Encrypts.
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Sealed, SealError>;
    /// Decrypts; fails when the key, the context or a bit differs.
    fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretString, SealError>;
}
