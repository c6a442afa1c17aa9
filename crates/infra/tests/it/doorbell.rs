//! What is enqueued is heard of at once, here and in other processes.

use std::{rc::Rc, time::Duration};

use infra::jobs::EngineSettings;
use kernel::JobContext;
use tokio::{sync::Notify, time::timeout};

use crate::{
    probe::{done, engine, enqueue},
    shop::Shop,
};

/// Never looks by itself while a test lasts.
fn deaf() -> EngineSettings {
    EngineSettings { poll: Duration::from_hours(10), ..EngineSettings::default() }
}

/// Against a test that would hang; nothing is measured.
const HANGS: Duration = Duration::from_mins(1);

/// Enqueues through `enqueuing` once the engine is idle, and waits for the job to be run.
async fn rings(shop: &Shop, enqueuing: &infra::db::Db) {
    let (db, finished) = (shop.db.clone(), Rc::new(Notify::new()));
    let told = Rc::clone(&finished);
    let run = async move |context: JobContext| {
        let result = done(&db, context).await;
        told.notify_one();
        result
    };
    let (engine, seen) = engine(&shop.db, deaf(), run);
    let sql = shop.sql().await;
    let script = async {
        // One job shows that the engine is up; the second finds it waiting.
        enqueue(&shop.db, "first").await;
        finished.notified().await;
        let listening = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'";
        while sql.query_one(listening, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        enqueue(enqueuing, "second").await;
        finished.notified().await;
    };
    timeout(HANGS, engine.run(script)).await.expect("the bell is heard").unwrap();
    assert_eq!(seen.tries(), 2);
}

#[tokio::test]
async fn a_job_of_this_process_starts_without_polling() {
    let shop = Shop::bare().await;
    rings(&shop, &shop.db).await;
}

#[tokio::test]
async fn a_job_of_another_process_starts_without_polling() {
    let shop = Shop::bare().await;
    let other = shop.database.connect().await;
    rings(&shop, &other).await;
}

#[tokio::test]
async fn a_lost_ring_costs_a_look_and_no_job() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
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
        finished.notified().await;
        // Written behind the bell's back.
        let unheard = "INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, payload) \
            VALUES (3, 'test.probe', 1, 3, 60000, '{}')";
        sql.batch_execute(unheard).await.unwrap();
        finished.notified().await;
    };
    timeout(HANGS, engine.run(script)).await.expect("polling finds it").unwrap();
}
