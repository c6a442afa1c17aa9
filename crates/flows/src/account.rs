//! Registering, signing in, staying signed in.

use accounts::{
    AccountSession, AccountStore, ChangePasswordError, Customer, NewAccount, PasswordError, Passwords, RegisterError,
    Role, SessionError, SignInError, User, active_user, check_change, check_password, check_sign_in, start_session,
};
use audit::{Act, Actor, AuditStore, Entry, Facts, Origin, Subject};
use kernel::{EmailAddress, Env, Failure, FailureKind, Id, StoreError, Transact, entity};
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
    origin: &Origin,
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
            tx.append(&by_owner(&mut env, Act::Register, &user).from(origin)).await?;
            Ok(SignedIn { user, customer, session })
        })
        .await
}

/// Signs in.
pub async fn sign_in<W: Shop>(
    world: &W,
    email: &EmailAddress,
    password: &SecretString,
    origin: &Origin,
) -> Result<SignedIn, AccountError> {
    let user = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.user_by_email(email).await?)).await?;
    let matches = world.passwords().verify(password, user.as_ref().map(|user| &user.password)).await?;
    let mut env = world.env();
    let known = user.as_ref().map(|user| user.id);
    let user = match check_sign_in(user, matches, env.now()) {
        Ok(user) => user,
        Err(error) => {
            let refused = refused_sign_in(world, email, known).from(origin);
            world.db().transaction(async |tx| tx.append(&refused).await).await?;
            return Err(error.into());
        }
    };
    world
        .db()
        .transaction(async |tx| {
            let session: AccountSession = start_session(tx, &mut env, user.id).await?;
            let customer = customer_of(tx, user.id).await?;
            tx.append(&by_owner(&mut env, Act::SignIn, &user).from(origin)).await?;
            Ok(SignedIn { user, customer, session: session.id })
        })
        .await
}

/// A refused sign-in. Whoever tried has not proven who they are; an address without an account is told from others, and
/// cannot be read.
fn refused_sign_in<W: Shop>(world: &W, email: &EmailAddress, known: Option<Id<entity::User>>) -> Entry {
    let subject = match known {
        Some(user) => Subject::new("user", user),
        None => Subject::new("address", world.pseudonyms().name(email.as_str())),
    };
    Entry::new(&mut world.env(), Actor::Visitor, Act::SignInRefused, subject)
}

/// Something that the owner of an account did with it.
fn by_owner(env: &mut Env, act: Act, user: &User) -> Entry {
    let actor = if user.role == Role::Customer { Actor::Customer(user.id) } else { Actor::Staff(user.id) };
    Entry::new(env, actor, act, Subject::new("user", user.id))
}

/// Ends a sign-in. Ending it twice changes nothing.
pub async fn sign_out<W: Shop>(world: &W, session: Id<entity::Session>, origin: &Origin) -> Result<(), AccountError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let open = tx.session(session).await?.filter(|open| open.revoked_at.is_none());
        tx.revoke_session(session, env.now()).await?;
        if let Some(open) = open
            && let Some(user) = tx.user(open.user).await?
        {
            tx.append(&by_owner(&mut env, Act::SignOut, &user).from(origin)).await?;
        }
        Ok(())
    };
    world.db().transaction(work).await
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
    origin: &Origin,
) -> Result<(), AccountError> {
    check_change(current, new)?;
    let (mut env, user) = (world.env(), &signed_in.user);
    if !world.passwords().verify(current, Some(&user.password)).await? {
        let refused = by_owner(&mut env, Act::PasswordChangeRefused, user).from(origin);
        world.db().transaction(async |tx| tx.append(&refused).await).await?;
        return Err(ChangePasswordError::WrongPassword.into());
    }
    let hash = world.passwords().hash(new).await?;
    let temporary = Facts::none().flag("temporary", user.must_change_password);
    let changed = by_owner(&mut env, Act::PasswordChanged, user).from(origin).before(temporary);
    let work = async |tx: &mut W::Tx| {
        accounts::change_password(tx, &mut env, (user.id, signed_in.session), &hash).await?;
        Ok(tx.append(&changed).await?)
    };
    world.db().transaction(work).await
}

async fn customer_of<S: AccountStore>(store: &mut S, user: Id<entity::User>) -> Result<Customer, StoreError> {
    let customer = store.customer_of(user).await?;
    customer.ok_or_else(|| StoreError::bug(format!("{user} has no customer")))
}
