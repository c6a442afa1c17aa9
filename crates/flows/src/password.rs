//! The temporary password of a guest, prepared before the transaction that may need it.

use accounts::{PasswordError, Passwords, PreparedPassword, SealError, Sealer};
use kernel::{Env, Failure, FailureKind, Id, entity};

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

/// Makes, hashes and seals a temporary password. The clear text does not leave this function.
pub(crate) async fn prepare<W: Shop>(world: &W, env: &mut Env) -> Result<PreparedPassword, PrepareError> {
    let id = env.id();
    let clear = env.secret(LENGTH);
    let hash = world.passwords().hash(&clear).await?;
    let sealed = world.sealer().seal(&seal_context(id), &clear)?;
    Ok(PreparedPassword { id, hash, sealed })
}
