//! A queue's limits hold over all workers, and its lanes are read from a floor on without anything being overlooked.

use std::{cell::Cell, future::pending, rc::Rc, time::Duration};

use infra::{
    jobs::{Claims, EngineSettings},
    queries::{QueueLimits, set_queue_limits},
};
use kernel::{JobContext, Queue};
use tokio::sync::Notify;

use crate::{
    probe::{done, engine, enqueue},
    shop::Shop,
};

fn limits(max_running: Option<u32>, rate_per_second: Option<u32>) -> QueueLimits {
    QueueLimits { max_running, rate_per_second }
}

#[tokio::test]
async fn a_cap_holds_over_all_workers() {
    let shop = Shop::bare().await;
    set_queue_limits(&shop.db, Queue::Mail, limits(Some(3), None)).await.unwrap();
    let workers: Vec<Claims> = (0..8).map(|_| Claims::new(&shop.db, Queue::Mail)).collect();
    workers[0].fill(100).await.unwrap();
    let working = workers.into_iter().map(async |mut worker| {
        let mut taken = 0;
        for _ in 0..4 {
            taken += worker.take(2).await.unwrap();
        }
        taken
    });
    let taken: Vec<usize> = futures_util::future::join_all(working).await;
    assert_eq!(taken.iter().sum::<usize>(), 3, "{taken:?}");
    assert_eq!(shop.count("SELECT count(*) FROM jobs WHERE state = 'x'").await, 3);
    set_queue_limits(&shop.db, Queue::Mail, limits(None, None)).await.unwrap();
    let mut worker = Claims::new(&shop.db, Queue::Mail);
    assert_eq!(worker.take(10).await.unwrap(), 10, "limits can be lifted");
}

#[tokio::test]
async fn an_engine_works_through_a_capped_queue() {
    let shop = Shop::bare().await;
    set_queue_limits(&shop.db, Queue::Mail, limits(Some(2), None)).await.unwrap();
    for key in 0..20 {
        enqueue(&shop.db, &key.to_string()).await;
    }
    let (db, finished) = (shop.db.clone(), Rc::new(Notify::new()));
    let (running, most, told) = (Cell::new(0), Rc::new(Cell::new(0)), Rc::clone(&finished));
    let (seen_most, left) = (Rc::clone(&most), Cell::new(20));
    let run = async move |context: JobContext| {
        running.set(running.get() + 1);
        seen_most.set(seen_most.get().max(running.get()));
        tokio::task::yield_now().await;
        let result = done(&db, context).await;
        running.set(running.get() - 1);
        left.set(left.get() - 1);
        if left.get() == 0 {
            told.notify_one();
        }
        result
    };
    let (engine, _) = engine(&shop.db, EngineSettings::default(), run);
    engine.run(finished.notified()).await.unwrap();
    assert!(most.get() <= 2, "{} at once", most.get());
}

#[tokio::test]
async fn a_rate_gives_so_many_in_a_second_and_pause_gives_none() {
    let shop = Shop::bare().await;
    set_queue_limits(&shop.db, Queue::Mail, limits(None, Some(5))).await.unwrap();
    let mut worker = Claims::new(&shop.db, Queue::Mail);
    worker.fill(100).await.unwrap();
    let bucket = "UPDATE queue_control SET allowance = 0, allowance_at = clock_timestamp() - interval '1 hour'";
    shop.sql().await.batch_execute(bucket).await.unwrap();
    assert_eq!(worker.take(100).await.unwrap(), 5, "an hour of quiet saves up one second's worth");
    // Too little time has passed for all of the next five, however slow this machine is: the bucket's own clock is set.
    shop.sql()
        .await
        .batch_execute("UPDATE queue_control SET allowance = 0, allowance_at = now() + interval '1 hour'")
        .await
        .unwrap();
    assert_eq!(worker.take(100).await.unwrap(), 0);
    shop.sql().await.batch_execute(&format!("{bucket}; UPDATE queue_control SET paused = true")).await.unwrap();
    assert_eq!(worker.take(100).await.unwrap(), 0);
}

#[tokio::test]
async fn a_job_below_the_floor_is_found_by_the_lookout() {
    let shop = Shop::bare().await;
    let (db, finished) = (shop.db.clone(), Rc::new(Notify::new()));
    let told = Rc::clone(&finished);
    let run = async move |context: JobContext| {
        let result = done(&db, context).await;
        told.notify_one();
        result
    };
    let (engine, _) = engine(&shop.db, EngineSettings::default(), run);
    let sql = shop.sql().await;
    let script = async {
        enqueue(&shop.db, "raises the floor").await;
        finished.notified().await;
        // Like the job of a transaction that took a minute to commit.
        let late = "INSERT INTO jobs (queue, kind, priority, run_at, max_attempts, budget_ms, payload) \
            VALUES (3, 'test.probe', 1, now() - interval '1 minute', 3, 60000, '{}')";
        sql.batch_execute(late).await.unwrap();
        finished.notified().await;
    };
    tokio::time::timeout(Duration::from_mins(1), engine.run(script)).await.expect("it is found").unwrap();
}

#[tokio::test]
async fn claims_do_not_read_below_the_floor() {
    let shop = Shop::bare().await;
    let mut worker = Claims::new(&shop.db, Queue::Mail);
    worker.fill(1).await.unwrap();
    assert_eq!(worker.take(1).await.unwrap(), 1, "reads the whole, as the first one does");
    let below = "INSERT INTO jobs (queue, kind, priority, run_at, max_attempts, budget_ms, payload) \
        VALUES (3, 'test.probe', 1, now() - interval '1 minute', 3, 60000, '{}')";
    shop.sql().await.batch_execute(below).await.unwrap();
    assert_eq!(worker.take_above_floor(1).await.unwrap(), 0);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_and_gives_back_uncharged() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let (begun, stopping) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
    let (tell, told) = (Rc::clone(&begun), Rc::clone(&stopping));
    let run = async move |_: JobContext| {
        tell.notify_one();
        pending().await
    };
    let patient = EngineSettings { grace: Duration::from_hours(10), ..EngineSettings::default() };
    let (engine, _) = engine(&shop.db, patient, run);
    let first = async {
        begun.notified().await;
        stopping.notify_one();
    };
    let ended = engine.run_until(first, told.notified());
    tokio::time::timeout(Duration::from_mins(1), ended).await.expect("it does not wait for ten hours").unwrap();
    let row = shop.sql().await.query_one("SELECT state::text, attempt FROM jobs", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i16>(1)), ("r", 0));
}
