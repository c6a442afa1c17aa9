//! Logins, buyers, sign-ins and the temporary passwords that wait for their mail.

use accounts::{
    AccountRequest, AccountSession, AccountStore, ApiKey, Customer, PasswordHash, Role, Sealed, SealedCredential,
    TokenHash, User,
};
use diesel::prelude::*;
use kernel::{EmailAddress, Id, StoreError, Timestamp, entity};
use uuid::Uuid;

mod keys;
mod requests;
mod session_row;

use session_row::SessionRow;

use super::Place;
use crate::{
    db::{PgTx, Statement},
    schema::{customers, sealed_secrets, sessions, users},
};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = users, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct UserRow {
    id: Uuid,
    email: String,
    password_hash: String,
    must_change_password: bool,
    password_expires_at: Option<Timestamp>,
    role: String,
    created_at: Timestamp,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.as_str().to_owned(),
            password_hash: user.password.as_str().to_owned(),
            must_change_password: user.must_change_password,
            password_expires_at: user.password_expires_at,
            role: user.role.as_str().to_owned(),
            created_at: user.created_at,
        }
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let place = Place::new("users", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            email: place.parse("email", &row.email)?,
            password: PasswordHash::new(row.password_hash),
            must_change_password: row.must_change_password,
            password_expires_at: row.password_expires_at,
            role: place.word("role", Role::parse(&row.role))?,
            created_at: row.created_at,
        })
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = customers, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct CustomerRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    email: String,
    stripe_customer_id: Option<String>,
}

impl TryFrom<CustomerRow> for Customer {
    type Error = StoreError;

    fn try_from(row: CustomerRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user: Id::from_uuid(row.user_id),
            email: Place::new("customers", row.id).parse("email", &row.email)?,
            name: row.name,
            gateway_id: row.stripe_customer_id,
        })
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = sealed_secrets, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct SealedRow {
    id: Uuid,
    user_id: Option<Uuid>,
    sealed: String,
    expires_at: Timestamp,
}

impl From<SealedRow> for SealedCredential {
    fn from(row: SealedRow) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            user: row.user_id.map(Id::from_uuid),
            sealed: Sealed(row.sealed),
            expires_at: row.expires_at,
        }
    }
}

/// Two admins who take each other's role at once must not both succeed.
const LOCK_STAFF: &str = "SELECT pg_advisory_xact_lock(4850417100000023)";

impl AccountStore for PgTx {
    async fn user_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        let query = users::table.filter(users::email.eq(email.as_str().to_owned())).select(UserRow::as_select());
        self.first("a user by address", query).await?.map(User::try_from).transpose()
    }

    async fn user(&mut self, id: Id<entity::User>) -> Result<Option<User>, StoreError> {
        let query = users::table.find(id.uuid()).select(UserRow::as_select());
        self.first("a user", query).await?.map(User::try_from).transpose()
    }

    async fn insert_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(users::table).values(UserRow::from(user));
        let inserted = self.execute("insert a user", insert.on_conflict(users::email).do_nothing()).await?;
        Ok(inserted == 1)
    }

    async fn customer_of(&mut self, user: Id<entity::User>) -> Result<Option<Customer>, StoreError> {
        let query = customers::table.filter(customers::user_id.eq(user.uuid())).select(CustomerRow::as_select());
        self.first("a user's customer", query).await?.map(Customer::try_from).transpose()
    }

    async fn insert_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        let row = CustomerRow {
            id: customer.id.uuid(),
            user_id: customer.user.uuid(),
            name: customer.name.clone(),
            email: customer.email.as_str().to_owned(),
            stripe_customer_id: customer.gateway_id.clone(),
        };
        self.execute_one("insert a customer", diesel::insert_into(customers::table).values(row)).await
    }

    async fn set_gateway_customer(&mut self, id: Id<entity::Customer>, gateway_id: &str) -> Result<(), StoreError> {
        let unknown = customers::table.find(id.uuid()).filter(customers::stripe_customer_id.is_null());
        let update = diesel::update(unknown).set(customers::stripe_customer_id.eq(gateway_id));
        self.execute("set a customer's Stripe id", update).await.map(|_| ())
    }

    async fn customer(&mut self, id: Id<entity::Customer>) -> Result<Option<Customer>, StoreError> {
        let query = customers::table.find(id.uuid()).select(CustomerRow::as_select());
        self.first("a customer", query).await?.map(Customer::try_from).transpose()
    }

    async fn set_role(&mut self, id: Id<entity::User>, role: Role) -> Result<(), StoreError> {
        let update = diesel::update(users::table.find(id.uuid())).set(users::role.eq(role.as_str()));
        self.execute_one("set a role", update).await
    }

    async fn lock_staff(&mut self) -> Result<(), StoreError> {
        self.execute("lock who works for the shop", Statement::new(LOCK_STAFF)).await.map(|_| ())
    }

    async fn staff(&mut self) -> Result<Vec<User>, StoreError> {
        let query =
            users::table.filter(users::role.ne(Role::Customer.as_str().to_owned())).order(users::email).limit(500);
        let rows = self.load("who works for the shop", query.select(UserRow::as_select())).await?;
        rows.into_iter().map(User::try_from).collect()
    }

    async fn prove_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        let older = sessions::table.find(id.uuid()).filter(sessions::proven_at.lt(at));
        self.execute("prove a session", diesel::update(older).set(sessions::proven_at.eq(at))).await.map(|_| ())
    }

    async fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        keys::insert(self, key).await
    }

    async fn api_key_by_token(&mut self, token: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        keys::by_token(self, token).await
    }

    async fn api_keys_of(&mut self, user: Id<entity::User>) -> Result<Vec<ApiKey>, StoreError> {
        keys::of_user(self, user).await
    }

    async fn touch_api_key(&mut self, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
        keys::touch(self, id, at).await
    }

    async fn revoke_api_key(&mut self, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
        keys::revoke(self, id, at).await
    }

    async fn insert_session(&mut self, session: &AccountSession) -> Result<(), StoreError> {
        let insert = diesel::insert_into(sessions::table).values(SessionRow::from(session));
        self.execute_one("insert a session", insert).await
    }

    async fn session(&mut self, id: Id<entity::Session>) -> Result<Option<AccountSession>, StoreError> {
        let query = sessions::table.find(id.uuid()).filter(sessions::token_hash.is_not_null());
        let row = self.first("a session", query.select(SessionRow::as_select())).await?;
        row.map(AccountSession::try_from).transpose()
    }

    async fn session_by_token(&mut self, token: &TokenHash) -> Result<Option<AccountSession>, StoreError> {
        let query = sessions::table.filter(sessions::token_hash.eq(token.as_bytes().to_vec()));
        let row = self.first("a session by its token", query.select(SessionRow::as_select())).await?;
        row.map(AccountSession::try_from).transpose()
    }

    async fn sessions_of(&mut self, user: Id<entity::User>) -> Result<Vec<AccountSession>, StoreError> {
        let open = sessions::table
            .filter(sessions::user_id.eq(user.uuid()))
            .filter(sessions::revoked_at.is_null())
            .order(sessions::created_at.desc())
            .limit(100);
        let rows = self.load("a user's sessions", open.select(SessionRow::as_select())).await?;
        rows.into_iter().map(AccountSession::try_from).collect()
    }

    async fn touch_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        let older = sessions::table.find(id.uuid()).filter(sessions::last_seen_at.lt(at));
        self.execute("touch a session", diesel::update(older).set(sessions::last_seen_at.eq(at))).await.map(|_| ())
    }

    async fn revoke_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        let open = sessions::table.find(id.uuid()).filter(sessions::revoked_at.is_null());
        self.execute("revoke a session", diesel::update(open).set(sessions::revoked_at.eq(at))).await.map(|_| ())
    }

    async fn set_session_token(&mut self, id: Id<entity::Session>, token: &TokenHash) -> Result<(), StoreError> {
        let update = diesel::update(sessions::table.find(id.uuid()));
        let update = update.set(sessions::token_hash.eq(token.as_bytes().to_vec()));
        self.execute_one("set a session's token", update).await
    }

    async fn revoke_sessions(
        &mut self,
        user: Id<entity::User>,
        keep: Option<Id<entity::Session>>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // No session has this id.
        let keep = keep.map_or(Uuid::nil(), Id::uuid);
        let others = sessions::table
            .filter(sessions::user_id.eq(user.uuid()).or(sessions::acted_by.eq(user.uuid())))
            .filter(sessions::id.ne(keep))
            .filter(sessions::revoked_at.is_null());
        let update = diesel::update(others).set(sessions::revoked_at.eq(at));
        self.execute("revoke a user's sessions", update).await.map(|_| ())
    }

    async fn revoke_all_sessions(&mut self, at: Timestamp) -> Result<usize, StoreError> {
        let open = diesel::update(sessions::table.filter(sessions::revoked_at.is_null()));
        self.execute("revoke all sessions", open.set(sessions::revoked_at.eq(at))).await
    }

    async fn set_email(&mut self, id: Id<entity::User>, email: &EmailAddress) -> Result<bool, StoreError> {
        let taken = self.user_by_email(email).await?.is_some_and(|owner| owner.id != id);
        if taken {
            return Ok(false);
        }
        // Somebody may take the address in this moment: then the whole transaction fails, and the link is tried again.
        let user = diesel::update(users::table.find(id.uuid())).set(users::email.eq(email.as_str()));
        self.execute_one("set a user's address", user).await?;
        let buyer = customers::table.filter(customers::user_id.eq(id.uuid()));
        let buyer = diesel::update(buyer).set(customers::email.eq(email.as_str()));
        self.execute("set a customer's address", buyer).await?;
        Ok(true)
    }

    async fn set_password(&mut self, id: Id<entity::User>, password: &PasswordHash) -> Result<(), StoreError> {
        let chosen = (
            users::password_hash.eq(password.as_str()),
            users::must_change_password.eq(false),
            users::password_expires_at.eq(None::<Timestamp>),
        );
        self.execute_one("set a password", diesel::update(users::table.find(id.uuid())).set(chosen)).await
    }

    async fn rehash_password(
        &mut self,
        id: Id<entity::User>,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StoreError> {
        let unchanged = users::table.find(id.uuid()).filter(users::password_hash.eq(from.as_str().to_owned()));
        let update = diesel::update(unchanged).set(users::password_hash.eq(to.as_str().to_owned()));
        self.execute("replace a weaker hash", update).await.map(|_| ())
    }

    async fn insert_sealed(&mut self, credential: &SealedCredential) -> Result<(), StoreError> {
        let row = SealedRow {
            id: credential.id.uuid(),
            user_id: credential.user.map(Id::uuid),
            sealed: credential.sealed.0.clone(),
            expires_at: credential.expires_at,
        };
        self.execute_one("insert a sealed secret", diesel::insert_into(sealed_secrets::table).values(row)).await
    }

    async fn sealed(&mut self, id: Id<entity::SealedSecret>) -> Result<Option<SealedCredential>, StoreError> {
        let query = sealed_secrets::table.find(id.uuid()).select(SealedRow::as_select());
        Ok(self.first("a sealed secret", query).await?.map(SealedCredential::from))
    }

    async fn delete_sealed(&mut self, id: Id<entity::SealedSecret>) -> Result<(), StoreError> {
        let delete = diesel::delete(sealed_secrets::table.find(id.uuid()));
        self.execute("delete a sealed secret", delete).await.map(|_| ())
    }

    async fn insert_request(&mut self, request: &AccountRequest) -> Result<(), StoreError> {
        requests::insert(self, request).await
    }

    async fn request(&mut self, id: Id<entity::AccountRequest>) -> Result<Option<AccountRequest>, StoreError> {
        requests::by_id(self, id).await
    }

    async fn request_by_token(&mut self, token: &TokenHash) -> Result<Option<AccountRequest>, StoreError> {
        requests::by_token(self, token).await
    }

    async fn update_request(&mut self, request: &AccountRequest) -> Result<(), StoreError> {
        requests::update(self, request).await
    }

    async fn settle_resets(&mut self, user: Id<entity::User>, at: Timestamp) -> Result<(), StoreError> {
        requests::settle_resets(self, user, at).await
    }

    async fn forget_requests(&mut self, before: Timestamp) -> Result<(), StoreError> {
        requests::forget(self, before).await
    }
}
