//! Who breaks things. Each scenario has one; all of them end by themselves.

mod database;
mod processes;
mod world;
mod zombies;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};

pub(crate) use self::zombies::REFUSED;
use crate::{
    board::Board,
    clock::wall_ms,
    dice::Dice,
    failed::Outcome,
    load::Load,
    scenario::{Form, Kind},
    stack::Stack,
    watch::{Watch, held},
};

/// What a nemesis has before it.
pub(crate) struct Scene<'a> {
    pub(crate) stack: &'a mut Stack,
    pub(crate) board: &'a Arc<Board>,
    pub(crate) watch: &'a Watch,
    pub(crate) load: &'a Load,
    pub(crate) dice: &'a Dice,
    pub(crate) form: Form,
    pub(crate) until: Instant,
}

/// Breaks things until the time is over, the wanted number is reached, or there is nobody left to suffer.
pub(crate) async fn wreak(kind: Kind, scene: &mut Scene<'_>) -> Outcome<()> {
    match kind {
        Kind::WorkerKill => processes::kill_workers(scene, Duration::from_secs(1)).await,
        Kind::ApiKill => processes::kill_apis(scene).await,
        Kind::Zombies => zombies::freeze(scene).await,
        Kind::Restarts => database::restart(scene).await,
        Kind::Terminate => database::terminate(scene).await,
        Kind::CommitCuts => database::cut(scene).await,
        Kind::DiskFull => database::fill(scene).await,
        Kind::ClockSkew | Kind::PanelLimit => processes::kill_workers(scene, Duration::from_secs(4)).await,
        Kind::FewFiles => processes::squeeze(scene).await,
        Kind::Providers => world::providers(scene).await,
        Kind::Network => world::network(scene).await,
        Kind::Rolling => processes::roll(scene).await,
        Kind::Pauses => processes::pause(scene).await,
    }
}

impl Scene<'_> {
    /// Whether it is time to stop.
    pub(crate) fn is_over(&self) -> bool {
        let enough = self.form.target.is_some_and(|target| self.board.faults() >= target);
        enough || Instant::now() >= self.until
    }

    /// Waits, at most until the end.
    pub(crate) async fn rest(&self, span: Duration) {
        sleep_until(self.until.min(Instant::now() + span)).await;
    }

    /// Waits some milliseconds.
    pub(crate) async fn rest_some(&self, low_ms: u64, high_ms: u64) {
        self.rest(Duration::from_millis(self.dice.between(low_ms, high_ms))).await;
    }

    /// Kills a worker and starts it again at once; what it held is watched.
    pub(crate) async fn strike_worker(&mut self, number: usize) -> Outcome<()> {
        let Some(worker) = self.stack.workers.get_mut(number) else { return Ok(()) };
        let Some(pid) = worker.kill().await? else { return worker.keep() };
        let at_ms = wall_ms();
        worker.start()?;
        self.board.fault();
        // What its last transaction did may still be on the way to the disk.
        sleep(Duration::from_millis(30)).await;
        let sql = self.stack.cluster.sql().await?;
        self.watch.lost(held(&sql, pid).await?, at_ms);
        Ok(())
    }
}
