//! One try, from its start to its record.

use std::{panic::AssertUnwindSafe, rc::Rc, time::Duration};

use futures_util::FutureExt;
use kernel::{JobFailure, Recorded, RetryClass};
use tokio::time::{sleep, timeout};

use super::{
    claim::Claimed,
    crew::Crew,
    history,
    record::{Fate, described, record_failure},
};

/// How often recording a failure is tried; after that the job waits for its rescue.
const RECORDING_TRIES: u32 = 5;
/// The pause before the second of them; it grows.
const RECORDING_PAUSE: Duration = Duration::from_secs(1);

/// Runs one try to its end.
pub(super) async fn work(crew: Rc<Crew>, job: Claimed) {
    let result = tokio::select! {
        result = run(&crew, &job) => result,
        // Somebody else may have the job by now.
        () = Crew::until(&crew.fenced) => return,
    };
    match result {
        Ok(_) => say_done(&job),
        Err(failure) => settle(&crew, &job, &failure).await,
    }
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
///
/// The failure may be a COMMIT whose answer was lost. Then the transaction is not repeated: the record is guarded by the
/// lease, and waits for the server to be done with the row. When the job is gone, the history says who ended it.
async fn settle(crew: &Crew, job: &Claimed, failure: &JobFailure) {
    for pause in 1..=RECORDING_TRIES {
        match record_failure(&crew.db, job.context(), failure).await {
            Ok(Fate::NotOurs) => return say_not_ours(crew, job, failure).await,
            Ok(fate) => {
                report(job, failure, fate);
                if fate == Fate::Dead {
                    crew.death.notify_one();
                }
                return;
            }
            Err(_) if pause < RECORDING_TRIES => sleep(RECORDING_PAUSE * pause).await,
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

fn say_done(job: &Claimed) {
    tracing::debug!(
        job.id = job.id,
        job.kind = job.kind,
        job.attempt = job.attempt,
        job.waited_ms = job.waited_ms,
        order.id = job.order(),
        "job done"
    );
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
        Fate::NotOurs => {}
    }
}

async fn say_not_ours(crew: &Crew, job: &Claimed, failure: &JobFailure) {
    let ended = history::ended(&crew.db, job.context().lease).await;
    let what = match ended {
        Ok(true) => "job done; the answer to its COMMIT was lost",
        Ok(false) => "job is somebody else's by now; nothing was recorded",
        Err(_) => "job is ended or somebody else's; nothing was recorded",
    };
    tracing::info!(
        job.id = job.id,
        job.kind = job.kind,
        job.attempt = job.attempt,
        order.id = job.order(),
        code = failure.code,
        error = described(failure),
        "{what}"
    );
}
