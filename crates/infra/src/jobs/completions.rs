//! Ending jobs whose try wrote nothing of its own: many under one COMMIT.
//!
//! Whoever ends a job hands its lease to one task and waits. What comes while that task waits for the database goes into the
//! next statement, so the batches grow with the load and a single job waits for nobody. Each job is guarded by its own lease;
//! one that was lost spoils no other.

use std::{collections::HashSet, sync::Arc, time::Duration};

use kernel::{CompleteAlone, Lease, Recorded, StoreError};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_postgres::{Client, Error, types::Type};

use crate::db::{Connector, Db};

/// Jobs at most in one statement.
const BATCH: usize = 500;
/// Jobs that may wait for the statement under way; beyond that their handlers wait.
const WAITING: usize = 4096;
/// How long one batch may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

const COMPLETE: &str = "\
    WITH done AS ( \
        DELETE FROM jobs j USING unnest($1::bigint[], $2::bigint[]) AS held (id, lease) \
        WHERE j.id = held.id AND j.lease = held.lease AND j.state <> 'r' RETURNING j.* \
    ) \
    INSERT INTO job_history \
        (job_id, lease, queue, kind, order_id, attempt, outcome, worker_id, created_at, claimed_at, finished_at) \
    SELECT id, lease, queue, kind, order_id, attempt, 'done', worker_id, created_at, claimed_at, clock_timestamp() \
    FROM done RETURNING job_id, lease";

/// One look into the primary key for each job, whatever the statistics say of a table that was empty a moment ago.
const PLAN: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// Which of these were ended after all. A day is far more than an answer can be late, and spares the older partitions.
const LOOK_UP: &str = "\
    SELECT h.job_id, h.lease FROM unnest($1::bigint[], $2::bigint[]) AS held (id, lease) \
    JOIN job_history h ON h.job_id = held.id AND h.lease = held.lease \
    WHERE h.outcome = 'done' AND h.finished_at > now() - interval '1 day'";

type Answer = oneshot::Sender<Result<Recorded, StoreError>>;

/// The way to the task that ends jobs; its clones lead to the same task.
#[derive(Clone)]
pub(crate) struct Completions(mpsc::Sender<(Lease, Answer)>);

impl Completions {
    /// Starts the task. It connects when it is first needed, and ends with the last clone.
    #[allow(clippy::disallowed_methods, reason = "the task ends with its handles, and whoever waits for it is told")]
    pub(crate) fn start(connector: Arc<Connector>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(end_jobs(connector, receiver));
        Self(sender)
    }

    async fn complete(&self, lease: Lease) -> Result<Recorded, StoreError> {
        let gone = || StoreError::Unavailable("the task that ends jobs is gone".into());
        let (answer, recorded) = oneshot::channel();
        self.0.send((lease, answer)).await.map_err(|_| gone())?;
        recorded.await.map_err(|_| gone())?
    }
}

impl CompleteAlone for Db {
    async fn complete_alone(&self, lease: Lease) -> Result<Recorded, StoreError> {
        self.completions().complete(lease).await
    }
}

async fn end_jobs(connector: Arc<Connector>, mut receiver: mpsc::Receiver<(Lease, Answer)>) {
    let mut desk = Desk { connector, session: None };
    let mut waiting = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut waiting, BATCH).await > 0 {
        let leases: Vec<Lease> = waiting.iter().map(|(lease, _)| *lease).collect();
        let done = desk.end(&leases).await;
        for (lease, answer) in waiting.drain(..) {
            // Whoever no longer waits was cut off; that the job is done stands in the history.
            let _ = answer.send(outcome(lease, &done));
        }
    }
}

fn outcome(lease: Lease, ended: &Ended) -> Result<Recorded, StoreError> {
    if ended.leases.contains(&(lease.job, lease.token)) {
        return Ok(Recorded::by_queue());
    }
    Err(match &ended.rest {
        Rest::Stale => StoreError::StaleLease,
        Rest::NotSent(error) => StoreError::Unavailable(Box::new(Arc::clone(error))),
        Rest::Unknown(lost) => StoreError::CommitUnknown(Box::new(lost.clone())),
    })
}

/// What became of a batch.
struct Ended {
    leases: HashSet<(i64, i64)>,
    rest: Rest,
}

/// What is known of those that were not ended.
enum Rest {
    /// The database says that somebody else has them.
    Stale,
    /// The database was not asked.
    NotSent(Arc<Error>),
    /// It was, and its answer was lost: what the history does not show may still come.
    Unknown(Lost),
}

/// Why an answer was lost.
#[derive(Debug, Clone, thiserror::Error)]
enum Lost {
    #[error("the statement that ends jobs was not confirmed")]
    Broken(#[source] Arc<Error>),
    #[error("the statement that ends jobs took too long")]
    TookTooLong,
}

/// A connection of its own: a pool that is busy must not hold up what would make it free.
struct Desk {
    connector: Arc<Connector>,
    session: Option<Session>,
}

struct Session {
    client: Client,
    complete: tokio_postgres::Statement,
}

impl Desk {
    /// Ends these jobs. When the answer is lost, the history is asked, never the statement repeated.
    async fn end(&mut self, leases: &[Lease]) -> Ended {
        let (ids, tokens): (Vec<i64>, Vec<i64>) = leases.iter().map(|lease| (lease.job, lease.token)).unzip();
        let session = match self.session().await {
            Ok(session) => session,
            Err(error) => return Ended { leases: HashSet::new(), rest: Rest::NotSent(Arc::new(error)) },
        };
        let lost = match timeout(PATIENCE, session.client.query(&session.complete, &[&ids, &tokens])).await {
            Ok(Ok(rows)) => return Ended { leases: pairs(&rows), rest: Rest::Stale },
            Ok(Err(error)) => Lost::Broken(Arc::new(error)),
            Err(_) => Lost::TookTooLong,
        };
        tracing::warn!(jobs = leases.len(), error = &lost as &dyn std::error::Error, "the history is asked");
        self.session = None;
        let found = self.look_up(&ids, &tokens).await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the history does not answer; the leases decide");
            HashSet::new()
        });
        Ended { leases: found, rest: Rest::Unknown(lost) }
    }

    async fn look_up(&mut self, ids: &[i64], tokens: &[i64]) -> Result<HashSet<(i64, i64)>, Error> {
        let session = self.session().await?;
        Ok(pairs(&session.client.query(LOOK_UP, &[&ids, &tokens]).await?))
    }

    async fn session(&mut self) -> Result<&Session, Error> {
        if self.session.as_ref().is_some_and(|session| session.client.is_closed()) {
            self.session = None;
        }
        match &mut self.session {
            Some(session) => Ok(session),
            empty => {
                let client = self.connector.client().await?;
                client.batch_execute(self.connector.set_up()).await?;
                client.batch_execute(PLAN).await?;
                let complete = client.prepare_typed(COMPLETE, &[Type::INT8_ARRAY, Type::INT8_ARRAY]).await?;
                Ok(empty.insert(Session { client, complete }))
            }
        }
    }
}

fn pairs(rows: &[tokio_postgres::Row]) -> HashSet<(i64, i64)> {
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
