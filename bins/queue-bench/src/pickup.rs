//! How long a job waits: from before it is enqueued, by another pool than the worker's, until its handler begins.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use infra::{
    db::Db,
    jobs::{Engine, EngineSettings},
};
use kernel::StoreError;
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinSet, time};

use crate::noop::{Noop, NoopHandler, Times, connect};

/// Jobs that find the engine at work and its connections made.
const FIRST: usize = 20;

/// Enqueues jobs and sees how long each waits.
#[derive(clap::Args)]
pub(crate) struct Pickup {
    /// How many.
    #[arg(long)]
    jobs: usize,
    /// Milliseconds from one to the next, whatever became of it; without it the next comes 60 ms after the last was begun.
    #[arg(long)]
    every_ms: Option<f64>,
    /// Jobs at the same time.
    #[arg(long)]
    concurrency: usize,
}

#[derive(Default)]
struct Watch {
    sent: RefCell<HashMap<usize, Instant>>,
    times: Times,
    begun: Notify,
}

impl Watch {
    fn begun(&self, job: &Noop) {
        let sent = self.sent.borrow_mut().remove(&job.number);
        if let Some(sent) = sent.filter(|_| job.number >= FIRST) {
            self.times.note(sent.elapsed());
        }
        self.begun.notify_one();
    }
}

impl Pickup {
    pub(crate) async fn run(self, url: String) -> Result<Value, Box<dyn std::error::Error>> {
        let (db, other) = (connect(url.clone()).await?, connect(url).await?);
        let watch = Rc::new(Watch::default());
        let seen = Rc::clone(&watch);
        let settings = EngineSettings { concurrency: self.concurrency, ..EngineSettings::default() };
        let handler = NoopHandler::new(&db, move |job| seen.begun(job), || {});
        let engine = Engine::new(db.clone(), settings).register(handler);
        let script = async {
            self.one_by_one(&other, &watch, 0..FIRST).await;
            match self.every_ms {
                None => self.one_by_one(&other, &watch, FIRST..FIRST + self.jobs).await,
                Some(every) => self.steadily(&other, &watch, Duration::from_secs_f64(every.max(0.1) / 1000.0)).await,
            }
        };
        engine.run(script).await?;
        let times = &watch.times;
        Ok(json!({ "jobs": times.count(), "p50_ms": times.at(500), "p99_ms": times.at(990), "max_ms": times.at(1000) }))
    }

    async fn one_by_one(&self, other: &Db, watch: &Watch, numbers: std::ops::Range<usize>) {
        for number in numbers {
            watch.sent.borrow_mut().insert(number, Instant::now());
            if enqueue(other, number).await.is_err() {
                return;
            }
            watch.begun.notified().await;
            time::sleep(Duration::from_millis(60)).await;
        }
    }

    async fn steadily(&self, other: &Db, watch: &Rc<Watch>, every: Duration) {
        let mut ticks = time::interval(every);
        let mut sending = JoinSet::new();
        for number in FIRST..FIRST + self.jobs {
            ticks.tick().await;
            watch.sent.borrow_mut().insert(number, Instant::now());
            let other = other.clone();
            sending.spawn_local(async move { enqueue(&other, number).await.is_ok() });
            while sending.try_join_next().is_some() {}
        }
        while sending.join_next().await.is_some() {}
        while watch.times.count() < self.jobs {
            watch.begun.notified().await;
        }
    }
}

/// One statement, like graphile-worker's `add_job`.
async fn enqueue(db: &Db, number: usize) -> Result<(), StoreError> {
    db.enqueue_alone(&Noop { number }).await.map(|_| ())
}
