//! The engine: what it is made of, its start and its end.

use std::{
    future::{Future, pending},
    rc::Rc,
    time::Duration,
};

use kernel::{Job, Queue, StoreError};
use tokio::task::{JoinSet, LocalSet};

use super::{
    cases::open_cases,
    claim::Claimer,
    crew::Crew,
    dispatch::dispatch,
    handler::{Death, Handler, LocalBoxFuture},
    heartbeat::beat,
    listen::listen,
    schedule::Schedule,
    upkeep::{keep_house, keep_schedules, rescue_lost, see_to_the_dead},
    work::work,
};
use crate::db::Db;

/// How an engine works.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Jobs at the same time, of each queue.
    pub concurrency: usize,
    /// The queues that it serves.
    pub queues: Vec<Queue>,
    /// How often it looks when no bell rings, give or take a half.
    pub poll: Duration,
    /// How long it waits for running jobs at its end.
    pub grace: Duration,
    /// How many weeks of finished jobs are kept.
    pub history_weeks: u16,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            queues: Queue::ALL.to_vec(),
            poll: Duration::from_millis(250),
            grace: Duration::from_secs(10),
            history_weeks: 13,
        }
    }
}

/// What is done about a dead job that no handler understands.
pub(super) type OnDeath = Rc<dyn Fn(Death) -> LocalBoxFuture<'static, Result<(), StoreError>>>;

/// Runs jobs. Handlers are registered first; then it runs until it is told to stop.
pub struct Engine {
    db: Db,
    settings: EngineSettings,
    handlers: Vec<Rc<dyn Handler>>,
    schedules: Vec<Schedule>,
    on_death: Option<OnDeath>,
}

impl Engine {
    /// An engine without handlers.
    pub const fn new(db: Db, settings: EngineSettings) -> Self {
        Self { db, settings, handlers: Vec::new(), schedules: Vec::new(), on_death: None }
    }

    /// Adds what runs one kind of job.
    #[must_use]
    pub fn register(mut self, handler: impl Handler + 'static) -> Self {
        self.handlers.push(Rc::new(handler));
        self
    }

    /// Enqueues this job again and again while it runs, whichever worker looks first; for the first time at once. Its kind is
    /// the schedule's name. While one is live no other is added, and what was missed while no worker ran is run once.
    /// Looked at once a second.
    #[must_use]
    pub fn every<J: Job>(mut self, interval: Duration, job: &J) -> Self {
        self.schedules.push(Schedule::new(interval, job));
        self
    }

    /// Tells of dead jobs that no handler understands: of a kind that no worker knows, or with a payload that cannot be
    /// read. Called until it succeeds, so it may be called again for the same death. Without it they stay dead letters,
    /// and the log says so.
    #[must_use]
    pub fn on_death(mut self, tell: impl AsyncFn(Death) -> Result<(), StoreError> + 'static) -> Self {
        let tell = Rc::new(tell);
        self.on_death = Some(Rc::new(move |death| {
            let tell = Rc::clone(&tell);
            Box::pin(async move { tell(death).await })
        }));
        self
    }

    /// Runs until `shutdown` is done: then takes no more jobs, waits for those that run, and gives back what is left.
    ///
    /// # Errors
    /// The store's, when the worker cannot announce itself at the start or give its jobs back at the end; they are then
    /// rescued by others.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        self.run_until(shutdown, pending()).await
    }

    /// The same; and once `at_once` is done after `shutdown`, running jobs are not waited for but given back.
    ///
    /// # Errors
    /// The store's, like those of [`run`](Self::run).
    pub async fn run_until(
        self,
        shutdown: impl Future<Output = ()>,
        at_once: impl Future<Output = ()>,
    ) -> Result<(), StoreError> {
        let crew = Rc::new(self.crew());
        crew.arrive().await?;
        LocalSet::new().run_until(at_work(Rc::clone(&crew), shutdown, at_once)).await;
        crew.leave().await
    }

    /// Runs what is ready now, one after the other, until nothing is; how many tries. For tests and for one-off work: no
    /// schedule ticks.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_ready(&self) -> Result<usize, StoreError> {
        let again = Self {
            db: self.db.clone(),
            settings: self.settings.clone(),
            handlers: self.handlers.clone(),
            schedules: Vec::new(),
            on_death: self.on_death.clone(),
        };
        let crew = Rc::new(again.crew());
        crew.arrive().await?;
        let mut tries = 0;
        loop {
            let before = tries;
            for queue in crew.settings.queues.clone() {
                // A new one reads the whole of its queue.
                for job in Claimer::new(crew.worker, queue).claim(&crew.db, 1).await? {
                    work(Rc::clone(&crew), job).await;
                    tries += 1;
                }
            }
            if tries == before {
                break;
            }
        }
        open_cases(&crew).await?;
        crew.leave().await?;
        Ok(tries)
    }

    fn crew(self) -> Crew {
        let mut crew = Crew::new(self.db, self.settings, self.handlers);
        crew.schedules = self.schedules;
        crew.on_death = self.on_death;
        crew
    }
}

async fn at_work(crew: Rc<Crew>, shutdown: impl Future<Output = ()>, at_once: impl Future<Output = ()>) {
    let mut background = JoinSet::new();
    background.spawn_local(beat(Rc::clone(&crew)));
    background.spawn_local(listen(Rc::clone(&crew)));
    background.spawn_local(rescue_lost(Rc::clone(&crew)));
    background.spawn_local(see_to_the_dead(Rc::clone(&crew)));
    background.spawn_local(keep_house(Rc::clone(&crew)));
    background.spawn_local(keep_schedules(Rc::clone(&crew)));
    let mut dispatchers = JoinSet::new();
    for queue in crew.settings.queues.clone() {
        dispatchers.spawn_local(dispatch(Rc::clone(&crew), queue));
    }
    shutdown.await;
    crew.stopping.send_replace(true);
    // The heart goes on beating while the last jobs run, or others would take them.
    let all = async { while dispatchers.join_next().await.is_some() {} };
    tokio::pin!(all);
    tokio::select! {
        () = &mut all => {}
        () = at_once => {
            crew.hurried.send_replace(true);
            all.await;
        }
    }
    background.shutdown().await;
}
