//! What a customer does with a running service of theirs: look at what it uses, start and stop it, open its console, set its
//! password.
//!
//! The provider is asked at once, since whoever clicks waits for the answer. Nothing here changes what was bought, so nothing
//! has to be driven to its end: what does not work is said, and may be clicked again.

use audit::{Act, AuditStore as _, Entry, Facts, Origin, Subject};
use kernel::{Failure, FailureKind, Id, StoreError, Transact, entity};
use limits::{Attempt, Limited};
use provisioning::{
    Ability, ConsoleLink, Power, Provider, ProviderError, Providers, Service, ServiceState, ServiceStore, Target, Usage,
};

use secrecy::{ExposeSecret as _, SecretString};

use crate::{Hosting, SignedIn, limit::admit};

/// What every provider takes for a password, in characters: above what is guessed, below where bcrypt cuts.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=64;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is no such service, or it is somebody else's: that makes no difference to whoever asks.
    #[error("there is no such service")]
    NotFound,
    /// It is not running just now.
    #[error("the service is {}", .0.replace('_', " "))]
    NotRunning(&'static str),
    /// This program knows no provider that could be asked.
    #[error("its provider cannot be asked from here")]
    NoProvider,
    /// This can be no password there.
    #[error("a password has {min} to {max} characters, all of them printable")]
    Password {
        /// Characters at least.
        min: usize,
        /// Characters at most.
        max: usize,
    },
    /// The provider's.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// It was tried too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ManageError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound => FailureKind::NotFound,
            Self::NotRunning(_) | Self::NoProvider => FailureKind::Conflict,
            Self::Password { .. } => FailureKind::Invalid,
            Self::Provider(error) => error.kind(),
            Self::Limited(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "service-not-found",
            Self::NotRunning(_) => "service-not-running",
            Self::NoProvider => "provider-not-here",
            Self::Password { .. } => "service-password",
            Self::Provider(error) => error.code(),
            Self::Limited(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Limited(error) => error.retry_after(),
            Self::NotFound
            | Self::NotRunning(_)
            | Self::NoProvider
            | Self::Password { .. }
            | Self::Provider(_)
            | Self::Store(_) => None,
        }
    }
}

/// A service of this customer; somebody else's is not found.
///
/// # Errors
/// [`ManageError::NotFound`]; the store's own.
pub async fn own_service<W: Hosting>(
    world: &W,
    who: &SignedIn,
    id: Id<entity::Service>,
) -> Result<Service, ManageError> {
    let found = world.db().transaction::<_, StoreError>(async |tx| tx.service(id).await).await?;
    found.filter(|service| service.owner.customer == who.customer.id).ok_or(ManageError::NotFound)
}

/// What its owner can do with a service now. Nothing where it is not running, or where its provider is not known here.
pub fn abilities<W: Hosting>(world: &W, service: &Service) -> Vec<Ability> {
    let able = |ability: &Ability| running(world, service, *ability).is_ok();
    Ability::ALL.into_iter().filter(able).collect()
}

/// What it uses just now. Reads only, and counted all the same: a panel answers so many calls a minute, and those of somebody
/// who reloads a page must not be missing where others' orders are delivered.
///
/// # Errors
/// [`ManageError`].
pub async fn service_usage<W: Hosting>(
    world: &W,
    who: &SignedIn,
    service: &Service,
    origin: &Origin,
) -> Result<Usage, ManageError> {
    admit::<_, ManageError>(world, Attempt::ManageService(who.user.id), origin).await?;
    let (provider, target) = running(world, service, Ability::Usage)?;
    Ok(provider.usage(&target).await?)
}

/// Starts or stops it. What was asked for and what came of it stand in the audit trail.
///
/// # Errors
/// [`ManageError`]. After [`ProviderError::Unknown`] it may have happened; it is not asked a second time.
pub async fn power_service<W: Hosting>(
    world: &W,
    who: &SignedIn,
    (id, power): (Id<entity::Service>, Power),
    origin: &Origin,
) -> Result<(), ManageError> {
    let service = own_service(world, who, id).await?;
    admit::<_, ManageError>(world, Attempt::ManageService(who.user.id), origin).await?;
    let (provider, target) = running(world, &service, Ability::Power)?;
    let done = provider.power(&target, power).await;
    let facts = Facts::none().text("power", power.as_str());
    put_on_record(world, who, (&service, Act::ServicePower), (origin, facts, &done)).await?;
    Ok(done?)
}

/// Sets the password that its owner signs in with there: a mailbox's, an administrator's. It is kept nowhere here.
///
/// # Errors
/// [`ManageError`]. It may be asked again after [`ProviderError::Unknown`].
pub async fn set_service_password<W: Hosting>(
    world: &W,
    who: &SignedIn,
    (id, password): (Id<entity::Service>, &SecretString),
    origin: &Origin,
) -> Result<(), ManageError> {
    let service = own_service(world, who, id).await?;
    admit::<_, ManageError>(world, Attempt::ManageService(who.user.id), origin).await?;
    let (provider, target) = running(world, &service, Ability::SetPassword)?;
    if !PASSWORD.contains(&password.expose_secret().chars().count())
        || password.expose_secret().contains(char::is_control)
    {
        return Err(ManageError::Password { min: *PASSWORD.start(), max: *PASSWORD.end() });
    }
    let set = provider.set_password(&target, password).await;
    put_on_record(world, who, (&service, Act::ServicePasswordSet), (origin, Facts::none(), &set)).await?;
    Ok(set?)
}

/// That it was asked for, and what came of it.
async fn put_on_record<W: Hosting>(
    world: &W,
    who: &SignedIn,
    (service, act): (&Service, Act),
    (origin, facts, done): (&Origin, Facts, &Result<(), ProviderError>),
) -> Result<(), StoreError> {
    let facts = facts.text("outcome", done.as_ref().err().map_or("done", Failure::code));
    let env = &mut world.env();
    let entry = Entry::new(env, who.actor(), act, Subject::new("service", service.id)).from(origin).after(facts);
    world.db().transaction(async |tx| tx.append(&entry).await).await
}

/// Where its owner manages it. An address that signs in is for its owner alone, once, and is logged nowhere.
///
/// # Errors
/// [`ManageError`].
pub async fn service_console<W: Hosting>(
    world: &W,
    who: &SignedIn,
    id: Id<entity::Service>,
    origin: &Origin,
) -> Result<ConsoleLink, ManageError> {
    let service = own_service(world, who, id).await?;
    admit::<_, ManageError>(world, Attempt::ManageService(who.user.id), origin).await?;
    let (provider, target) = running(world, &service, Ability::Console)?;
    Ok(provider.console(&target).await?)
}

/// Its provider, which can do this, and what it calls it.
fn running<'w, W: Hosting>(
    world: &'w W,
    service: &Service,
    ability: Ability,
) -> Result<(&'w dyn Provider, Target), ManageError> {
    let ServiceState::Active(reference) = &service.state else {
        return Err(ManageError::NotRunning(service.state.as_str()));
    };
    let reference = reference.clone();
    let provider = world.providers().provider(&service.provider).ok_or(ManageError::NoProvider)?;
    if !provider.capabilities().can(ability) {
        return Err(ProviderError::Unsupported { ability }.into());
    }
    Ok((provider, Target { service: service.id, customer: service.owner.customer, reference }))
}
