//! Processes: their starts, their ends, and the times they stand still.

use kernel::Queue;

use super::{Executor, Purpose, Timer};
use crate::{
    core::{FIRST_WORKER, Micros, ProcessId, SECOND},
    fault::Fault,
    seen::Sometimes,
};

/// A worker stops its jobs after so long without a heartbeat that arrived.
const FENCE_AFTER: Micros = 6 * SECOND;

/// A process.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each can be true with any of the others")]
pub(super) struct Process {
    pub(super) is_up: bool,
    pub(super) is_frozen: bool,
    /// Counts its starts; a worker's id is made of it.
    pub(super) boot: u64,
    /// Tasks that would be ready if it were not frozen.
    pub(super) stash: Vec<usize>,
    /// Nobody hears its heart until then.
    pub(super) silent_until: Micros,
    /// When its heart was heard last, if it is not heard now.
    heard_at: Micros,
    /// It has noticed that it was not heard for long.
    must_fence: bool,
    is_fenced: bool,
    running: [u8; 4],
}

/// Jobs at the same time, of each queue.
pub(super) const CONCURRENCY: u8 = 2;

fn place(queue: Queue) -> usize {
    match queue {
        Queue::Payments => 0,
        Queue::Provisioning => 1,
        Queue::Mail => 2,
        Queue::Upkeep => 3,
    }
}

impl Process {
    pub(super) fn has_room(&self, queue: Queue) -> bool {
        self.is_up
            && !self.is_frozen
            && !self.is_fenced
            && self.running.get(place(queue)).is_some_and(|running| *running < CONCURRENCY)
    }

    pub(super) fn enter(&mut self, queue: Queue) {
        if let Some(running) = self.running.get_mut(place(queue)) {
            *running += 1;
        }
    }

    pub(super) fn leave(&mut self, queue: Queue) {
        if let Some(running) = self.running.get_mut(place(queue)) {
            *running = running.saturating_sub(1);
        }
    }

    /// Whether others can hear that it lives.
    pub(super) fn is_heard(&self, now: Micros) -> bool {
        self.is_up && !self.is_frozen && now >= self.silent_until
    }
}

/// A worker's id: new with each start.
pub(super) fn worker_id(process: ProcessId, boot: u64) -> u64 {
    boot * 8 + process as u64
}

impl Executor {
    /// A process begins.
    pub(super) fn start(&mut self, number: ProcessId) {
        let Some(process) = self.processes.get_mut(number) else { return };
        let boot = process.boot + 1;
        *process = Process { is_up: true, boot, ..Process::default() };
        let state = &mut *self.core.lock();
        if number > 0 && state.strikes(Fault::ClockSkew) {
            let hour = 3600 * 1_000_000_i64;
            let off = i64::try_from(state.dice.below(7200 * 1_000_000)).unwrap_or(0) - hour;
            if let Some(skew) = state.skew.get_mut(number) {
                *skew = off;
            }
        }
        if number >= FIRST_WORKER {
            // Before its first claim: a job whose worker has no row is rescued.
            state.store.jobs.now = crate::core::instant(state.now);
            state.store.jobs.beat(worker_id(number, boot));
        }
    }

    /// kill -9.
    pub(super) fn kill(&mut self, number: ProcessId) {
        let doomed = self.tasks_of(number);
        for task in doomed {
            self.drop_task(task);
        }
        let Some(process) = self.processes.get_mut(number) else { return };
        process.is_up = false;
        process.stash.clear();
        let at = {
            let state = &mut *self.core.lock();
            state.say(|_| format!("process {number} is killed"));
            state.now + state.dice.between(SECOND / 2, 5 * SECOND)
        };
        self.note_silence(number);
        self.timer(at, Timer::Start(number));
    }

    fn tasks_of(&self, process: ProcessId) -> Vec<usize> {
        let ours = |task: &Option<super::Task>| task.as_ref().is_some_and(|task| task.who.process == process);
        self.tasks.iter().enumerate().filter(|(_, task)| ours(task)).map(|(number, _)| number).collect()
    }

    fn drop_task(&mut self, number: usize) {
        let Some(task) = self.tasks.get_mut(number).and_then(Option::take) else { return };
        self.forget(number);
        match &task.purpose {
            Purpose::Call(reply) => self.hang_up(&reply.clone()),
            Purpose::Try { queue, .. } => {
                if let Some(process) = self.processes.get_mut(task.who.process) {
                    process.leave(*queue);
                }
            }
            Purpose::Plain => {}
        }
    }

    /// SIGTERM: what runs is stopped and given back uncharged, and the worker's row is gone.
    pub(super) fn restart(&mut self, number: ProcessId) {
        for task in self.tasks_of(number) {
            self.drop_task(task);
        }
        let Some(process) = self.processes.get_mut(number) else { return };
        process.is_up = false;
        let worker = worker_id(number, process.boot);
        let at = {
            let state = &mut *self.core.lock();
            state.release(worker);
            state.store.jobs.leave(worker);
            state.now + state.dice.between(SECOND / 10, 2 * SECOND)
        };
        self.timer(at, Timer::Start(number));
    }

    /// SIGSTOP.
    pub(super) fn freeze(&mut self, number: ProcessId, span: Micros) {
        let (stopped, running): (Vec<usize>, Vec<usize>) =
            std::mem::take(&mut self.ready).into_iter().partition(|task| {
                self.tasks.get(*task).and_then(Option::as_ref).is_some_and(|task| task.who.process == number)
            });
        self.ready = running;
        let Some(process) = self.processes.get_mut(number) else { return };
        process.is_frozen = true;
        process.stash = stopped;
        let now = {
            let state = &mut *self.core.lock();
            state.say(|_| format!("process {number} stands still for {} s", span / SECOND));
            state.now
        };
        self.note_silence(number);
        self.timer(now + span, Timer::Thaw(number));
    }

    /// SIGCONT. It goes on where it was, and finds out later, if at all, that time has passed.
    pub(super) fn thaw(&mut self, number: ProcessId) {
        let Some(process) = self.processes.get_mut(number).filter(|process| process.is_frozen) else { return };
        process.is_frozen = false;
        let stash = std::mem::take(&mut process.stash);
        let (boot, heard_at) = (process.boot, process.heard_at);
        self.ready.extend(stash);
        let (now, delay, notices) = {
            let state = &mut *self.core.lock();
            state.say(|_| format!("process {number} goes on"));
            // Its next beat may arrive before it looks at its clock; then only its leases tell it what it lost.
            (state.now, state.dice.below(2 * SECOND), state.dice.percent(50))
        };
        if number >= FIRST_WORKER && now > heard_at + FENCE_AFTER && notices {
            self.will_fence(number, boot, delay);
        }
    }

    /// It will notice that nobody heard it.
    pub(super) fn will_fence(&mut self, number: ProcessId, boot: u64, delay: Micros) {
        if let Some(process) = self.processes.get_mut(number) {
            process.must_fence = true;
        }
        let now = self.core.lock().now;
        self.timer(now + delay, Timer::Fence(number, boot));
    }

    /// From now on nobody hears this worker: that is when it was heard last.
    pub(super) fn note_silence(&mut self, number: ProcessId) {
        if number < FIRST_WORKER {
            return;
        }
        let Some(process) = self.processes.get_mut(number) else { return };
        let state = &mut *self.core.lock();
        process.heard_at = state.now;
        state.store.jobs.now = crate::core::instant(state.now);
        state.store.jobs.beat(worker_id(number, process.boot));
    }

    /// A worker finds that nobody can have heard of it: it stops its jobs, and gives them back once it is heard again.
    pub(super) fn fence(&mut self, number: ProcessId, boot: u64) {
        let now = self.core.lock().now;
        let Some(process) = self.processes.get_mut(number) else { return };
        if !process.is_up || process.boot != boot || process.is_frozen {
            return;
        }
        let silent = now < process.silent_until;
        if process.must_fence && (silent || process.heard_at + FENCE_AFTER < now && process.silent_until == 0) {
            process.must_fence = false;
            process.is_fenced = true;
            self.stop_tries(number);
            self.core.lock().note(Sometimes::Fenced);
        }
        let Some(process) = self.processes.get_mut(number).filter(|process| process.is_fenced) else { return };
        if silent {
            let until = process.silent_until;
            self.timer(until, Timer::Fence(number, boot));
            return;
        }
        process.is_fenced = false;
        process.silent_until = 0;
        self.core.lock().release(worker_id(number, boot));
    }

    fn stop_tries(&mut self, number: ProcessId) {
        for task in self.tasks_of(number) {
            let running = self.tasks.get(task).and_then(Option::as_ref);
            if running.is_some_and(|task| matches!(task.purpose, Purpose::Try { .. })) {
                self.drop_task(task);
            }
        }
    }
}
