//! The start of a program: everything that is kept must open, or it does not start.

use std::fmt;

use accounts::{SealError, Sealed, Sealer};
use audit::Actor;
use diesel::prelude::*;
use kernel::{Env, StoreError, Timestamp, Transact};

use super::{
    Keys, SecretBox, SecretError, key_of,
    reserved::{self, PepperError},
    table::context,
};
use crate::{
    db::{Db, PgTx},
    passwords::Pepper,
    schema::{sealed_secrets, secrets},
};

/// Keys that open everything, and what they opened.
#[derive(Debug, Clone)]
pub struct Unlocked {
    /// Seals and opens.
    pub sealer: SecretBox,
    /// What passwords are mixed with before they are hashed.
    pub pepper: Pepper,
}

/// A secret that no given key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i32,
    /// The id of the key that its seal names.
    pub key: String,
}

/// Several of them, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct ClosedSecrets(pub Vec<Closed>);

impl fmt::Display for ClosedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |one: &Closed| format!("{} version {} (key {})", one.name, one.version, one.key);
        f.write_str(&self.0.iter().map(line).collect::<Vec<_>>().join(", "))
    }
}

/// The keys do not fit what is kept.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// A key is none.
    #[error("SECRETS_KEY or one of SECRETS_KEYS_OLD cannot be used")]
    Key(#[source] SealError),
    /// Secrets stay closed.
    #[error(
        "secrets do not open: {closed}. The keys given are {given}. Give the key that sealed them in SECRETS_KEY or \
         SECRETS_KEYS_OLD; if it is lost, end them with `hostwright secrets retire` and set them anew"
    )]
    Closed {
        /// Which.
        closed: ClosedSecrets,
        /// The ids of the keys that were given.
        given: String,
    },
    /// No pepper.
    #[error("passwords cannot be checked")]
    Pepper(#[from] PepperError),
    /// The store.
    #[error("the secrets cannot be read; if the schema is not there yet, run `hostwright migrate`")]
    Store(#[from] StoreError),
}

/// Opens everything that counts now or later with these keys. The first program that starts keeps the password pepper.
///
/// # Errors
/// [`UnlockError`] names what does not open, and never a value.
pub async fn unlock(db: &Db, keys: &Keys, program: &str) -> Result<Unlocked, UnlockError> {
    let sealer = SecretBox::ring(keys).map_err(UnlockError::Key)?;
    let mut env = Env::system();
    let closed = db.transaction(async |tx| closed_secrets(tx, &sealer, env.now()).await).await?;
    if !closed.is_empty() {
        let given = [vec![sealer.key_id()], sealer.old_key_ids()].concat().join(", ");
        return Err(UnlockError::Closed { closed: ClosedSecrets(closed), given });
    }
    warn_of_lost_mails(db, &sealer, env.now()).await?;
    let find = async |tx: &mut PgTx| reserved::pepper(tx, &sealer, &Env::system()).await;
    let mut pepper = db.transaction::<_, SecretError>(find).await.map_err(PepperError::from)?;
    if pepper.is_none() {
        let by = Actor::system(program);
        db.transaction(async |tx| reserved::keep_pepper_in(tx, &sealer, &mut env, &by).await).await?;
        pepper = db.transaction::<_, SecretError>(find).await.map_err(PepperError::from)?;
    }
    let pepper = pepper.ok_or(PepperError::Secret(SecretError::Seal(SealError("found"))))?;
    Ok(Unlocked { sealer, pepper })
}

/// The secrets that count at `now` or later, as far as they are ours to see, and do not open.
///
/// # Errors
/// [`StoreError`].
pub async fn closed_secrets(tx: &mut PgTx, sealer: &SecretBox, now: Timestamp) -> Result<Vec<Closed>, StoreError> {
    let counting = secrets::table.filter(secrets::not_after.is_null().or(secrets::not_after.gt(now)));
    let query = counting.order((secrets::name, secrets::version)).select((
        secrets::name,
        secrets::version,
        secrets::ciphertext,
    ));
    let rows: Vec<(String, i32, String)> = tx.load("secrets that count", query).await?;
    let closed = |(name, version, sealed): (String, i32, String)| {
        let key = key_of(&sealed).to_owned();
        let opened = sealer.open(&context(&name, version), &Sealed(sealed)).is_ok();
        (!opened).then_some(Closed { name, version, key })
    };
    Ok(rows.into_iter().filter_map(closed).collect())
}

/// Links and passwords that wait for their mail are gone within days anyway: a shop does not stay closed for them.
async fn warn_of_lost_mails(db: &Db, sealer: &SecretBox, now: Timestamp) -> Result<(), StoreError> {
    let query = sealed_secrets::table.filter(sealed_secrets::expires_at.gt(now)).select(sealed_secrets::sealed);
    let waiting: Vec<String> = db.transaction(async |tx| tx.load("what waits for its mail", query).await).await?;
    let lost = waiting.iter().filter(|text| sealer.key(key_of(text)).is_none()).count();
    if lost > 0 {
        tracing::warn!(
            mails = lost,
            "links or passwords that wait for their mail are sealed under a key that was not given: those mails cannot be \
             sent; add the key to SECRETS_KEYS_OLD"
        );
    }
    Ok(())
}
