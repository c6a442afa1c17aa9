//! A guest's way into their account, prepared before the transaction that may need it.

use accounts::{PasswordError, Passwords, PreparedAccess, SealError, Sealer, TokenHash, WelcomeMail};
use kernel::{Env, Failure, FailureKind, Id, entity};
use secrecy::{ExposeSecret, SecretString};

use crate::Shop;

/// Length of a temporary password (SPEC section 1.5).
const LENGTH: usize = 16;

/// Hashing or sealing did not work.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Hashing.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Failure for PrepareError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Password(error) => error.kind(),
            Self::Seal(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Password(error) => error.code(),
            Self::Seal(error) => error.code(),
        }
    }
}

/// What a seal is bound to.
pub fn seal_context(id: Id<entity::SealedSecret>) -> String {
    format!("sealed_secret:{id}")
}

/// Makes what the welcome mail hands over, hashes and seals it. The clear text does not leave this function. Where that is a
/// link, the account has a password that nobody knows, so that it is refused as slowly as any other.
pub(crate) async fn prepare<W: Shop>(world: &W, env: &mut Env) -> Result<PreparedAccess, PrepareError> {
    let id = env.id();
    let password = env.secret(LENGTH);
    let hash = world.passwords().hash(&password).await?;
    let (handed_over, link) = match world.welcome() {
        WelcomeMail::Password => (password, None),
        WelcomeMail::Link => {
            let token = env.token();
            let url = world.links().reset_password(token.expose_secret());
            (SecretString::from(url), Some(TokenHash::of(&token)))
        }
    };
    let sealed = world.sealer().seal(&seal_context(id), &handed_over)?;
    Ok(PreparedAccess { id, hash, sealed, link })
}
