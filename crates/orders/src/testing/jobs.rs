//! The queue in memory: what `infra::jobs` does in PostgreSQL, statement by statement, on a clock that is given. Claims give
//! leases, every write is guarded by one, lost jobs are rescued, failures wait with full jitter, dead jobs are kept.

mod record;
mod rescue;

use std::{sync::Arc, time::Duration};

use kernel::{
    Enqueued, Id, Job, JobContext, JobQueue, Lease, Queue, Recorded, StoreError, Timestamp, entity, planted,
    testing::{Log, Table},
};

pub use record::Fate;
pub use rescue::Rescued;

/// A worker's silence that makes it count as dead.
const SILENCE: Duration = Duration::from_secs(10);
/// How long a dead job is left to whoever is opening its case.
const RETAKE: Duration = Duration::from_secs(30);

/// A job that waits or runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryJob {
    /// `area.verb`.
    pub kind: &'static str,
    /// Where it runs.
    pub queue: Queue,
    /// Its lane.
    pub priority: i16,
    /// The payload.
    pub payload: serde_json::Value,
    /// Its dedupe key.
    pub key: Option<String>,
    /// Its order.
    pub order: Option<Id<entity::Order>>,
    /// Tries so far.
    pub attempt: i16,
    /// Tries before it is dead.
    pub max_attempts: i16,
    /// How long a try may take.
    pub budget: Duration,
    /// The fencing token: grows with every claim.
    pub token: i64,
    /// Tries in a row whose worker was lost.
    pub rescues: i16,
    /// Not to run before.
    pub run_at: Timestamp,
    /// Who runs it, if somebody does.
    pub holder: Option<Holder>,
}

/// Who runs a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The worker's boot.
    pub worker: u64,
    /// When the try is over.
    pub deadline: Timestamp,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadJob {
    /// The job as it was.
    pub job: Arc<MemoryJob>,
    /// `exhausted`, `permanent`, `poison` or `undecodable`.
    pub reason: &'static str,
    /// The last failure in words.
    pub detail: String,
    /// Its case was opened.
    pub case_opened: bool,
    /// When opening it was tried last.
    pub case_tried_at: Option<Timestamp>,
}

/// A line of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The try.
    pub lease: Lease,
    /// `done`, `failed` or `dead`.
    pub outcome: &'static str,
}

/// The queue.
#[derive(Debug, Clone, Default)]
pub struct MemoryJobs {
    /// The database's clock.
    pub now: Timestamp,
    /// Jobs that wait or run, by id.
    pub live: Table<i64, MemoryJob>,
    /// Tries that ended with a record, newest first.
    pub history: Log<Ended>,
    /// Jobs that were given up, by id.
    pub dead: Table<i64, DeadJob>,
    /// When each worker was last heard of.
    pub workers: Table<u64, Timestamp>,
    last: i64,
    dice: u64,
}

impl MemoryJobs {
    /// Takes the oldest waiting job, delayed or not: for tests without time.
    pub fn claim(&mut self) -> Option<(JobContext, Arc<MemoryJob>)> {
        let id = self.live.iter().find(|(_, job)| job.holder.is_none()).map(|(id, _)| *id)?;
        self.take(id, 0)
    }

    /// Takes the next job of a queue that is due, the most urgent lane first.
    pub fn claim_due(&mut self, worker: u64, queue: Queue) -> Option<(JobContext, Arc<MemoryJob>)> {
        let due = |job: &MemoryJob| job.queue == queue && job.holder.is_none() && job.run_at <= self.now;
        let open = self.live.iter().filter(|(_, job)| due(job));
        let id = open.min_by_key(|(id, job)| (job.priority, job.run_at, **id)).map(|(id, _)| *id)?;
        self.take(id, worker)
    }

    fn take(&mut self, id: i64, worker: u64) -> Option<(JobContext, Arc<MemoryJob>)> {
        let now = self.now;
        let job = self.live.get_mut(&id)?;
        job.holder = Some(Holder { worker, deadline: now + job.budget });
        job.attempt = job.attempt.saturating_add(1);
        if !planted("token-never-grows") || job.token == 0 {
            job.token += 1;
        }
        let (lease, last_attempt) = (Lease { job: id, token: job.token }, job.attempt >= job.max_attempts);
        let context = JobContext { lease, attempt: job.attempt, last_attempt };
        self.live.share(&id).map(|job| (context, Arc::clone(job)))
    }

    /// The job, if this lease still holds it.
    fn check_held(&self, lease: Lease) -> Result<(), StoreError> {
        let valid = |job: &MemoryJob| job.holder.is_some() && job.token == lease.token;
        let job = self.live.get(&lease.job).ok_or(StoreError::StaleLease)?;
        if valid(job) || planted("no-fence") { Ok(()) } else { Err(StoreError::StaleLease) }
    }

    fn held(&mut self, lease: Lease) -> Result<&mut MemoryJob, StoreError> {
        self.check_held(lease)?;
        self.live.get_mut(&lease.job).ok_or(StoreError::StaleLease)
    }

    fn note(&mut self, lease: Lease, outcome: &'static str) {
        self.history.push(Ended { lease, outcome });
    }

    fn roll(&mut self) -> u64 {
        // SplitMix64, so that a clone rolls the same.
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.dice;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl JobQueue for MemoryJobs {
    async fn enqueue_in<J: Job>(&mut self, job: &J, delay: Duration) -> Result<Enqueued, StoreError> {
        let key = job.dedupe_key();
        let taken = |other: &MemoryJob| other.kind == J::KIND && other.key == key;
        if key.is_some() && self.live.values().any(taken) && !planted("no-dedupe") {
            return Ok(Enqueued::AlreadyThere);
        }
        let payload = serde_json::to_value(job)
            .map_err(|error| StoreError::Bug { context: J::KIND.to_owned(), source: Some(Box::new(error)) })?;
        self.last += 1;
        let job = MemoryJob {
            kind: J::KIND,
            queue: J::QUEUE,
            priority: J::PRIORITY,
            payload,
            key,
            order: job.order(),
            attempt: 0,
            max_attempts: J::MAX_ATTEMPTS,
            budget: J::BUDGET,
            token: 0,
            rescues: 0,
            run_at: self.now + delay,
            holder: None,
        };
        self.live.insert(self.last, job);
        Ok(Enqueued::Added)
    }

    async fn complete(&mut self, lease: Lease) -> Result<Recorded, StoreError> {
        self.held(lease)?;
        self.live.remove(&lease.job);
        self.note(lease, "done");
        Ok(Recorded::by_queue())
    }

    async fn still_held(&mut self, lease: Lease) -> Result<(), StoreError> {
        self.check_held(lease)
    }

    async fn now(&mut self) -> Result<Timestamp, StoreError> {
        Ok(self.now)
    }

    async fn snooze(&mut self, lease: Lease, delay: Duration) -> Result<Recorded, StoreError> {
        let run_at = self.now + delay;
        let job = self.held(lease)?;
        job.holder = None;
        job.rescues = 0;
        job.run_at = run_at;
        if !planted("snooze-is-charged") {
            job.attempt -= 1;
        }
        Ok(Recorded::by_queue())
    }
}
