//! What the engine does with a try's result.

use std::time::Duration;

use infra::{
    db::PgTx,
    jobs::EngineSettings,
    queries::{Redriven, dead_jobs, health, live_jobs, redrive, set_queue_paused},
};
use kernel::{Enqueued, JobContext, JobFailure, JobQueue, Queue, RetryClass, StoreError, Transact};

use crate::{
    probe::{Probe, done, engine, enqueue},
    shop::Shop,
};

fn failed(class: RetryClass) -> JobFailure {
    JobFailure::new(class, "went-wrong", "it went wrong")
}

/// What waits may run now.
const NOW: &str = "UPDATE jobs SET run_at = now() WHERE state = 'r'";

#[tokio::test]
async fn a_job_runs_once_and_is_history() {
    let shop = Shop::bare().await;
    assert_eq!(enqueue(&shop.db, "a").await, Enqueued::Added);
    let db = shop.db.clone();
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    assert_eq!(engine.run_ready().await.unwrap(), 1);
    assert_eq!(engine.run_ready().await.unwrap(), 0);
    assert_eq!(seen.attempts(), [1]);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
    let history = "SELECT outcome, attempt, lease, claimed_at <= finished_at FROM job_history";
    let row = shop.sql().await.query_one(history, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i16>(1), row.get::<_, i64>(2)), ("done", 1, 1));
    assert!(row.get::<_, bool>(3));
    assert_eq!(shop.count("SELECT count(*) FROM workers").await, 0, "the worker has left");
}

#[tokio::test]
async fn one_live_job_a_key() {
    let shop = Shop::bare().await;
    assert_eq!(enqueue(&shop.db, "a").await, Enqueued::Added);
    assert_eq!(enqueue(&shop.db, "a").await, Enqueued::AlreadyThere);
    assert_eq!(enqueue(&shop.db, "b").await, Enqueued::Added);
    let db = shop.db.clone();
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    assert_eq!(engine.run_ready().await.unwrap(), 2);
    assert_eq!(enqueue(&shop.db, "a").await, Enqueued::Added, "its key is free again");
    assert_eq!(seen.tries(), 2);
}

#[tokio::test]
async fn a_job_that_was_not_committed_never_runs() {
    let shop = Shop::bare().await;
    let work = async |tx: &mut PgTx| {
        tx.enqueue(&Probe { key: "a".to_owned() }).await?;
        Err::<(), _>(StoreError::bug("rolled back"))
    };
    shop.db.transaction(work).await.unwrap_err();
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_delayed_job_waits_for_its_time() {
    let shop = Shop::bare().await;
    let work = async |tx: &mut PgTx| tx.enqueue_in(&Probe { key: "a".to_owned() }, Duration::from_hours(1)).await;
    shop.db.transaction(work).await.unwrap();
    let db = shop.db.clone();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    assert_eq!(engine.run_ready().await.unwrap(), 0);
    assert_eq!(live_jobs(&shop.db, 10).await.unwrap()[0].state, "waiting");
    shop.sql().await.batch_execute(NOW).await.unwrap();
    assert_eq!(engine.run_ready().await.unwrap(), 1);
}

#[tokio::test]
async fn failures_are_tried_again_until_the_tries_are_used_up_and_then_a_case() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let fail = async |_: JobContext| Err(failed(RetryClass::Retry));
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), fail);
    for _ in 0..5 {
        engine.run_ready().await.unwrap();
        shop.sql().await.batch_execute(NOW).await.unwrap();
    }
    assert_eq!(seen.attempts(), [1, 2, 3]);
    let last: Vec<bool> = seen.contexts.borrow().iter().map(|context| context.last_attempt).collect();
    assert_eq!(last, [false, false, true]);
    let dead = dead_jobs(&shop.db, 10).await.unwrap();
    assert_eq!((dead[0].reason.as_str(), dead[0].code.as_str()), ("exhausted", "went-wrong"));
    assert_eq!(dead[0].detail, "it went wrong");
    assert!(dead[0].case_opened_at.is_some());
    assert_eq!(seen.deaths.borrow().len(), 1);
    let outcomes = "SELECT string_agg(outcome, ' ' ORDER BY lease) FROM job_history";
    let outcomes: String = shop.sql().await.query_one(outcomes, &[]).await.unwrap().get(0);
    assert_eq!(outcomes, "failed failed dead");
    assert_eq!(health(&shop.db).await.unwrap().dead, 1);
}

#[tokio::test]
async fn a_failed_job_waits_before_its_next_try() {
    let shop = Shop::bare().await;
    for key in 0..50 {
        enqueue(&shop.db, &key.to_string()).await;
    }
    let fail = async |_: JobContext| Err(failed(RetryClass::Retry));
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), fail);
    engine.run_ready().await.unwrap();
    assert!(seen.tries() >= 50);
    let beyond = "SELECT count(*) FROM jobs WHERE attempt = 1 AND run_at > now() + interval '4 seconds'";
    assert_eq!(shop.count(beyond).await, 0, "the first pause is at most 4 s");
    assert!(shop.count("SELECT count(DISTINCT run_at) FROM jobs").await > 1, "and differs");
    let old = "UPDATE jobs SET attempt = 11, max_attempts = 20, run_at = now()";
    shop.sql().await.batch_execute(old).await.unwrap();
    engine.run_ready().await.unwrap();
    let beyond = "SELECT count(*) FROM jobs WHERE run_at > now() + interval '15 minutes'";
    assert_eq!(shop.count(beyond).await, 0, "no pause is longer than 15 minutes");
    assert!(shop.count("SELECT count(*) FROM jobs WHERE run_at > now() + interval '1 minute'").await > 0);
}

#[tokio::test]
async fn permanent_failures_are_dead_at_once() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let fail = async |_: JobContext| Err(JobFailure::new(RetryClass::Permanent, "undecodable", "no such field"));
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), fail);
    engine.run_ready().await.unwrap();
    assert_eq!(seen.attempts(), [1]);
    assert_eq!(seen.deaths.borrow()[0].reason, "undecodable");
}

#[tokio::test]
async fn a_case_that_cannot_be_opened_is_opened_later() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let fail = async |_: JobContext| Err(failed(RetryClass::Permanent));
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), fail);
    seen.refuse_deaths.set(1);
    engine.run_ready().await.unwrap();
    assert!(dead_jobs(&shop.db, 1).await.unwrap()[0].case_opened_at.is_none());
    shop.sql().await.batch_execute("UPDATE job_dead SET case_tried_at = now() - interval '1 minute'").await.unwrap();
    engine.run_ready().await.unwrap();
    assert_eq!(seen.deaths.borrow().len(), 2);
    assert!(dead_jobs(&shop.db, 1).await.unwrap()[0].case_opened_at.is_some());
}

#[tokio::test]
async fn snoozing_and_being_told_when_do_not_count_as_tries() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let db = shop.db.clone();
    let run = async move |context: JobContext| match context.lease.token {
        token if token > 8 => done(&db, context).await,
        token if token % 2 == 0 => Err(failed(RetryClass::RetryAfter(Duration::ZERO))),
        _ => {
            let work = async |tx: &mut PgTx| tx.snooze(context.lease, Duration::ZERO).await;
            Ok(db.transaction(work).await?)
        }
    };
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), run);
    assert_eq!(engine.run_ready().await.unwrap(), 9);
    assert_eq!(seen.attempts(), [1; 9]);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_panic_is_a_failed_try() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let db = shop.db.clone();
    let run = async move |context: JobContext| {
        assert!(context.attempt > 1, "on purpose");
        done(&db, context).await
    };
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), run);
    engine.run_ready().await.unwrap();
    shop.sql().await.batch_execute(NOW).await.unwrap();
    engine.run_ready().await.unwrap();
    assert_eq!(seen.attempts(), [1, 2]);
    assert_eq!(
        shop.count("SELECT count(*) FROM job_history WHERE outcome = 'failed' AND error LIKE '%panicked%'").await,
        1
    );
}

#[tokio::test]
async fn a_try_that_takes_too_long_is_cut_off() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    shop.sql().await.batch_execute("UPDATE jobs SET budget_ms = 1").await.unwrap();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async |_| std::future::pending().await);
    engine.run_ready().await.unwrap();
    let live = live_jobs(&shop.db, 1).await.unwrap();
    assert_eq!(live[0].last_error.as_deref(), Some("the try took longer than it may"));
}

#[tokio::test]
async fn kinds_go_by_their_older_names_and_unknown_ones_wait_for_a_newer_worker() {
    let shop = Shop::bare().await;
    for key in ["a", "b"] {
        enqueue(&shop.db, key).await;
    }
    let rename = "UPDATE jobs SET kind = CASE dedupe_key WHEN 'a' THEN 'test.old_probe' ELSE 'test.unheard_of' END";
    shop.sql().await.batch_execute(rename).await.unwrap();
    let db = shop.db.clone();
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    engine.run_ready().await.unwrap();
    assert_eq!(seen.tries(), 1);
    let live = live_jobs(&shop.db, 10).await.unwrap();
    assert_eq!((live.len(), live[0].kind.as_str()), (1, "test.unheard_of"));
}

#[tokio::test]
async fn a_dead_job_can_be_driven_again_once() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let db = shop.db.clone();
    let run = async move |context: JobContext| {
        if context.lease.token == 1 { Err(failed(RetryClass::Permanent)) } else { done(&db, context).await }
    };
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), run);
    engine.run_ready().await.unwrap();
    let letter = dead_jobs(&shop.db, 1).await.unwrap()[0].id;
    enqueue(&shop.db, "a").await;
    assert_eq!(redrive(&shop.db, letter, "me").await.unwrap(), Redriven::AlreadyThere, "a live one does the same");
    shop.sql().await.batch_execute("DELETE FROM jobs").await.unwrap();
    assert_eq!(redrive(&shop.db, letter, "me").await.unwrap(), Redriven::Queued);
    assert_eq!(redrive(&shop.db, letter, "me").await.unwrap(), Redriven::NotFound);
    engine.run_ready().await.unwrap();
    let leases: Vec<i64> = seen.contexts.borrow().iter().map(|context| context.lease.token).collect();
    assert_eq!(leases, [1, 2], "the lease goes on, so that old workers stay shut out");
    assert!(dead_jobs(&shop.db, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_paused_queue_gives_nothing() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    set_queue_paused(&shop.db, Queue::Mail, true).await.unwrap();
    let db = shop.db.clone();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    assert_eq!(engine.run_ready().await.unwrap(), 0);
    set_queue_paused(&shop.db, Queue::Mail, false).await.unwrap();
    assert_eq!(engine.run_ready().await.unwrap(), 1);
}

#[tokio::test]
async fn the_urgent_lane_goes_first() {
    let shop = Shop::bare().await;
    for key in ["patient", "urgent", "usual"] {
        enqueue(&shop.db, key).await;
    }
    let lanes = "UPDATE jobs SET priority = CASE dedupe_key WHEN 'urgent' THEN 0 WHEN 'usual' THEN 1 ELSE 2 END";
    shop.sql().await.batch_execute(lanes).await.unwrap();
    let db = shop.db.clone();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    engine.run_ready().await.unwrap();
    let order = "SELECT string_agg(job_id::text, ' ' ORDER BY finished_at) FROM job_history";
    let order: String = shop.sql().await.query_one(order, &[]).await.unwrap().get(0);
    assert_eq!(order, "2 3 1");
}
