//! Registering, signing in, staying signed in.

mod keys;
mod requests;
mod staff;

use accounts::{
    Access, AccessError, AccountSession, AccountStore, ChangePasswordError, Customer, Device, FactorError, Factors,
    LinkError, Means, NewAccount, PasswordError, PasswordHash, Passwords, RegisterError, Role, SessionClaim,
    SessionError, SignInError, User, active_session, check_change, check_password, check_sign_in, half_session,
    start_half_session, start_session,
};
use audit::{Act, Actor, AuditStore as _, Facts, Origin, Subject};
use kernel::{EmailAddress, Env, Failure, FailureKind, Id, StoreError, Timestamp, Transact, entity};
use limits::{Attempt, Limited};
use notify::{MailExtras, PasswordChanged, Recipient, queue_mail};
use secrecy::SecretString;

pub use keys::{api_keys, end_api_key, make_api_key};
pub use requests::{
    answer_request, ask_for_address, ask_for_password, ask_to_register, confirm_address, confirm_registration,
    request_is_dead, reset_password,
};

pub use staff::{StaffError, act_for, set_role, staff, stop_acting};

use crate::{Shop, limit::admit};

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
    /// A mailed link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It was tried too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A second factor.
    #[error(transparent)]
    Factor(#[from] FactorError),
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
            Self::Link(error) => error,
            Self::Limited(error) => error,
            Self::Factor(error) => error,
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
    fn retry_after(&self) -> Option<u32> {
        self.inner().retry_after()
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The login.
    pub user: User,
    /// The buyer.
    pub customer: Customer,
    /// By what they are known.
    pub means: Means,
    /// They work for the shop and have to add a second factor before anything else.
    pub must_add_factor: bool,
}

impl SignedIn {
    /// The sign-in.
    ///
    /// # Errors
    /// [`SessionError::SignedOut`] for a machine's key, which is none.
    pub fn session(&self) -> Result<Id<entity::Session>, SessionError> {
        self.means.session().map(|session| session.id).ok_or(SessionError::SignedOut)
    }

    /// Who it really is, for the trail: whoever acts as a customer is not the customer.
    pub fn actor(&self) -> Actor {
        match self.means.acted_by() {
            Some(staff) => Actor::Staff(staff),
            None if self.user.role.is_staff() => Actor::Staff(self.user.id),
            None => Actor::Customer(self.user.id),
        }
    }

    /// Whether they may do what a route does.
    ///
    /// # Errors
    /// [`AccessError`], why not.
    pub fn admit(who: Option<&Self>, access: Access, now: Timestamp) -> Result<(), AccessError> {
        if who.is_some_and(|who| who.must_add_factor) && !access.takes_who_must_add_factor() {
            return Err(AccessError::AddFactor);
        }
        accounts::admit(access, who.map(|who| (&who.user, &who.means)), now)
    }

    /// An entry for the trail about their own account.
    pub(crate) fn entry(&self, env: &mut Env, act: Act) -> audit::Entry {
        audit::Entry::new(env, self.actor(), act, Subject::new("user", self.user.id))
    }
}

/// Somebody who has just signed in.
#[derive(Debug)]
pub struct NewSession {
    /// Who.
    pub who: SignedIn,
    /// What their browser carries from now on; kept nowhere.
    pub token: SecretString,
}

/// What the right password comes to.
#[derive(Debug)]
pub enum Entrance {
    /// They are signed in.
    Whole(Box<NewSession>),
    /// They have a second factor, and it is still to come.
    Half {
        /// Who.
        user: User,
        /// The half of a sign-in.
        session: Id<entity::Session>,
        /// What their browser carries until the other half.
        token: SecretString,
    },
}

impl Entrance {
    /// The sign-in, if it is a whole one.
    pub fn whole(self) -> Option<NewSession> {
        match self {
            Self::Whole(session) => Some(*session),
            Self::Half { .. } => None,
        }
    }
}

/// Opens an account and signs in, without asking the address. It tells whether the address is taken, so it is for shops
/// whose older clients sign in right after registering; everybody else has [`ask_to_register`].
pub async fn register<W: Shop>(
    world: &W,
    (email, name): (EmailAddress, String),
    password: &SecretString,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    check_password(password, &world.known_words().and([email.as_str(), name.as_str()]))?;
    admit::<_, AccountError>(world, Attempt::Mail(&email), origin).await?;
    let password = world.passwords().hash(password).await?;
    let mut env = world.env();
    let account = NewAccount { email, name, password };
    world
        .db()
        .transaction(async |tx| {
            let (user, _) = accounts::register(tx, &mut env, account).await?;
            tx.append(&by_owner(&mut env, Act::Register, &user).from(origin)).await?;
            Ok(enter(world, tx, &mut env, user, origin).await?)
        })
        .await
}

/// Signs in with a password; who has a second factor is half signed in by it.
pub async fn sign_in<W: Shop>(
    world: &W,
    email: &EmailAddress,
    password: &SecretString,
    origin: &Origin,
) -> Result<Entrance, AccountError> {
    admit::<_, AccountError>(world, Attempt::SignIn(email), origin).await?;
    let user = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.user_by_email(email).await?)).await?;
    let matches = world.passwords().verify(password, user.as_ref().map(|user| &user.password)).await?;
    let mut env = world.env();
    let better = if matches { better_hash(world, user.as_ref(), password).await } else { None };
    let known = user.as_ref().map(|user| user.id);
    let user = match check_sign_in(user, matches, env.now()) {
        Ok(user) => user,
        Err(error) => {
            let refused = refused_sign_in(world, email, known).from(origin);
            world.db().transaction(async |tx| tx.append(&refused).await).await?;
            return Err(error.into());
        }
    };
    let work = async |tx: &mut W::Tx| {
        if let Some(better) = &better {
            tx.rehash_password(user.id, &user.password, better).await?;
        }
        if Factors::of(tx, user.id).await?.any() {
            tx.append(&by_owner(&mut env, Act::PasswordAccepted, &user).from(origin)).await?;
            let (session, token) = start_half_session(tx, &mut env, &user, device(origin)).await?;
            return Ok(Entrance::Half { user, session: session.id, token });
        }
        tx.append(&by_owner(&mut env, Act::SignIn, &user).from(origin)).await?;
        Ok(Entrance::Whole(Box::new(enter(world, tx, &mut env, user, origin).await?)))
    };
    world.db().transaction(work).await
}

/// A dearer hash for a password that was right, where hashes cost more now than they did. Not for temporary passwords, which
/// die soon anyway; and when everybody signs in at once, the next time is soon enough.
async fn better_hash<W: Shop>(world: &W, user: Option<&User>, password: &SecretString) -> Option<PasswordHash> {
    let weaker = |user: &&User| !user.must_change_password && world.passwords().is_weaker(&user.password);
    user.filter(weaker)?;
    world.passwords().hash(password).await.ok()
}

/// A refused sign-in. Whoever tried has not proven who they are; an address without an account is told from others, and
/// cannot be read.
fn refused_sign_in<W: Shop>(world: &W, email: &EmailAddress, known: Option<Id<entity::User>>) -> audit::Entry {
    let subject = match known {
        Some(user) => Subject::new("user", user),
        None => Subject::new("address", world.pseudonyms().name(email.as_str())),
    };
    audit::Entry::new(&mut world.env(), Actor::Visitor, Act::SignInRefused, subject)
}

/// Something that the owner of an account did with it.
pub(crate) fn by_owner(env: &mut Env, act: Act, user: &User) -> audit::Entry {
    let actor = if user.role == Role::Customer { Actor::Customer(user.id) } else { Actor::Staff(user.id) };
    audit::Entry::new(env, actor, act, Subject::new("user", user.id))
}

/// The sign-in of somebody who has proven who they are.
pub(crate) async fn enter<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    user: User,
    origin: &Origin,
) -> Result<NewSession, StoreError> {
    let (session, token) = start_session(tx, env, &user, device(origin)).await?;
    Ok(NewSession { who: known(world, tx, user, Means::Session(session)).await?, token })
}

fn device(origin: &Origin) -> Device {
    Device::new(origin.ip.map(|ip| ip.to_string()), origin.user_agent.as_deref())
}

/// Everything about somebody who is known by these means.
pub(crate) async fn known<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    user: User,
    means: Means,
) -> Result<SignedIn, StoreError> {
    let customer = customer_of(tx, user.id).await?;
    let has_factor = !user.role.is_staff() || Factors::of(tx, user.id).await?.any();
    let must_add_factor = world.staff_factor().demands(user.role, has_factor);
    Ok(SignedIn { user, customer, means, must_add_factor })
}

/// Ends a sign-in. Ending it twice, or one that there is not, changes nothing.
pub async fn sign_out<W: Shop>(world: &W, claim: SessionClaim, origin: &Origin) -> Result<(), AccountError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| match active_session(tx, env.now(), claim).await {
        Ok((session, user)) => {
            tx.revoke_session(session.id, env.now()).await?;
            let who = known(world, tx, user, Means::Session(session)).await?;
            Ok(tx.append(&who.entry(&mut env, Act::SignOut).from(origin)).await?)
        }
        // Half of one can be given up, too.
        Err(SessionError::SecondFactorDue) => {
            let (session, user) = half_session(tx, env.now(), claim).await?;
            tx.revoke_session(session.id, env.now()).await?;
            Ok(tx.append(&by_owner(&mut env, Act::SignOut, &user).from(origin)).await?)
        }
        Err(SessionError::SignedOut) => Ok(()),
        Err(error) => Err(error.into()),
    };
    world.db().transaction(work).await
}

/// Ends every sign-in of somebody, this one too.
pub async fn sign_out_everywhere<W: Shop>(world: &W, who: &SignedIn, origin: &Origin) -> Result<(), AccountError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        tx.revoke_sessions(who.user.id, None, env.now()).await?;
        Ok(tx.append(&who.entry(&mut env, Act::SessionsEnded).from(origin)).await?)
    };
    world.db().transaction(work).await
}

/// Where somebody is signed in, the one that was used last first.
pub async fn sessions<W: Shop>(world: &W, who: &SignedIn) -> Result<Vec<AccountSession>, AccountError> {
    let now = world.env().now();
    world.db().transaction(async |tx| Ok(accounts::open_sessions(tx, now, &who.user).await?)).await
}

/// Ends one of somebody's own sign-ins; `false` when there is none of theirs with this id.
pub async fn end_session<W: Shop>(
    world: &W,
    who: &SignedIn,
    session: Id<entity::Session>,
    origin: &Origin,
) -> Result<bool, AccountError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let ended = accounts::end_session(tx, env.now(), who.user.id, session).await?;
        if ended {
            let which = Facts::none().text("session", &session.to_string());
            tx.append(&who.entry(&mut env, Act::SessionsEnded).from(origin).after(which)).await?;
        }
        Ok(ended)
    };
    world.db().transaction(work).await
}

/// Who is behind a session, asked on every use.
///
/// # Errors
/// [`SessionError::SignedOut`] when the session does not count any more.
pub async fn signed_in<W: Shop>(world: &W, claim: SessionClaim) -> Result<SignedIn, AccountError> {
    let now = world.env().now();
    world
        .db()
        .transaction(async |tx| {
            let (means, user) = match claim {
                SessionClaim::Key(token) => {
                    let found = accounts::active_key(tx, now, &token).await?;
                    found.map(|(key, user)| (Means::Key(key), user)).ok_or(SessionError::SignedOut)?
                }
                SessionClaim::Named(_) | SessionClaim::Carried(_) => {
                    let (session, user) = active_session(tx, now, claim).await?;
                    (Means::Session(session), user)
                }
            };
            Ok(known(world, tx, user, means).await?)
        })
        .await
}

/// Replaces the password of somebody who is signed in and knows the present one. Every other sign-in ends, this one goes on
/// under a new secret, and a mail says that it happened.
pub async fn change_password<W: Shop>(
    world: &W,
    signed_in: &SignedIn,
    (current, new): (&SecretString, &SecretString),
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    let mut env = world.env();
    let (user, session) = (&signed_in.user, signed_in.session()?);
    let own = [user.email.as_str(), signed_in.customer.name.as_str()];
    check_change(current, new, &world.known_words().and(own))?;
    admit::<_, AccountError>(world, Attempt::Recheck(user.id), origin).await?;
    if !world.passwords().verify(current, Some(&user.password)).await? {
        let refused = by_owner(&mut env, Act::PasswordChangeRefused, user).from(origin);
        world.db().transaction(async |tx| tx.append(&refused).await).await?;
        return Err(ChangePasswordError::WrongPassword.into());
    }
    let hash = world.passwords().hash(new).await?;
    let temporary = Facts::none().flag("temporary", user.must_change_password);
    let changed = by_owner(&mut env, Act::PasswordChanged, user).from(origin).before(temporary);
    world
        .db()
        .transaction(async |tx| {
            let token = accounts::change_password(tx, &mut env, (user.id, session), &hash).await?;
            tx.append(&changed).await?;
            // Who replaces a temporary password does what a mail told them to.
            if !user.must_change_password {
                tell_of_new_password(world, tx, &mut env, user).await?;
            }
            // As it is now: what had to be changed is changed.
            let user = tx.user(user.id).await?.ok_or(SessionError::SignedOut)?;
            let who = SignedIn { user, ..signed_in.clone() };
            Ok(NewSession { who, token })
        })
        .await
}

/// If it was somebody else, the owner learns of it.
async fn tell_of_new_password<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    user: &User,
) -> Result<(), StoreError> {
    let mail = PasswordChanged { login_email: user.email.clone(), forgot_url: world.links().forgot_password() };
    let to = Recipient { email: user.email.clone(), name: None };
    queue_mail(tx, env, to, &mail, MailExtras::default()).await.map(|_| ())
}

async fn customer_of<S: AccountStore>(store: &mut S, user: Id<entity::User>) -> Result<Customer, StoreError> {
    let customer = store.customer_of(user).await?;
    customer.ok_or_else(|| StoreError::bug(format!("{user} has no customer")))
}
