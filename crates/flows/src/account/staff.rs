//! Who works for the shop, and acting in a customer's place.

use accounts::{AccountStore as _, Device, Means, Role, User, start_acting};
use audit::{Act, Actor, AuditStore as _, Entry, Facts, Origin, Subject};
use kernel::{EmailAddress, Env, Failure, FailureKind, Id, StoreError, Transact, entity};

use super::{NewSession, SignedIn};
use crate::{Shop, Stores};

/// Why something about staff did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// There is no account.
    #[error("there is no such account")]
    Unknown,
    /// Somebody would take the last admin's role.
    #[error("this is the last admin; give somebody else the role first")]
    LastAdmin,
    /// A change of the own role.
    #[error("nobody changes their own role; another admin does, or `hostwright staff role`")]
    OwnRole,
    /// Somebody of the shop is no customer to act for.
    #[error("this account works for the shop; only a customer can be acted for")]
    NotACustomer,
    /// Nobody acts.
    #[error("this sign-in is nobody's but its owner's")]
    NotActing,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for StaffError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Unknown => FailureKind::NotFound,
            Self::LastAdmin | Self::NotACustomer | Self::NotActing => FailureKind::Conflict,
            Self::OwnRole => FailureKind::Forbidden,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not-found",
            Self::LastAdmin => "last-admin",
            Self::NotACustomer => "not-a-customer",
            Self::NotActing => "not-acting",
            Self::OwnRole => "own-role",
            Self::Store(error) => error.code(),
        }
    }
}

/// Who works for the shop, by address.
pub async fn staff<D: Transact<Tx: Stores>>(db: &D) -> Result<Vec<User>, StaffError> {
    db.transaction(async |tx| Ok(tx.staff().await?)).await
}

/// Gives an account another role and ends its sign-ins, so that nothing goes on under the former one. Returns what
/// the account is now.
///
/// # Errors
/// [`StaffError`].
pub async fn set_role<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    actor: &Actor,
    (email, role): (&EmailAddress, Role),
    origin: &Origin,
) -> Result<User, StaffError> {
    let work = async |tx: &mut D::Tx| {
        tx.lock_staff().await?;
        let user = tx.user_by_email(email).await?.ok_or(StaffError::Unknown)?;
        if *actor == Actor::Staff(user.id) {
            return Err(StaffError::OwnRole);
        }
        if user.role == role {
            return Ok(user);
        }
        let admins = tx.staff().await?.iter().filter(|user| user.role == Role::Admin).count();
        if user.role == Role::Admin && admins < 2 {
            return Err(StaffError::LastAdmin);
        }
        tx.set_role(user.id, role).await?;
        tx.revoke_sessions(user.id, None, env.now()).await?;
        let facts = |role: Role| Facts::none().text("role", role.as_str());
        let entry = Entry::new(env, actor.clone(), Act::RoleChanged, Subject::new("user", user.id));
        tx.append(&entry.from(origin).before(facts(user.role)).after(facts(role))).await?;
        Ok::<_, StaffError>(User { role, ..user })
    };
    db.transaction(work).await
}

/// Lets somebody of the shop act in a customer's place: a sign-in of its own, short, marked, and on record.
///
/// # Errors
/// [`StaffError`].
pub async fn act_for<W: Shop>(
    world: &W,
    who: &SignedIn,
    customer: Id<entity::Customer>,
    origin: &Origin,
) -> Result<NewSession, StaffError> {
    let mut env = world.env();
    let device = Device::new(origin.ip.map(|ip| ip.to_string()), origin.user_agent.as_deref());
    let work = async |tx: &mut W::Tx| {
        let customer = tx.customer(customer).await?.ok_or(StaffError::Unknown)?;
        let user = tx.user(customer.user).await?.ok_or(StaffError::Unknown)?;
        if user.role.is_staff() {
            return Err(StaffError::NotACustomer);
        }
        let (session, token) = start_acting(tx, &mut env, (&user, who.user.id), device.clone()).await?;
        let facts = Facts::none().text("session", &session.id.to_string());
        let entry = Entry::new(&mut env, who.actor(), Act::ActedAs, Subject::new("user", user.id));
        tx.append(&entry.from(origin).after(facts)).await?;
        let who = SignedIn { user, customer, means: Means::Session(session), must_add_factor: false };
        Ok::<_, StaffError>(NewSession { who, token })
    };
    world.db().transaction(work).await
}

/// Ends acting for a customer, from the sign-in that was made for it.
///
/// # Errors
/// [`StaffError::NotActing`] in an ordinary sign-in.
pub async fn stop_acting<W: Shop>(world: &W, who: &SignedIn, origin: &Origin) -> Result<(), StaffError> {
    let session = who.means.session().filter(|session| session.acted_by.is_some()).ok_or(StaffError::NotActing)?.id;
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        tx.revoke_session(session, env.now()).await?;
        Ok(tx.append(&who.entry(&mut env, Act::SignOut).from(origin)).await?)
    };
    world.db().transaction(work).await
}
