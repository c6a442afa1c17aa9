//! PostgreSQL: crashed, its connections ended, cut after a COMMIT, without room on its disk.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;

use super::Scene;
use crate::{
    clock::wall_ms,
    failed::{Because, Outcome},
    proxy::Weather,
};

/// Jobs that wait for a worker right now.
const READY: &str = "SELECT count(*) FROM jobs WHERE state = 'r' AND run_at <= now()";
const FIRST_CLAIM: &str = "\
    SELECT (extract(epoch FROM min(at)) * 1000)::bigint FROM ( \
        SELECT min(claimed_at) AS at FROM jobs WHERE claimed_at > to_timestamp($1::bigint / 1000.0) \
        UNION ALL SELECT min(claimed_at) FROM job_history WHERE claimed_at > to_timestamp($1::bigint / 1000.0) \
    ) AS claims";
/// A restart counts when there is work to be taken up; for that it waits so long.
const BACKLOG: Duration = Duration::from_secs(5);
/// Of a thousand commits.
const CUT_PERMILLE: u64 = 80;

/// What `pg_ctl restart -m immediate` does, in the middle of a burst.
pub(super) async fn restart(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() && !scene.load.is_over() {
        scene.rest_some(900, 1800).await;
        let sql = scene.stack.cluster.sql().await?;
        let patience = Instant::now() + BACKLOG;
        while ready(&sql).await? == 0 && Instant::now() < patience {
            sleep(Duration::from_millis(5)).await;
        }
        drop(sql);
        scene.stack.cluster.crash().await?;
        scene.rest_some(50, 600).await;
        scene.stack.cluster.start().await?;
        let accepts_ms = wall_ms();
        scene.board.fault();
        let sql = scene.stack.cluster.sql().await?;
        if ready(&sql).await? == 0 {
            scene.board.remark("a restart found no job that waited; its first claim is not counted");
            continue;
        }
        scene.board.first_claim(first_claim(&sql, accepts_ms).await? - accepts_ms);
    }
    Ok(())
}

async fn ready(sql: &Client) -> Outcome<i64> {
    Ok(sql.query_one(READY, &[]).await.because("count ready jobs")?.get(0))
}

async fn first_claim(sql: &Client, after_ms: i64) -> Outcome<i64> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let found: Option<i64> = sql.query_one(FIRST_CLAIM, &[&after_ms]).await.because("look for a claim")?.get(0);
        if let Some(at_ms) = found {
            return Ok(at_ms);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(wall_ms())
}

/// Ends connections of ours, some at a time.
pub(super) async fn terminate(scene: &mut Scene<'_>) -> Outcome<()> {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
               WHERE application_name LIKE 'hostwright%' ORDER BY random() LIMIT 3) AS victims";
    let sql = scene.stack.cluster.sql().await?;
    while !scene.is_over() {
        scene.rest_some(80, 300).await;
        let ended: i64 = sql.query_one(end, &[]).await.because("end connections")?.get(0);
        (0..ended).for_each(|_| scene.board.fault());
        scene.stack.keep()?;
    }
    Ok(())
}

/// Cuts connections right after a COMMIT.
pub(super) async fn cut(scene: &mut Scene<'_>) -> Outcome<()> {
    scene.stack.gate("database")?.weather(Weather { cut_permille: CUT_PERMILLE, ..Weather::default() });
    while !scene.is_over() && !scene.load.is_over() {
        scene.rest(Duration::from_millis(200)).await;
        let cuts = scene.stack.gate("database")?.tally().cuts();
        scene.board.set_faults(cuts);
        scene.stack.keep()?;
    }
    scene.stack.gate("database")?.weather(Weather::default());
    Ok(())
}

/// Fills the disk to the last page, for some seconds.
pub(super) async fn fill(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() {
        scene.rest_some(2500, 4000).await;
        if let Some(disk) = &mut scene.stack.disk {
            let bytes = disk.fill()?;
            scene.board.remark(format!("the disk was filled with {} MB", bytes >> 20));
        }
        scene.board.fault();
        // Every other time its log meets the full disk as well, which it does not survive.
        if scene.board.faults().is_multiple_of(2) {
            ask_for_log(scene).await;
        }
        scene.rest_some(2500, 5000).await;
        if let Some(disk) = &mut scene.stack.disk {
            disk.relieve();
        }
        // It ends itself when it cannot write its log; whoever keeps it alive starts it again.
        if !scene.stack.cluster.runs() {
            scene.board.remark("PostgreSQL ended when its disk was full, and was started again");
            scene.stack.cluster.start().await?;
        }
        scene.stack.keep()?;
    }
    Ok(())
}

/// Writes to the log until a new file of it is needed. That it fails is what is wanted.
async fn ask_for_log(scene: &Scene<'_>) {
    let Ok(sql) = scene.stack.cluster.sql().await else { return };
    for _ in 0..4 {
        let written = sql.simple_query("SELECT pg_logical_emit_message(false, 'torture', repeat('x', 600000))").await;
        if written.is_err() {
            return;
        }
    }
}
