//! The queue in memory does what PostgreSQL's does, since the simulation stands on it.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::{sync::Arc, time::Duration};

use kernel::{Enqueued, Job, JobContext, JobFailure, JobQueue, Queue, RetryClass, StoreError};
use orders::testing::{Fate, MemoryJob, MemoryJobs};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Errand {
    name: String,
}

impl Job for Errand {
    const KIND: &'static str = "test.errand";
    const QUEUE: Queue = Queue::Mail;
    const MAX_ATTEMPTS: i16 = 3;
    fn dedupe_key(&self) -> Option<String> {
        Some(self.name.clone())
    }
}

async fn queue_of(names: &[&str]) -> MemoryJobs {
    let mut jobs = MemoryJobs::default();
    jobs.now = catalog::testing::now();
    jobs.beat(1);
    jobs.beat(2);
    for name in names {
        jobs.enqueue(&Errand { name: (*name).to_owned() }).await.expect("memory");
    }
    jobs
}

fn claim(jobs: &mut MemoryJobs, worker: u64) -> (JobContext, Arc<MemoryJob>) {
    jobs.claim_due(worker, Queue::Mail).expect("a job is due")
}

fn failure(class: RetryClass) -> JobFailure {
    JobFailure::new(class, "test", "it failed")
}

#[tokio::test]
async fn a_key_has_one_live_job() {
    let mut jobs = queue_of(&["one"]).await;
    let again = jobs.enqueue(&Errand { name: "one".to_owned() }).await;
    assert!(matches!(again, Ok(Enqueued::AlreadyThere)));
    let (context, _) = claim(&mut jobs, 1);
    let _done = jobs.complete(context.lease).await.expect("the lease is held");
    let anew = jobs.enqueue(&Errand { name: "one".to_owned() }).await;
    assert!(matches!(anew, Ok(Enqueued::Added)));
}

#[tokio::test]
async fn a_silent_worker_loses_its_job_and_may_write_nothing() {
    let mut jobs = queue_of(&["one"]).await;
    let (old, _) = claim(&mut jobs, 1);
    jobs.now += Duration::from_secs(9);
    assert_eq!(jobs.rescue().rescued, 0, "not silent for long enough");
    jobs.now += Duration::from_secs(1);
    jobs.beat(2);
    assert_eq!(jobs.rescue().rescued, 1);
    let (new, _) = claim(&mut jobs, 2);
    assert!(matches!(jobs.complete(old.lease).await, Err(StoreError::StaleLease)));
    assert!(matches!(jobs.snooze(old.lease, Duration::ZERO).await, Err(StoreError::StaleLease)));
    assert_eq!(jobs.fail(old, &failure(RetryClass::Retry)), Fate::NotOurs);
    let _done = jobs.complete(new.lease).await.expect("the newer lease is held");
}

#[tokio::test]
async fn a_job_past_its_deadline_is_taken_from_a_worker_that_lives() {
    let mut jobs = queue_of(&["one"]).await;
    let (_, job) = claim(&mut jobs, 1);
    jobs.now += job.budget + Duration::from_secs(1);
    jobs.beat(1);
    assert_eq!(jobs.rescue().rescued, 1);
}

#[tokio::test]
async fn the_third_worker_in_a_row_that_is_lost_ends_it() {
    let mut jobs = queue_of(&["one"]).await;
    for round in 1..=3 {
        jobs.beat(1);
        claim(&mut jobs, 1);
        jobs.now += Duration::from_secs(10);
        let found = jobs.rescue();
        assert_eq!((found.rescued, found.poisoned), if round < 3 { (1, 0) } else { (0, 1) });
    }
    assert_eq!(jobs.dead.values().map(|dead| dead.reason).collect::<Vec<_>>(), ["poison"]);
}

#[tokio::test]
async fn failures_wait_and_the_last_try_ends_it() {
    let mut jobs = queue_of(&["one"]).await;
    for fate in [Fate::Again, Fate::Again, Fate::Dead] {
        let (context, _) = claim(&mut jobs, 1);
        assert_eq!(jobs.fail(context, &failure(RetryClass::Retry)), fate);
        jobs.now += Duration::from_mins(15);
    }
    let (id, _, detail) = jobs.take_dead().expect("it waits for its case");
    assert_eq!((detail.as_str(), jobs.take_dead().is_none()), ("it failed", true));
    jobs.case_opened(id);
    assert_eq!(jobs.history.len(), 3);
}

#[tokio::test]
async fn waiting_and_being_interrupted_are_no_tries() {
    let mut jobs = queue_of(&["one"]).await;
    let (context, _) = claim(&mut jobs, 1);
    let _snoozed = jobs.snooze(context.lease, Duration::from_mins(1)).await.expect("the lease is held");
    assert!(jobs.claim_due(1, Queue::Mail).is_none(), "it is not due");
    jobs.now += Duration::from_mins(1);
    let (context, _) = claim(&mut jobs, 1);
    assert_eq!((context.attempt, context.lease.token), (1, 2));
    assert_eq!(jobs.fail(context, &failure(RetryClass::RetryAfter(Duration::from_secs(5)))), Fate::Again);
    jobs.now += Duration::from_secs(5);
    claim(&mut jobs, 1);
    assert_eq!(jobs.release(1), 1);
    assert_eq!(claim(&mut jobs, 1).0.attempt, 1);
}
