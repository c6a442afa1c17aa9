//! A job that does nothing, and its handler.

use std::{cell::RefCell, rc::Rc};

use infra::{
    db::{Db, DbSettings},
    jobs::{DeadReason, DeathOutcome, Handler, LocalBoxFuture},
};
use kernel::{CompleteAlone, Job, JobContext, JobFailure, Queue, Recorded, StoreError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Does nothing.
#[derive(Serialize, Deserialize)]
pub(crate) struct Noop {
    pub(crate) number: usize,
}

impl Job for Noop {
    const KIND: &'static str = "bench.noop";
    const QUEUE: Queue = Queue::Mail;
}

/// What is done when a try begins.
pub(crate) type Begun = dyn Fn(&Noop);

/// Ends a job as soon as it is begun.
pub(crate) struct NoopHandler {
    db: Db,
    begun: Rc<Begun>,
    ended: Rc<dyn Fn()>,
}

impl NoopHandler {
    pub(crate) fn new(db: &Db, begun: impl Fn(&Noop) + 'static, ended: impl Fn() + 'static) -> Self {
        Self { db: db.clone(), begun: Rc::new(begun), ended: Rc::new(ended) }
    }
}

impl Handler for NoopHandler {
    fn kind(&self) -> &'static str {
        Noop::KIND
    }

    fn queue(&self) -> Queue {
        Noop::QUEUE
    }

    fn run(&self, payload: Value, context: JobContext) -> LocalBoxFuture<'_, Result<Recorded, JobFailure>> {
        Box::pin(async move {
            let job = serde_json::from_value(payload)
                .map_err(|error| JobFailure::new(kernel::RetryClass::Permanent, "undecodable", error))?;
            (self.begun)(&job);
            let recorded = self.db.complete_alone(context.lease).await?;
            (self.ended)();
            Ok(recorded)
        })
    }

    fn dead(&self, _: Value, _: DeadReason) -> LocalBoxFuture<'_, Result<DeathOutcome, StoreError>> {
        Box::pin(async { Ok(DeathOutcome::Handled) })
    }
}

/// Makes the tables.
pub(crate) async fn migrate(url: String) -> Result<Value, Box<dyn std::error::Error>> {
    let applied = infra::db::migrate(&SecretString::from(url)).await?;
    Ok(serde_json::json!({ "applied": applied.len() }))
}

/// A pool like a worker's.
pub(crate) async fn connect(url: String) -> Result<Db, Box<dyn std::error::Error>> {
    let settings = DbSettings { pool_size: 12, ..DbSettings::new(SecretString::from(url)) };
    Ok(Db::connect(&settings).await?)
}

/// Milliseconds, and what share of them lies below.
#[derive(Default)]
pub(crate) struct Times(RefCell<Vec<f64>>);

impl Times {
    #[allow(clippy::float_arithmetic, reason = "a time, not money")]
    pub(crate) fn note(&self, time: std::time::Duration) {
        self.0.borrow_mut().push(time.as_secs_f64() * 1000.0);
    }

    /// The n-th of a thousand, in milliseconds.
    pub(crate) fn at(&self, thousandth: usize) -> f64 {
        let mut sorted = self.0.borrow().clone();
        sorted.sort_by(f64::total_cmp);
        let index = (sorted.len() * thousandth / 1000).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }
}
