//! What becomes of a try that failed. Guarded by the lease, as in PostgreSQL.

use std::{sync::Arc, time::Duration};

use kernel::{JobContext, JobFailure, Lease, RetryClass, planted};

use super::{DeadJob, MemoryJobs};

/// The longest pause between two tries, in milliseconds.
const LONGEST_PAUSE: u64 = 900_000;

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It will be tried again.
    Again,
    /// It was the last try.
    Dead,
    /// Somebody else holds the job: nothing was written.
    NotOurs,
}

impl MemoryJobs {
    /// Records a try that failed.
    pub fn fail(&mut self, context: JobContext, failure: &JobFailure) -> Fate {
        match failure.class {
            RetryClass::Stale => Fate::NotOurs,
            RetryClass::RetryAfter(delay) => self.retry(context.lease, Some(delay)),
            RetryClass::Permanent if failure.code == "undecodable" => self.bury(context.lease, "undecodable", failure),
            RetryClass::Permanent => self.bury(context.lease, "permanent", failure),
            RetryClass::Retry | RetryClass::UnknownOutcome if context.last_attempt => {
                self.bury(context.lease, "exhausted", failure)
            }
            RetryClass::Retry | RetryClass::UnknownOutcome => self.retry(context.lease, None),
        }
    }

    fn retry(&mut self, lease: Lease, delay: Option<Duration>) -> Fate {
        let (now, dice) = (self.now, self.roll());
        let stale = self.live.get(&lease.job).is_none_or(|job| job.token != lease.token);
        if stale && !planted("failure-without-guard") {
            return Fate::NotOurs;
        }
        let Ok(job) = self.held_or_planted(lease) else { return Fate::NotOurs };
        let most = (2000_u64 << job.attempt.clamp(0, 20)).min(LONGEST_PAUSE);
        job.run_at = now + delay.unwrap_or_else(|| Duration::from_millis(dice % (most + 1)));
        job.attempt -= i16::from(delay.is_some());
        job.holder = None;
        job.rescues = 0;
        self.note(lease, "failed");
        Fate::Again
    }

    fn held_or_planted(&mut self, lease: Lease) -> Result<&mut super::MemoryJob, kernel::StoreError> {
        if planted("failure-without-guard") {
            return self.live.get_mut(&lease.job).ok_or(kernel::StoreError::StaleLease);
        }
        self.held(lease)
    }

    fn bury(&mut self, lease: Lease, reason: &'static str, failure: &JobFailure) -> Fate {
        if self.held(lease).is_err() {
            return Fate::NotOurs;
        }
        self.give_up(lease, reason, described(failure));
        Fate::Dead
    }

    pub(super) fn give_up(&mut self, lease: Lease, reason: &'static str, detail: String) {
        if let Some(job) = self.live.remove(&lease.job) {
            let dead = DeadJob { job, reason, detail, case_opened: false, case_tried_at: None };
            self.dead.insert(lease.job, dead);
            self.note(lease, "dead");
        }
    }

    /// The next dead job whose case is to be opened; each is taken for half a minute.
    pub fn take_dead(&mut self) -> Option<(i64, Arc<super::MemoryJob>, String)> {
        if planted("dead-without-case") {
            return None;
        }
        let now = self.now;
        let due = |dead: &DeadJob| !dead.case_opened && dead.case_tried_at.is_none_or(|at| at + super::RETAKE < now);
        let id = self.dead.iter().find(|(_, dead)| due(dead)).map(|(id, _)| *id)?;
        let dead = self.dead.get_mut(&id)?;
        dead.case_tried_at = Some(now);
        Some((id, Arc::clone(&dead.job), dead.detail.clone()))
    }

    /// A dead job's case was opened.
    pub fn case_opened(&mut self, id: i64) {
        if let Some(dead) = self.dead.get_mut(&id) {
            dead.case_opened = true;
        }
    }
}

/// The failure with all its causes.
fn described(failure: &JobFailure) -> String {
    let mut text = failure.source.to_string();
    let mut cause = failure.source.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
