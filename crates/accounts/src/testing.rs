//! A memory store and fakes, for tests here and in crates that build on this one.

use kernel::{EmailAddress, Id, StoreError, Timestamp, entity, testing::Table};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    AccountRequest, AccountSession, AccountStore, ApiKey, Customer, PasswordError, PasswordHash, Passwords,
    PersonStore, Purpose, Role, SealError, Sealed, SealedCredential, Sealer, TokenHash, User,
};

mod conformance;
mod doors;
mod factors;
mod factors_conform;
pub use conformance::store_conforms;
pub use factors::{FakePasskeys, MemoryFactors};
pub use factors_conform::factors_conform;

/// Accounts in memory. Clone it to take a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryAccounts {
    /// By id.
    pub users: Table<Id<entity::User>, User>,
    /// By id.
    pub customers: Table<Id<entity::Customer>, Customer>,
    /// By id.
    pub sessions: Table<Id<entity::Session>, AccountSession>,
    /// By id.
    pub sealed: Table<Id<entity::SealedSecret>, SealedCredential>,
    /// By id.
    pub api_keys: Table<Id<entity::ApiKey>, ApiKey>,
    /// By id.
    pub requests: Table<Id<entity::AccountRequest>, AccountRequest>,
    /// Second factors.
    pub factors: MemoryFactors,
}

impl AccountStore for MemoryAccounts {
    async fn user_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        Ok(self.users.values().find(|user| user.email == *email).cloned())
    }
    async fn user(&mut self, id: Id<entity::User>) -> Result<Option<User>, StoreError> {
        Ok(self.users.get(&id).cloned())
    }
    async fn insert_user(&mut self, user: &User) -> Result<bool, StoreError> {
        if self.users.values().any(|other| other.email == user.email) {
            return Ok(false);
        }
        self.users.insert(user.id, user.clone());
        Ok(true)
    }
    async fn customer_of(&mut self, user: Id<entity::User>) -> Result<Option<Customer>, StoreError> {
        Ok(self.customers.values().find(|customer| customer.user == user).cloned())
    }
    async fn insert_customer(&mut self, customer: &Customer) -> Result<(), StoreError> {
        self.customers.insert(customer.id, customer.clone());
        Ok(())
    }
    async fn set_gateway_customer(&mut self, id: Id<entity::Customer>, gateway_id: &str) -> Result<(), StoreError> {
        if let Some(customer) = self.customers.get_mut(&id) {
            customer.gateway_id.get_or_insert_with(|| gateway_id.to_owned());
        }
        Ok(())
    }
    async fn customer(&mut self, id: Id<entity::Customer>) -> Result<Option<Customer>, StoreError> {
        Ok(self.customers.get(&id).cloned())
    }
    async fn set_role(&mut self, id: Id<entity::User>, role: Role) -> Result<(), StoreError> {
        if let Some(user) = self.users.get_mut(&id) {
            user.role = role;
        }
        Ok(())
    }
    async fn lock_staff(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
    async fn staff(&mut self) -> Result<Vec<User>, StoreError> {
        let mut staff: Vec<_> = self.users.values().filter(|user| user.role.is_staff()).cloned().collect();
        staff.sort_by(|one, other| one.email.as_str().cmp(other.email.as_str()));
        Ok(staff)
    }
    async fn prove_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.proven_at = session.proven_at.max(at);
        }
        Ok(())
    }
    async fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        self.api_keys.insert(key.id, key.clone());
        Ok(())
    }
    async fn api_key_by_token(&mut self, token: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.api_keys.values().find(|key| key.token == *token).cloned())
    }
    async fn api_keys_of(&mut self, user: Id<entity::User>) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys: Vec<_> = self.api_keys.values().filter(|key| key.user == user).cloned().collect();
        keys.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        keys.truncate(100);
        Ok(keys)
    }
    async fn touch_api_key(&mut self, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
        if let Some(key) = self.api_keys.get_mut(&id) {
            key.last_used_at = key.last_used_at.max(Some(at));
        }
        Ok(())
    }
    async fn revoke_api_key(&mut self, id: Id<entity::ApiKey>, at: Timestamp) -> Result<(), StoreError> {
        if let Some(key) = self.api_keys.get_mut(&id) {
            key.revoked_at.get_or_insert(at);
        }
        Ok(())
    }
    async fn insert_session(&mut self, session: &AccountSession) -> Result<(), StoreError> {
        self.sessions.insert(session.id, session.clone());
        Ok(())
    }
    async fn session(&mut self, id: Id<entity::Session>) -> Result<Option<AccountSession>, StoreError> {
        Ok(self.sessions.get(&id).cloned())
    }
    async fn revoke_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.revoked_at.get_or_insert(at);
        }
        Ok(())
    }
    async fn session_by_token(&mut self, token: &TokenHash) -> Result<Option<AccountSession>, StoreError> {
        Ok(self.sessions.values().find(|session| session.token == *token).cloned())
    }
    async fn sessions_of(&mut self, user: Id<entity::User>) -> Result<Vec<AccountSession>, StoreError> {
        let open = |session: &&AccountSession| session.user == user && session.revoked_at.is_none();
        Ok(self.sessions.values().filter(open).cloned().collect())
    }
    async fn touch_session(&mut self, id: Id<entity::Session>, at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.last_seen_at = session.last_seen_at.max(at);
        }
        Ok(())
    }
    async fn set_session_token(&mut self, id: Id<entity::Session>, token: &TokenHash) -> Result<(), StoreError> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.token = *token;
        }
        Ok(())
    }
    async fn revoke_sessions(
        &mut self,
        user: Id<entity::User>,
        keep: Option<Id<entity::Session>>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sessions.for_each_mut(|id, session| {
            if (session.user == user || session.acted_by == Some(user)) && Some(*id) != keep {
                session.revoked_at.get_or_insert(at);
            }
        });
        Ok(())
    }
    async fn revoke_all_sessions(&mut self, at: Timestamp) -> Result<usize, StoreError> {
        let mut ended = 0;
        self.sessions.for_each_mut(|_, session| {
            ended += usize::from(session.revoked_at.is_none());
            session.revoked_at.get_or_insert(at);
        });
        Ok(ended)
    }
    async fn set_email(&mut self, id: Id<entity::User>, email: &EmailAddress) -> Result<bool, StoreError> {
        if self.users.values().any(|user| user.email == *email && user.id != id) {
            return Ok(false);
        }
        self.users.for_each_mut(|_, user| {
            if user.id == id {
                user.email = email.clone();
            }
        });
        self.customers.for_each_mut(|_, customer| {
            if customer.user == id {
                customer.email = email.clone();
            }
        });
        Ok(true)
    }
    async fn insert_request(&mut self, request: &AccountRequest) -> Result<(), StoreError> {
        self.requests.insert(request.id, request.clone());
        Ok(())
    }
    async fn request(&mut self, id: Id<entity::AccountRequest>) -> Result<Option<AccountRequest>, StoreError> {
        Ok(self.requests.get(&id).cloned())
    }
    async fn request_by_token(&mut self, token: &TokenHash) -> Result<Option<AccountRequest>, StoreError> {
        Ok(self.requests.values().find(|request| request.token == Some(*token)).cloned())
    }
    async fn update_request(&mut self, request: &AccountRequest) -> Result<(), StoreError> {
        self.requests.insert(request.id, request.clone());
        Ok(())
    }
    async fn settle_resets(&mut self, user: Id<entity::User>, at: Timestamp) -> Result<(), StoreError> {
        self.requests.for_each_mut(|_, request| {
            if request.user == Some(user) && request.wish.purpose() == Purpose::ResetPassword {
                request.settled_at.get_or_insert(at);
            }
        });
        Ok(())
    }
    async fn forget_requests(&mut self, before: Timestamp) -> Result<(), StoreError> {
        let past: Vec<_> = self.requests.values().filter(|r| r.expires_at < before).map(|r| r.id).take(100).collect();
        for id in past {
            self.requests.remove(&id);
        }
        Ok(())
    }
    async fn set_password(&mut self, id: Id<entity::User>, password: &PasswordHash) -> Result<(), StoreError> {
        if let Some(user) = self.users.get_mut(&id) {
            user.password = password.clone();
            user.must_change_password = false;
            user.password_expires_at = None;
        }
        Ok(())
    }
    async fn rehash_password(
        &mut self,
        id: Id<entity::User>,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StoreError> {
        if let Some(user) = self.users.get_mut(&id).filter(|user| user.password == *from) {
            user.password = to.clone();
        }
        Ok(())
    }
    async fn insert_sealed(&mut self, credential: &SealedCredential) -> Result<(), StoreError> {
        self.sealed.insert(credential.id, credential.clone());
        Ok(())
    }
    async fn sealed(&mut self, id: Id<entity::SealedSecret>) -> Result<Option<SealedCredential>, StoreError> {
        Ok(self.sealed.get(&id).cloned())
    }
    async fn delete_sealed(&mut self, id: Id<entity::SealedSecret>) -> Result<(), StoreError> {
        self.sealed.remove(&id);
        Ok(())
    }
}

/// Knows accounts alone: what other domains hold is in the real store.
impl PersonStore for MemoryAccounts {
    async fn export_person(&mut self, customer: &Customer) -> Result<String, StoreError> {
        Ok(format!("{{\"customers\":[{{\"email\":\"{}\"}}]}}", customer.email))
    }
    async fn not_over(&mut self, _: &Customer) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
    async fn erase_person(&mut self, customer: &Customer) -> Result<(), StoreError> {
        self.users.remove(&customer.user);
        self.customers.remove(&customer.id);
        Ok(())
    }
}

/// Hashes at no cost: the hash is the password behind a mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakePasswords;

impl Passwords for FakePasswords {
    async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        Ok(PasswordHash::new(format!("fake:{}", password.expose_secret())))
    }
    async fn verify(&self, password: &SecretString, hash: Option<&PasswordHash>) -> Result<bool, PasswordError> {
        Ok(hash.is_some_and(|hash| hash.as_str() == format!("fake:{}", password.expose_secret())))
    }
}

/// Seals by writing backwards behind the context: enough to see that a value is opened with the right context.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeSealer;

impl Sealer for FakeSealer {
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Sealed, SealError> {
        Ok(Sealed(format!("{context}|{}", plain.expose_secret().chars().rev().collect::<String>())))
    }
    fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretString, SealError> {
        let text = sealed.0.strip_prefix(&format!("{context}|")).ok_or(SealError("opened"))?;
        Ok(SecretString::from(text.chars().rev().collect::<String>()))
    }
}
