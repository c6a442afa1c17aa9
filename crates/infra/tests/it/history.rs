//! The history's partitions are made ahead, filled in later when need be, and dropped when they are old.

use infra::jobs::EngineSettings;
use tokio_postgres::Client;

use crate::{
    probe::{done, engine, enqueue},
    shop::Shop,
};

async fn number(sql: &Client, text: &str) -> i64 {
    sql.query_one(text, &[]).await.unwrap().get(0)
}

/// So many weeks from this one on have a partition.
const AHEAD: &str = "SELECT count(*) FROM generate_series(0, 4) n WHERE to_regclass('job_history_w' \
    || to_char(date_trunc('week', now() AT TIME ZONE 'UTC') + n * interval '7 days', 'YYYYMMDD')) IS NOT NULL";

/// A finished job, so many weeks ago.
fn finished(job: i64, weeks: i64) -> String {
    format!(
        "INSERT INTO job_history (job_id, lease, queue, kind, attempt, outcome, created_at, finished_at) \
         VALUES ({job}, 1, 3, 'test.probe', 1, 'done', now(), now() - {weeks} * interval '7 days')"
    )
}

async fn partition_of(sql: &Client, job: i64) -> String {
    let asked = format!("SELECT tableoid::regclass::text FROM job_history WHERE job_id = {job}");
    sql.query_one(&asked, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_migration_makes_the_weeks_ahead_and_what_ends_goes_there() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let db = shop.db.clone();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async move |context| done(&db, context).await);
    engine.run_ready().await.unwrap();
    let sql = shop.sql().await;
    assert_eq!(number(&sql, AHEAD).await, 5);
    assert!(partition_of(&sql, 1).await.starts_with("job_history_w"));
}

#[tokio::test]
async fn an_engine_makes_partitions_moves_strays_and_drops_what_is_old() {
    let shop = Shop::bare().await;
    let sql = shop.sql().await;
    // As if no worker had run for months: nothing ahead, and rows in the default partition.
    let forget = "DO $$ DECLARE p text; BEGIN FOR p IN SELECT relname FROM pg_class WHERE relname ~ '^job_history_w\\d+$' \
        LOOP EXECUTE format('DROP TABLE %I', p); END LOOP; END $$";
    sql.batch_execute(forget).await.unwrap();
    for (job, weeks) in [(1, 0), (2, 3), (3, 30)] {
        sql.batch_execute(&finished(job, weeks)).await.unwrap();
    }
    assert_eq!(partition_of(&sql, 2).await, "job_history_default");
    // One that is old enough to be dropped as a whole.
    let (old, born) = ("job_history_w20200106", "2020-01-06 00:00+00");
    sql.batch_execute(&format!(
        "CREATE TABLE {old} PARTITION OF job_history FOR VALUES FROM ('{born}') TO ('2020-01-13 00:00+00');"
    ))
    .await
    .unwrap();
    let (engine, _) = engine(&shop.db, EngineSettings::default(), async |_| std::future::pending().await);
    let script = async {
        while number(&sql, AHEAD).await < 5 {
            tokio::task::yield_now().await;
        }
    };
    let looked = tokio::time::timeout(std::time::Duration::from_mins(1), engine.run(script));
    looked.await.expect("partitions are made").unwrap();
    for job in [1, 2] {
        assert!(partition_of(&sql, job).await.starts_with("job_history_w"), "{job} was moved");
    }
    assert_eq!(number(&sql, "SELECT count(*) FROM job_history WHERE job_id = 3").await, 0, "too old to be kept");
    assert_eq!(number(&sql, "SELECT count(*) FROM ONLY job_history_default").await, 0);
    assert_eq!(number(&sql, &format!("SELECT count(*) FROM pg_class WHERE relname = '{old}'")).await, 0);
}

#[tokio::test]
async fn whoever_keeps_house_second_does_nothing() {
    let shop = Shop::bare().await;
    let (mut first, second) = (shop.sql().await, shop.sql().await);
    let holding = first.transaction().await.unwrap();
    holding.batch_execute("SELECT pg_advisory_xact_lock(4850417100000005)").await.unwrap();
    second.batch_execute(&finished(1, 8)).await.unwrap();
    let keep = "SELECT made::bigint FROM job_history_keep(4, 13)";
    assert_eq!(number(&second, keep).await, 0, "somebody is at it");
    holding.rollback().await.unwrap();
    assert_eq!(number(&second, keep).await, 1);
    assert_eq!(number(&second, keep).await, 0);
}
