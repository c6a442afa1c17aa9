//! Asking for operations, and what an answer means for the service. Flows string them together with the calls.

use kernel::{Enqueued, Env, Failure, FailureKind, Id, JobQueue, StoreError, Timestamp, entity};

use crate::{
    Operation, OperationState, OperationStore, PollToken, Service, ServiceState, ServiceStore, Target, Verb,
    WrongServiceState,
    jobs::{Operate, Resume, Suspend, Terminate},
};

/// The longest text that is kept.
const LONGEST: usize = 500;

/// What came of asking for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// It.
    pub operation: Operation,
    /// It was asked for before and is under way: nothing was added.
    pub under_way: bool,
}

/// Why an operation was not begun.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such service.
    #[error("there is no service {0}")]
    NotFound(Id<entity::Service>),
    /// Its state does not allow it.
    #[error(transparent)]
    State(#[from] WrongServiceState),
    /// Another one is under way.
    #[error("another operation on it is under way: {verb}, {state}; wait for it")]
    Busy {
        /// What.
        verb: &'static str,
        /// How far.
        state: &'static str,
    },
    /// There is none that a person could have done.
    #[error("no operation on it waits for a person")]
    NothingByHand,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for AskError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound(_) => FailureKind::NotFound,
            Self::State(error) => error.kind(),
            Self::Busy { .. } | Self::NothingByHand => FailureKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "service-not-found",
            Self::State(error) => error.code(),
            Self::Busy { .. } => "service-busy",
            Self::NothingByHand => "nothing-by-hand",
            Self::Store(error) => error.code(),
        }
    }
}

/// Asks for an operation on a service that the caller has locked, and enqueues its job. Asked for again while it is under
/// way, nothing is added; one that waits for a person is tried again, and [`drive`] gives it a job before the caller locks
/// anything. Terminating takes the place of whatever else is open.
///
/// # Errors
/// [`AskError`]; nothing was begun then.
pub async fn ask<S: ServiceStore + OperationStore + JobQueue>(
    store: &mut S,
    env: &mut Env,
    service: &mut Service,
    (verb, note): (Verb, &str),
) -> Result<Asked, AskError> {
    let open = store.open_operation(service.id).await?;
    if let Some(mut open) = open {
        if open.verb.is_like(verb) {
            let under_way = open.state != OperationState::ByHand;
            if !under_way {
                open.state = OperationState::Planned;
                store.save_operation(&open).await?;
            }
            return Ok(Asked { operation: open, under_way });
        }
        let replaces = verb == Verb::Terminate || open.state == OperationState::ByHand;
        // A service that is being ended is not called back.
        if !replaces || open.verb == Verb::Terminate {
            return Err(AskError::Busy { verb: open.verb.as_str(), state: open.state.as_str() });
        }
        withdraw(store, env.now(), open, verb).await?;
    }
    begin(service, verb)?;
    store.save_service(service).await?;
    let operation = Operation {
        id: env.id(),
        service: service.id,
        verb,
        note: short(note),
        state: OperationState::Planned,
        attempt: 0,
        poll: None,
        gone_since: None,
        started_at: env.now(),
        ended_at: None,
        detail: String::new(),
    };
    if !store.insert_operation(&operation).await? {
        return Err(StoreError::bug(format!("{} has another operation that was not seen", service.id)).into());
    }
    drive(store, &operation, service.order).await?;
    Ok(Asked { operation, under_way: false })
}

/// Suspending and resuming change the state when they are done; what is to be ended is so from the first.
fn begin(service: &mut Service, verb: Verb) -> Result<(), WrongServiceState> {
    let state = service.state.clone();
    match verb {
        Verb::Suspend(reason) => drop(state.suspend(reason)?),
        Verb::Resume => drop(state.resume()?),
        Verb::Terminate => service.state = state.terminate()?,
    }
    Ok(())
}

async fn withdraw<S: OperationStore>(
    store: &mut S,
    now: Timestamp,
    mut open: Operation,
    verb: Verb,
) -> Result<(), StoreError> {
    open.state = OperationState::Withdrawn;
    open.poll = None;
    open.ended_at = Some(now);
    open.detail = format!("{} was asked for instead", verb.as_str());
    store.save_operation(&open).await
}

/// Makes sure that an operation which is not over has a job. Before anything is locked: a worker that is just about to end
/// the job has it first, and then wants the order, so the other way round each would wait for the other.
///
/// # Errors
/// The store's.
pub async fn drive<S: JobQueue>(
    store: &mut S,
    operation: &Operation,
    order: Id<entity::Order>,
) -> Result<Enqueued, StoreError> {
    let job = Operate { operation: operation.id, service: operation.service, order };
    match operation.verb {
        Verb::Suspend(_) => store.enqueue(&Suspend(job)).await,
        Verb::Resume => store.enqueue(&Resume(job)).await,
        Verb::Terminate => store.enqueue(&Terminate(job)).await,
    }
}

/// The provider is about to be asked: on record once the caller's transaction commits, and only then may it be asked.
///
/// # Errors
/// The store's.
pub async fn about_to_ask<S: OperationStore>(store: &mut S, operation: &mut Operation) -> Result<(), StoreError> {
    operation.attempt += 1;
    operation.state = OperationState::Sent;
    operation.poll = None;
    store.save_operation(operation).await
}

/// What a look or an answer means for an operation that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is so, as was seen there.
    Done,
    /// The provider is at it.
    Waiting(PollToken),
    /// Nothing is seen there, and that is not proven yet.
    GoneOnce,
    /// Certainly nothing happened; it is tried again.
    NotDone(String),
    /// It may have happened; it is looked at before it is tried again.
    Unsure(String),
    /// A person must do it or decide.
    ByHand(String),
}

/// Records it on the operation and, when it is done, on the service. Both are the caller's, locked.
///
/// # Errors
/// [`AskError`]: the service is in a state from which that cannot be.
pub async fn answered<S: ServiceStore + OperationStore>(
    store: &mut S,
    now: Timestamp,
    (service, operation): (&mut Service, &mut Operation),
    answer: Answered,
) -> Result<(), AskError> {
    operation.poll = None;
    match answer {
        Answered::Done => {
            service.state = reached(service.state.clone(), operation.verb)?;
            store.save_service(service).await?;
            (operation.state, operation.ended_at) = (OperationState::Done, Some(now));
            "seen at the provider".clone_into(&mut operation.detail);
        }
        Answered::Waiting(token) => {
            (operation.state, operation.poll) = (OperationState::Waiting, Some(token));
        }
        Answered::GoneOnce => {
            operation.state = OperationState::Unsure;
            operation.gone_since.get_or_insert(now);
            "the provider does not have it; it is looked for once more".clone_into(&mut operation.detail);
        }
        Answered::NotDone(detail) => (operation.state, operation.detail) = (OperationState::Planned, short(&detail)),
        Answered::Unsure(detail) => (operation.state, operation.detail) = (OperationState::Unsure, short(&detail)),
        Answered::ByHand(detail) => (operation.state, operation.detail) = (OperationState::ByHand, short(&detail)),
    }
    store.save_operation(operation).await?;
    Ok(())
}

/// A person says that they did what waited for them.
///
/// # Errors
/// [`AskError::NothingByHand`] where nothing did.
pub async fn done_by_hand<S: ServiceStore + OperationStore>(
    store: &mut S,
    now: Timestamp,
    service: &mut Service,
) -> Result<Operation, AskError> {
    let open = store.open_operation(service.id).await?;
    let mut operation = open.filter(|open| open.state == OperationState::ByHand).ok_or(AskError::NothingByHand)?;
    answered(store, now, (service, &mut operation), Answered::Done).await?;
    "done by hand".clone_into(&mut operation.detail);
    store.save_operation(&operation).await?;
    Ok(operation)
}

fn reached(state: ServiceState, verb: Verb) -> Result<ServiceState, WrongServiceState> {
    match verb {
        Verb::Suspend(reason) => state.suspend(reason),
        Verb::Resume => state.resume(),
        Verb::Terminate => state.terminated(),
    }
}

/// What a provider is asked about; `None` where nothing stands there.
pub fn target(service: &Service) -> Option<Target> {
    let reference = service.state.remote()?.clone();
    Some(Target { service: service.id, customer: service.owner.customer, reference })
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
