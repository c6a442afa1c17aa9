//! Jobs that end on their own: many under one COMMIT, each under its own lease.

use std::rc::Rc;

use infra::jobs::EngineSettings;
use kernel::{CompleteAlone, JobContext, Lease, StoreError};

use crate::{
    probe::{engine, enqueue},
    shop::Shop,
};

#[tokio::test]
async fn a_job_without_effects_ends_and_is_history() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let db = shop.db.clone();
    let run = async move |context: JobContext| Ok(db.complete_alone(context.lease).await?);
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), run);
    assert_eq!(engine.run_ready().await.unwrap(), 1);
    assert_eq!(seen.attempts(), [1]);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
    let history = "SELECT count(*) FROM job_history WHERE outcome = 'done' AND lease = 1 AND claimed_at <= finished_at";
    assert_eq!(shop.count(history).await, 1);
}

#[tokio::test]
async fn a_lost_lease_is_told_and_spoils_no_other_of_its_batch() {
    let shop = Shop::bare().await;
    for key in 0..40 {
        enqueue(&shop.db, &key.to_string()).await;
    }
    let running = "UPDATE jobs SET state = 'x', lease = 7, attempt = 1, worker_id = gen_random_uuid(), \
        claimed_at = now(), deadline_at = now() + interval '1 hour'";
    shop.sql().await.batch_execute(running).await.unwrap();
    // Every fourth is somebody else's by now.
    let ends = (1..=40).map(|job| shop.db.complete_alone(Lease { job, token: if job % 4 == 0 { 6 } else { 7 } }));
    let ended = futures_util::future::join_all(ends).await;
    for (job, result) in (1..=40).zip(ended) {
        match result {
            Ok(_) => assert_ne!(job % 4, 0, "{job}"),
            Err(error) => assert!(matches!(error, StoreError::StaleLease) && job % 4 == 0, "{job}: {error:?}"),
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM jobs WHERE state = 'x' AND id % 4 = 0").await, 10);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 10);
    assert_eq!(shop.count("SELECT count(*) FROM job_history").await, 30);
    let commits = shop.count("SELECT count(DISTINCT xmin::text) FROM job_history").await;
    assert!(commits < 30, "{commits} COMMITs for 30 jobs");
}

#[tokio::test]
async fn whoever_stops_waiting_spoils_nothing() {
    let shop = Rc::new(Shop::bare().await);
    for key in ["a", "b"] {
        enqueue(&shop.db, key).await;
    }
    let running = "UPDATE jobs SET state = 'x', lease = 1, attempt = 1, worker_id = gen_random_uuid(), \
        claimed_at = now(), deadline_at = now() + interval '1 hour'";
    shop.sql().await.batch_execute(running).await.unwrap();
    {
        let mut dropped = std::pin::pin!(shop.db.complete_alone(Lease { job: 1, token: 1 }));
        assert!(futures_util::poll!(&mut dropped).is_pending());
    }
    let _ = shop.db.complete_alone(Lease { job: 2, token: 1 }).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM job_history").await, 2, "it was handed over already");
}
