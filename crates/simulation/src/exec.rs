//! The scheduler: one thread, one task at a time, chosen by the seed. A process that is killed is its tasks dropped; one
//! that is frozen is its tasks not polled. Time jumps when there is nothing to do.

mod process;
mod queue;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Waker},
};

use kernel::{JobContext, JobFailure, Queue, RetryClass};

use crate::{
    core::{API, Ask, Core, Micros, OUTSIDE, ProcessId, Who},
    shop::World,
    spawn::{Answer, Reply, Spawn},
};

use process::Process;

/// What a task is for, so that its end is seen to.
#[derive(Debug, Clone)]
enum Purpose {
    /// Nothing more.
    Plain,
    /// Somebody waits for the answer.
    Call(Reply),
    /// A try of a job: it takes a place, and has a budget.
    Try { queue: Queue, context: JobContext },
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    who: Who,
    purpose: Purpose,
    /// Timers of an earlier wait do not count.
    wait: u64,
    ready: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Wake { task: usize, wait: u64 },
    Thaw(ProcessId),
    Start(ProcessId),
    Fence(ProcessId, u64),
    Budget { task: usize, token: i64, job: i64 },
    Look,
}

/// One world at work.
pub(crate) struct Executor {
    world: Rc<World>,
    core: Arc<Core>,
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
    ready: Vec<usize>,
    timers: BinaryHeap<Reverse<(Micros, Timer)>>,
    processes: Vec<Process>,
    waits: u64,
    /// The rescue and the queue are looked at again at this time.
    look_at: Micros,
}

impl Executor {
    pub(crate) fn new(world: Rc<World>, workers: usize) -> Self {
        let core = Arc::clone(&world.core);
        let mut executor = Self {
            world,
            core,
            tasks: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            timers: BinaryHeap::new(),
            processes: (0..API + 1 + workers).map(|_| Process::default()).collect(),
            waits: 0,
            look_at: Micros::MAX,
        };
        for process in 0..executor.processes.len() {
            executor.start(process);
        }
        executor
    }

    /// Runs until nothing is left to do, or `until`. Whether nothing is left.
    pub(crate) fn run(&mut self, until: Micros, most_steps: u64) -> bool {
        loop {
            self.take_spawns();
            if self.core.lock().check.broken.is_some() {
                return true;
            }
            let claims = self.claims();
            let choices = self.ready.len() + claims.len();
            {
                let state = &mut *self.core.lock();
                state.steps += 1;
                if state.steps > most_steps {
                    return false;
                }
            }
            if choices == 0 {
                if !self.jump(until) {
                    return self.timers.is_empty() && self.core.lock().next_sweep().is_none();
                }
                continue;
            }
            let choice = {
                let state = &mut *self.core.lock();
                state.now += state.dice.below(1500);
                state.dice.index(choices)
            };
            if let Some(task) = self.ready.get(choice).copied() {
                self.ready.swap_remove(choice);
                self.poll(task);
            } else if let Some((worker, queue)) = claims.get(choice - self.ready.len()).copied() {
                self.claim(worker, queue);
            }
            self.fire_due();
        }
    }

    /// Lets time pass to the next timer; `false` when there is none before `until`.
    fn jump(&mut self, until: Micros) -> bool {
        let next = self.timers.peek().map(|Reverse((at, _))| *at);
        {
            let state = &mut *self.core.lock();
            let sweep = state.next_sweep().filter(|(at, _)| *at <= until && next.is_none_or(|next| *at < next));
            if let Some((at, sweep)) = sweep {
                state.now = state.now.max(at);
                state.strike_sweep(sweep);
                return true;
            }
            let Some(next) = next.filter(|at| *at <= until) else { return false };
            state.now = state.now.max(next);
        }
        self.fire_due();
        true
    }

    fn fire_due(&mut self) {
        let now = self.core.lock().now;
        while let Some(Reverse((at, timer))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            self.fire(timer);
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Wake { task, wait } => {
                if self.task(task).is_some_and(|task| task.wait == wait) {
                    self.make_ready(task);
                }
            }
            Timer::Thaw(process) => self.thaw(process),
            Timer::Start(process) => self.start(process),
            Timer::Fence(process, boot) => self.fence(process, boot),
            Timer::Budget { task, token, job } => self.over_budget(task, (job, token)),
            Timer::Look => self.look(),
        }
    }

    fn task(&mut self, task: usize) -> Option<&mut Task> {
        self.tasks.get_mut(task)?.as_mut()
    }

    fn make_ready(&mut self, number: usize) {
        let Some(task) = self.task(number) else { return };
        if task.ready {
            return;
        }
        task.ready = true;
        let process = task.who.process;
        match self.processes.get_mut(process) {
            Some(frozen) if frozen.is_frozen => frozen.stash.push(number),
            _ => self.ready.push(number),
        }
    }

    fn timer(&mut self, at: Micros, timer: Timer) {
        self.timers.push(Reverse((at, timer)));
    }

    fn spawn(&mut self, who: Who, purpose: Purpose, future: impl Future<Output = ()> + 'static) -> usize {
        let number = self.free.pop().unwrap_or(self.tasks.len());
        self.waits += 1;
        let task = Task { future: Box::pin(future), who, purpose, wait: self.waits, ready: false };
        if number == self.tasks.len() {
            self.tasks.push(Some(task));
        } else if let Some(place) = self.tasks.get_mut(number) {
            *place = Some(task);
        }
        self.make_ready(number);
        number
    }

    fn poll(&mut self, number: usize) {
        let Some(mut task) = self.tasks.get_mut(number).and_then(Option::take) else { return };
        task.ready = false;
        {
            let state = &mut *self.core.lock();
            state.who = task.who;
            state.task = number;
            state.ask = Ask::Next;
        }
        let polled = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let (ask, who) = {
            let state = self.core.lock();
            (state.ask, state.who)
        };
        task.who = who;
        if polled.is_ready() {
            self.ended(number, task);
            return;
        }
        self.waits += 1;
        task.wait = self.waits;
        let (process, wait) = (task.who.process, task.wait);
        if let Some(place) = self.tasks.get_mut(number) {
            *place = Some(task);
        }
        match ask {
            Ask::Next => self.make_ready(number),
            Ask::At(at) => self.timer(at, Timer::Wake { task: number, wait }),
            Ask::Kill => self.kill(process),
            Ask::Freeze(span) => {
                self.make_ready(number);
                self.freeze(process, span);
            }
        }
    }

    fn ended(&mut self, number: usize, task: Task) {
        self.free.push(number);
        match &task.purpose {
            Purpose::Plain => {}
            Purpose::Call(reply) => self.hang_up(reply),
            Purpose::Try { queue, .. } => {
                if let Some(process) = self.processes.get_mut(task.who.process) {
                    process.leave(*queue);
                }
            }
        }
        drop(task);
    }

    fn hang_up(&mut self, reply: &Reply) {
        reply.put(Answer::Reset);
        let waiter = reply.waiter;
        self.make_ready(waiter);
    }

    /// A try is stopped because its time is over; its failure is recorded.
    fn over_budget(&mut self, number: usize, (job, token): (i64, i64)) {
        let matches = |task: &Task| task.who.lease.is_some_and(|lease| lease.job == job && lease.token == token);
        let Some(task) = self.tasks.get_mut(number).and_then(|place| place.take_if(|task| matches(task))) else {
            return;
        };
        let Purpose::Try { context, .. } = task.purpose else { return };
        // A frozen process does not see its clocks run out.
        if self.processes.get(task.who.process).is_some_and(|process| process.is_frozen) {
            let again = self.core.lock().now + crate::core::SECOND;
            if let Some(place) = self.tasks.get_mut(number) {
                *place = Some(task);
            }
            self.timer(again, Timer::Budget { task: number, token, job });
            return;
        }
        self.core.lock().note(crate::seen::Sometimes::OverBudget);
        self.forget(number);
        let (who, purpose) = (task.who, task.purpose.clone());
        drop(task);
        let world = Rc::clone(&self.world);
        self.spawn(who, purpose, async move {
            let failure = JobFailure::new(RetryClass::UnknownOutcome, "over-budget", "the try took longer than it may");
            world.record_failure(context, &failure).await;
        });
    }

    fn forget(&mut self, number: usize) {
        self.free.push(number);
        self.ready.retain(|ready| *ready != number);
        for process in &mut self.processes {
            process.stash.retain(|stashed| *stashed != number);
        }
    }

    fn take_spawns(&mut self) {
        loop {
            let (spawns, wakes) = {
                let state = &mut *self.core.lock();
                if state.spawns.is_empty() && state.wakes.is_empty() {
                    return;
                }
                (std::mem::take(&mut state.spawns), std::mem::take(&mut state.wakes))
            };
            for task in wakes {
                self.make_ready(task);
            }
            for spawn in spawns {
                self.begin(spawn);
            }
        }
    }

    fn begin(&mut self, spawn: Spawn) {
        let outside = Who { process: OUTSIDE, ..Who::default() };
        let world = Rc::clone(&self.world);
        match spawn {
            Spawn::Api(request, reply) => {
                if !self.processes.get(API).is_some_and(|api| api.is_up) {
                    self.hang_up(&reply);
                    return;
                }
                let who = Who { process: API, ..Who::default() };
                let purpose = Purpose::Call(reply.clone());
                self.spawn(who, purpose, world.answer(request, reply));
            }
            Spawn::Bury => {
                if let Some(process) = self.some_worker() {
                    let who = Who { process, ..Who::default() };
                    self.spawn(who, Purpose::Plain, world.see_to_the_dead());
                }
            }
            other @ (Spawn::Deliver { .. }
            | Spawn::Land { .. }
            | Spawn::Expire { .. }
            | Spawn::Settle { .. }
            | Spawn::Customer(_)
            | Spawn::Operator) => {
                self.spawn(outside, Purpose::Plain, crate::outside::act(world, other));
            }
        }
    }
}
