//! The engine when things go wrong around it: lost workers, lost leases, interruptions.

use std::{cell::Cell, future::pending, rc::Rc, time::Duration};

use infra::{db::PgTx, jobs::EngineSettings, queries::dead_jobs};
use kernel::{JobContext, JobFailure, JobQueue, RetryClass, Transact};
use testkit::fixed_env;
use tokio::sync::Notify;

use crate::{
    probe::{done, engine, enqueue},
    shop::Shop,
};

/// Waits for nothing at its end.
fn settings() -> EngineSettings {
    EngineSettings { grace: Duration::ZERO, ..EngineSettings::default() }
}

/// A job in the hands of a worker that nobody has heard of.
const LOST: &str = "UPDATE jobs SET state = 'x', lease = lease + 1, attempt = attempt + 1, \
    worker_id = '00000000-0000-7000-8000-000000000001', claimed_at = now(), deadline_at = now() + interval '1 hour'";

#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let (db, sql) = (shop.db.clone(), Rc::new(shop.sql().await));
    let run = async move |context: JobContext| -> Result<_, JobFailure> {
        sql.batch_execute("UPDATE jobs SET lease = lease + 1").await.unwrap();
        let mut env = fixed_env(1);
        let account = accounts::NewAccount {
            email: "zombie@example.com".parse().unwrap(),
            name: "Zombie".to_owned(),
            password: accounts::PasswordHash::new("$2b$".to_owned()),
        };
        let work = async |tx: &mut PgTx| {
            accounts::register(tx, &mut env, account).await.unwrap();
            tx.complete(context.lease).await
        };
        Ok(db.transaction(work).await?)
    };
    let (engine, seen) = engine(&shop.db, settings(), run);
    engine.run_ready().await.unwrap();
    assert_eq!(seen.tries(), 1);
    assert_eq!(shop.count("SELECT count(*) FROM users").await, 0, "rolled back with the completion");
    assert_eq!(shop.count("SELECT count(*) FROM job_history").await, 0, "and nothing was recorded");
}

#[tokio::test]
async fn a_failure_under_a_lost_lease_is_not_recorded() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let sql = Rc::new(shop.sql().await);
    let run = async move |_: JobContext| {
        sql.batch_execute("UPDATE jobs SET lease = lease + 1").await.unwrap();
        Err(JobFailure::new(RetryClass::Permanent, "went-wrong", "too late"))
    };
    let (engine, seen) = engine(&shop.db, settings(), run);
    engine.run_ready().await.unwrap();
    assert!(dead_jobs(&shop.db, 1).await.unwrap().is_empty());
    assert!(seen.deaths.borrow().is_empty());
}

#[tokio::test]
async fn a_retry_under_a_lost_lease_is_not_recorded() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let sql = Rc::new(shop.sql().await);
    let run = async move |_: JobContext| {
        sql.batch_execute("UPDATE jobs SET lease = lease + 1").await.unwrap();
        Err(JobFailure::new(RetryClass::Retry, "went-wrong", "too late"))
    };
    let (engine, _) = engine(&shop.db, EngineSettings::default(), run);
    let fenced = "SELECT count(*) FROM jobs WHERE state = 'x' AND lease = 2";
    let script = async {
        while shop.count("SELECT count(*) FROM jobs WHERE lease = 2").await == 0 {
            tokio::task::yield_now().await;
        }
        // Whatever is recorded is recorded before the engine gives its jobs back.
        shop.sql()
            .await
            .batch_execute("UPDATE jobs SET worker_id = '00000000-0000-7000-8000-000000000009'")
            .await
            .unwrap();
    };
    let living = "INSERT INTO workers (id, host, pid, version, last_seen) \
        VALUES ('00000000-0000-7000-8000-000000000009', 'h', 1, '1', now() + interval '1 hour')";
    shop.sql().await.batch_execute(living).await.unwrap();
    engine.run(script).await.unwrap();
    assert_eq!(shop.count(fenced).await, 1, "its successor has it still");
    assert_eq!(shop.count("SELECT count(*) FROM job_history").await, 0);
}

#[tokio::test]
async fn jobs_of_a_lost_worker_are_rescued_and_run() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    shop.sql().await.batch_execute(LOST).await.unwrap();
    let (db, finished) = (shop.db.clone(), Rc::new(Notify::new()));
    let told = Rc::clone(&finished);
    let run = async move |context: JobContext| {
        let result = done(&db, context).await;
        told.notify_one();
        result
    };
    let (engine, seen) = engine(&shop.db, settings(), run);
    engine.run(finished.notified()).await.unwrap();
    assert_eq!(seen.attempts(), [2], "the lost try counts");
    assert_eq!(seen.contexts.borrow()[0].lease.token, 2);
}

#[tokio::test]
async fn jobs_past_their_deadline_are_rescued_though_their_worker_lives() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let living = "INSERT INTO workers (id, host, pid, version, last_seen) \
        VALUES ('00000000-0000-7000-8000-000000000001', 'h', 1, '1', now() + interval '1 hour')";
    let sql = shop.sql().await;
    sql.batch_execute(&format!("{living}; {LOST}; UPDATE jobs SET deadline_at = now() - interval '1 second'"))
        .await
        .unwrap();
    let (db, finished) = (shop.db.clone(), Rc::new(Notify::new()));
    let told = Rc::clone(&finished);
    let run = async move |context: JobContext| {
        let result = done(&db, context).await;
        told.notify_one();
        result
    };
    let (engine, seen) = engine(&shop.db, settings(), run);
    engine.run(finished.notified()).await.unwrap();
    assert_eq!(seen.tries(), 1);
}

#[tokio::test]
async fn a_job_that_takes_three_workers_down_is_poison() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let sql = shop.sql().await;
    sql.batch_execute(&format!("{LOST}, rescues = 2")).await.unwrap();
    let (engine, seen) = engine(&shop.db, settings(), async |_| pending().await);
    let stopped = async {
        while sql
            .query_one("SELECT count(*) FROM job_dead WHERE case_opened_at IS NOT NULL", &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
            == 0
        {
            tokio::task::yield_now().await;
        }
    };
    engine.run(stopped).await.unwrap();
    assert_eq!(seen.tries(), 0);
    assert_eq!(seen.deaths.borrow()[0].reason, "poison");
}

#[tokio::test]
async fn what_is_not_done_at_the_end_is_given_back_uncharged() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let begun = Rc::new(Notify::new());
    let tell = Rc::clone(&begun);
    let run = async move |_: JobContext| {
        tell.notify_one();
        pending().await
    };
    let (engine, _) = engine(&shop.db, settings(), run);
    engine.run(begun.notified()).await.unwrap();
    let row = shop.sql().await.query_one("SELECT state::text, attempt, lease FROM jobs", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i16>(1), row.get::<_, i64>(2)), ("r", 0, 1));
    assert_eq!(shop.count("SELECT count(*) FROM workers").await, 0);
}

#[tokio::test]
async fn what_is_nearly_done_at_the_end_is_waited_for() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let (begun, db) = (Rc::new(Notify::new()), shop.db.clone());
    let tell = Rc::clone(&begun);
    let was_cut_off = Rc::new(Cell::new(true));
    let cut_off = Rc::clone(&was_cut_off);
    let run = async move |context: JobContext| {
        tell.notify_one();
        // The engine is told to stop at this point.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let result = done(&db, context).await;
        cut_off.set(false);
        result
    };
    let patient = EngineSettings { grace: Duration::from_mins(1), ..settings() };
    let (engine, _) = engine(&shop.db, patient, run);
    engine.run(begun.notified()).await.unwrap();
    assert!(!was_cut_off.get());
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_worker_that_was_forgotten_announces_itself_anew() {
    let shop = Shop::bare().await;
    let (engine, _) = engine(&shop.db, settings(), async |_| pending().await);
    let sql = shop.sql().await;
    let script = async {
        let workers = async || sql.query_one("SELECT count(*) FROM workers", &[]).await.unwrap().get::<_, i64>(0);
        sql.batch_execute("DELETE FROM workers").await.unwrap();
        while workers().await == 0 {
            tokio::task::yield_now().await;
        }
    };
    engine.run(script).await.unwrap();
}

#[tokio::test]
async fn a_busy_pool_does_not_silence_the_heart() {
    let shop = Shop::bare().await;
    let busy = shop.db.pool().status().max_size;
    let mut held = Vec::new();
    let (engine, _) = engine(&shop.db, settings(), async |_| pending().await);
    let sql = shop.sql().await;
    let script = async {
        for _ in 0..busy {
            held.push(shop.db.pool().get().await.unwrap());
        }
        sql.batch_execute("UPDATE workers SET last_seen = now() - interval '1 day'").await.unwrap();
        let silent = "SELECT count(*) FROM workers WHERE last_seen < now() - interval '1 hour'";
        while sql.query_one(silent, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            tokio::task::yield_now().await;
        }
        held.clear();
    };
    engine.run(script).await.unwrap();
}
