//! Second factors: apps, recovery codes, passkeys and the questions that wait for a passkey's answer.

use accounts::{Challenge, ChallengePurpose, FactorStore, Passkey, Sealed, TokenHash, Totp};
use diesel::{prelude::*, upsert::excluded};
use kernel::{Id, StoreError, Timestamp, entity};
use uuid::Uuid;

use super::Place;
use crate::{
    db::{PgTx, Statement},
    schema::{passkey_challenges, passkeys, recovery_codes, user_totp, users},
};

const FORGET: &str = "DELETE FROM passkey_challenges WHERE id IN \
    (SELECT id FROM passkey_challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)";

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = user_totp, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct TotpRow {
    user_id: Uuid,
    sealed: String,
    created_at: Timestamp,
    confirmed_at: Option<Timestamp>,
    last_step: Option<i64>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = passkeys, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct PasskeyRow {
    id: Uuid,
    user_id: Uuid,
    credential_id: Vec<u8>,
    key: String,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl From<PasskeyRow> for Passkey {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            user: Id::from_uuid(row.user_id),
            credential: row.credential_id,
            key: row.key,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = passkey_challenges, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct ChallengeRow {
    id: Uuid,
    purpose: String,
    user_id: Option<Uuid>,
    state: String,
    expires_at: Timestamp,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> Result<Self, StoreError> {
        let purpose = ChallengePurpose::parse(&row.purpose);
        Ok(Self {
            id: Id::from_uuid(row.id),
            purpose: Place::new("passkey_challenges", row.id).word("purpose", purpose)?,
            user: row.user_id.map(Id::from_uuid),
            state: row.state,
            expires_at: row.expires_at,
        })
    }
}

impl FactorStore for PgTx {
    async fn lock_factors(&mut self, user: Id<entity::User>) -> Result<(), StoreError> {
        let query = users::table.find(user.uuid()).select(users::id).for_no_key_update();
        self.first::<Uuid, _>("lock a user", query).await.map(|_| ())
    }

    async fn totp(&mut self, user: Id<entity::User>) -> Result<Option<Totp>, StoreError> {
        let query = user_totp::table.find(user.uuid()).select(TotpRow::as_select());
        Ok(self.first("a user's app", query).await?.map(|row: TotpRow| Totp {
            user,
            sealed: Sealed(row.sealed),
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            last_step: row.last_step,
        }))
    }

    async fn save_totp(&mut self, totp: &Totp) -> Result<(), StoreError> {
        let row = TotpRow {
            user_id: totp.user.uuid(),
            sealed: totp.sealed.0.clone(),
            created_at: totp.created_at,
            confirmed_at: totp.confirmed_at,
            last_step: totp.last_step,
        };
        let replaced = (
            user_totp::sealed.eq(excluded(user_totp::sealed)),
            user_totp::created_at.eq(excluded(user_totp::created_at)),
            user_totp::confirmed_at.eq(excluded(user_totp::confirmed_at)),
            user_totp::last_step.eq(excluded(user_totp::last_step)),
        );
        let insert = diesel::insert_into(user_totp::table).values(row);
        let upsert = insert.on_conflict(user_totp::user_id).do_update().set(replaced);
        self.execute_one("save a user's app", upsert).await
    }

    async fn take_totp_step(&mut self, user: Id<entity::User>, step: i64) -> Result<bool, StoreError> {
        let earlier = user_totp::last_step.is_null().or(user_totp::last_step.lt(step));
        let unused = user_totp::table.find(user.uuid()).filter(earlier.assume_not_null());
        let update = diesel::update(unused).set(user_totp::last_step.eq(step));
        Ok(self.execute("take a code's step", update).await? == 1)
    }

    async fn delete_totp(&mut self, user: Id<entity::User>) -> Result<bool, StoreError> {
        let delete = diesel::delete(user_totp::table.find(user.uuid()));
        Ok(self.execute("delete a user's app", delete).await? == 1)
    }

    async fn set_recovery_codes(&mut self, user: Id<entity::User>, codes: &[TokenHash]) -> Result<(), StoreError> {
        let former = recovery_codes::table.filter(recovery_codes::user_id.eq(user.uuid()));
        self.execute("delete recovery codes", diesel::delete(former)).await?;
        let row = |code: &TokenHash| {
            (recovery_codes::user_id.eq(user.uuid()), recovery_codes::code_hash.eq(code.as_bytes().to_vec()))
        };
        let rows: Vec<_> = codes.iter().map(row).collect();
        self.execute("insert recovery codes", diesel::insert_into(recovery_codes::table).values(rows)).await.map(|_| ())
    }

    async fn take_recovery_code(
        &mut self,
        user: Id<entity::User>,
        code: &TokenHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let unused = recovery_codes::table
            .find((user.uuid(), code.as_bytes().to_vec()))
            .filter(recovery_codes::used_at.is_null());
        let update = diesel::update(unused).set(recovery_codes::used_at.eq(at));
        Ok(self.execute("take a recovery code", update).await? == 1)
    }

    async fn recovery_codes_left(&mut self, user: Id<entity::User>) -> Result<usize, StoreError> {
        let unused = recovery_codes::table
            .filter(recovery_codes::user_id.eq(user.uuid()))
            .filter(recovery_codes::used_at.is_null());
        Ok(self.load::<Uuid, _>("recovery codes that are left", unused.select(recovery_codes::user_id)).await?.len())
    }

    async fn insert_passkey(&mut self, passkey: &Passkey) -> Result<bool, StoreError> {
        let row = PasskeyRow {
            id: passkey.id.uuid(),
            user_id: passkey.user.uuid(),
            credential_id: passkey.credential.clone(),
            key: passkey.key.clone(),
            name: passkey.name.clone(),
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        };
        let insert = diesel::insert_into(passkeys::table).values(row);
        let insert = insert.on_conflict(passkeys::credential_id).do_nothing();
        Ok(self.execute("insert a passkey", insert).await? == 1)
    }

    async fn passkeys_of(&mut self, user: Id<entity::User>) -> Result<Vec<Passkey>, StoreError> {
        let query = passkeys::table
            .filter(passkeys::user_id.eq(user.uuid()))
            .order((passkeys::created_at, passkeys::id))
            .select(PasskeyRow::as_select());
        Ok(self.load("a user's passkeys", query).await?.into_iter().map(Passkey::from).collect())
    }

    async fn passkey_by_credential(&mut self, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
        let query = passkeys::table
            .filter(passkeys::credential_id.eq(credential.to_vec()))
            .select(PasskeyRow::as_select())
            .for_no_key_update();
        Ok(self.first("a passkey by its credential", query).await?.map(Passkey::from))
    }

    async fn passkey_used(&mut self, id: Id<entity::Passkey>, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let change = (passkeys::key.eq(key), passkeys::last_used_at.eq(at));
        self.execute_one("record a passkey's use", diesel::update(passkeys::table.find(id.uuid())).set(change)).await
    }

    async fn rename_passkey(
        &mut self,
        user: Id<entity::User>,
        id: Id<entity::Passkey>,
        name: &str,
    ) -> Result<bool, StoreError> {
        let theirs = passkeys::table.find(id.uuid()).filter(passkeys::user_id.eq(user.uuid()));
        let update = diesel::update(theirs).set(passkeys::name.eq(name));
        Ok(self.execute("rename a passkey", update).await? == 1)
    }

    async fn delete_passkey(&mut self, user: Id<entity::User>, id: Id<entity::Passkey>) -> Result<bool, StoreError> {
        let theirs = passkeys::table.find(id.uuid()).filter(passkeys::user_id.eq(user.uuid()));
        Ok(self.execute("delete a passkey", diesel::delete(theirs)).await? == 1)
    }

    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        let row = ChallengeRow {
            id: challenge.id.uuid(),
            purpose: challenge.purpose.as_str().to_owned(),
            user_id: challenge.user.map(Id::uuid),
            state: challenge.state.clone(),
            expires_at: challenge.expires_at,
        };
        self.execute_one("insert a passkey challenge", diesel::insert_into(passkey_challenges::table).values(row)).await
    }

    async fn take_challenge(&mut self, id: Id<entity::PasskeyChallenge>) -> Result<Option<Challenge>, StoreError> {
        // Who finds it locked waits, and then finds it gone.
        let query = passkey_challenges::table.find(id.uuid()).select(ChallengeRow::as_select()).for_update();
        let Some(row) = self.first("a passkey challenge", query).await? else { return Ok(None) };
        let delete = diesel::delete(passkey_challenges::table.find(id.uuid()));
        self.execute_one("delete a passkey challenge", delete).await?;
        Challenge::try_from(row).map(Some)
    }

    async fn forget_challenges(&mut self, before: Timestamp) -> Result<(), StoreError> {
        let statement = Statement::new(FORGET).bind::<diesel::sql_types::Timestamptz, _>(before);
        self.execute("forget passkey challenges", statement).await.map(|_| ())
    }
}
