//! Signing in and staying signed in.

use chrono::Duration;
use kernel::{Env, Failure, FailureKind, Id, StoreError, Timestamp, entity};

use crate::{AccountSession, AccountStore, User};

/// How long a sign-in lasts.
pub const SESSION_DAYS: i64 = 14;

/// Why somebody could not sign in. One text for all reasons that depend on the account.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown address, wrong password or a temporary password past its time.
    #[error("e-mail address or password is wrong")]
    WrongCredentials,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for SignInError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::WrongCredentials => FailureKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong-credentials",
            Self::Store(error) => error.code(),
        }
    }
}

/// Why a token or cookie does not count.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown, expired or revoked.
    #[error("sign in to continue")]
    SignedOut,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for SessionError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::SignedOut => FailureKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Store(error) => error.code(),
        }
    }
}

/// The rule after the password was compared.
///
/// # Errors
/// [`SignInError::WrongCredentials`] for whatever is wrong.
pub fn check_sign_in(user: Option<User>, password_matches: bool, now: Timestamp) -> Result<User, SignInError> {
    let user = user.filter(|_| password_matches).ok_or(SignInError::WrongCredentials)?;
    if user.password_expires_at.is_some_and(|end| user.must_change_password && now >= end) {
        return Err(SignInError::WrongCredentials);
    }
    Ok(user)
}

/// Begins a sign-in.
pub async fn start_session<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: Id<entity::User>,
) -> Result<AccountSession, StoreError> {
    let now = env.now();
    let session = AccountSession {
        id: env.id(),
        user,
        created_at: now,
        expires_at: now + Duration::days(SESSION_DAYS),
        revoked_at: None,
    };
    store.insert_session(&session).await?;
    Ok(session)
}

/// The user behind a session that still counts.
///
/// # Errors
/// [`SessionError::SignedOut`] when it does not.
pub async fn active_user<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    session: Id<entity::Session>,
) -> Result<User, SessionError> {
    let session = store.session(session).await?.filter(|s| s.revoked_at.is_none() && now < s.expires_at);
    let session = session.ok_or(SessionError::SignedOut)?;
    store.user(session.user).await?.ok_or(SessionError::SignedOut)
}
