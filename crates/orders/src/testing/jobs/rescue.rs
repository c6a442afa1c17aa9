//! Taking back what a worker will not finish, and what workers say of themselves.

use kernel::{Lease, Timestamp, planted};

use super::{MemoryJob, MemoryJobs, SILENCE};

/// What a round found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Given back to the queue.
    pub rescued: usize,
    /// Given up: the third worker in a row did not finish it.
    pub poisoned: usize,
}

impl MemoryJobs {
    /// A worker says that it lives; with its first word it has a row.
    pub fn beat(&mut self, worker: u64) {
        self.workers.insert(worker, self.now);
    }

    /// A worker ends.
    pub fn leave(&mut self, worker: u64) {
        self.release(worker);
        self.workers.remove(&worker);
    }

    /// Gives back what a worker holds; an interrupted try is not charged.
    pub fn release(&mut self, worker: u64) -> usize {
        let now = self.now;
        let ids = self.ids(|job| job.holder.is_some_and(|holder| holder.worker == worker));
        for id in &ids {
            if let Some(job) = self.live.get_mut(id) {
                job.holder = None;
                job.attempt -= 1;
                job.run_at = now;
            }
        }
        ids.len()
    }

    fn ids(&self, wanted: impl Fn(&MemoryJob) -> bool) -> Vec<i64> {
        self.live.iter().filter(|(_, job)| wanted(job)).map(|(id, _)| *id).collect()
    }

    fn is_silent(&self, worker: u64) -> bool {
        self.workers.get(&worker).is_none_or(|seen| *seen + SILENCE <= self.now)
    }

    fn is_lost(&self, job: &MemoryJob) -> bool {
        let Some(holder) = job.holder else { return false };
        let late = holder.deadline < self.now && !planted("rescue-ignores-deadlines");
        late || self.is_silent(holder.worker) || planted("rescue-without-guard")
    }

    /// When the next round may find something, as far as it is known now.
    pub fn rescue_due(&self) -> Option<Timestamp> {
        let due = |job: &MemoryJob| {
            let holder = job.holder?;
            let silent = self.workers.get(&holder.worker).map_or(self.now, |seen| *seen + SILENCE);
            Some(silent.min(holder.deadline))
        };
        self.live.values().filter_map(due).min()
    }

    /// One round.
    pub fn rescue(&mut self) -> Rescued {
        let mut found = Rescued::default();
        if planted("no-rescue") {
            return found;
        }
        let now = self.now;
        for id in self.ids(|job| self.is_lost(job)) {
            let Some(job) = self.live.get_mut(&id) else { continue };
            let lease = Lease { job: id, token: job.token };
            job.rescues = job.rescues.saturating_add(1);
            job.holder = None;
            job.run_at = now;
            if job.rescues >= 3 && !planted("no-poison") {
                self.give_up(lease, "poison", "three workers in a row did not finish it".to_owned());
                found.poisoned += 1;
            } else {
                found.rescued += 1;
            }
        }
        found
    }
}
