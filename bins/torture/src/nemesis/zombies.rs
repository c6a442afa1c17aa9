//! Workers that are taken for dead and come back: frozen while they hold many jobs, for longer than it takes the others to
//! take these jobs, and thawed while the others are at work on them. Whatever they record then must be refused, and
//! nothing may be refused to the others.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;

use super::Scene;
use crate::{
    board::Round,
    clock::wall_ms,
    failed::{Because, Outcome},
    program::signal_group,
    watch::held,
};

/// How the worker's log says it.
pub(crate) const REFUSED: &str = "job is somebody else's by now";
/// Slow enough that a worker holds many jobs at once.
const SLOW_MS: u64 = 2500;
/// Ten seconds of silence, a second until somebody looks, and some until its jobs are taken; then it has been long enough.
const FROZEN: Duration = Duration::from_secs(16);
/// The worker's own brake: who was not heard of for long stops by itself.
const FENCED: &str = "nobody has heard of this worker";
/// Until what was under way in it has ended: at least and at most. A slow call may be followed by another one.
const THAWING: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(20)];
/// A round begins with at least so many jobs, or after this time.
const WORTHWHILE: usize = 80;
const GATHERING: Duration = Duration::from_secs(12);

pub(super) async fn freeze(scene: &mut Scene<'_>) -> Outcome<()> {
    for target in ["stripe", "panel", "smtp"] {
        let rule: Value = match target {
            "stripe" => json!({ "target": target, "kind": "delay", "ms": SLOW_MS, "method": "GET" }),
            _ => json!({ "target": target, "kind": "delay", "ms": SLOW_MS }),
        };
        scene.stack.desk.control("/faults", &rule).await?;
    }
    let (mut turn, mut fruitless) = (0, 0);
    while !scene.is_over() && fruitless < 3 {
        let before = scene.board.faults();
        round(scene, turn).await?;
        fruitless = if scene.board.faults() == before { fruitless + 1 } else { 0 };
        turn += 1;
    }
    Ok(())
}

/// All but one are frozen; that one takes their jobs.
async fn round(scene: &mut Scene<'_>, survivor: usize) -> Outcome<()> {
    scene.stack.keep()?;
    let sql = scene.stack.cluster.sql().await?;
    let survivor = survivor % scene.stack.workers.len().max(1);
    let others = scene.stack.workers.iter().enumerate().filter(|(number, _)| *number != survivor);
    let frozen: Vec<u32> = others.filter_map(|(_, worker)| worker.pid()).collect();
    let patience = Instant::now() + GATHERING;
    while held_by(&sql, &frozen).await?.len() < WORTHWHILE && Instant::now() < patience {
        sleep(Duration::from_millis(50)).await;
    }
    for pid in &frozen {
        signal_group(*pid, "STOP").await?;
    }
    let at_ms = wall_ms();
    // A statement that was sent before may still be on its way.
    sleep(Duration::from_millis(100)).await;
    let leases = held_by(&sql, &frozen).await?;
    scene.watch.lost(leases.clone(), at_ms);
    let lost = until_taken(&sql, &leases).await?;
    let said = |words: &str, by_survivor: bool| -> u64 {
        let workers = scene.stack.workers.iter().enumerate();
        workers.filter(|(number, _)| (*number == survivor) == by_survivor).map(|(_, worker)| worker.said(words)).sum()
    };
    let before = [said(REFUSED, false), said(REFUSED, true), said(FENCED, false)];
    for pid in &frozen {
        signal_group(*pid, "CONT").await?;
    }
    let [least, most] = THAWING;
    sleep(least).await;
    let patience = Instant::now() + most;
    while said(REFUSED, false) - before[0] < lost.len() as u64 && Instant::now() < patience {
        sleep(Duration::from_millis(200)).await;
    }
    let after = [said(REFUSED, false), said(REFUSED, true), said(FENCED, false)];
    let round = Round {
        lost: lost.len() as u64,
        refused: after[0] - before[0],
        wronged: after[1] - before[1],
        fenced: after[2] > before[2],
    };
    scene.board.lost_leases(lost);
    scene.board.round(round);
    scene.board.set_faults(scene.board.rounds().iter().map(|round| round.refused).sum());
    Ok(())
}

/// Waits until others have nearly all of them; which.
async fn until_taken(sql: &Client, leases: &[(i64, i64)]) -> Outcome<Vec<(i64, i64)>> {
    let deadline = Instant::now() + FROZEN;
    loop {
        let lost = taken_by_others(sql, leases).await?;
        if lost.len() * 10 >= leases.len() * 9 || Instant::now() > deadline {
            return Ok(lost);
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn held_by(sql: &Client, pids: &[u32]) -> Outcome<Vec<(i64, i64)>> {
    let mut all = Vec::new();
    for pid in pids {
        all.extend(held(sql, *pid).await?);
    }
    Ok(all)
}

/// Those that somebody else has had since: whatever a frozen worker records of them now is stale.
async fn taken_by_others(sql: &Client, leases: &[(i64, i64)]) -> Outcome<Vec<(i64, i64)>> {
    let (jobs, tokens): (Vec<i64>, Vec<i64>) = leases.iter().copied().unzip();
    let taken = "SELECT l.job, l.token FROM unnest($1::bigint[], $2::bigint[]) AS l (job, token) WHERE NOT EXISTS \
                 (SELECT FROM jobs j WHERE j.id = l.job AND j.lease = l.token)";
    let rows = sql.query(taken, &[&jobs, &tokens]).await.because("look for lost leases")?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
