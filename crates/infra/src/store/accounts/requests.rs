//! What people ask for and confirm by a mailed link.

use accounts::{AccountRequest, PasswordHash, Purpose, TokenHash, Wish};
use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, entity};
use uuid::Uuid;

use crate::{
    db::{PgTx, Statement},
    schema::account_requests,
    store::Place,
};

const FORGET: &str = "DELETE FROM account_requests WHERE id IN \
    (SELECT id FROM account_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)";

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = account_requests, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct RequestRow {
    id: Uuid,
    purpose: String,
    email: String,
    user_id: Option<Uuid>,
    name: Option<String>,
    password_hash: Option<String>,
    token_hash: Option<Vec<u8>>,
    created_at: Timestamp,
    expires_at: Timestamp,
    settled_at: Option<Timestamp>,
}

impl From<&AccountRequest> for RequestRow {
    fn from(request: &AccountRequest) -> Self {
        let (name, password) = match &request.wish {
            Wish::Register { name, password } => (Some(name.clone()), Some(password.as_str().to_owned())),
            Wish::ResetPassword | Wish::ChangeAddress(_) => (None, None),
        };
        Self {
            id: request.id.uuid(),
            purpose: request.wish.purpose().as_str().to_owned(),
            email: request.email.as_str().to_owned(),
            user_id: request.user.map(Id::uuid),
            name,
            password_hash: password,
            token_hash: request.token.map(|token| token.as_bytes().to_vec()),
            created_at: request.created_at,
            expires_at: request.expires_at,
            settled_at: request.settled_at,
        }
    }
}

impl RequestRow {
    fn wish(&self) -> Option<Wish> {
        let is = |purpose: Purpose| self.purpose == purpose.as_str();
        if is(Purpose::Register) {
            let password = PasswordHash::new(self.password_hash.clone()?);
            Some(Wish::Register { name: self.name.clone()?, password })
        } else if is(Purpose::ChangeAddress) {
            self.user_id.map(|user| Wish::ChangeAddress(Id::from_uuid(user)))
        } else {
            is(Purpose::ResetPassword).then_some(Wish::ResetPassword)
        }
    }
}

impl TryFrom<RequestRow> for AccountRequest {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        let place = Place::new("account_requests", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            wish: place.word("purpose", row.wish())?,
            email: place.parse("email", &row.email)?,
            user: row.user_id.map(Id::from_uuid),
            token: row.token_hash.as_deref().and_then(TokenHash::from_bytes),
            created_at: row.created_at,
            expires_at: row.expires_at,
            settled_at: row.settled_at,
        })
    }
}

pub(super) async fn insert(tx: &mut PgTx, request: &AccountRequest) -> Result<(), StoreError> {
    let insert = diesel::insert_into(account_requests::table).values(RequestRow::from(request));
    tx.execute_one("insert an account request", insert).await
}

pub(super) async fn by_id(tx: &mut PgTx, id: Id<entity::AccountRequest>) -> Result<Option<AccountRequest>, StoreError> {
    let query = account_requests::table.find(id.uuid()).select(RequestRow::as_select()).for_update();
    tx.first("an account request", query).await?.map(AccountRequest::try_from).transpose()
}

pub(super) async fn by_token(tx: &mut PgTx, token: &TokenHash) -> Result<Option<AccountRequest>, StoreError> {
    let query = account_requests::table.filter(account_requests::token_hash.eq(token.as_bytes().to_vec()));
    let query = query.select(RequestRow::as_select()).for_update();
    tx.first("an account request by its token", query).await?.map(AccountRequest::try_from).transpose()
}

pub(super) async fn update(tx: &mut PgTx, request: &AccountRequest) -> Result<(), StoreError> {
    let row = RequestRow::from(request);
    let change = (
        account_requests::user_id.eq(row.user_id),
        account_requests::token_hash.eq(row.token_hash),
        account_requests::expires_at.eq(row.expires_at),
        account_requests::settled_at.eq(row.settled_at),
    );
    let update = diesel::update(account_requests::table.find(row.id)).set(change);
    tx.execute_one("update an account request", update).await
}

pub(super) async fn settle_resets(tx: &mut PgTx, user: Id<entity::User>, at: Timestamp) -> Result<(), StoreError> {
    let open = account_requests::table
        .filter(account_requests::user_id.eq(user.uuid()))
        .filter(account_requests::purpose.eq(Purpose::ResetPassword.as_str()))
        .filter(account_requests::settled_at.is_null());
    let update = diesel::update(open).set(account_requests::settled_at.eq(at));
    tx.execute("settle a user's resets", update).await.map(|_| ())
}

pub(super) async fn forget(tx: &mut PgTx, before: Timestamp) -> Result<(), StoreError> {
    let statement = Statement::new(FORGET).bind::<diesel::sql_types::Timestamptz, _>(before);
    tx.execute("forget account requests", statement).await.map(|_| ())
}
