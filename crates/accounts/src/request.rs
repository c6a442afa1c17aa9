//! What somebody asks for and confirms with the link in a mail: an account, a new password, another address.
//!
//! Asking does the same whether the address has an account or not: a row, and a job. What it comes to is decided in the
//! job, so that neither an answer nor its time tells who has an account; only the address's owner reads the mail.

use chrono::Duration;
use kernel::{EmailAddress, Env, Failure, FailureKind, Id, Job, Queue, StoreError, Timestamp, entity};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{AccountStore, PasswordHash, TokenHash, User};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An account.
    Register,
    /// A new password.
    ResetPassword,
    /// Another address.
    ChangeAddress,
}

impl Purpose {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::ResetPassword => "reset-password",
            Self::ChangeAddress => "change-address",
        }
    }

    /// How long its link counts (OWASP: minutes for what opens an account, long enough for a mail that is read later for
    /// what only confirms).
    pub const fn counts_for(self) -> Duration {
        match self {
            Self::Register => Duration::hours(24),
            Self::ResetPassword => Duration::minutes(30),
            Self::ChangeAddress => Duration::hours(2),
        }
    }
}

/// What is asked for, with what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// An account, with the name and the password that were chosen. The password opens it: who only has the link, such as
    /// the owner of an address that a stranger entered, does not get the stranger's account.
    Register {
        /// The buyer's name.
        name: String,
        /// Proof of the password.
        password: PasswordHash,
    },
    /// A new password.
    ResetPassword,
    /// Another address for this login.
    ChangeAddress(Id<entity::User>),
}

impl Wish {
    /// Without what it takes.
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Register { .. } => Purpose::Register,
            Self::ResetPassword => Purpose::ResetPassword,
            Self::ChangeAddress(_) => Purpose::ChangeAddress,
        }
    }
}

/// Something asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRequest {
    /// Its id.
    pub id: Id<entity::AccountRequest>,
    /// What.
    pub wish: Wish,
    /// Where the mail goes.
    pub email: EmailAddress,
    /// The login that it is about, once known.
    pub user: Option<Id<entity::User>>,
    /// The link's token, hashed, once there is one.
    pub token: Option<TokenHash>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it, or its link, stops to count.
    pub expires_at: Timestamp,
    /// When it was done, refused or given up.
    pub settled_at: Option<Timestamp>,
}

/// Finds out what a request comes to, and mails that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRequest {
    /// Which.
    pub request: Id<entity::AccountRequest>,
}

impl Job for AnswerRequest {
    const KIND: &'static str = "account.answer";
    const QUEUE: Queue = Queue::Mail;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.request.to_string())
    }
}

/// What a request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A link that does what was asked for.
    Link,
    /// The mail says that the address has an account already.
    HasAccount,
    /// Nothing is sent: the address has no account, or the request does not count any more.
    Nothing,
}

/// Why a link does nothing. One text for all reasons.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Unknown, used, replaced or past its time.
    #[error("this link does not count any more; ask for a new one")]
    Spent,
    /// The password is not the one that was chosen with the request.
    #[error("password: this is not the password that you chose when you registered")]
    WrongPassword,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for LinkError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Spent | Self::WrongPassword => FailureKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Spent => "link-spent",
            Self::WrongPassword => "wrong-password",
            Self::Store(error) => error.code(),
        }
    }
}

/// Requests are kept so long after their end, for questions; then they go.
const KEPT: Duration = Duration::days(7);

/// Writes down what was asked for. The caller enqueues [`AnswerRequest`] with it.
pub async fn ask<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    email: EmailAddress,
    wish: Wish,
) -> Result<AccountRequest, StoreError> {
    let now = env.now();
    let user = if let Wish::ChangeAddress(user) = wish { Some(user) } else { None };
    let expires_at = now + wish.purpose().counts_for();
    let request =
        AccountRequest { id: env.id(), wish, email, user, token: None, created_at: now, expires_at, settled_at: None };
    store.insert_request(&request).await?;
    store.forget_requests(now - KEPT).await?;
    Ok(request)
}

impl AccountRequest {
    /// A new password behind a link that is on its way already: the one of a welcome mail.
    pub(crate) fn answered_reset(env: &mut Env, user: &User, token: TokenHash, expires_at: Timestamp) -> Self {
        Self {
            id: env.id(),
            wish: Wish::ResetPassword,
            email: user.email.clone(),
            user: Some(user.id),
            token: Some(token),
            created_at: env.now(),
            expires_at,
            settled_at: None,
        }
    }

    /// What it comes to, given who has the address now.
    pub fn reply(&self, owner: Option<&User>, now: Timestamp) -> Reply {
        if self.settled_at.is_some() || now >= self.expires_at {
            return Reply::Nothing;
        }
        match (&self.wish, owner) {
            (Wish::Register { .. } | Wish::ChangeAddress(_), Some(_)) => Reply::HasAccount,
            (Wish::ResetPassword, None) => Reply::Nothing,
            (Wish::Register { .. } | Wish::ChangeAddress(_), None) | (Wish::ResetPassword, Some(_)) => Reply::Link,
        }
    }
}

/// Makes the link's token. Asked again, as a repeated job does, it makes another one, and the former stops to count.
pub async fn give_token<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    mut request: AccountRequest,
    owner: Option<&User>,
) -> Result<(AccountRequest, SecretString), StoreError> {
    let token = env.token();
    request.token = Some(TokenHash::of(&token));
    request.user = request.user.or(owner.map(|user| user.id));
    // From now on, not from when it was asked for: the mail was not underway before.
    request.expires_at = env.now() + request.wish.purpose().counts_for();
    store.update_request(&request).await?;
    Ok((request, token))
}

/// Ends a request.
pub async fn settle<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    mut request: AccountRequest,
) -> Result<(), StoreError> {
    request.settled_at = Some(now);
    store.update_request(&request).await
}

/// The request behind a link that still counts, locked.
///
/// # Errors
/// [`LinkError::Spent`] when it does not count.
pub async fn open_request<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    token: &SecretString,
    purpose: Purpose,
) -> Result<AccountRequest, LinkError> {
    let found = store.request_by_token(&TokenHash::of(token)).await?;
    let counts = |request: &AccountRequest| {
        request.settled_at.is_none() && now < request.expires_at && request.wish.purpose() == purpose
    };
    found.filter(counts).ok_or(LinkError::Spent)
}

/// Sets the password that somebody chose behind a link, ends every sign-in, and settles every other such link.
///
/// # Errors
/// [`LinkError::Spent`] when the link does not count.
pub async fn reset_password<S: AccountStore>(
    store: &mut S,
    env: &Env,
    token: &SecretString,
    password: &PasswordHash,
) -> Result<User, LinkError> {
    let now = env.now();
    let request = open_request(store, now, token, Purpose::ResetPassword).await?;
    let user = match request.user {
        Some(id) => store.user(id).await?.ok_or(LinkError::Spent)?,
        None => return Err(LinkError::Spent),
    };
    store.set_password(user.id, password).await?;
    store.revoke_sessions(user.id, None, now).await?;
    settle(store, now, request).await?;
    store.settle_resets(user.id, now).await?;
    Ok(user)
}

/// Gives somebody the address that they asked for, when the link comes back from it.
///
/// # Errors
/// [`LinkError::Spent`] when the link does not count, is somebody else's, or the address was taken meanwhile.
pub async fn change_address<S: AccountStore>(
    store: &mut S,
    env: &Env,
    token: &SecretString,
    user: Id<entity::User>,
) -> Result<EmailAddress, LinkError> {
    let now = env.now();
    let request = open_request(store, now, token, Purpose::ChangeAddress).await?;
    if request.user != Some(user) || !store.set_email(user, &request.email).await? {
        return Err(LinkError::Spent);
    }
    let email = request.email.clone();
    settle(store, now, request).await?;
    // A link to the former address must not open the account any more.
    store.settle_resets(user, now).await?;
    Ok(email)
}
