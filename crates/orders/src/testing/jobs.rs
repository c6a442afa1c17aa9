//! A queue in memory, fenced like the real one.

use std::{collections::BTreeMap, time::Duration};

use kernel::{Enqueued, Id, Job, JobContext, JobQueue, Lease, Recorded, StoreError, entity};

/// A job that waits or runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryJob {
    /// `area.verb`.
    pub kind: &'static str,
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
    /// The fencing token.
    pub token: i64,
    /// Somebody runs it.
    pub running: bool,
}

/// Live jobs, and how many ended.
#[derive(Debug, Clone, Default)]
pub struct MemoryJobs {
    /// By id.
    pub live: BTreeMap<i64, MemoryJob>,
    /// Completed jobs, oldest first.
    pub done: Vec<MemoryJob>,
    /// Jobs that ran out of tries.
    pub dead: Vec<MemoryJob>,
    last: i64,
}

impl MemoryJobs {
    /// Takes the oldest waiting job, delayed or not.
    pub fn claim(&mut self) -> Option<(JobContext, MemoryJob)> {
        let (id, job) = self.live.iter_mut().find(|(_, job)| !job.running)?;
        job.running = true;
        job.token += 1;
        job.attempt += 1;
        let lease = Lease { job: *id, token: job.token };
        let last_attempt = job.attempt >= job.max_attempts;
        Some((JobContext { lease, attempt: job.attempt, last_attempt }, job.clone()))
    }

    /// Gives a job back after a try that failed; dead when it was the last. Returns whether it is dead.
    pub fn fail(&mut self, lease: Lease, permanent: bool) -> bool {
        let Ok(job) = self.held(lease) else { return false };
        job.running = false;
        let dead = permanent || job.attempt >= job.max_attempts;
        if dead && let Some(job) = self.live.remove(&lease.job) {
            self.dead.push(job);
        }
        dead
    }

    fn held(&mut self, lease: Lease) -> Result<&mut MemoryJob, StoreError> {
        let job = self.live.get_mut(&lease.job).filter(|job| job.running && job.token == lease.token);
        job.ok_or(StoreError::StaleLease)
    }
}

impl JobQueue for MemoryJobs {
    async fn enqueue_in<J: Job>(&mut self, job: &J, _: Duration) -> Result<Enqueued, StoreError> {
        let key = job.dedupe_key();
        if key.is_some() && self.live.values().any(|other| other.kind == J::KIND && other.key == key) {
            return Ok(Enqueued::AlreadyThere);
        }
        let payload = serde_json::to_value(job)
            .map_err(|error| StoreError::Bug { context: J::KIND.to_owned(), source: Some(Box::new(error)) })?;
        self.last += 1;
        let job = MemoryJob {
            kind: J::KIND,
            payload,
            key,
            order: job.order(),
            attempt: 0,
            max_attempts: J::MAX_ATTEMPTS,
            token: 0,
            running: false,
        };
        self.live.insert(self.last, job);
        Ok(Enqueued::Added)
    }

    async fn complete(&mut self, lease: Lease) -> Result<Recorded, StoreError> {
        self.held(lease)?;
        if let Some(job) = self.live.remove(&lease.job) {
            self.done.push(job);
        }
        Ok(Recorded::by_queue())
    }

    async fn still_held(&mut self, lease: Lease) -> Result<(), StoreError> {
        self.held(lease).map(|_| ())
    }

    async fn snooze(&mut self, lease: Lease, _: Duration) -> Result<Recorded, StoreError> {
        let job = self.held(lease)?;
        job.running = false;
        job.attempt -= 1;
        Ok(Recorded::by_queue())
    }
}
