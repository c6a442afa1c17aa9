//! The workers' side of the queue: claims, rescues, and when to look again.

use std::rc::Rc;

use kernel::Queue;
use orders::testing::MemoryJob;

use super::{Executor, Purpose, Timer, process::worker_id};
use crate::{
    core::{FIRST_WORKER, Micros, ProcessId, SECOND, State, Who, instant, micros},
    fault::Fault,
    seen::Sometimes,
};

impl Executor {
    /// Which worker could take a job of which queue now. Also sees to it that somebody looks when the next one is due.
    pub(super) fn claims(&mut self) -> Vec<(ProcessId, Queue)> {
        let mut open = Vec::new();
        let mut next = Micros::MAX;
        {
            let state = self.core.lock();
            let now = state.now;
            let mut due = [false; 4];
            for (_, job) in state.store.jobs.live.iter().filter(|(_, job)| job.holder.is_none()) {
                let at = micros(job.run_at);
                if at <= now && !state.db_is_down() {
                    for (place, queue) in due.iter_mut().zip(Queue::ALL) {
                        *place |= job.queue == queue;
                    }
                } else {
                    next = next.min(at.max(state.db_down_until));
                }
            }
            for (queue, due) in Queue::ALL.into_iter().zip(due) {
                let workers = self.processes.iter().enumerate().skip(FIRST_WORKER);
                let ready = workers.filter(|(_, process)| due && process.has_room(queue));
                open.extend(ready.map(|(number, _)| (number, queue)));
            }
            if let Some(rescue) = state.store.jobs.rescue_due() {
                // Each second somebody looks.
                let at = (micros(rescue) / SECOND + 1) * SECOND;
                next = next.min(at.max(now + SECOND).max(state.db_down_until));
            }
            if state.store.jobs.dead.values().any(|dead| !dead.case_opened) {
                next = next.min((now / (60 * SECOND) + 1) * (60 * SECOND));
            }
        }
        if next < self.look_at {
            self.look_at = next;
            self.timer(next, Timer::Look);
        }
        open
    }

    /// Time to look for lost jobs and for dead ones without a case.
    pub(super) fn look(&mut self) {
        let now = self.core.lock().now;
        if now < self.look_at {
            return;
        }
        self.look_at = Micros::MAX;
        let heard: Vec<u64> = self
            .processes
            .iter()
            .enumerate()
            .skip(FIRST_WORKER)
            .filter(|(_, process)| process.is_heard(now))
            .map(|(number, process)| worker_id(number, process.boot))
            .collect();
        let bury = {
            let state = &mut *self.core.lock();
            if state.db_is_down() || heard.is_empty() {
                None
            } else {
                state.rescue(&heard);
                Some(state.store.jobs.dead.values().any(|dead| !dead.case_opened))
            }
        };
        match bury {
            Some(true) => self.begin(crate::spawn::Spawn::Bury),
            Some(false) => {}
            None => {
                self.look_at = now + SECOND;
                self.timer(now + SECOND, Timer::Look);
            }
        }
    }

    /// One claim.
    pub(super) fn claim(&mut self, number: ProcessId, queue: Queue) {
        let Some(process) = self.processes.get_mut(number) else { return };
        let worker = worker_id(number, process.boot);
        let taken = {
            let mut locked = self.core.lock();
            let state = &mut *locked;
            state.who = Who { process: number, ..Who::default() };
            if state.strikes(Fault::DbDown) {
                state.db_down_until = state.now + state.dice.between(SECOND, 60 * SECOND);
                return;
            }
            if state.strikes(Fault::Restart) {
                drop(locked);
                self.restart(number);
                return;
            }
            if state.strikes(Fault::BellLost) {
                // Nobody knows of the job until the next look of somebody's.
                return;
            }
            state.claim(worker, queue)
        };
        let Some((context, job)) = taken else { return };
        let silent = {
            let state = &mut *self.core.lock();
            if state.strikes(Fault::ClaimLost) {
                return;
            }
            state.strikes(Fault::SilentHeart).then(|| state.now + state.dice.between(3, 40) * SECOND)
        };
        process.enter(queue);
        let boot = process.boot;
        if let Some(until) = silent {
            process.silent_until = until;
            self.note_silence(number);
            self.will_fence(number, boot, 7 * SECOND);
        }
        let poisoned = self.core.lock().is_poisoned(&job);
        let who = Who { process: number, lease: Some(context.lease), poisoned, ..Who::default() };
        let budget = self.core.lock().now + Micros::try_from(job.budget.as_micros()).unwrap_or(Micros::MAX);
        let future = Rc::clone(&self.world).work(job, context);
        let task = self.spawn(who, Purpose::Try { queue, context }, future);
        self.timer(budget, Timer::Budget { task, token: context.lease.token, job: context.lease.job });
    }

    /// A worker that is up, to do what any of them does.
    pub(super) fn some_worker(&self) -> Option<ProcessId> {
        let up = |process: &super::Process| process.is_up && !process.is_frozen;
        self.processes.iter().enumerate().skip(FIRST_WORKER).find(|(_, process)| up(process)).map(|(number, _)| number)
    }
}

impl State {
    fn claim(&mut self, worker: u64, queue: Queue) -> Option<(kernel::JobContext, std::sync::Arc<MemoryJob>)> {
        self.store.jobs.now = instant(self.now);
        let (context, job) = self.store.jobs.claim_due(worker, queue)?;
        self.say(|_| {
            format!(
                "claim: job {} {} (lease {}, try {})",
                context.lease.job, job.kind, context.lease.token, context.attempt
            )
        });
        self.check_claimed(context.lease);
        Some((context, job))
    }

    fn rescue(&mut self, heard: &[u64]) {
        self.store.jobs.now = instant(self.now);
        for worker in heard {
            self.store.jobs.beat(*worker);
        }
        let before = self.store.jobs.live.clone();
        let found = self.store.jobs.rescue();
        for _ in 0..found.rescued {
            self.note(Sometimes::Rescued);
        }
        for _ in 0..found.poisoned {
            self.note(Sometimes::Poisoned);
        }
        self.check_rescued(&before, heard);
    }

    /// A worker gives back what it stopped.
    pub(super) fn release(&mut self, worker: u64) {
        self.store.jobs.now = instant(self.now);
        self.store.jobs.beat(worker);
        let before = self.store.jobs.live.clone();
        self.store.jobs.release(worker);
        self.check_released(&before);
    }

    /// Whether a job is the one that takes its workers down.
    fn is_poisoned(&self, job: &MemoryJob) -> bool {
        let Some(poison) = self.poison.filter(|poison| poison.kind == job.kind) else { return false };
        let event = || self.ledger.event_order(job.payload.get("event")?.as_str()?);
        job.order.or_else(event) == Some(poison.order)
    }
}
