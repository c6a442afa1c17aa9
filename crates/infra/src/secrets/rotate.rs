//! A new key: everything that is sealed under an earlier one is sealed anew, a few rows at a time, while the programs run
//! with both. Whoever is interrupted begins again and finds what is left.

use accounts::{SealError, Sealed, Sealer, totp_context};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use kernel::{Id, StoreError, entity};

use super::{SecretBox, key_of, table};
use crate::db::{PgTx, Statement};

/// Rows of one transaction.
const BATCH: i64 = 100;

/// A table with sealed values. Whatever seals into another table adds a line to [`SEALED`].
#[derive(Debug)]
pub struct Place {
    /// What it is called before the operator.
    pub name: &'static str,
    /// `$1`: how seals of the current key begin, as a pattern; `$2`: the last row seen; `$3`: how many. Gives `id` and
    /// `sealed` and locks the rows.
    select: &'static str,
    /// `$1`: the id; `$2`: the seal; `$3`: the id of its key.
    update: &'static str,
    /// `$1` as above: how many rows are sealed otherwise.
    count: &'static str,
    /// What the seal of a row is bound to.
    context: fn(&str) -> Option<String>,
    /// What a program counts when it starts; the secrets themselves are all opened then.
    pub(super) at_start: Option<AtStart>,
}

/// Seals of keys that were not given, as a program looks for them when it starts.
#[derive(Debug)]
pub(super) struct AtStart {
    /// The table, which not every program's role may read.
    pub(super) table: &'static str,
    /// `$1`: the ids of the keys given. Gives `key` and `count` of seals that name another.
    pub(super) count: &'static str,
    /// Whether they are needed for good. What waits for its mail is gone within days anyway.
    pub(super) lasting: bool,
}

/// Everything that is sealed.
pub const SEALED: &[Place] = &[
    Place {
        name: "secrets",
        select: "SELECT name || ':' || version AS id, ciphertext AS sealed FROM secrets \
            WHERE ciphertext NOT LIKE $1 AND name || ':' || version > $2 ORDER BY 1 LIMIT $3 FOR UPDATE",
        update: "UPDATE secrets SET ciphertext = $2, kid = $3 WHERE name || ':' || version = $1",
        count: "SELECT count(*) AS count FROM secrets WHERE ciphertext NOT LIKE $1",
        context: |id| id.rsplit_once(':').and_then(|(name, version)| Some(table::context(name, version.parse().ok()?))),
        at_start: None,
    },
    Place {
        name: "passwords and links that wait for their mail",
        select: "SELECT id::text AS id, sealed FROM sealed_secrets \
            WHERE sealed NOT LIKE $1 AND id::text > $2 ORDER BY 1 LIMIT $3 FOR UPDATE",
        // The key's id stands in the seal itself.
        update: "UPDATE sealed_secrets SET sealed = $2 WHERE id = $1::uuid AND $3 <> ''",
        count: "SELECT count(*) AS count FROM sealed_secrets WHERE sealed NOT LIKE $1",
        context: |id| id.parse::<Id<entity::SealedSecret>>().ok().map(flows::seal_context),
        at_start: Some(AtStart {
            table: "sealed_secrets",
            count: "SELECT split_part(sealed, '.', 2) AS key, count(*) AS count FROM sealed_secrets \
                WHERE split_part(sealed, '.', 2) <> ALL($1) AND expires_at > now() GROUP BY 1 ORDER BY 1",
            lasting: false,
        }),
    },
    Place {
        name: "authenticator apps",
        select: "SELECT user_id::text AS id, sealed FROM user_totp \
            WHERE sealed NOT LIKE $1 AND user_id::text > $2 ORDER BY 1 LIMIT $3 FOR UPDATE",
        update: "UPDATE user_totp SET sealed = $2 WHERE user_id = $1::uuid AND $3 <> ''",
        count: "SELECT count(*) AS count FROM user_totp WHERE sealed NOT LIKE $1",
        context: |id| id.parse::<Id<entity::User>>().ok().map(totp_context),
        at_start: Some(AtStart {
            table: "user_totp",
            count: "SELECT split_part(sealed, '.', 2) AS key, count(*) AS count FROM user_totp \
                WHERE split_part(sealed, '.', 2) <> ALL($1) GROUP BY 1 ORDER BY 1",
            lasting: true,
        }),
    },
];

/// What one transaction did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Rows that are sealed under the current key now.
    pub resealed: i64,
    /// Rows that no given key opens: the row and the id of the key that its seal names.
    pub stuck: Vec<(String, String)>,
    /// Where to go on; `None` when nothing is left.
    pub last: Option<String>,
}

#[derive(QueryableByName)]
struct SealedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    sealed: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How seals of the current key begin, as a pattern of LIKE.
fn pattern(sealer: &SecretBox) -> String {
    format!("{}.{}.%", super::SCHEME, sealer.key_id())
}

/// Seals the next rows of a place anew. Rows that do not open stay as they are.
///
/// # Errors
/// [`super::SecretError`]; the batch's transaction must be rolled back then.
pub async fn reseal_in(
    tx: &mut PgTx,
    sealer: &SecretBox,
    place: &'static Place,
    after: &str,
) -> Result<Batch, super::SecretError> {
    let select = Statement::new(place.select)
        .bind::<Text, _>(pattern(sealer))
        .bind::<Text, _>(after.to_owned())
        .bind::<BigInt, _>(BATCH);
    let rows: Vec<SealedRow> = tx.load("sealed values under an earlier key", select).await?;
    let mut batch = Batch { last: rows.last().map(|row| row.id.clone()), ..Batch::default() };
    for SealedRow { id, sealed } in rows {
        let Ok(again) = seal_anew(sealer, place, &id, &Sealed(sealed.clone())) else {
            batch.stuck.push((id, key_of(&sealed).to_owned()));
            continue;
        };
        let update = Statement::new(place.update)
            .bind::<Text, _>(id)
            .bind::<Text, _>(again.0)
            .bind::<Text, _>(sealer.key_id().to_owned());
        tx.execute_one("seal a value anew", update).await?;
        batch.resealed += 1;
    }
    Ok(batch)
}

fn seal_anew(sealer: &SecretBox, place: &Place, id: &str, former: &Sealed) -> Result<Sealed, SealError> {
    let context = (place.context)(id).ok_or(SealError("opened"))?;
    sealer.seal(&context, &sealer.open(&context, former)?)
}

/// How many rows of a place are not sealed under the current key.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_otherwise(tx: &mut PgTx, sealer: &SecretBox, place: &'static Place) -> Result<i64, StoreError> {
    let statement = Statement::new(place.count).bind::<Text, _>(pattern(sealer));
    let row: Option<Count> = tx.first("count what is sealed under an earlier key", statement).await?;
    Ok(row.map_or(0, |row| row.count))
}
