//! Registering, signing in, staying signed in.

use accounts::{
    AccountSession, AccountStore, ChangePasswordError, Customer, NewAccount, PasswordError, Passwords, RegisterError,
    SessionError, SignInError, User, active_user, check_change, check_password, check_sign_in, start_session,
};
use kernel::{EmailAddress, Failure, FailureKind, Id, StoreError, Transact, entity};
use secrecy::SecretString;

use crate::Shop;

/// Why an account operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Registering.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Signing in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Changing the password.
    #[error(transparent)]
    ChangePassword(#[from] ChangePasswordError),
    /// The session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Hashing.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    fn inner(&self) -> &dyn Failure {
        match self {
            Self::Register(error) => error,
            Self::SignIn(error) => error,
            Self::ChangePassword(error) => error,
            Self::Session(error) => error,
            Self::Password(error) => error,
            Self::Store(error) => error,
        }
    }
}

impl Failure for AccountError {
    fn kind(&self) -> FailureKind {
        self.inner().kind()
    }
    fn code(&self) -> &'static str {
        self.inner().code()
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The login.
    pub user: User,
    /// The buyer.
    pub customer: Customer,
    /// The sign-in.
    pub session: Id<entity::Session>,
}

/// Opens an account and signs in.
pub async fn register<W: Shop>(
    world: &W,
    email: EmailAddress,
    name: String,
    password: &SecretString,
) -> Result<SignedIn, AccountError> {
    check_password(password)?;
    let password = world.passwords().hash(password).await?;
    let mut env = world.env();
    let account = NewAccount { email, name, password };
    world
        .db()
        .transaction(async |tx| {
            let (user, customer) = accounts::register(tx, &mut env, account).await?;
            let session = start_session(tx, &mut env, user.id).await?.id;
            Ok(SignedIn { user, customer, session })
        })
        .await
}

/// Signs in.
pub async fn sign_in<W: Shop>(
    world: &W,
    email: &EmailAddress,
    password: &SecretString,
) -> Result<SignedIn, AccountError> {
    let user = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.user_by_email(email).await?)).await?;
    let matches = world.passwords().verify(password, user.as_ref().map(|user| &user.password)).await?;
    let mut env = world.env();
    let user = check_sign_in(user, matches, env.now())?;
    world
        .db()
        .transaction(async |tx| {
            let session: AccountSession = start_session(tx, &mut env, user.id).await?;
            let customer = customer_of(tx, user.id).await?;
            Ok(SignedIn { user, customer, session: session.id })
        })
        .await
}

/// Ends a sign-in. Ending it twice changes nothing.
pub async fn sign_out<W: Shop>(world: &W, session: Id<entity::Session>) -> Result<(), AccountError> {
    let now = world.env().now();
    world.db().transaction(async |tx| Ok(tx.revoke_session(session, now).await?)).await
}

/// Who is behind a session, asked on every use.
///
/// # Errors
/// [`SessionError::SignedOut`] when the session does not count any more.
pub async fn signed_in<W: Shop>(world: &W, session: Id<entity::Session>) -> Result<SignedIn, AccountError> {
    let now = world.env().now();
    world
        .db()
        .transaction(async |tx| {
            let user = active_user(tx, now, session).await?;
            let customer = customer_of(tx, user.id).await?;
            Ok(SignedIn { user, customer, session })
        })
        .await
}

/// Replaces the password of somebody who is signed in and knows the present one; their other sign-ins end.
pub async fn change_password<W: Shop>(
    world: &W,
    signed_in: &SignedIn,
    current: &SecretString,
    new: &SecretString,
) -> Result<(), AccountError> {
    check_change(current, new)?;
    if !world.passwords().verify(current, Some(&signed_in.user.password)).await? {
        return Err(ChangePasswordError::WrongPassword.into());
    }
    let hash = world.passwords().hash(new).await?;
    let mut env = world.env();
    let who = (signed_in.user.id, signed_in.session);
    world.db().transaction(async |tx| Ok(accounts::change_password(tx, &mut env, who, &hash).await?)).await
}

async fn customer_of<S: AccountStore>(store: &mut S, user: Id<entity::User>) -> Result<Customer, StoreError> {
    let customer = store.customer_of(user).await?;
    customer.ok_or_else(|| StoreError::bug(format!("{user} has no customer")))
}
