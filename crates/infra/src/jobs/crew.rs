//! What all tasks of one engine share, and the worker's row in the database.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    rc::Rc,
    time::Duration,
};

use diesel::sql_types::{Integer, Text, Uuid as SqlUuid};
use kernel::{Env, StoreError, entity};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::{
    doorbell::QueueSet,
    engine::{EngineSettings, OnDeath},
    handler::Handler,
    record::release,
    schedule::Schedule,
};
use crate::db::{Db, Statement};

const ARRIVE: &str = "INSERT INTO workers (id, host, pid, version) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (id) DO UPDATE SET last_seen = now()";
const LEAVE: &str = "DELETE FROM workers WHERE id = $1";

/// One engine at work.
pub(super) struct Crew {
    pub(super) db: Db,
    pub(super) settings: EngineSettings,
    /// New with every start; never a host's or a pod's name.
    pub(super) worker: Uuid,
    handlers: HashMap<&'static str, Rc<dyn Handler>>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) on_death: Option<OnDeath>,
    /// Nobody has heard of us for so long that others may take our jobs: we must not touch them.
    pub(super) fenced: watch::Sender<bool>,
    /// Somebody wants us to end.
    pub(super) stopping: watch::Sender<bool>,
    /// Somebody wants us to end at once.
    pub(super) hurried: watch::Sender<bool>,
    /// A job died.
    pub(super) death: Notify,
}

impl Crew {
    pub(super) fn new(db: Db, settings: EngineSettings, handlers: Vec<Rc<dyn Handler>>) -> Self {
        let mut by_kind = HashMap::new();
        for handler in handlers {
            for name in handler.aliases().iter().copied().chain([handler.kind()]) {
                by_kind.insert(name, Rc::clone(&handler));
            }
        }
        Self {
            db,
            settings,
            worker: Env::system().id::<entity::Worker>().uuid(),
            handlers: by_kind,
            schedules: Vec::new(),
            on_death: None,
            fenced: watch::Sender::new(false),
            stopping: watch::Sender::new(false),
            hurried: watch::Sender::new(false),
            death: Notify::new(),
        }
    }

    pub(super) fn handler(&self, kind: &str) -> Option<Rc<dyn Handler>> {
        self.handlers.get(kind).cloned()
    }

    /// Every kind that can be run here, older names included.
    pub(super) fn kinds(&self) -> Vec<String> {
        self.handlers.keys().map(|kind| (*kind).to_owned()).collect()
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    pub(super) fn is_fenced(&self) -> bool {
        *self.fenced.borrow()
    }

    /// Ends when this becomes true.
    pub(super) async fn until(flag: &watch::Sender<bool>) {
        // The sender lives as long as the crew, so waiting cannot fail.
        let _ = flag.subscribe().wait_for(|raised| *raised).await;
    }

    /// Writes the worker's row. Before the first claim: a job whose worker has no row is rescued.
    pub(super) async fn arrive(&self) -> Result<(), StoreError> {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let statement = Statement::new(ARRIVE)
            .bind::<SqlUuid, _>(self.worker)
            .bind::<Text, _>(host.trim().to_owned())
            .bind::<Integer, _>(i32::try_from(std::process::id()).unwrap_or(0))
            .bind::<Text, _>(env!("CARGO_PKG_VERSION"));
        self.db.execute("write the worker's row", statement).await.map(|_| ())
    }

    /// Gives back what is not finished and removes the worker's row.
    pub(super) async fn leave(&self) -> Result<(), StoreError> {
        self.give_back().await?;
        let statement = Statement::new(LEAVE).bind::<SqlUuid, _>(self.worker);
        self.db.execute("remove the worker's row", statement).await.map(|_| ())
    }

    /// Gives back whatever we hold, uncharged, and tells the others.
    pub(super) async fn give_back(&self) -> Result<usize, StoreError> {
        let released = release(&self.db, self.worker).await?;
        if released > 0 {
            self.ring_all();
        }
        Ok(released)
    }

    pub(super) fn ring_all(&self) {
        self.db.doorbell().ring(QueueSet::all());
    }

    pub(super) fn ring_inside(&self) {
        self.db.doorbell().ring_inside(QueueSet::all());
    }

    /// Between half of `base` and one and a half, so that workers do not poll in step. The keys of std's hashers are
    /// random, which is enough for that.
    pub(super) fn jittered(base: Duration) -> Duration {
        let parts = u32::try_from(RandomState::new().build_hasher().finish() % 1000).unwrap_or(0);
        base / 2 + base * parts / 1000
    }
}
