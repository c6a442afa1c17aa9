//! Asking a provider to change a service: looked at, asked once, looked at again.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::{JobContext, JobFailure, JobQueue, Transact};
use provisioning::{
    Answered, AskError, Operation, OperationState, Provider, ProviderError, Providers, RemoteState, Service, Step,
    Target, Verb, jobs::Operate,
};

use super::open;
use crate::Workshop;

/// What came of it.
pub(super) enum Answer {
    /// Nothing is left for this job to do.
    Ends(Answered),
    /// To be looked at again after this time.
    Later(Answered, Duration),
    /// To be tried again; the error says how.
    Again(Answered, ProviderError),
    /// Somebody else ended it meanwhile.
    Overtaken,
}

/// What a look says.
enum Look {
    /// It is as it should be.
    Reached,
    /// It is not.
    NotYet,
    /// It is not there.
    Gone(String),
    /// Nothing can be said.
    Blind(ProviderError),
}

/// Looks, asks if it must, and looks again. With the number of the question that it is an answer to.
pub(super) async fn act<W: Workshop>(
    world: &W,
    (service, operation): (&Service, &Operation),
    job: &Operate,
    context: JobContext,
) -> Result<(i32, Answer), JobFailure> {
    let unasked = |answer| Ok((operation.attempt, answer));
    let by_hand = |detail: String| Answer::Ends(Answered::ByHand(detail));
    let Some(provider) = world.providers().provider(&service.provider) else {
        return unasked(by_hand(format!("there is no provider '{}' any more", service.provider)));
    };
    let Some(target) = provisioning::target(service) else {
        return unasked(by_hand("nothing is known to stand at the provider".to_owned()));
    };
    if let Some(token) = &operation.poll {
        match provider.poll(token).await {
            Ok(Step::Pending { token, check_after }) => {
                return unasked(Answer::Later(Answered::Waiting(token), check_after));
            }
            Ok(Step::Done) => return unasked(confirm(provider, &target, operation.verb).await),
            // The look below says what came of it.
            Err(error) => tracing::warn!(service.id = %service.id, error = %error, "a provider cannot be polled"),
        }
    }
    let can = provider.capabilities();
    match look(provider, &target, operation.verb).await {
        Look::Reached => return unasked(Answer::Ends(Answered::Done)),
        Look::Gone(detail) => return unasked(gone(world, operation, can.settle, detail).await?),
        Look::Blind(error) if can.can(operation.verb.ability()) => {
            return unasked(failed(operation.state != OperationState::Planned, error));
        }
        Look::Blind(_) | Look::NotYet => {}
    }
    if !can.can(operation.verb.ability()) {
        let error = ProviderError::Unsupported { ability: operation.verb.ability() };
        return unasked(by_hand(error.to_string()));
    }
    let Some(asked) = clear_to_ask(world, operation, job, context).await? else {
        return unasked(Answer::Overtaken);
    };
    let answer = match call(provider, &target, operation).await {
        Ok(Step::Done) => confirm(provider, &target, operation.verb).await,
        Ok(Step::Pending { token, check_after }) => Answer::Later(Answered::Waiting(token), check_after),
        // What was in doubt before was looked at since.
        Err(error) => failed(false, error),
    };
    Ok((asked, answer))
}

async fn call(provider: &dyn Provider, target: &Target, operation: &Operation) -> Result<Step, ProviderError> {
    match operation.verb {
        Verb::Suspend(_) => provider.suspend(target, &operation.note).await,
        Verb::Resume => provider.resume(target).await,
        Verb::Terminate => provider.terminate(target).await,
    }
}

async fn look(provider: &dyn Provider, target: &Target, verb: Verb) -> Look {
    let seen = match provider.observe(&target.reference).await {
        Ok(seen) => seen,
        Err(ProviderError::Gone { detail }) => return Look::Gone(detail),
        Err(error) => return Look::Blind(error),
    };
    let suspended = seen.state == RemoteState::Suspended;
    let reached = match verb {
        Verb::Suspend(_) => suspended,
        Verb::Resume => !suspended,
        Verb::Terminate => false,
    };
    if reached { Look::Reached } else { Look::NotYet }
}

/// The provider says that it is done. It is done when that is seen.
async fn confirm(provider: &dyn Provider, target: &Target, verb: Verb) -> Answer {
    let detail = match (look(provider, target, verb).await, verb) {
        (Look::Reached, _) | (Look::Gone(_), Verb::Terminate) => return Answer::Ends(Answered::Done),
        (Look::Gone(detail), Verb::Suspend(_) | Verb::Resume) => return Answer::Ends(Answered::ByHand(detail)),
        (Look::NotYet, _) => "the provider said that it is done, and it is not seen to be".to_owned(),
        (Look::Blind(error), _) => format!("the provider said that it is done, and could not be looked at: {error}"),
    };
    Answer::Again(Answered::Unsure(detail.clone()), ProviderError::Unknown { detail })
}

/// Nothing is seen there. That is what ending is for, once two looks some time apart have seen it; else a person must know.
async fn gone<W: Workshop>(
    world: &W,
    operation: &Operation,
    settle: Duration,
    detail: String,
) -> Result<Answer, JobFailure> {
    if operation.verb != Verb::Terminate {
        return Ok(Answer::Ends(Answered::ByHand(detail)));
    }
    // By the database's clock: the two looks may be two workers'.
    let now = world.db().transaction(async |tx: &mut W::Tx| tx.now().await).await?;
    let settle = TimeDelta::from_std(settle).unwrap_or(TimeDelta::MAX);
    let left = operation.gone_since.map_or(settle, |since| settle - (now - since));
    if operation.gone_since.is_some() && left <= TimeDelta::zero() {
        return Ok(Answer::Ends(Answered::Done));
    }
    Ok(Answer::Later(Answered::GoneOnce, left.to_std().unwrap_or_default()))
}

/// What an error means. What was in doubt before stays so while nothing is seen.
fn failed(in_doubt: bool, error: ProviderError) -> Answer {
    let text = error.to_string();
    match &error {
        ProviderError::Refused { .. } | ProviderError::NoCapacity { .. } | ProviderError::Unsupported { .. } => {
            Answer::Ends(Answered::ByHand(text))
        }
        ProviderError::Busy { after, .. } => {
            let answered = if in_doubt { Answered::Unsure(text) } else { Answered::NotDone(text) };
            Answer::Later(answered, *after)
        }
        // Looked at once more, by the next try.
        ProviderError::Gone { .. } | ProviderError::Unknown { .. } => Answer::Again(Answered::Unsure(text), error),
        ProviderError::Unavailable { .. } if in_doubt => Answer::Again(Answered::Unsure(text), error),
        ProviderError::Unavailable { .. } => Answer::Again(Answered::NotDone(text), error),
    }
}

/// Commits that the provider is about to be asked, under the lease: a worker that was taken for dead gets no clearance.
async fn clear_to_ask<W: Workshop>(
    world: &W,
    seen: &Operation,
    job: &Operate,
    context: JobContext,
) -> Result<Option<i32>, JobFailure> {
    let work = async |tx: &mut W::Tx| {
        tx.still_held(context.lease).await?;
        let Some((_, mut operation)) = open(tx, job).await? else { return Ok(None) };
        if operation.attempt != seen.attempt {
            return Ok(None);
        }
        provisioning::about_to_ask(tx, &mut operation).await?;
        Ok::<_, AskError>(Some(operation.attempt))
    };
    Ok(world.db().transaction(work).await?)
}
