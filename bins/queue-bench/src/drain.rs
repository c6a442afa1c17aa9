//! How many jobs a second, end to end.

use std::{cell::Cell, rc::Rc, time::Instant};

use infra::jobs::{Engine, EngineSettings};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::noop::{NoopHandler, connect};

/// Runs jobs that wait already.
#[derive(clap::Args)]
pub(crate) struct Drain {
    /// How many there are.
    #[arg(long)]
    jobs: usize,
    /// Jobs at the same time.
    #[arg(long)]
    concurrency: usize,
}

impl Drain {
    #[allow(clippy::float_arithmetic, reason = "a rate, not money")]
    pub(crate) async fn run(self, url: String) -> Result<Value, Box<dyn std::error::Error>> {
        let db = connect(url).await?;
        let (left, finished) = (Rc::new(Cell::new(self.jobs)), Rc::new(Notify::new()));
        let told = Rc::clone(&finished);
        let ended = move || {
            left.set(left.get().saturating_sub(1));
            if left.get() == 0 {
                told.notify_one();
            }
        };
        let settings = EngineSettings { concurrency: self.concurrency, ..EngineSettings::default() };
        let engine = Engine::new(db.clone(), settings).register(NoopHandler::new(&db, |_| {}, ended));
        let began = Instant::now();
        let took = Cell::new(began.elapsed());
        let last = async {
            finished.notified().await;
            took.set(began.elapsed());
        };
        engine.run(last).await?;
        let seconds = took.get().as_secs_f64();
        let jobs = f64::from(u32::try_from(self.jobs)?);
        Ok(
            json!({ "jobs": self.jobs, "concurrency": self.concurrency, "seconds": seconds, "per_second": jobs / seconds }),
        )
    }
}
