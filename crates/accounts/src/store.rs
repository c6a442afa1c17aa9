//! Where accounts are kept.

use std::future::Future;

use kernel::{EmailAddress, Id, StoreError, entity};

use crate::{AccountRequest, AccountSession, ApiKey, Customer, PasswordHash, SealedCredential, TokenHash, User};

/// Accounts inside a transaction.
pub trait AccountStore {
    /// The login with this address.
    fn user_by_email(&mut self, email: &EmailAddress) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// A login.
    fn user(&mut self, id: Id<entity::User>) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// Adds a login; `false` when the address is taken, also by a transaction that committed meanwhile.
    fn insert_user(&mut self, user: &User) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The buyer of a login.
    fn customer_of(
        &mut self,
        user: Id<entity::User>,
    ) -> impl Future<Output = Result<Option<Customer>, StoreError>> + Send;

    /// Adds a buyer.
    fn insert_customer(&mut self, customer: &Customer) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Remembers the gateway's id of a buyer, unless one is known.
    fn set_gateway_customer(
        &mut self,
        id: Id<entity::Customer>,
        gateway_id: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The buyer with this id.
    fn customer(
        &mut self,
        id: Id<entity::Customer>,
    ) -> impl Future<Output = Result<Option<Customer>, StoreError>> + Send;

    /// Gives a login another role.
    fn set_role(
        &mut self,
        id: Id<entity::User>,
        role: crate::Role,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Keeps everybody else from changing who works for the shop until the transaction ends.
    fn lock_staff(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Who works for the shop, by address; at most 500.
    fn staff(&mut self) -> impl Future<Output = Result<Vec<User>, StoreError>> + Send;

    /// Notes that somebody has just proved that it is them.
    fn prove_session(
        &mut self,
        id: Id<entity::Session>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Adds a key for machines.
    fn insert_api_key(&mut self, key: &ApiKey) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The key for machines with this hash.
    fn api_key_by_token(
        &mut self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<ApiKey>, StoreError>> + Send;

    /// The keys of a login, the newest 100 first.
    fn api_keys_of(&mut self, user: Id<entity::User>) -> impl Future<Output = Result<Vec<ApiKey>, StoreError>> + Send;

    /// Notes that a key was used.
    fn touch_api_key(
        &mut self,
        id: Id<entity::ApiKey>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends a key.
    fn revoke_api_key(
        &mut self,
        id: Id<entity::ApiKey>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Adds a sign-in.
    fn insert_session(&mut self, session: &AccountSession) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A sign-in.
    fn session(
        &mut self,
        id: Id<entity::Session>,
    ) -> impl Future<Output = Result<Option<AccountSession>, StoreError>> + Send;

    /// Ends a sign-in.
    fn revoke_session(
        &mut self,
        id: Id<entity::Session>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The sign-in whose browser carries this.
    fn session_by_token(
        &mut self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<AccountSession>, StoreError>> + Send;

    /// The sign-ins of a login that were not ended on purpose, the newest 100.
    fn sessions_of(
        &mut self,
        user: Id<entity::User>,
    ) -> impl Future<Output = Result<Vec<AccountSession>, StoreError>> + Send;

    /// Notes that a sign-in was used.
    fn touch_session(
        &mut self,
        id: Id<entity::Session>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives a sign-in another secret; the former one stops to count.
    fn set_session_token(
        &mut self,
        id: Id<entity::Session>,
        token: &TokenHash,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends every sign-in of a login but `keep`, also those in which it acts for customers.
    fn revoke_sessions(
        &mut self,
        user: Id<entity::User>,
        keep: Option<Id<entity::Session>>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends every sign-in of everybody; how many.
    fn revoke_all_sessions(&mut self, at: kernel::Timestamp) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Gives a login and its buyer another address; `false` when somebody has it.
    fn set_email(
        &mut self,
        id: Id<entity::User>,
        email: &EmailAddress,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces a password by one that its owner chose: it has no end and need not be changed.
    fn set_password(
        &mut self,
        id: Id<entity::User>,
        password: &PasswordHash,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the hash of a password by a better one of the same password, unless the password was changed meanwhile.
    fn rehash_password(
        &mut self,
        id: Id<entity::User>,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Keeps a sealed temporary password until its mail is out.
    fn insert_sealed(&mut self, credential: &SealedCredential) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A sealed temporary password.
    fn sealed(
        &mut self,
        id: Id<entity::SealedSecret>,
    ) -> impl Future<Output = Result<Option<SealedCredential>, StoreError>> + Send;

    /// Forgets a sealed temporary password.
    fn delete_sealed(&mut self, id: Id<entity::SealedSecret>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes down what somebody asked for.
    fn insert_request(&mut self, request: &AccountRequest) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What was asked for, its row locked until the transaction ends.
    fn request(
        &mut self,
        id: Id<entity::AccountRequest>,
    ) -> impl Future<Output = Result<Option<AccountRequest>, StoreError>> + Send;

    /// The request whose link carries this, its row locked.
    fn request_by_token(
        &mut self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<AccountRequest>, StoreError>> + Send;

    /// Records what became of a request: whose it is, its token, its end, and that it is settled.
    fn update_request(&mut self, request: &AccountRequest) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Settles every open request for a new password of a login.
    fn settle_resets(
        &mut self,
        user: Id<entity::User>,
        at: kernel::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes up to 100 requests that ended before `before`.
    fn forget_requests(&mut self, before: kernel::Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
