//! A job for tests, and a handler that does what the test says.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use infra::{
    db::{Db, PgTx},
    jobs::{DeadReason, DeathOutcome, Engine, EngineSettings, Handler, LocalBoxFuture},
};
use kernel::{Enqueued, Job, JobContext, JobFailure, JobQueue, Queue, Recorded, StoreError, Transact};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Does nothing by itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) key: String,
}

impl Job for Probe {
    const KIND: &'static str = "test.probe";
    const QUEUE: Queue = Queue::Mail;
    const MAX_ATTEMPTS: i16 = 3;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.key.clone())
    }
}

pub(crate) async fn enqueue(db: &Db, key: &str) -> Enqueued {
    let job = Probe { key: key.to_owned() };
    db.transaction(async |tx| tx.enqueue(&job).await).await.unwrap()
}

/// Ends a try by completing it.
pub(crate) async fn done(db: &Db, context: JobContext) -> Result<Recorded, JobFailure> {
    Ok(db.transaction(async |tx: &mut PgTx| tx.complete(context.lease).await).await?)
}

/// What was seen of the tries.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) contexts: RefCell<Vec<JobContext>>,
    pub(crate) deaths: RefCell<Vec<DeadReason>>,
    /// How often opening the case shall fail.
    pub(crate) refuse_deaths: Cell<u32>,
    /// Payloads shall say nothing to the handler.
    pub(crate) reads_nothing: Cell<bool>,
}

impl Seen {
    pub(crate) fn tries(&self) -> usize {
        self.contexts.borrow().len()
    }

    pub(crate) fn attempts(&self) -> Vec<i16> {
        self.contexts.borrow().iter().map(|context| context.attempt).collect()
    }
}

/// Runs what it was given for every try.
pub(crate) struct ProbeHandler<F> {
    seen: Rc<Seen>,
    run: F,
}

impl<F: AsyncFn(JobContext) -> Result<Recorded, JobFailure>> Handler for ProbeHandler<F> {
    fn kind(&self) -> &'static str {
        Probe::KIND
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["test.old_probe"]
    }

    fn queue(&self) -> Queue {
        Probe::QUEUE
    }

    fn run(&self, _: Value, context: JobContext) -> LocalBoxFuture<'_, Result<Recorded, JobFailure>> {
        self.seen.contexts.borrow_mut().push(context);
        Box::pin((self.run)(context))
    }

    fn dead(&self, _: Value, reason: DeadReason) -> LocalBoxFuture<'_, Result<DeathOutcome, StoreError>> {
        self.seen.deaths.borrow_mut().push(reason);
        let outcome = if self.seen.reads_nothing.get() { DeathOutcome::Undecodable } else { DeathOutcome::Handled };
        let refused = self.seen.refuse_deaths.get();
        self.seen.refuse_deaths.set(refused.saturating_sub(1));
        Box::pin(async move { if refused > 0 { Err(StoreError::bug("not now")) } else { Ok(outcome) } })
    }
}

/// An engine whose probes do this.
pub(crate) fn engine<F>(db: &Db, settings: EngineSettings, run: F) -> (Engine, Rc<Seen>)
where
    F: AsyncFn(JobContext) -> Result<Recorded, JobFailure> + 'static,
{
    let seen = Rc::new(Seen::default());
    let handler = ProbeHandler { seen: Rc::clone(&seen), run };
    (Engine::new(db.clone(), settings).register(handler), seen)
}
