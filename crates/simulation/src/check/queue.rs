//! The queue's rules.

use kernel::{JobContext, JobFailure, Lease, RetryClass, testing::Table};
use orders::testing::{Fate, MemoryJob, MemoryStore};

use super::Rule;
use crate::core::State;

type Jobs = Table<i64, MemoryJob>;

impl State {
    /// A claim gave this lease.
    pub(crate) fn check_claimed(&mut self, lease: Lease) {
        self.check.claims += 1;
        let taken = self.check.valid.insert(lease.job, lease.token);
        self.holds(taken.is_none(), Rule::S5, || format!("job {} was claimed while it was executing", lease.job));
        let highest = self.check.highest.insert(lease.job, lease.token).unwrap_or(0);
        self.holds(lease.token > highest, Rule::S5, || {
            format!("the lease {} of job {} is no new one", lease.token, lease.job)
        });
    }

    fn over(&mut self, job: i64) {
        self.check.valid.remove(&job);
    }

    /// What a transaction did to the jobs, which may only be its own try's.
    pub(super) fn check_jobs(&mut self, before: &Jobs) {
        if self.store.jobs.live.is_same(before) {
            return;
        }
        let after = self.store.jobs.live.clone();
        for (id, job) in before.shared() {
            let now = after.share(id);
            if now.is_some_and(|now| std::sync::Arc::ptr_eq(now, job)) {
                continue;
            }
            let own = self.who.lease == Some(Lease { job: *id, token: job.token });
            self.holds(own && job.holder.is_some(), Rule::S4, || {
                format!("job {id} (lease {}) was changed by somebody who does not hold it", job.token)
            });
            if now.is_some() {
                // Snoozed: no line in the history.
                self.check.given_back += 1;
            }
            self.over(*id);
        }
        for (id, job) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
            self.check_private(&job.payload, *id);
        }
    }

    fn check_private(&mut self, payload: &serde_json::Value, id: i64) {
        let fields = payload.as_object().into_iter().flat_map(serde_json::Map::values);
        let leaks =
            fields.filter_map(serde_json::Value::as_str).any(|text| text.contains('@') || text.contains("Gerda"));
        self.holds(!leaks, Rule::S9, || format!("job {id} names its buyer"));
    }

    /// A failed try was recorded.
    pub(crate) fn check_failed(&mut self, before: &MemoryStore, context: JobContext, failure: &JobFailure, fate: Fate) {
        let lease = context.lease;
        let held = before.jobs.live.get(&lease.job).is_some_and(|job| job.holder.is_some() && job.token == lease.token);
        self.holds(held == (fate != Fate::NotOurs) || fate == Fate::NotOurs, Rule::S4, || {
            format!("a failure under lease {} of job {} was recorded although it was lost", lease.token, lease.job)
        });
        if fate == Fate::NotOurs {
            if failure.class != RetryClass::Stale {
                self.note(crate::seen::Sometimes::StaleRefused);
            }
            return;
        }
        self.over(lease.job);
        if !matches!(failure.class, RetryClass::RetryAfter(_)) {
            *self.check.failures.entry(lease.job).or_default() += 1;
        }
        if fate == Fate::Dead {
            self.check_dead(lease.job);
        }
    }

    fn check_dead(&mut self, id: i64) {
        let Some(dead) = self.store.jobs.dead.share(&id).cloned() else { return };
        self.say(|_| format!("dead: job {id} {} ({}): {}", dead.job.kind, dead.reason, dead.detail));
        let tries = self.check.failures.get(&id).copied().unwrap_or(0);
        let earned = match dead.reason {
            "exhausted" => tries >= dead.job.max_attempts,
            "poison" => tries >= 3,
            _ => true,
        };
        self.holds(earned && !dead.detail.is_empty(), Rule::S12, || {
            format!("job {id} was given up as {} after {tries} tries that failed", dead.reason)
        });
        self.holds(!dead.detail.contains('@'), Rule::S9, || format!("the dead letter {id} names its buyer"));
        if dead.reason == "permanent" {
            // Whatever the world refused has its excuse already.
            return;
        }
        if let Some(order) = dead.job.order {
            self.check.excuse(order);
        }
        let field = |name: &str| dead.job.payload.get(name).and_then(serde_json::Value::as_str);
        if let Some(order) = field("event").and_then(|event| self.ledger.event_order(event)) {
            self.check.excuse(order);
        }
        if let Some(mail) = field("mail").and_then(|mail| mail.parse().ok()) {
            self.check.unsendable(mail);
        }
    }

    /// Jobs were taken back from workers that count as lost; these were heard just now.
    pub(crate) fn check_rescued(&mut self, before: &Jobs, heard: &[u64]) {
        let now = crate::core::instant(self.now);
        for (id, job) in before.shared().filter(|(_, job)| job.holder.is_some()) {
            let after = self.store.jobs.live.share(id);
            if after.is_some_and(|after| std::sync::Arc::ptr_eq(after, job)) {
                continue;
            }
            let lost = job.holder.is_some_and(|held| !heard.contains(&held.worker) || held.deadline < now);
            self.holds(lost, Rule::S5, || format!("job {id} was taken from a worker that is not lost"));
            *self.check.failures.entry(*id).or_default() += 1;
            if self.store.jobs.live.contains_key(id) {
                self.check.given_back += 1;
            } else {
                self.check_dead(*id);
            }
            self.over(*id);
        }
    }

    /// A worker gave back what it held.
    pub(crate) fn check_released(&mut self, before: &Jobs) {
        for (id, job) in before.shared() {
            let after = self.store.jobs.live.share(id);
            if !after.is_some_and(|after| std::sync::Arc::ptr_eq(after, job)) {
                self.check.given_back += 1;
                self.over(*id);
            }
        }
    }
}
