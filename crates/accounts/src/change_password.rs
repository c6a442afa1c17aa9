//! Replacing a password by one of the owner's own.

use kernel::{Env, Failure, FailureKind, Id, StoreError, entity};
use secrecy::{ExposeSecret, SecretString};

use crate::{AccountStore, KnownWords, PasswordHash, RegisterError, TokenHash, check_password};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// What was given as the present one is not.
    #[error("currentPassword: this is not your present password")]
    WrongPassword,
    /// Nothing would change, and a temporary password would stay.
    #[error("newPassword: expected another one than the present one")]
    SamePassword,
    /// The new one is not acceptable.
    #[error("new {0}")]
    NewPassword(RegisterError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ChangePasswordError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::WrongPassword | Self::SamePassword => FailureKind::Invalid,
            Self::NewPassword(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong-password",
            Self::SamePassword => "same-password",
            Self::NewPassword(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Whether the new password may take the place of the present one.
pub fn check_change(current: &SecretString, new: &SecretString, known: &KnownWords) -> Result<(), ChangePasswordError> {
    check_password(new, known).map_err(ChangePasswordError::NewPassword)?;
    if current.expose_secret() == new.expose_secret() { Err(ChangePasswordError::SamePassword) } else { Ok(()) }
}

/// Replaces the password and ends every other sign-in, since somebody else may have had the old one. The one that changes it
/// goes on under a new secret, which is returned.
pub async fn change_password<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    (user, session): (Id<entity::User>, Id<entity::Session>),
    password: &PasswordHash,
) -> Result<SecretString, StoreError> {
    store.set_password(user, password).await?;
    store.revoke_sessions(user, Some(session), env.now()).await?;
    let token = env.token();
    store.set_session_token(session, &TokenHash::of(&token)).await?;
    Ok(token)
}
