//! The table of secrets: several versions of one name, each with its span of time.

use accounts::{SealError, Sealed, Sealer};
use diesel::prelude::*;
use kernel::{Failure, FailureKind, StoreError, Timestamp, Transact};
use secrecy::SecretString;

use super::SecretBox;
use crate::{
    db::{Db, PgTx, Statement},
    schema::secrets,
};

/// A secret to be kept.
#[derive(Debug)]
pub struct NewSecret {
    /// Its name, e.g. [`super::WEBHOOK_SECRET`].
    pub name: String,
    /// The value.
    pub plain: SecretString,
    /// It counts from this instant on.
    pub not_before: Timestamp,
    /// And until this one, if there is one.
    pub not_after: Option<Timestamp>,
}

/// One version of a secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = secrets, check_for_backend(diesel::pg::Pg))]
pub struct SecretVersion {
    /// The name.
    pub name: String,
    /// 1 for the first.
    pub version: i32,
    /// The id of the key that it is sealed with.
    pub kid: String,
    /// From when it counts.
    pub not_before: Timestamp,
    /// Until when, if that is known.
    pub not_after: Option<Timestamp>,
}

/// A secret could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The seal.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for SecretError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Seal(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Seal(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = secrets, treat_none_as_default_value = false)]
struct NewRow<'a> {
    name: &'a str,
    version: i32,
    kid: &'a str,
    ciphertext: String,
    not_before: Timestamp,
    not_after: Option<Timestamp>,
}

/// Two operators who add a version at once must not get the same number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4850417100000003)";

pub(super) fn context(name: &str, version: i32) -> String {
    format!("secrets:{name}:{version}")
}

/// Held until the transaction ends.
pub(super) async fn lock(tx: &mut PgTx) -> Result<(), StoreError> {
    tx.execute("lock the secrets", Statement::new(LOCK)).await.map(|_| ())
}

/// Adds a version; older ones go on counting until they are retired. Returns its number.
pub async fn add_secret(db: &Db, sealer: &SecretBox, new: &NewSecret) -> Result<i32, SecretError> {
    db.transaction(async |tx| add_secret_in(tx, sealer, new).await).await
}

/// The same, inside a transaction.
pub async fn add_secret_in(tx: &mut PgTx, sealer: &SecretBox, new: &NewSecret) -> Result<i32, SecretError> {
    lock(tx).await?;
    let of_name = secrets::table.filter(secrets::name.eq(new.name.clone()));
    let newest = of_name.order(secrets::version.desc()).limit(1).select(secrets::version);
    let version = tx.first::<i32, _>("the newest version of a secret", newest).await?.unwrap_or(0) + 1;
    let row = NewRow {
        name: &new.name,
        version,
        kid: sealer.key_id(),
        ciphertext: sealer.seal(&context(&new.name, version), &new.plain)?.0,
        not_before: new.not_before,
        not_after: new.not_after,
    };
    tx.execute_one("add a secret", diesel::insert_into(secrets::table).values(row)).await?;
    Ok(version)
}

/// The values of a name that count at `now`, newest first.
pub async fn active_secrets(
    db: &Db,
    sealer: &SecretBox,
    name: &str,
    now: Timestamp,
) -> Result<Vec<SecretString>, SecretError> {
    let rows = db.transaction(async |tx| rows_at(tx, name, now).await).await?;
    let open = |(version, sealed): (i32, String)| sealer.open(&context(name, version), &Sealed(sealed));
    Ok(rows.into_iter().map(open).collect::<Result<_, SealError>>()?)
}

pub(super) async fn rows_at(tx: &mut PgTx, name: &str, now: Timestamp) -> Result<Vec<(i32, String)>, StoreError> {
    let begun = secrets::table.filter(secrets::name.eq(name.to_owned())).filter(secrets::not_before.le(now));
    let active = begun.filter(secrets::not_after.is_null().or(secrets::not_after.gt(now)));
    let query = active.order(secrets::version.desc()).select((secrets::version, secrets::ciphertext));
    tx.load("active secrets", query).await
}

/// Lets a version count until `at` and no longer. `false` when there is no such version.
pub async fn retire_secret(db: &Db, name: &str, version: i32, at: Timestamp) -> Result<bool, StoreError> {
    db.transaction(async |tx| retire_secret_in(tx, name, version, at).await).await
}

/// The same, inside a transaction.
pub async fn retire_secret_in(tx: &mut PgTx, name: &str, version: i32, at: Timestamp) -> Result<bool, StoreError> {
    let update = diesel::update(secrets::table.find((name, version))).set(secrets::not_after.eq(at));
    Ok(tx.execute("retire a secret", update).await? == 1)
}

/// All versions of all names, without their values.
pub async fn secret_versions(db: &Db) -> Result<Vec<SecretVersion>, StoreError> {
    db.transaction(async |tx| {
        let query = secrets::table.order((secrets::name, secrets::version)).select(SecretVersion::as_select());
        tx.load("the versions of secrets", query).await
    })
    .await
}
