//! Taking a queue's jobs and having them run.

use std::{cell::RefCell, collections::HashSet, rc::Rc, sync::Arc, time::Duration};

use kernel::Queue;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    claim::{Claimed, Claimer},
    crew::Crew,
    record::release_strays,
    work::work,
};

/// The pause after the database gave no answer.
const DATABASE_AWAY: Duration = Duration::from_millis(500);

/// Claims of fewer jobs cost more than they save by being made sooner.
const WORTH_A_CLAIM: usize = 32;

/// Serves a queue until the crew stops, then waits for what runs, and stops what is not done by then.
pub(super) async fn dispatch(crew: Rc<Crew>, queue: Queue) {
    let mut desk = Desk::new(crew, queue);
    while !desk.crew.is_stopping() {
        let crew = Rc::clone(&desk.crew);
        let bell = crew.db.doorbell().bell(queue).notified();
        tokio::pin!(bell);
        // Armed before we look: what is enqueued while we look is not missed.
        bell.as_mut().enable();
        let pause = match desk.take().await {
            Next::More => continue,
            Next::Wait(pause) => pause,
        };
        tokio::select! {
            () = bell => {}
            () = sleep(pause) => {}
            () = Crew::until(&crew.stopping) => {}
            // A queue with limits may have room again.
            Some(_) = desk.running.join_next(), if desk.claimer.limited => {}
        }
        while desk.running.try_join_next().is_some() {}
    }
    desk.finish().await;
}

enum Next {
    /// There may be more at once.
    More,
    /// Look again after this time, or when the bell rings.
    Wait(Duration),
}

/// One queue's dispatcher.
struct Desk {
    crew: Rc<Crew>,
    claimer: Claimer,
    places: Arc<Semaphore>,
    running: JoinSet<()>,
    /// The jobs of `running`, and those whose end could not be recorded yet.
    ids: Rc<RefCell<HashSet<i64>>>,
    /// A claim was not answered: it may have taken jobs that nobody runs.
    strays: bool,
}

impl Desk {
    fn new(crew: Rc<Crew>, queue: Queue) -> Self {
        let places = Arc::new(Semaphore::new(crew.settings.concurrency));
        let claimer = Claimer::new(crew.worker, queue);
        Self { crew, claimer, places, running: JoinSet::new(), ids: Rc::default(), strays: false }
    }

    /// Takes as many jobs as there are free places. Never cut short: jobs taken by a statement whose answer nobody read
    /// would wait for their rescue.
    async fn take(&mut self) -> Next {
        tokio::select! {
            permit = self.places.acquire() => drop(permit),
            () = Crew::until(&self.crew.stopping) => return Next::More,
        }
        let poll = Crew::jittered(self.crew.settings.poll);
        if self.crew.is_fenced() {
            return Next::Wait(poll);
        }
        if self.strays && !self.give_strays_back().await {
            return Next::Wait(Crew::jittered(DATABASE_AWAY));
        }
        // With many places half of them at most, so that one half is taken while the other is recorded.
        let half = self.crew.settings.concurrency.div_ceil(2).max(WORTH_A_CLAIM);
        let most = self.places.available_permits().min(half);
        match self.claimer.claim(&self.crew.db, most).await {
            Ok(jobs) => {
                let full = jobs.len() == most;
                for job in jobs {
                    self.start(job);
                }
                if full { Next::More } else { Next::Wait(poll) }
            }
            Err(error) => {
                let queue = self.claimer.queue.as_str();
                tracing::error!(queue, error = &error as &dyn std::error::Error, "no jobs could be taken");
                self.strays = true;
                Next::Wait(Crew::jittered(DATABASE_AWAY))
            }
        }
    }

    fn start(&mut self, job: Claimed) {
        // There are at least as many places as we asked for: only this task takes them.
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        let (crew, ids, id) = (Rc::clone(&self.crew), Rc::clone(&self.ids), job.id);
        ids.borrow_mut().insert(id);
        self.running.spawn_local(async move {
            work(crew, job).await;
            ids.borrow_mut().remove(&id);
            // A place is free only once its result is recorded.
            drop(place);
        });
    }

    /// Whether that was done. No claim of this queue is under way meanwhile, so what we hold and do not run is a stray.
    async fn give_strays_back(&mut self) -> bool {
        let running = self.ids.borrow().iter().copied().collect();
        let queue = self.claimer.queue;
        match release_strays(&self.crew.db, self.crew.worker, queue, running).await {
            Ok(released) => {
                if released > 0 {
                    tracing::warn!(queue = queue.as_str(), jobs.released = released, "stray jobs were given back");
                }
                self.strays = false;
                true
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(queue = queue.as_str(), error, "stray jobs could not be given back yet");
                false
            }
        }
    }

    async fn finish(mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        let in_time = tokio::select! {
            ended = timeout(self.crew.settings.grace, all) => ended.is_ok(),
            () = Crew::until(&self.crew.hurried) => false,
        };
        if !in_time {
            let queue = self.claimer.queue.as_str();
            tracing::warn!(queue, jobs.interrupted = self.running.len(), "stopping jobs that are not done");
            self.running.shutdown().await;
        }
    }
}
