//! A dead job that no handler understands is told to the engine's hook.

use std::{cell::RefCell, rc::Rc};

use infra::jobs::{Death, Engine, EngineSettings};
use kernel::{JobContext, JobFailure, Queue, RetryClass, StoreError};

use crate::{
    probe::{Seen, engine, enqueue},
    shop::Shop,
};

fn hooked(shop: &Shop, refusals: usize) -> (Engine, Rc<Seen>, Rc<RefCell<Vec<Death>>>) {
    let fail = async |_: JobContext| Err(JobFailure::new(RetryClass::Permanent, "went-wrong", "it went wrong"));
    let (engine, seen) = engine(&shop.db, EngineSettings::default(), fail);
    let deaths = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&deaths);
    let engine = engine.on_death(async move |death| {
        noted.borrow_mut().push(death);
        if noted.borrow().len() > refusals { Ok(()) } else { Err(StoreError::bug("not now")) }
    });
    (engine, seen, deaths)
}

const WITH_CASE: &str = "SELECT count(*) FROM job_dead WHERE case_opened_at IS NOT NULL";
const LATER: &str =
    "UPDATE job_dead SET case_tried_at = now() - interval '1 hour', died_at = now() - interval '1 hour'";

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_told_until_somebody_hears() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let order = "00000000-0000-7000-8000-000000000007";
    shop.sql().await.batch_execute(&format!("UPDATE jobs SET order_id = '{order}'")).await.unwrap();
    let (engine, seen, deaths) = hooked(&shop, 1);
    seen.reads_nothing.set(true);
    engine.run_ready().await.unwrap();
    assert_eq!((shop.count(WITH_CASE).await, deaths.borrow().len()), (0, 1));
    shop.sql().await.batch_execute(LATER).await.unwrap();
    engine.run_ready().await.unwrap();
    assert_eq!((shop.count(WITH_CASE).await, deaths.borrow().len()), (1, 2));
    let death = deaths.borrow()[1].clone();
    assert_eq!((death.kind.as_str(), death.queue, death.job), ("test.probe", Some(Queue::Mail), 1));
    assert_eq!(death.order.unwrap().uuid().to_string(), order);
    assert_eq!((death.reason.reason.as_str(), death.reason.detail.as_str()), ("permanent", "it went wrong"));
}

#[tokio::test]
async fn a_kind_that_nobody_knows_is_told_after_a_while() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    shop.sql()
        .await
        .batch_execute("UPDATE jobs SET kind = 'test.unheard_of', max_attempts = 1, queue = 3")
        .await
        .unwrap();
    let (engine, seen, deaths) = hooked(&shop, 0);
    engine.run_ready().await.unwrap();
    assert!(deaths.borrow().is_empty(), "a newer worker may know it");
    shop.sql().await.batch_execute(LATER).await.unwrap();
    engine.run_ready().await.unwrap();
    assert_eq!(
        (deaths.borrow()[0].kind.as_str(), deaths.borrow()[0].reason.code.as_str()),
        ("test.unheard_of", "unknown-kind")
    );
    assert_eq!((seen.tries(), shop.count(WITH_CASE).await), (0, 1));
}

#[tokio::test]
async fn what_a_handler_understands_is_not_told_twice() {
    let shop = Shop::bare().await;
    enqueue(&shop.db, "a").await;
    let (engine, seen, deaths) = hooked(&shop, 0);
    engine.run_ready().await.unwrap();
    assert_eq!((seen.deaths.borrow().len(), deaths.borrow().len()), (1, 0));
    assert_eq!(shop.count(WITH_CASE).await, 1);
}
