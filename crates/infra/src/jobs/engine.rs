//! The engine: its tasks, their start and their end.

use std::{future::Future, rc::Rc, time::Duration};

use kernel::{Queue, StoreError};
use tokio::{
    task::{JoinSet, LocalSet},
    time::{MissedTickBehavior, interval},
};

use super::{
    cases::open_cases,
    claim::claim,
    crew::Crew,
    dispatch::{dispatch, work},
    handler::Handler,
    heartbeat::beat,
    listen::listen,
    rescue::{forget_workers, rescue},
};
use crate::db::Db;

/// How often lost jobs are looked for.
const RESCUE_EVERY: Duration = Duration::from_secs(1);
/// How often dead letters without a case are looked for, besides at once.
const CASES_EVERY: Duration = Duration::from_mins(1);

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
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            queues: Queue::ALL.to_vec(),
            poll: Duration::from_millis(250),
            grace: Duration::from_secs(10),
        }
    }
}

/// Runs jobs. Handlers are registered first; then it runs until it is told to stop.
pub struct Engine {
    db: Db,
    settings: EngineSettings,
    handlers: Vec<Rc<dyn Handler>>,
}

impl Engine {
    /// An engine without handlers.
    pub const fn new(db: Db, settings: EngineSettings) -> Self {
        Self { db, settings, handlers: Vec::new() }
    }

    /// Adds what runs one kind of job.
    #[must_use]
    pub fn register(mut self, handler: impl Handler + 'static) -> Self {
        self.handlers.push(Rc::new(handler));
        self
    }

    /// Runs until `shutdown` is done: then takes no more jobs, waits for those that run, and gives back what is left.
    ///
    /// # Errors
    /// The store's, when the worker cannot announce itself at the start or give its jobs back at the end; they are then
    /// rescued by others.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        let crew = Rc::new(Crew::new(self.db, self.settings, self.handlers));
        crew.arrive().await?;
        LocalSet::new().run_until(at_work(Rc::clone(&crew), shutdown)).await;
        crew.leave().await
    }

    /// Runs what is ready now, one after the other, until nothing is; how many tries. For tests and for one-off work.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_ready(&self) -> Result<usize, StoreError> {
        let crew = Rc::new(Crew::new(self.db.clone(), self.settings.clone(), self.handlers.clone()));
        crew.arrive().await?;
        let mut tries = 0;
        loop {
            let before = tries;
            for queue in crew.settings.queues.clone() {
                for job in claim(&crew.db, crew.worker, queue, 1, 0).await? {
                    work(Rc::clone(&crew), job, None).await;
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
}

async fn at_work(crew: Rc<Crew>, shutdown: impl Future<Output = ()>) {
    let mut background = JoinSet::new();
    background.spawn_local(beat(Rc::clone(&crew)));
    background.spawn_local(listen(Rc::clone(&crew)));
    background.spawn_local(rescue_lost(Rc::clone(&crew)));
    background.spawn_local(see_to_the_dead(Rc::clone(&crew)));
    let mut dispatchers = JoinSet::new();
    for queue in crew.settings.queues.clone() {
        dispatchers.spawn_local(dispatch(Rc::clone(&crew), queue));
    }
    shutdown.await;
    crew.stopping.send_replace(true);
    // The heart goes on beating while the last jobs run, or others would take them.
    while dispatchers.join_next().await.is_some() {}
    background.shutdown().await;
}

async fn rescue_lost(crew: Rc<Crew>) {
    let mut ticks = interval(RESCUE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match rescue(&crew.db).await {
            Ok(found) if found.rescued + found.poisoned > 0 => {
                tracing::warn!(
                    jobs.rescued = found.rescued,
                    jobs.poisoned = found.poisoned,
                    "lost jobs were taken back"
                );
                crew.ring_all();
                crew.death.notify_one();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "lost jobs could not be looked for"),
        }
    }
}

async fn see_to_the_dead(crew: Rc<Crew>) {
    let mut ticks = interval(CASES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = forget_workers(&crew.db).await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "silent workers could not be forgotten");
                }
            }
            () = crew.death.notified() => {}
        }
        if let Err(error) = open_cases(&crew).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead letters could not be looked for");
        }
    }
}
