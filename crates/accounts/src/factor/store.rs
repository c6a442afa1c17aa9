//! Where factors are kept.

use std::future::Future;

use kernel::{Id, StoreError, Timestamp, entity};

use super::{Challenge, Passkey, Totp};
use crate::TokenHash;

/// Second factors inside a transaction.
pub trait FactorStore {
    /// Lets nobody else add or remove factors of this login until the transaction ends.
    fn lock_factors(&mut self, user: Id<entity::User>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The app of a login, confirmed or not.
    fn totp(&mut self, user: Id<entity::User>) -> impl Future<Output = Result<Option<Totp>, StoreError>> + Send;

    /// Keeps an app in the place of the one that there may be.
    fn save_totp(&mut self, totp: &Totp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a step's code; `false` when it or a later one was taken before, also at the same moment.
    fn take_totp_step(
        &mut self,
        user: Id<entity::User>,
        step: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets an app; `false` when there is none.
    fn delete_totp(&mut self, user: Id<entity::User>) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Keeps these recovery codes in the place of all others; none to forget them.
    fn set_recovery_codes(
        &mut self,
        user: Id<entity::User>,
        codes: &[TokenHash],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a recovery code; `false` when there is no such one or it was taken before.
    fn take_recovery_code(
        &mut self,
        user: Id<entity::User>,
        code: &TokenHash,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// How many recovery codes are not used.
    fn recovery_codes_left(&mut self, user: Id<entity::User>)
    -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Keeps a passkey; `false` when its credential is known, whoever's it is.
    fn insert_passkey(&mut self, passkey: &Passkey) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The passkeys of a login, the oldest first.
    fn passkeys_of(&mut self, user: Id<entity::User>) -> impl Future<Output = Result<Vec<Passkey>, StoreError>> + Send;

    /// The passkey that its device calls so, its row locked.
    fn passkey_by_credential(
        &mut self,
        credential: &[u8],
    ) -> impl Future<Output = Result<Option<Passkey>, StoreError>> + Send;

    /// Records what a passkey became by signing.
    fn passkey_used(
        &mut self,
        id: Id<entity::Passkey>,
        key: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Calls a passkey something else; `false` when the login has none with this id.
    fn rename_passkey(
        &mut self,
        user: Id<entity::User>,
        id: Id<entity::Passkey>,
        name: &str,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets a passkey; `false` when the login has none with this id.
    fn delete_passkey(
        &mut self,
        user: Id<entity::User>,
        id: Id<entity::Passkey>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Keeps a question.
    fn insert_challenge(&mut self, challenge: &Challenge) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a question away; `None` when it was taken before, also at the same moment.
    fn take_challenge(
        &mut self,
        id: Id<entity::PasskeyChallenge>,
    ) -> impl Future<Output = Result<Option<Challenge>, StoreError>> + Send;

    /// Removes up to 100 questions that ended before `before`.
    fn forget_challenges(&mut self, before: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
