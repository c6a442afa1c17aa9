//! Taking over what stands at a provider already for an order that waits for its delivery.
//!
//! The provider puts the service's key on it; the delivery, which looks before it makes anything, then finds it as if it had
//! made it. A delivery that runs at the same time cannot make a second one: the key is there once.

use audit::{Act, Actor, Entry, Facts, Subject};
use kernel::{Env, Failure, FailureKind, Id, StoreError, Transact, entity};
use orders::{OrderError, OrderState};
use provisioning::{Adoption, Mode, ProviderError, Providers, Service, ServiceState, jobs::Deliver};

use crate::Stores;

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// There is no such order, or nobody has paid for it.
    #[error("{0} is no order that was paid for")]
    NotPaid(Id<entity::Order>),
    /// It waits for nothing.
    #[error("the service of this order is {0}: only one that nothing was made for can take something over")]
    NotWaiting(&'static str),
    /// The plan's provider is not known here.
    #[error("there is no provider '{0}' here")]
    NoProvider(String),
    /// The provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for AdoptError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotPaid(_) => FailureKind::NotFound,
            Self::NotWaiting(_) | Self::NoProvider(_) => FailureKind::Conflict,
            Self::Provider(error) => error.kind(),
            Self::Order(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotPaid(_) => "order-not-paid",
            Self::NotWaiting(_) => "service-stands",
            Self::NoProvider(_) => "no-provider",
            Self::Provider(error) => error.code(),
            Self::Order(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Takes over what the provider knows by this id for the order's service, or says what that would change. Afterwards the
/// delivery runs, and the act is on record.
///
/// # Errors
/// [`AdoptError`]. After [`ProviderError::Unknown`] it may be the service's already; asking again tells.
pub async fn adopt<D: Transact<Tx: Stores>>(
    db: &D,
    providers: &impl Providers,
    env: &mut Env,
    (order, id, mode): (Id<entity::Order>, &str, Mode),
    by: &Actor,
) -> Result<Adoption, AdoptError> {
    let service = db.transaction(async |tx: &mut D::Tx| waiting(tx, order).await).await?;
    let known = providers.provider(&service.provider);
    let provider = known.ok_or_else(|| AdoptError::NoProvider(service.provider.to_string()))?;
    let adoption = provider.adopt(&service.to_order(), id, mode).await?;
    if mode == Mode::Do {
        db.transaction(async |tx: &mut D::Tx| go_on(tx, env, &service, &adoption, by).await).await?;
    }
    Ok(adoption)
}

/// The order's service, if nothing was made for it.
async fn waiting<S: Stores>(tx: &mut S, order: Id<entity::Order>) -> Result<Service, AdoptError> {
    let service = tx.service_of(order).await?.ok_or(AdoptError::NotPaid(order))?;
    match &service.state {
        ServiceState::Pending
        | ServiceState::Provisioning
        | ServiceState::Uncertain
        | ServiceState::FailedSetup { remote: None, .. } => Ok(service),
        stands @ (ServiceState::FailedSetup { remote: Some(_), .. }
        | ServiceState::Installing(_)
        | ServiceState::Active(_)
        | ServiceState::Suspended { .. }
        | ServiceState::Terminating(_)
        | ServiceState::Terminated(_)) => Err(AdoptError::NotWaiting(stands.as_str())),
    }
}

async fn go_on<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: &Service,
    adoption: &Adoption,
    by: &Actor,
) -> Result<(), AdoptError> {
    let order = tx.lock_order(service.order).await?.ok_or(AdoptError::NotPaid(service.order))?;
    if matches!(order.state, OrderState::NeedsAttention { .. }) {
        orders::retry(tx, env, order.id).await?;
    } else {
        tx.enqueue(&Deliver { service: service.id, order: order.id }).await?;
    }
    let facts = Facts::none().text("remote", &adoption.remote.reference.id);
    let entry = Entry::new(env, by.clone(), Act::ServiceAdopted, Subject::new("service", service.id));
    Ok(tx.append(&entry.after(facts)).await?)
}
