//! Background jobs: what a payload promises, how it is enqueued, and how a handler's result is recorded.

use std::{future::Future, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, FailureKind, Id, Timestamp, entity};

/// Which pool of workers runs a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// Gateway events: what makes an order paid.
    Payments,
    /// Calls to providers.
    Provisioning,
    /// Mails.
    Mail,
    /// Sweeps: looking for what was missed.
    Upkeep,
}

impl Queue {
    /// All queues.
    pub const ALL: [Self; 4] = [Self::Payments, Self::Provisioning, Self::Mail, Self::Upkeep];

    /// The number it has in the database.
    pub const fn number(self) -> i16 {
        match self {
            Self::Payments => 1,
            Self::Provisioning => 2,
            Self::Mail => 3,
            Self::Upkeep => 4,
        }
    }

    /// The word it has in logs and lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Provisioning => "provisioning",
            Self::Mail => "mail",
            Self::Upkeep => "upkeep",
        }
    }
}

/// A job's payload: ids only, no secrets and nothing personal. What is serialised here is a promise to older workers.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    /// Stable name, `area.verb`.
    const KIND: &'static str;
    /// Where it runs.
    const QUEUE: Queue;
    /// Lane: 0 first, 2 last.
    const PRIORITY: i16 = 1;
    /// Tries before it is dead and becomes a case.
    const MAX_ATTEMPTS: i16 = 12;
    /// How long one try may take before its lease is given to somebody else.
    const BUDGET: Duration = Duration::from_mins(2);

    /// At most one live job per kind has this key; `None` for no such rule.
    fn dedupe_key(&self) -> Option<String> {
        None
    }

    /// The order that this is about, for lists and for the case that a dead job opens.
    fn order(&self) -> Option<Id<entity::Order>> {
        None
    }
}

/// Whether a job was added or stood there already under its dedupe key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// A new job.
    Added,
    /// A live job with that key exists.
    AlreadyThere,
}

/// The right to record one try of one job. `token` grows with every claim, so that a worker that was taken for dead
/// cannot overwrite what its successor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: i64,
    /// The fencing token.
    pub token: i64,
}

/// What a handler knows of the try it runs.
#[derive(Debug, Clone, Copy)]
pub struct JobContext {
    /// The right to record.
    pub lease: Lease,
    /// 1 for the first try.
    pub attempt: i16,
    /// The last try there will be.
    pub last_attempt: bool,
}

/// Proof that a handler recorded its result; only a [`JobQueue`] makes it.
#[derive(Debug)]
#[must_use = "a handler ends by returning what it recorded"]
pub struct Recorded(());

impl Recorded {
    /// For implementations of [`JobQueue`], after the guarded write succeeded.
    pub const fn by_queue() -> Self {
        Self(())
    }
}

/// A store did not do what it was asked. The transaction it happened in is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is away, overloaded, or asked us to try again.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row, query or constraint that should be impossible.
    #[error("the database holds or refused something unexpected: {context}")]
    Bug {
        /// Which statement or row.
        context: String,
        /// What the driver said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The job was taken over by another worker; nothing of this try may be written.
    #[error("the lease of this job is no longer held")]
    StaleLease,
    /// COMMIT was sent and its answer was lost: the transaction may stand or not. It must be looked up, never repeated.
    #[error("whether the transaction was committed is not known")]
    CommitUnknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// An impossible row or refused statement, without a driver error.
    pub fn bug(context: impl Into<String>) -> Self {
        Self::Bug { context: context.into(), source: None }
    }
}

impl Failure for StoreError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Unavailable(_) | Self::CommitUnknown(_) => FailureKind::Unavailable,
            Self::Bug { .. } | Self::StaleLease => FailureKind::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database-unavailable",
            Self::Bug { .. } => "internal-error",
            Self::StaleLease => "stale-lease",
            Self::CommitUnknown(_) => "commit-unknown",
        }
    }
}

/// The queue inside a transaction: everything here joins the caller's COMMIT.
pub trait JobQueue {
    /// Adds a job that may run at once.
    fn enqueue<J: Job>(&mut self, job: &J) -> impl Future<Output = Result<Enqueued, StoreError>> + Send {
        self.enqueue_in(job, Duration::ZERO)
    }

    /// Adds a job that may run after `delay`.
    fn enqueue_in<J: Job>(
        &mut self,
        job: &J,
        delay: Duration,
    ) -> impl Future<Output = Result<Enqueued, StoreError>> + Send;

    /// Ends the job. First statement of a handler's last transaction; fails with [`StoreError::StaleLease`] when the
    /// lease is lost, and then nothing else of the transaction may stand.
    fn complete(&mut self, lease: Lease) -> impl Future<Output = Result<Recorded, StoreError>> + Send;

    /// Makes sure that the lease is still held, and keeps it so until the transaction ends. For a transaction that is not
    /// the handler's last and whose commit lets it ask the world for something.
    fn still_held(&mut self, lease: Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The present instant by the clock that all workers share, the database's. What one worker noted and another compares
    /// is told by this clock: their own may differ.
    fn now(&mut self) -> impl Future<Output = Result<Timestamp, StoreError>> + Send;

    /// Gives the job back to run again after `delay`; does not count as a try.
    fn snooze(&mut self, lease: Lease, delay: Duration) -> impl Future<Output = Result<Recorded, StoreError>> + Send;
}

/// Ending a job whose try wrote nothing of its own. It joins nobody's transaction, so many are recorded together.
pub trait CompleteAlone {
    /// Ends the job, under its lease like [`JobQueue::complete`]. Answers when it is committed.
    fn complete_alone(&self, lease: Lease) -> impl Future<Output = Result<Recorded, StoreError>> + Send;
}

/// What to do after a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Try again with growing pauses until the tries are used up.
    Retry,
    /// The other side said when; does not count as a try.
    RetryAfter(Duration),
    /// Trying again cannot help: dead at once.
    Permanent,
    /// A call may or may not have taken effect: the next try looks before it acts. Same pauses as `Retry`.
    UnknownOutcome,
    /// Somebody else holds the job now; say nothing, write nothing.
    Stale,
}

/// A try that failed, with its class.
#[derive(Debug, thiserror::Error)]
#[error("{code}")]
pub struct JobFailure {
    /// What the engine does next.
    pub class: RetryClass,
    /// Stable code for lists.
    pub code: &'static str,
    /// The whole reason; must hold nothing secret.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl JobFailure {
    /// A failure with a class of its own.
    pub fn new(
        class: RetryClass,
        code: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { class, code, source: source.into() }
    }
}

/// Any classified error becomes a failed try: what is invalid stays invalid, the rest is tried again.
impl<E: Failure + Send + Sync + 'static> From<E> for JobFailure {
    fn from(error: E) -> Self {
        let code = error.code();
        let class = match error.kind() {
            FailureKind::Bug if code == "stale-lease" => RetryClass::Stale,
            FailureKind::Unavailable if code == "commit-unknown" => RetryClass::UnknownOutcome,
            FailureKind::Invalid | FailureKind::Forbidden | FailureKind::Unauthenticated | FailureKind::NotFound => {
                RetryClass::Permanent
            }
            FailureKind::Conflict
            | FailureKind::Limited
            | FailureKind::Unavailable
            | FailureKind::Upstream
            | FailureKind::Bug => RetryClass::Retry,
        };
        Self { class, code, source: Box::new(error) }
    }
}
