//! Secrets that nobody sets by hand: what passwords are mixed with, and what the audit trail's earlier links were hashed
//! with. They are derived from a key once and stay when the key goes.

use accounts::{SealError, Sealed, Sealer};
use audit::{Act, Actor, AuditStore, ChainKey, ChainStore, Entry, Facts, Subject};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use diesel::prelude::*;
use kernel::{Env, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::{
    NewSecret, SecretBox, SecretError,
    key::Key,
    table::{add_secret_in, context, lock, rows_at},
};
use crate::{
    db::PgTx,
    passwords::Pepper,
    schema::{secrets, users},
};

/// What passwords are mixed with before they are hashed.
pub const PASSWORD_PEPPER: &str = "password_pepper";
/// Before the id of a key: what links of the audit trail were hashed with under that key.
const CHAIN_KEY: &str = "audit_chain_key_";

/// Whether this name is one of ours: it is not set by hand.
pub fn is_reserved(name: &str) -> bool {
    name == PASSWORD_PEPPER || name.starts_with(CHAIN_KEY)
}

/// Why there is no pepper.
#[derive(Debug, thiserror::Error)]
pub enum PepperError {
    /// Two keys, and nothing says which one passwords were hashed under.
    #[error(
        "it is not known under which key passwords were hashed so far: start once with SECRETS_KEY as it was and without \
         SECRETS_KEYS_OLD, then give the new key"
    )]
    WhichKey,
    /// The audit trail knows the key, and it was not given.
    #[error("passwords were hashed under the key {0} so far, which was not given: add it to SECRETS_KEYS_OLD")]
    KeyMissing(String),
    /// Reading or writing.
    #[error("the password pepper cannot be kept; run `hostwright migrate` with SECRETS_KEY set, as the schema's owner")]
    Secret(#[from] SecretError),
}

impl From<StoreError> for PepperError {
    fn from(error: StoreError) -> Self {
        Self::Secret(error.into())
    }
}

impl From<SealError> for PepperError {
    fn from(error: SealError) -> Self {
        Self::Secret(error.into())
    }
}

/// The pepper, if it is kept.
pub(super) async fn pepper(tx: &mut PgTx, sealer: &SecretBox, env: &Env) -> Result<Option<Pepper>, SecretError> {
    let Some((version, ciphertext)) = rows_at(tx, PASSWORD_PEPPER, env.now()).await?.into_iter().next() else {
        return Ok(None);
    };
    let plain = sealer.open(&context(PASSWORD_PEPPER, version), &Sealed(ciphertext))?;
    Ok(Some(Pepper::new(bytes(&plain)?)))
}

/// Keeps the pepper that follows from the key in use, unless there is one. Existing hashes stay valid by it.
///
/// # Errors
/// [`PepperError`].
pub async fn keep_pepper_in(tx: &mut PgTx, sealer: &SecretBox, env: &mut Env, by: &Actor) -> Result<(), PepperError> {
    lock(tx).await?;
    if rows_at(tx, PASSWORD_PEPPER, env.now()).await?.is_empty() {
        let plain = text(key_in_use(tx, sealer).await?.pepper()?);
        keep(tx, sealer, env, (by, PASSWORD_PEPPER, plain)).await?;
    }
    Ok(())
}

/// The key that the last link of the audit trail was made with; without one, the only one.
async fn key_in_use<'a>(tx: &mut PgTx, sealer: &'a SecretBox) -> Result<&'a Key, PepperError> {
    if let Some(end) = tx.chain_end().await? {
        return sealer.key(&end.key).ok_or(PepperError::KeyMissing(end.key));
    }
    let somebody = tx.first::<uuid::Uuid, _>("somebody", users::table.select(users::id).limit(1)).await?;
    if somebody.is_some() && !sealer.old.is_empty() { Err(PepperError::WhichKey) } else { Ok(&sealer.current) }
}

/// Keeps what the audit trail's links were hashed with under earlier keys, so that the trail is proven without them.
///
/// # Errors
/// [`SecretError`].
pub async fn keep_chain_keys_in(
    tx: &mut PgTx,
    sealer: &SecretBox,
    env: &mut Env,
    by: &Actor,
) -> Result<(), SecretError> {
    lock(tx).await?;
    for key in &sealer.old {
        let name = format!("{CHAIN_KEY}{}", key.id);
        if rows_at(tx, &name, env.now()).await?.is_empty() {
            keep(tx, sealer, env, (by, &name, text(key.chain_bytes()?))).await?;
        }
    }
    Ok(())
}

/// All keys that links of the audit trail may have been made with: those given, and those kept.
///
/// # Errors
/// [`SecretError`] when one that is kept does not open.
pub async fn chain_keys(tx: &mut PgTx, sealer: &SecretBox) -> Result<Vec<ChainKey>, SecretError> {
    let query = secrets::table.filter(secrets::name.like(format!("{}%", CHAIN_KEY.replace('_', "\\_")))).select((
        secrets::name,
        secrets::version,
        secrets::ciphertext,
    ));
    let kept: Vec<(String, i32, String)> = tx.load("keys of the audit trail", query).await?;
    let given = std::iter::once(&sealer.current).chain(&sealer.old);
    let mut keys: Vec<ChainKey> = given.map(|key| key.chain.clone()).collect();
    for (name, version, sealed) in kept {
        let plain = sealer.open(&context(&name, version), &Sealed(sealed))?;
        let id = name.strip_prefix(CHAIN_KEY).unwrap_or_default();
        keys.push(ChainKey::new(id, bytes(&plain)?));
    }
    Ok(keys)
}

async fn keep(
    tx: &mut PgTx,
    sealer: &SecretBox,
    env: &mut Env,
    (by, name, plain): (&Actor, &str, SecretString),
) -> Result<(), SecretError> {
    let new = NewSecret { name: name.to_owned(), plain, not_before: env.now(), not_after: None };
    let version = add_secret_in(tx, sealer, &new).await?;
    let after = Facts::none().number("version", version).text("key", sealer.key_id());
    let entry = Entry::new(env, by.clone(), Act::SecretAdded, Subject::new("secret", name));
    Ok(tx.append(&entry.after(after)).await?)
}

fn text(bytes: [u8; 32]) -> SecretString {
    SecretString::from(STANDARD_NO_PAD.encode(bytes))
}

fn bytes(text: &SecretString) -> Result<[u8; 32], SealError> {
    let bytes = STANDARD_NO_PAD.decode(text.expose_secret()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(SealError("read"))
}
