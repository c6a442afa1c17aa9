//! Signing in and staying signed in.

use chrono::Duration;
use kernel::{Env, Failure, FailureKind, Id, StoreError, Timestamp, entity};
use secrecy::SecretString;

use crate::{AccountSession, AccountStore, Device, Permission, Role, TokenHash, User};

/// How long a sign-in lasts (ASVS 5.0, 7.3: both ends documented, and chosen by what the role may do).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// It ends when it was not used for so long.
    pub idle: Duration,
    /// It ends after this time however much it is used.
    pub whole: Duration,
}

impl SessionLife {
    /// Two weeks of silence or three months for customers; half an hour of silence or a working day for who runs the shop.
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Customer => Self { idle: Duration::days(14), whole: Duration::days(90) },
            Role::Support | Role::Billing | Role::Admin => {
                Self { idle: Duration::minutes(30), whole: Duration::hours(12) }
            }
        }
    }
}

/// How long the second factor may take after the password.
pub const FACTOR_DUE: Duration = Duration::minutes(10);

/// That a session is in use is written down no more often than this.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// Why somebody could not sign in. One text for all reasons that depend on the account.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown address, wrong password or a temporary password past its time.
    #[error("e-mail address or password is wrong")]
    WrongCredentials,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for SignInError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::WrongCredentials => FailureKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong-credentials",
            Self::Store(error) => error.code(),
        }
    }
}

/// Why a token or cookie does not count.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown, expired or revoked.
    #[error("sign in to continue")]
    SignedOut,
    /// The password was right; the second factor is still to come.
    #[error("enter your second factor to continue")]
    SecondFactorDue,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for SessionError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::SignedOut | Self::SecondFactorDue => FailureKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::SecondFactorDue => "second-factor-due",
            Self::Store(error) => error.code(),
        }
    }
}

/// How a request says which sign-in it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionClaim {
    /// A signed bearer token names it.
    Named(Id<entity::Session>),
    /// A browser's cookie carries its secret.
    Carried(TokenHash),
    /// It is none: a machine carries a key of its own.
    Key(TokenHash),
}

/// The rule after the password was compared.
///
/// # Errors
/// [`SignInError::WrongCredentials`] for whatever is wrong.
pub fn check_sign_in(user: Option<User>, password_matches: bool, now: Timestamp) -> Result<User, SignInError> {
    let user = user.filter(|_| password_matches).ok_or(SignInError::WrongCredentials)?;
    if user.password_expires_at.is_some_and(|end| user.must_change_password && now >= end) {
        return Err(SignInError::WrongCredentials);
    }
    Ok(user)
}

/// Begins a sign-in; with it the secret that the browser carries, which is kept nowhere.
pub async fn start_session<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    device: Device,
) -> Result<(AccountSession, SecretString), StoreError> {
    let (session, token) = new_session(env, user, device);
    store.insert_session(&session).await?;
    Ok((session, token))
}

/// Begins the sign-in of somebody whose second factor is still to come. It opens nothing else and ends soon; who completes
/// it is given another one ([`complete_session`]).
pub async fn start_half_session<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    device: Device,
) -> Result<(AccountSession, SecretString), StoreError> {
    let (session, token) = new_session(env, user, device);
    let session = AccountSession { factor_due: true, expires_at: session.created_at + FACTOR_DUE, ..session };
    store.insert_session(&session).await?;
    Ok((session, token))
}

/// Ends the half of a sign-in and begins the whole, under another id and another secret: what was carried before the second
/// factor is worth nothing after it.
pub async fn complete_session<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    half: &AccountSession,
) -> Result<(AccountSession, SecretString), StoreError> {
    store.revoke_session(half.id, env.now()).await?;
    start_session(store, env, user, half.device.clone()).await
}

fn new_session(env: &mut Env, user: &User, device: Device) -> (AccountSession, SecretString) {
    let (now, token) = (env.now(), env.token());
    let session = AccountSession {
        id: env.id(),
        user: user.id,
        token: TokenHash::of(&token),
        device,
        created_at: now,
        last_seen_at: now,
        expires_at: now + SessionLife::of(user.role).whole,
        revoked_at: None,
        proven_at: now,
        acted_by: None,
        factor_due: false,
    };
    (session, token)
}

/// How long somebody of the shop acts as a customer before they have to begin anew.
pub const ACTING_LASTS: Duration = Duration::hours(1);

/// Begins a sign-in of `staff` in the place of `user`: short, and marked for as long as it lasts.
pub async fn start_acting<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    (user, staff): (&User, Id<entity::User>),
    device: Device,
) -> Result<(AccountSession, SecretString), StoreError> {
    let (session, token) = new_session(env, user, device);
    let session = AccountSession { expires_at: session.created_at + ACTING_LASTS, acted_by: Some(staff), ..session };
    store.insert_session(&session).await?;
    Ok((session, token))
}

/// The sign-in that a request claims, if it still counts, and whose it is. Notes that it was used.
///
/// # Errors
/// [`SessionError::SignedOut`] when it does not count, [`SessionError::SecondFactorDue`] when it is only half of one.
pub async fn active_session<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    claim: SessionClaim,
) -> Result<(AccountSession, User), SessionError> {
    let (session, user) = claimed_session(store, now, claim).await?;
    if session.factor_due {
        return Err(SessionError::SecondFactorDue);
    }
    if let Some(staff) = session.acted_by {
        // Who has lost the right to it since does not go on with it.
        let staff = store.user(staff).await?.ok_or(SessionError::SignedOut)?;
        if !staff.role.may(Permission::ActForCustomers) {
            return Err(SessionError::SignedOut);
        }
    }
    if now >= session.last_seen_at + SessionLife::of(user.role).idle {
        return Err(SessionError::SignedOut);
    }
    if now >= session.last_seen_at + NOTED_EVERY {
        store.touch_session(session.id, now).await?;
    }
    Ok((session, user))
}

/// The half of a sign-in that a request claims, and whose it is.
///
/// # Errors
/// [`SessionError::SignedOut`] when it does not count, or is a whole one.
pub async fn half_session<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    claim: SessionClaim,
) -> Result<(AccountSession, User), SessionError> {
    let (session, user) = claimed_session(store, now, claim).await?;
    if session.factor_due { Ok((session, user)) } else { Err(SessionError::SignedOut) }
}

async fn claimed_session<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    claim: SessionClaim,
) -> Result<(AccountSession, User), SessionError> {
    let found = match claim {
        SessionClaim::Named(id) => store.session(id).await?,
        SessionClaim::Carried(token) => store.session_by_token(&token).await?,
        SessionClaim::Key(_) => None,
    };
    let session = found.filter(|session| session.is_open(now)).ok_or(SessionError::SignedOut)?;
    let user = store.user(session.user).await?.ok_or(SessionError::SignedOut)?;
    Ok((session, user))
}

/// The sign-ins of somebody that still count, the one that was used last first.
pub async fn open_sessions<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    user: &User,
) -> Result<Vec<AccountSession>, StoreError> {
    let idle = SessionLife::of(user.role).idle;
    let mut open = store.sessions_of(user.id).await?;
    open.retain(|session| session.is_open(now) && !session.factor_due && now < session.last_seen_at + idle);
    open.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    Ok(open)
}

/// Ends one of somebody's own sign-ins; `false` when it is not theirs or there is none, which look alike.
pub async fn end_session<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    user: Id<entity::User>,
    session: Id<entity::Session>,
) -> Result<bool, StoreError> {
    let theirs = store.session(session).await?.is_some_and(|found| found.user == user);
    if theirs {
        store.revoke_session(session, now).await?;
    }
    Ok(theirs)
}
