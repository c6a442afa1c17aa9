//! Why a factor was not taken.

use kernel::{Failure, FailureKind, StoreError};

use super::PasskeyError;
use crate::SealError;

/// Why a factor was not added, taken or removed.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// Not the code of now, used already, or no recovery code of theirs: one text for all.
    #[error("code: this code does not count; wait for the next one and enter that")]
    WrongCode,
    /// There is an app already.
    #[error("there is an authenticator app already; remove it first")]
    HasApp,
    /// A code came, but no app waits for one.
    #[error("no authenticator app is being set up; begin again")]
    NoApp,
    /// There is no such factor, or it is somebody else's.
    #[error("there is no such sign-in method")]
    NoSuchFactor,
    /// Recovery codes stand in for a factor.
    #[error("recovery codes belong to an authenticator app or a passkey; add one first")]
    NothingToRecover,
    /// As many as there may be.
    #[error("there are as many passkeys as there may be; remove one first")]
    TooManyPasskeys,
    /// The name of a passkey.
    #[error("name: expected 1 to 60 characters, none of them a control character")]
    Name,
    /// The question was answered before, is too old, or was somebody else's.
    #[error("this took too long or was done before; try again")]
    ChallengeSpent,
    /// The passkey.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for FactorError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::WrongCode | Self::Name | Self::ChallengeSpent => FailureKind::Invalid,
            Self::HasApp | Self::NoApp | Self::NothingToRecover | Self::TooManyPasskeys => FailureKind::Conflict,
            Self::NoSuchFactor => FailureKind::NotFound,
            Self::Passkey(error) => error.kind(),
            Self::Seal(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCode => "wrong-code",
            Self::Name => "invalid-name",
            Self::ChallengeSpent => "challenge-spent",
            Self::HasApp => "has-app",
            Self::NoApp => "no-app",
            Self::NothingToRecover => "nothing-to-recover",
            Self::TooManyPasskeys => "too-many-passkeys",
            Self::NoSuchFactor => "not-found",
            Self::Passkey(error) => error.code(),
            Self::Seal(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
