//! A COMMIT whose answer is lost is looked up and never repeated.

use std::{cell::Cell, rc::Rc, time::Duration};

use infra::{
    db::{Db, DbSettings, PgTx},
    jobs::EngineSettings,
};
use kernel::{CompleteAlone, JobContext, JobQueue, StoreError, Transact};
use secrecy::SecretString;
use testkit::TestDb;
use tokio::{sync::Notify, time::timeout};

use crate::{
    commit_cable::{CommitCable, Cut},
    probe::{Probe, Seen, done, engine, enqueue},
};

struct Ground {
    database: TestDb,
    cable: CommitCable,
    /// Through the cable.
    db: Db,
    /// Around it.
    around: Db,
}

impl Ground {
    async fn new() -> Self {
        let database = TestDb::new().await;
        let cable = CommitCable::to(database.url()).await;
        let settings = DbSettings::new(SecretString::from(cable.url(database.url())));
        let db = Db::connect(&settings).await.unwrap();
        let around = database.connect().await;
        Self { database, cable, db, around }
    }

    async fn count(&self, sql: &str) -> i64 {
        self.database.sql().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Waits for what the server still does with a connection that was cut.
    async fn until(&self, sql: &str, expected: i64) {
        while self.count(sql).await != expected {
            tokio::task::yield_now().await;
        }
    }
}

const LISTENING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND query LIKE 'LISTEN%' AND state = 'idle'";

const HISTORY: &str = "SELECT count(*) FROM job_history WHERE outcome = 'done'";

#[tokio::test]
async fn whether_it_was_committed_is_said_to_be_unknown() {
    let ground = Ground::new().await;
    for (cut, stands) in [(Cut::BeforeCommit, 0), (Cut::AfterCommit, 1)] {
        ground.cable.cut(cut);
        let work = async |tx: &mut PgTx| tx.enqueue(&Probe { key: format!("{cut:?}") }).await;
        let error = ground.db.transaction(work).await.unwrap_err();
        assert!(matches!(error, StoreError::CommitUnknown(_)), "{cut:?}: {error:?}");
        assert!(ground.cable.was_cut());
        ground.until("SELECT count(*) FROM jobs", stands).await;
    }
}

#[tokio::test]
async fn a_job_whose_commit_landed_unheard_is_done_and_not_run_again() {
    let ground = Ground::new().await;
    enqueue(&ground.around, "a").await;
    ground.cable.cut(Cut::AfterCommit);
    let db = ground.db.clone();
    let (engine, seen) = engine(&ground.db, EngineSettings::default(), async move |context| done(&db, context).await);
    engine.run_ready().await.unwrap();
    assert!(ground.cable.was_cut());
    engine.run_ready().await.unwrap();
    assert_eq!(seen.tries(), 1);
    assert_eq!(ground.count(HISTORY).await, 1);
    assert_eq!(ground.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_job_whose_commit_did_not_arrive_is_run_again_under_a_new_lease() {
    let ground = Ground::new().await;
    enqueue(&ground.around, "a").await;
    ground.cable.cut(Cut::BeforeCommit);
    let db = ground.db.clone();
    let (engine, seen) = engine(&ground.db, EngineSettings::default(), async move |context| done(&db, context).await);
    engine.run_ready().await.unwrap();
    // The pause before the next try is drawn from nothing upwards, so that it may have been made already.
    let tries = i64::try_from(seen.contexts.borrow().len()).unwrap();
    assert_eq!(ground.count(HISTORY).await, tries - 1, "the first try is in no history");
    ground.database.sql().await.batch_execute("UPDATE jobs SET run_at = now()").await.unwrap();
    engine.run_ready().await.unwrap();
    let leases: Vec<i64> = seen.contexts.borrow().iter().map(|context| context.lease.token).collect();
    assert_eq!(leases, [1, 2]);
    assert_eq!(ground.count(HISTORY).await, 1);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_found_in_the_history() {
    let ground = Ground::new().await;
    for key in ["a", "b"] {
        enqueue(&ground.around, key).await;
    }
    let (db, cable) = (ground.db.clone(), Rc::new(ground.cable));
    let through = Rc::clone(&cable);
    let acknowledged = Rc::new(Cell::new(0));
    let known = Rc::clone(&acknowledged);
    let run = async move |context: JobContext| {
        if context.lease.job == 2 {
            through.cut(Cut::After("unnest($1::bigint[]"));
        }
        let ended = db.complete_alone(context.lease).await;
        known.set(known.get() + usize::from(ended.is_ok()));
        Ok(ended?)
    };
    let (engine, seen) = engine(&ground.db, EngineSettings::default(), run);
    engine.run_ready().await.unwrap();
    assert!(cable.was_cut());
    assert_eq!(seen.attempts(), [1, 1]);
    assert_eq!(acknowledged.get(), 2, "the history knows of both");
    assert_eq!(
        ground.database.sql().await.query("SELECT FROM job_history WHERE outcome <> 'done'", &[]).await.unwrap().len(),
        0
    );
    let history = ground.database.sql().await.query_one(HISTORY, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(history, 2);
}

#[tokio::test]
async fn jobs_taken_by_a_claim_whose_answer_was_lost_are_given_back_at_once() {
    let ground = Ground::new().await;
    let (db, finished) = (ground.db.clone(), Rc::new(Notify::new()));
    let told = Rc::clone(&finished);
    let run = async move |context: JobContext| {
        let result = done(&db, context).await;
        told.notify_one();
        result
    };
    // It looks only when a bell rings, so that the cut meets the claim that takes the second job.
    let deaf = EngineSettings { poll: Duration::from_hours(10), ..EngineSettings::default() };
    let (engine, seen) = engine(&ground.db, deaf, run);
    let script = async {
        // One job first, so that the claim is prepared.
        enqueue(&ground.around, "first").await;
        finished.notified().await;
        ground.until(LISTENING, 1).await;
        // What listening rang may still be looking, and may meet the first cut with nothing taken.
        for key in ["second", "third", "fourth"] {
            ground.cable.cut(Cut::After("claimed_at = clock_timestamp()"));
            enqueue(&ground.around, key).await;
            finished.notified().await;
            if last_lease(&seen) == 2 {
                break;
            }
        }
    };
    timeout(Duration::from_mins(1), engine.run(script)).await.expect("long before its deadline").unwrap();
    assert!(ground.cable.was_cut());
    assert!(seen.attempts().iter().all(|attempt| *attempt == 1), "the claim that nobody heard of is not charged");
    assert_eq!(last_lease(&seen), 2, "the first claim took it");
}

fn last_lease(seen: &Seen) -> i64 {
    seen.contexts.borrow().last().map_or(0, |context| context.lease.token)
}
