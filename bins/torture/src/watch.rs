//! How long the jobs of a dead worker wait for the next one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{task::JoinHandle, time::sleep};
use tokio_postgres::Client;

use crate::{
    board::Board,
    cluster::connect,
    failed::{Because, Outcome},
};

const LOOK_EVERY: Duration = Duration::from_millis(100);

const HELD: &str = "\
    SELECT j.id, j.lease FROM jobs j JOIN workers w ON w.id = j.worker_id WHERE w.pid = $1 AND j.state = 'x'";

const ALIVE: &str = "\
    SELECT id, lease, state = 'x', rescues > 0, coalesce((extract(epoch FROM claimed_at) * 1000)::bigint, 0) \
    FROM jobs WHERE id = ANY($1)";

const ENDED: &str = "\
    SELECT job_id, lease, outcome = 'dead', coalesce((extract(epoch FROM claimed_at) * 1000)::bigint, 0) \
    FROM job_history WHERE job_id = ANY($1) ORDER BY job_id, lease DESC";

/// Looks until it is dropped.
pub(crate) struct Watch {
    open: Arc<Mutex<BTreeMap<(i64, i64), i64>>>,
    task: JoinHandle<()>,
}

/// What the jobs of this process are, by job and lease.
pub(crate) async fn held(sql: &Client, pid: u32) -> Outcome<Vec<(i64, i64)>> {
    let pid = i32::try_from(pid).unwrap_or(0);
    let rows = sql.query(HELD, &[&pid]).await.because("look for a worker's jobs")?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

impl Watch {
    #[allow(clippy::disallowed_methods, reason = "the task ends with the watch")]
    pub(crate) fn start(port: u16, board: Arc<Board>) -> Self {
        let open = Arc::new(Mutex::new(BTreeMap::new()));
        let task = tokio::spawn(look(port, board, Arc::clone(&open)));
        Self { open, task }
    }

    /// These leases were lost at this time.
    pub(crate) fn lost(&self, leases: Vec<(i64, i64)>, at_ms: i64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend(leases.into_iter().map(|lease| (lease, at_ms)));
    }

    /// How many of them nobody has taken yet.
    pub(crate) fn waiting(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn look(port: u16, board: Arc<Board>, open: Arc<Mutex<BTreeMap<(i64, i64), i64>>>) {
    let mut client = None;
    loop {
        sleep(LOOK_EVERY).await;
        let asked: Vec<((i64, i64), i64)> = {
            let open = open.lock().unwrap_or_else(PoisonError::into_inner);
            open.iter().map(|(lease, at)| (*lease, *at)).collect()
        };
        if asked.is_empty() {
            continue;
        }
        if client.is_none() {
            client = connect(port).await.ok();
        }
        let Some(sql) = &client else { continue };
        let Ok(settled) = settle(sql, &asked, &board).await else {
            client = None;
            continue;
        };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        for lease in settled {
            open.remove(&lease);
        }
    }
}

/// A job as it is now.
#[derive(Clone, Copy)]
struct Alive {
    lease: i64,
    runs: bool,
    rescued: bool,
    claimed_ms: i64,
}

/// Which of these have an answer; the answers go to the board.
async fn settle(sql: &Client, asked: &[((i64, i64), i64)], board: &Board) -> Outcome<Vec<(i64, i64)>> {
    let ids: Vec<i64> = asked.iter().map(|((job, _), _)| *job).collect();
    let mut alive = BTreeMap::new();
    for row in sql.query(ALIVE, &[&ids]).await.because("look for lost jobs")? {
        let now = Alive { lease: row.get(1), runs: row.get(2), rescued: row.get(3), claimed_ms: row.get(4) };
        alive.insert(row.get::<_, i64>(0), now);
    }
    let mut ended: BTreeMap<i64, Vec<(i64, bool, i64)>> = BTreeMap::new();
    for row in sql.query(ENDED, &[&ids]).await.because("look for lost jobs")? {
        ended.entry(row.get(0)).or_default().push((row.get(1), row.get(2), row.get(3)));
    }
    let mut settled = Vec::new();
    for ((job, lease), lost_ms) in asked {
        let tries = ended.get(job).map(Vec::as_slice).unwrap_or_default();
        match judge(*lease, alive.get(job).copied(), tries) {
            Fate::Waits => continue,
            Fate::Recorded => {}
            Fate::Poisoned => board.poison(),
            Fate::Claimed(at_ms) => board.recovered((at_ms - lost_ms).max(0)),
        }
        settled.push((*job, *lease));
    }
    Ok(settled)
}

/// What became of a lease whose worker died.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Waits,
    /// Its end was recorded before, or in the moment of, the worker's death.
    Recorded,
    Poisoned,
    Claimed(i64),
}

/// `tries` holds lease, whether it was the end of the job, and when it was claimed; the latest first.
fn judge(lease: i64, alive: Option<Alive>, tries: &[(i64, bool, i64)]) -> Fate {
    if let Some((_, dead, _)) = tries.iter().find(|(recorded, ..)| *recorded == lease) {
        return if *dead { Fate::Poisoned } else { Fate::Recorded };
    }
    // The first claim after it: the last one in a list that begins with the latest.
    let next = tries.iter().rfind(|(recorded, ..)| *recorded > lease).map(|(.., at)| *at);
    match alive {
        Some(now) if now.lease == lease && (now.runs || now.rescued) => Fate::Waits,
        // Given back, and not by a rescue: the worker had put it back itself.
        Some(now) if now.lease == lease => Fate::Recorded,
        Some(now) if now.lease == lease + 1 && now.runs => Fate::Claimed(now.claimed_ms),
        Some(now) => Fate::Claimed(next.unwrap_or(now.claimed_ms)),
        None => next.map_or(Fate::Recorded, Fate::Claimed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn alive(lease: i64, runs: bool, rescued: bool, claimed_ms: i64) -> Alive {
        Alive { lease, runs, rescued, claimed_ms }
    }

    #[test]
    fn a_lost_lease_waits_until_somebody_claims_its_job() {
        assert_eq!(judge(4, Some(alive(4, true, false, 90)), &[]), Fate::Waits);
        assert_eq!(judge(4, Some(alive(4, false, true, 0)), &[(3, false, 10)]), Fate::Waits);
        assert_eq!(judge(4, Some(alive(5, true, true, 120)), &[]), Fate::Claimed(120));
        assert_eq!(judge(4, None, &[(6, false, 200), (5, false, 150)]), Fate::Claimed(150));
        assert_eq!(judge(4, Some(alive(7, true, false, 300)), &[(6, false, 200), (5, false, 150)]), Fate::Claimed(150));
    }

    #[test]
    fn what_was_recorded_was_not_lost() {
        assert_eq!(judge(4, None, &[(4, false, 100)]), Fate::Recorded);
        assert_eq!(judge(4, Some(alive(4, false, false, 0)), &[]), Fate::Recorded);
        assert_eq!(judge(4, None, &[(4, true, 100)]), Fate::Poisoned);
    }
}
