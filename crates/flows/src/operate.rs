//! Suspending, resuming and ending services: asked for in the caller's transaction, done by a job.
//!
//! One operation at a time on each service. The job looks before it asks, commits that it is about to ask, asks once, and
//! looks again: an operation is done when that is seen at the provider. A lost answer is looked at before anything is
//! repeated, and what the provider cannot do is a case for a person, never silence.

mod act;

use audit::{Act, Actor, Entry, Facts, Subject};
use cases::{CaseKind, NewCase};
use kernel::{Env, Id, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact, entity};
use orders::TimelineEntry;
use provisioning::{
    Answered, AskError, Asked, Operation, OperationState, Service, SuspendReason, Verb,
    jobs::{Operate, Resume, Suspend, Terminate},
};

use self::act::{Answer, act};
use crate::{Shop, Stores, Workshop, deliver, settle};

/// Asks for a service to be stopped, everything kept. Joins the caller's transaction, with its job and its entry in the
/// audit trail. `note` is for people: it stands on record and is told to the provider.
///
/// # Errors
/// [`AskError`]; nothing was begun then.
pub async fn ask_suspend<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: Id<entity::Service>,
    (reason, note): (SuspendReason, &str),
    by: &Actor,
) -> Result<Asked, AskError> {
    ask(tx, env, service, (Verb::Suspend(reason), note), by).await
}

/// Asks for a suspended service to go on, as [`ask_suspend`] does.
///
/// # Errors
/// [`AskError`]; nothing was begun then.
pub async fn ask_resume<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: Id<entity::Service>,
    note: &str,
    by: &Actor,
) -> Result<Asked, AskError> {
    ask(tx, env, service, (Verb::Resume, note), by).await
}

/// Asks for a service to be ended for good, as [`ask_suspend`] does. It takes the place of whatever else is under way.
///
/// # Errors
/// [`AskError`]; nothing was begun then.
pub async fn ask_terminate<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: Id<entity::Service>,
    note: &str,
    by: &Actor,
) -> Result<Asked, AskError> {
    ask(tx, env, service, (Verb::Terminate, note), by).await
}

async fn ask<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    id: Id<entity::Service>,
    (verb, note): (Verb, &str),
    by: &Actor,
) -> Result<Asked, AskError> {
    drive_again(tx, id, verb).await?;
    let mut service = locked(tx, id).await?.ok_or(AskError::NotFound(id))?;
    let before = Facts::none().text("state", service.state.as_str());
    let asked = provisioning::ask(tx, env, &mut service, (verb, note)).await?;
    let act = match verb {
        Verb::Suspend(_) => Act::ServiceSuspended,
        Verb::Resume => Act::ServiceResumed,
        Verb::Terminate => Act::ServiceTerminated,
    };
    let after = Facts::none().text("asked", verb.as_str());
    let after = after.maybe_text("reason", verb.reason().map(SuspendReason::as_str)).text("note", note);
    tx.append(&Entry::new(env, by.clone(), act, Subject::new("service", id)).before(before).after(after)).await?;
    Ok(asked)
}

/// A person says that they did at the provider what waited for them.
///
/// # Errors
/// [`AskError::NothingByHand`] where nothing did.
pub async fn operation_done_by_hand<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    id: Id<entity::Service>,
    by: &Actor,
) -> Result<Operation, AskError> {
    let mut service = locked(tx, id).await?.ok_or(AskError::NotFound(id))?;
    let before = Facts::none().text("state", service.state.as_str());
    let operation = provisioning::done_by_hand(tx, env.now(), &mut service).await?;
    over(tx, env, &service, (&operation, orders::Actor::Operator)).await?;
    let after = Facts::none().text("state", service.state.as_str());
    let entry = Entry::new(env, by.clone(), Act::ServiceDoneByHand, Subject::new("service", id));
    tx.append(&entry.before(before).after(after)).await?;
    Ok(operation)
}

/// What waits for a person is tried again. Whether something did.
pub(crate) async fn try_again<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    id: Id<entity::Service>,
) -> Result<bool, StoreError> {
    if let Some(open) = tx.operations_of(id, 1).await?.first() {
        let verb = open.verb;
        drive_again(tx, id, verb).await?;
    }
    let Some(mut service) = locked(tx, id).await? else { return Ok(false) };
    let open = tx.open_operation(id).await?;
    let Some(open) = open.filter(|open| open.state == OperationState::ByHand) else { return Ok(false) };
    match provisioning::ask(tx, env, &mut service, (open.verb, &open.note)).await {
        Ok(_) => Ok(true),
        Err(AskError::Store(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Gives the same operation, where it was asked for before and is not over, a job again.
async fn drive_again<S: Stores>(tx: &mut S, id: Id<entity::Service>, verb: Verb) -> Result<(), StoreError> {
    let Some(service) = tx.service(id).await? else { return Ok(()) };
    let newest = tx.operations_of(id, 1).await?.into_iter().next();
    if let Some(open) = newest.filter(|newest| !newest.state.is_over() && newest.verb.is_like(verb)) {
        provisioning::drive(tx, &open, service.order).await?;
    }
    Ok(())
}

/// The service, its order locked first, as everybody does.
pub(crate) async fn locked<S: Stores>(tx: &mut S, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
    let Some(service) = tx.service(id).await? else { return Ok(None) };
    tx.lock_order(service.order).await?;
    tx.lock_service(id).await
}

/// Service and operation while there is something left to do.
async fn open<S: Stores>(tx: &mut S, job: &Operate) -> Result<Option<(Service, Operation)>, StoreError> {
    let Some(service) = locked(tx, job.service).await? else { return Ok(None) };
    let operation = tx.lock_operation(job.operation).await?;
    Ok(operation.filter(|operation| !operation.state.is_over()).map(|operation| (service, operation)))
}

/// Handles [`Suspend`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn suspend_service<W: Workshop>(
    world: &W,
    job: Suspend,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    operate(world, job.0, context).await
}

/// Handles [`Resume`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn resume_service<W: Workshop>(world: &W, job: Resume, context: JobContext) -> Result<Recorded, JobFailure> {
    operate(world, job.0, context).await
}

/// Handles [`Terminate`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn terminate_service<W: Workshop>(
    world: &W,
    job: Terminate,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    operate(world, job.0, context).await
}

async fn operate<W: Workshop>(world: &W, job: Operate, context: JobContext) -> Result<Recorded, JobFailure> {
    let prepare = async |tx: &mut W::Tx| open(tx, &job).await;
    let Some((service, operation)) = world.db().transaction::<_, StoreError>(prepare).await? else {
        return settle::end(world, context).await;
    };
    let (attempt, answer) = act(world, (&service, &operation), &job, context).await?;
    match answer {
        Answer::Overtaken => settle::end(world, context).await,
        Answer::Ends(answered) => record(world, &job, context, (attempt, answered)).await,
        Answer::Later(answered, delay) => {
            let work = async |tx: &mut W::Tx| {
                let recorded = tx.snooze(context.lease, delay).await?;
                note(tx, &job, (attempt, answered)).await?;
                Ok::<_, AskError>(recorded)
            };
            Ok(world.db().transaction(work).await?)
        }
        Answer::Again(answered, error) => {
            tracing::warn!(service.id = %job.service, operation.id = %job.operation, error = %error, "an operation is tried again");
            let work = async |tx: &mut W::Tx| {
                tx.still_held(context.lease).await?;
                note(tx, &job, (attempt, answered)).await
            };
            world.db().transaction::<_, AskError>(work).await?;
            Err(deliver::try_again(error))
        }
    }
}

/// Notes how far it is. An answer to an older question is late, and not noted.
async fn note<S: Stores>(tx: &mut S, job: &Operate, (attempt, answered): (i32, Answered)) -> Result<(), AskError> {
    let Some((mut service, mut operation)) = open(tx, job).await? else { return Ok(()) };
    if operation.attempt != attempt {
        return Ok(());
    }
    let now = tx.now().await?;
    provisioning::answered(tx, now, (&mut service, &mut operation), answered).await
}

/// The end of the job: done, or a person's.
async fn record<W: Workshop>(
    world: &W,
    job: &Operate,
    context: JobContext,
    (attempt, answered): (i32, Answered),
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(context.lease).await?;
        let Some((mut service, mut operation)) = open(tx, job).await? else { return Ok(recorded) };
        if operation.attempt != attempt {
            return Ok(recorded);
        }
        let now = tx.now().await?;
        provisioning::answered(tx, now, (&mut service, &mut operation), answered).await?;
        if operation.state == OperationState::Done {
            over(tx, env, &service, (&operation, orders::Actor::Worker)).await?;
        } else {
            raise(tx, env, &service, &operation).await?;
        }
        Ok::<_, AskError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// What follows from an operation that is done: the order's history, and cases whose cause is gone.
async fn over<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: &Service,
    (operation, actor): (&Operation, orders::Actor),
) -> Result<(), StoreError> {
    let (event, detail) = match operation.verb {
        Verb::Suspend(reason) => ("service_suspended", reason.as_str().to_owned()),
        Verb::Resume => ("service_resumed", String::new()),
        Verb::Terminate => ("service_terminated", String::new()),
    };
    tracing::info!(order.id = %service.order, service.id = %service.id, operation.id = %operation.id, "{event}");
    if tx.order(service.order).await?.is_some() {
        let entry = TimelineEntry { at: env.now(), actor, event: event.to_owned(), detail };
        tx.append_timeline(service.order, &entry).await?;
    }
    let (subject, how) = (service.id.to_string(), format!("the service is {}", service.state.as_str()));
    cases::cause_gone(tx, env, (CaseKind::ServiceOperation, &subject), &how).await?;
    if operation.verb == Verb::Terminate {
        let order = service.order.to_string();
        cases::cause_gone(tx, env, (CaseKind::RefundedRunning, &order), &how).await?;
        for kind in [CaseKind::ServiceDrift, CaseKind::ServiceMissing] {
            cases::cause_gone(tx, env, (kind, &subject), &how).await?;
        }
    }
    Ok(())
}

async fn raise<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    service: &Service,
    operation: &Operation,
) -> Result<(), StoreError> {
    let (id, verb, done) = (service.id, operation.verb.as_str(), operation.verb.participle());
    tracing::error!(order.id = %service.order, service.id = %id, operation.id = %operation.id, "a person must {verb} a service");
    let known = tx.order(service.order).await?.map(|order| order.id);
    let at = service.state.remote().map(|remote| remote.identifier.clone()).unwrap_or_default();
    let new = NewCase {
        kind: CaseKind::ServiceOperation,
        subject: id.to_string(),
        order: known,
        reason: format!("{} ({at}) at {} is to be {done}: {}", service.label, service.provider, operation.detail),
        next_step: format!(
            "{verb} it at {}, then `hostwright services done {id}`; or put right what is wrong and retry this case",
            service.provider
        ),
    };
    cases::open(tx, env, new).await.map(|_| ())
}

/// The job is out of tries: a person must look.
pub async fn operation_is_dead<W: Shop>(world: &W, job: Operate, reason: &str) -> Result<(), StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((mut service, mut operation)) = open(tx, &job).await? else { return Ok(()) };
        let (now, detail) = (tx.now().await?, format!("it was tried many times: {reason}"));
        let by_hand = Answered::ByHand(detail);
        match provisioning::answered(tx, now, (&mut service, &mut operation), by_hand).await {
            Ok(()) => raise(tx, env, &service, &operation).await,
            Err(AskError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::bug(error.to_string())),
        }
    };
    world.db().transaction(work).await
}
