//! Taking a queue's jobs and running them.

use std::{panic::AssertUnwindSafe, rc::Rc, sync::Arc, time::Duration};

use futures_util::FutureExt;
use kernel::{JobFailure, Queue, Recorded, RetryClass};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    claim::{Claimed, claim},
    crew::Crew,
    record::{Fate, described, record_failure},
};

/// The pause after the database gave no answer.
const DATABASE_AWAY: Duration = Duration::from_secs(1);
/// How often recording a failure is tried; after that the job waits for its rescue.
const RECORDING_TRIES: u32 = 5;

/// Serves a queue until the crew stops, then waits for what runs, and stops what is not done by then.
pub(super) async fn dispatch(crew: Rc<Crew>, queue: Queue) {
    let limit = Arc::new(Semaphore::new(crew.settings.concurrency));
    let mut running = JoinSet::new();
    let mut turn = 0;
    while !crew.is_stopping() {
        let bell = crew.db.doorbell().bell(queue).notified();
        tokio::pin!(bell);
        // Armed before we look: what is enqueued while we look is not missed.
        bell.as_mut().enable();
        turn += 1;
        let pause = match take(&crew, queue, &limit, turn, &mut running).await {
            Next::More => continue,
            Next::Wait(pause) => pause,
        };
        tokio::select! {
            () = bell => {}
            () = sleep(pause) => {}
            () = Crew::until(&crew.stopping) => {}
        }
        while running.try_join_next().is_some() {}
    }
    finish(&crew, queue, running).await;
}

enum Next {
    /// There may be more at once.
    More,
    /// Look again after this time, or when the bell rings.
    Wait(Duration),
}

/// Takes as many jobs as there are free places. Never cut short: jobs taken by a statement whose answer nobody read
/// would wait for their rescue.
async fn take(crew: &Rc<Crew>, queue: Queue, limit: &Arc<Semaphore>, turn: u64, running: &mut JoinSet<()>) -> Next {
    tokio::select! {
        permit = limit.acquire() => drop(permit),
        () = Crew::until(&crew.stopping) => return Next::More,
    }
    let free = limit.available_permits();
    let poll = Crew::jittered(crew.settings.poll);
    if crew.is_fenced() {
        return Next::Wait(poll);
    }
    match claim(&crew.db, crew.worker, queue, free, turn).await {
        Ok(jobs) => {
            let full = jobs.len() == free;
            for job in jobs {
                // There are at least as many places as we asked for: only this task takes them.
                let place = Arc::clone(limit).try_acquire_owned().ok();
                running.spawn_local(work(Rc::clone(crew), job, place));
            }
            if full { Next::More } else { Next::Wait(poll) }
        }
        Err(error) => {
            tracing::error!(queue = queue.as_str(), error = &error as &dyn std::error::Error, "no jobs could be taken");
            Next::Wait(Crew::jittered(DATABASE_AWAY))
        }
    }
}

async fn finish(crew: &Crew, queue: Queue, mut running: JoinSet<()>) {
    let all = async { while running.join_next().await.is_some() {} };
    if timeout(crew.settings.grace, all).await.is_err() {
        tracing::warn!(queue = queue.as_str(), jobs.interrupted = running.len(), "stopping jobs that are not done");
        running.shutdown().await;
    }
}

/// Runs one try to its end.
pub(super) async fn work(crew: Rc<Crew>, job: Claimed, place: Option<OwnedSemaphorePermit>) {
    let result = tokio::select! {
        result = run(&crew, &job) => result,
        // Somebody else may have the job by now.
        () = Crew::until(&crew.fenced) => return,
    };
    match result {
        Ok(_) => tracing::debug!(
            job.id = job.id,
            job.kind = job.kind,
            job.attempt = job.attempt,
            job.waited_ms = job.waited_ms,
            order.id = job.order(),
            "job done"
        ),
        Err(failure) => settle(&crew, &job, &failure).await,
    }
    // A place is free only once its result is recorded.
    drop(place);
}

async fn run(crew: &Crew, job: &Claimed) -> Result<Recorded, JobFailure> {
    let Some(handler) = crew.handler(&job.kind) else {
        // A newer worker may know it.
        return Err(JobFailure::new(RetryClass::Retry, "unknown-kind", "this worker knows no such kind of job"));
    };
    let trying = AssertUnwindSafe(handler.run(job.payload.clone(), job.context())).catch_unwind();
    match timeout(job.budget(), trying).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(JobFailure::new(RetryClass::Retry, "panicked", "the job's code panicked")),
        Err(_) => Err(JobFailure::new(RetryClass::UnknownOutcome, "over-budget", "the try took longer than it may")),
    }
}

/// Records a failure, and says so once.
async fn settle(crew: &Crew, job: &Claimed, failure: &JobFailure) {
    for pause in 1..=RECORDING_TRIES {
        match record_failure(&crew.db, job.context(), failure).await {
            Ok(fate) => {
                report(job, failure, fate);
                if fate == Fate::Dead {
                    crew.death.notify_one();
                }
                return;
            }
            Err(_) if pause < RECORDING_TRIES => sleep(DATABASE_AWAY * pause).await,
            Err(error) => tracing::error!(
                job.id = job.id,
                job.kind = job.kind,
                error = &error as &dyn std::error::Error,
                failure = described(failure),
                "a failed job could not be recorded; it will be rescued"
            ),
        }
    }
}

fn report(job: &Claimed, failure: &JobFailure, fate: Fate) {
    let (what, error) = (failure.code, described(failure));
    match fate {
        Fate::Again => tracing::warn!(
            job.id = job.id,
            job.kind = job.kind,
            job.attempt = job.attempt,
            order.id = job.order(),
            code = what,
            error,
            "job failed; it will be tried again"
        ),
        Fate::Dead => tracing::error!(
            job.id = job.id,
            job.kind = job.kind,
            job.attempt = job.attempt,
            order.id = job.order(),
            code = what,
            error,
            "job failed for good"
        ),
        Fate::NotOurs => tracing::info!(
            job.id = job.id,
            job.kind = job.kind,
            job.attempt = job.attempt,
            order.id = job.order(),
            code = what,
            "job is somebody else's by now; nothing was recorded"
        ),
    }
}
