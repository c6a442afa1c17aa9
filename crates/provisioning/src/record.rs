//! What a provider's answer means for the service. Returns what happened; the flow tells the order.

use kernel::{JobQueue, StoreError, planted};

use crate::{
    ProviderError, Remote, RemoteRef, RemoteState, Service, ServiceState, ServiceStore, WrongServiceState,
    jobs::Deliver,
};

/// Why a service will not come by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupFailure {
    /// The provider will not make it.
    Refused,
    /// No room for it.
    NoCapacity,
    /// It was made and did not come up.
    Broken,
}

/// What happened to a service, in the words that an order understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryProgress {
    /// It exists and is being set up; observe it again.
    Installing(RemoteRef),
    /// It runs.
    Active(RemoteRef),
    /// It will not come by itself.
    Failed {
        /// What kind of failure.
        what: SetupFailure,
        /// Why, for an operator.
        reason: String,
        /// What a person should do.
        next_step: String,
    },
    /// A call's outcome is unknown or the provider is away; the job tries again.
    Waiting(String),
}

/// Notes that a provider is about to be asked. Committed before the call, so that after a crash we know to look.
///
/// # Errors
/// [`WrongServiceState`] when the service is past that.
pub async fn begin<S: ServiceStore>(store: &mut S, service: &mut Service) -> Result<(), BeginRecordError> {
    if matches!(service.state, ServiceState::Installing(_)) || planted("no-intent") {
        return Ok(());
    }
    service.state = service.state.clone().begin()?;
    store.save_service(service).await?;
    Ok(())
}

/// Why a delivery could not begin or be recorded.
#[derive(Debug, thiserror::Error)]
pub enum BeginRecordError {
    /// The state does not allow it.
    #[error(transparent)]
    State(#[from] WrongServiceState),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl kernel::Failure for BeginRecordError {
    fn kind(&self) -> kernel::FailureKind {
        match self {
            Self::State(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::State(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Records what the provider has now.
pub async fn record<S: ServiceStore>(
    store: &mut S,
    service: &mut Service,
    remote: Remote,
) -> Result<DeliveryProgress, BeginRecordError> {
    let progress = match remote.state {
        RemoteState::Installing if !planted("installing-is-ready") => {
            service.state = service.state.clone().install(remote.reference.clone())?;
            DeliveryProgress::Installing(remote.reference)
        }
        RemoteState::Ready | RemoteState::Installing => {
            service.state = service.state.clone().activate(remote.reference.clone())?;
            DeliveryProgress::Active(remote.reference)
        }
        RemoteState::Suspended => {
            let reason = "the provider has the new service suspended".to_owned();
            service.state = service.state.clone().install(remote.reference)?.fail(reason.clone())?;
            let next_step = "look at it in the panel, then retry the order".to_owned();
            DeliveryProgress::Failed { what: SetupFailure::Broken, reason, next_step }
        }
        RemoteState::Failed(detail) => {
            let reason = format!("the provider reports that setting up failed: {detail}");
            service.state = service.state.clone().install(remote.reference)?.fail(reason.clone())?;
            let next_step = "read the install log in the panel, reinstall there, then retry the order".to_owned();
            DeliveryProgress::Failed { what: SetupFailure::Broken, reason, next_step }
        }
    };
    service.access = remote.access;
    store.save_service(service).await?;
    Ok(progress)
}

/// Records that the provider gave no result.
pub async fn record_error<S: ServiceStore>(
    store: &mut S,
    service: &mut Service,
    error: &ProviderError,
) -> Result<DeliveryProgress, BeginRecordError> {
    let (state, progress) = match error {
        ProviderError::Unavailable { .. } | ProviderError::Busy { .. } => {
            return Ok(DeliveryProgress::Waiting(error.to_string()));
        }
        ProviderError::Unknown { .. } if matches!(service.state, ServiceState::Installing(_)) => {
            return Ok(DeliveryProgress::Waiting(error.to_string()));
        }
        ProviderError::Unknown { .. } => (service.state.clone().doubt()?, DeliveryProgress::Waiting(error.to_string())),
        ProviderError::Refused { .. } | ProviderError::Gone { .. } | ProviderError::Unsupported { .. } => {
            failed(service, error, (SetupFailure::Refused, "correct the product's settings or the order"))?
        }
        ProviderError::NoCapacity { .. } => {
            failed(service, error, (SetupFailure::NoCapacity, "add capacity at the provider"))?
        }
    };
    service.state = state;
    store.save_service(service).await?;
    Ok(progress)
}

fn failed(
    service: &Service,
    error: &ProviderError,
    (what, remedy): (SetupFailure, &str),
) -> Result<(ServiceState, DeliveryProgress), WrongServiceState> {
    let reason = error.to_string();
    let state = service.state.clone().fail(reason.clone())?;
    let next_step = format!("{remedy}, then retry the order");
    Ok((state, DeliveryProgress::Failed { what, reason, next_step }))
}

/// A person asked to try again: enqueues the delivery, which looks before it acts.
pub async fn reset_for_retry<S: ServiceStore + JobQueue>(
    store: &mut S,
    service: &mut Service,
) -> Result<(), BeginRecordError> {
    service.state = service.state.clone().retry()?;
    store.save_service(service).await?;
    store.enqueue(&Deliver { service: service.id, order: service.order }).await?;
    Ok(())
}
