//! The start of a program: everything that is kept must open, or it does not start.

use std::fmt;

use accounts::{SealError, Sealed, Sealer};
use audit::Actor;
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Text},
};
use kernel::{Env, StoreError, Timestamp, Transact};

use super::{
    Keys, SEALED, SecretBox, SecretError, key_of,
    reserved::{self, PepperError},
    rotate::AtStart,
    table::context,
};
use crate::{
    db::{Db, PgTx, Statement},
    passwords::Pepper,
    schema::secrets,
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
    /// Something else that lasts stays closed.
    #[error(
        "{place}: {count} are sealed under the key {key}, and the keys given are {given}. Give it in SECRETS_KEYS_OLD and run \
         `hostwright secrets rotate`; if it is lost, remove those rows: their owners set up anew what they are for"
    )]
    Foreign {
        /// What.
        place: &'static str,
        /// How many.
        count: i64,
        /// The id of the key that they name.
        key: String,
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
        return Err(UnlockError::Closed { closed: ClosedSecrets(closed), given: ids(&sealer) });
    }
    see_other_seals(db, &sealer).await?;
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

/// Seals of one key.
#[derive(QueryableByName)]
struct OfKey {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct May {
    #[diesel(sql_type = Bool)]
    may: bool,
}

/// Whatever else is sealed must name a key that was given, as far as this program's role sees it.
async fn see_other_seals(db: &Db, sealer: &SecretBox) -> Result<(), UnlockError> {
    for (place, look) in SEALED.iter().filter_map(|place| Some((place, place.at_start.as_ref()?))) {
        let found = db.transaction(async |tx: &mut PgTx| foreign_seals(tx, sealer, look).await).await?;
        for OfKey { key, count } in found {
            if look.lasting {
                return Err(UnlockError::Foreign { place: place.name, count, key, given: ids(sealer) });
            }
            tracing::warn!(
                seals = count,
                key,
                "{} are sealed under a key that was not given and are of no use; add it to SECRETS_KEYS_OLD",
                place.name
            );
        }
    }
    Ok(())
}

async fn foreign_seals(tx: &mut PgTx, sealer: &SecretBox, look: &AtStart) -> Result<Vec<OfKey>, StoreError> {
    let may = Statement::new("SELECT has_table_privilege($1, 'SELECT') AS may").bind::<Text, _>(look.table.to_owned());
    let may: Option<May> = tx.first("what this role may read", may).await?;
    if !may.is_some_and(|row| row.may) {
        return Ok(Vec::new());
    }
    let given: Vec<String> =
        [vec![sealer.key_id()], sealer.old_key_ids()].concat().into_iter().map(str::to_owned).collect();
    tx.load("seals of other keys", Statement::new(look.count).bind::<Array<Text>, _>(given)).await
}

/// The ids of the keys that were given.
fn ids(sealer: &SecretBox) -> String {
    [vec![sealer.key_id()], sealer.old_key_ids()].concat().join(", ")
}
