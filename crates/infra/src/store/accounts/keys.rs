//! Keys for machines.

use accounts::{ApiKey, Scopes, TokenHash};
use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, entity};
use uuid::Uuid;

use crate::{db::PgTx, schema::api_keys, store::Place};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct KeyRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    token_hash: Vec<u8>,
    scopes: Vec<String>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<&ApiKey> for KeyRow {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            user_id: key.user.uuid(),
            name: key.name.clone(),
            token_hash: key.token.as_bytes().to_vec(),
            scopes: key.scopes.words().map(str::to_owned).collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let place = Place::new("api_keys", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            user: Id::from_uuid(row.user_id),
            token: place.word("token_hash", TokenHash::from_bytes(&row.token_hash))?,
            scopes: place.word("scopes", Scopes::parse(row.scopes.iter().map(String::as_str)).ok())?,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

pub(super) async fn insert(tx: &mut PgTx, key: &ApiKey) -> Result<(), StoreError> {
    tx.execute_one("insert an API key", diesel::insert_into(api_keys::table).values(KeyRow::from(key))).await
}

pub(super) async fn by_token(tx: &mut PgTx, token: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
    let query = api_keys::table.filter(api_keys::token_hash.eq(token.as_bytes().to_vec()));
    let row = tx.first("an API key by its hash", query.select(KeyRow::as_select())).await?;
    row.map(ApiKey::try_from).transpose()
}

pub(super) async fn of_user(tx: &mut PgTx, user: Id<entity::User>) -> Result<Vec<ApiKey>, StoreError> {
    let query = api_keys::table.filter(api_keys::user_id.eq(user.uuid()));
    let newest = query.order((api_keys::created_at.desc(), api_keys::id.desc())).limit(100);
    let rows = tx.load("a user's API keys", newest.select(KeyRow::as_select())).await?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

pub(super) async fn touch(tx: &mut PgTx, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
    let older = api_keys::table.find(id.uuid());
    let older = older.filter(api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(at)));
    tx.execute("touch an API key", diesel::update(older).set(api_keys::last_used_at.eq(at))).await.map(|_| ())
}

pub(super) async fn revoke(tx: &mut PgTx, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
    let open = api_keys::table.find(id.uuid()).filter(api_keys::revoked_at.is_null());
    tx.execute("revoke an API key", diesel::update(open).set(api_keys::revoked_at.eq(at))).await.map(|_| ())
}
