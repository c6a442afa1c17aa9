//! Scheduled jobs: any number of workers, one tick each time.

use std::{rc::Rc, time::Duration};

use infra::jobs::{Engine, EngineSettings};
use kernel::JobContext;
use tokio::sync::Notify;

use crate::{
    probe::{Probe, done, engine},
    shop::Shop,
};

fn sweep() -> Probe {
    Probe { key: "sweep".to_owned() }
}

/// Engines with the same schedule, and what tells of each try.
fn engines(shop: &Shop, number: usize, every: Duration) -> (Vec<Engine>, Rc<Notify>) {
    let finished = Rc::new(Notify::new());
    let made = (0..number).map(|_| {
        let (db, told) = (shop.db.clone(), Rc::clone(&finished));
        let run = async move |context: JobContext| {
            let result = done(&db, context).await;
            told.notify_one();
            result
        };
        engine(&shop.db, EngineSettings::default(), run).0.every(every, &sweep())
    });
    (made.collect(), finished)
}

/// When so many workers have lived for two heartbeats, in which each looked at its schedules at least twice.
async fn after_more_looks(sql: &tokio_postgres::Client, workers: i64) {
    let lived = "SELECT count(*) FROM workers WHERE last_seen > started_at + interval '3 seconds'";
    while sql.query_one(lived, &[]).await.unwrap().get::<_, i64>(0) < workers {
        tokio::task::yield_now().await;
    }
}

const RAN: &str = "SELECT count(*) FROM job_history WHERE outcome = 'done'";

#[tokio::test]
async fn many_workers_tick_once() {
    let shop = Shop::bare().await;
    let (mut engines, finished) = engines(&shop, 4, Duration::from_hours(1));
    let last = engines.pop().unwrap();
    let others = futures_util::future::join_all(engines.into_iter().map(|engine| engine.run(std::future::pending())));
    let sql = shop.sql().await;
    let script = async {
        finished.notified().await;
        after_more_looks(&sql, 4).await;
    };
    tokio::select! {
        _ = others => panic!("they run for ever"),
        result = last.run(script) => result.unwrap(),
    }
    assert_eq!(shop.count(RAN).await, 1);
    let ahead = "SELECT count(*) FROM schedules WHERE name = 'test.probe' AND next_at > now() + interval '50 minutes'";
    assert_eq!(shop.count(ahead).await, 1);
}

#[tokio::test]
async fn what_was_missed_is_run_once_and_the_grid_is_kept() {
    let shop = Shop::bare().await;
    let down = "INSERT INTO schedules (name, every_ms, next_at) \
        VALUES ('test.probe', 3600000, date_trunc('hour', now()) - interval '71 hours')";
    shop.sql().await.batch_execute(down).await.unwrap();
    let (mut engines, finished) = engines(&shop, 1, Duration::from_hours(1));
    let sql = shop.sql().await;
    let script = async {
        finished.notified().await;
        after_more_looks(&sql, 1).await;
    };
    engines.pop().unwrap().run(script).await.unwrap();
    assert_eq!(shop.count(RAN).await, 1);
    let on_grid = "SELECT count(*) FROM schedules WHERE next_at = date_trunc('hour', next_at) AND next_at > now()";
    assert_eq!(shop.count(on_grid).await, 1);
}

#[tokio::test]
async fn it_ticks_again_and_a_live_one_is_not_doubled() {
    let shop = Shop::bare().await;
    let (mut both, finished) = engines(&shop, 1, Duration::from_secs(1));
    let script = async {
        for _ in 0..3 {
            finished.notified().await;
        }
    };
    both.pop().unwrap().run(script).await.unwrap();
    assert!(shop.count(RAN).await >= 3);
    // One that does not end: the ticks that follow find it live.
    let begun = Rc::new(Notify::new());
    let told = Rc::clone(&begun);
    let stuck =
        engine(&shop.db, EngineSettings { grace: Duration::ZERO, ..EngineSettings::default() }, async move |_| {
            told.notify_one();
            std::future::pending().await
        });
    let sql = shop.sql().await;
    let script = async {
        begun.notified().await;
        let ticks = "SELECT count(*) FROM schedules WHERE ticked_at > (SELECT max(claimed_at) FROM jobs)";
        while sql.query_one(ticks, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
    };
    stuck.0.every(Duration::from_secs(1), &sweep()).run(script).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn a_shorter_interval_counts_from_now() {
    let shop = Shop::bare().await;
    let before =
        "INSERT INTO schedules (name, every_ms, next_at) VALUES ('test.probe', 86400000, now() + interval '1 day')";
    shop.sql().await.batch_execute(before).await.unwrap();
    let (mut engines, finished) = engines(&shop, 1, Duration::from_secs(1));
    engines.pop().unwrap().run(finished.notified()).await.unwrap();
    assert!(shop.count(RAN).await >= 1);
}
