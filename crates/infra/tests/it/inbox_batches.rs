//! Events that come together are stored together; each is answered for itself, and not before the COMMIT.

use checkout::{EventInbox, IncomingEvent, Taken};
use futures_util::future::join_all;
use infra::db::Db;
use kernel::StoreError;
use testkit::noon;

use crate::shop::Shop;

const EVENTS: &str = "SELECT count(*) FROM stripe_events_log";
const JOBS: &str = "SELECT count(*) FROM jobs WHERE dedupe_key = payload->>'event'";
/// Every row knows the transaction that wrote it.
const COMMITS: &str = "SELECT count(DISTINCT xmin::text) FROM stripe_events_log";
/// Events whose type is `bad` are refused, at once or when their transaction commits.
const REFUSE: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.type = 'bad' THEN RAISE EXCEPTION 'a bad event'; END IF; RETURN NEW; END $$;";
const AT_ONCE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON stripe_events_log FOR EACH ROW EXECUTE FUNCTION refuse()";
const AT_COMMIT: &str = "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON stripe_events_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()";

fn event(id: &str) -> IncomingEvent {
    IncomingEvent {
        id: id.to_owned(),
        kind: "invoice.paid".to_owned(),
        api_version: None,
        created: Some(noon()),
        livemode: Some(false),
        object: Some("in_1".to_owned()),
        raw: format!("{{\"id\":\"{id}\"}}").into_bytes(),
        received_at: noon(),
    }
}

fn bad(id: &str) -> IncomingEvent {
    IncomingEvent { kind: "bad".to_owned(), ..event(id) }
}

/// A shop, and its database as the API has it.
async fn batching() -> (Shop, Db) {
    let shop = Shop::bare().await;
    let db = shop.db.clone().with_event_batches();
    (shop, db)
}

async fn take_all(db: &Db, events: &[IncomingEvent]) -> Vec<Result<Taken, StoreError>> {
    join_all(events.iter().map(|event| db.take(event))).await
}

#[tokio::test]
async fn sixty_four_at_once_are_one_commit_with_their_jobs() {
    let (shop, db) = batching().await;
    let events: Vec<_> = (0..64).map(|number| event(&format!("evt_{number}"))).collect();
    for taken in take_all(&db, &events).await {
        assert_eq!(taken.unwrap(), Taken::New);
    }
    assert_eq!((shop.count(EVENTS).await, shop.count(JOBS).await, shop.count(COMMITS).await), (64, 64, 1));
    let row = shop.sql().await.query_one("SELECT * FROM stripe_events_log WHERE id = 'evt_7'", &[]).await.unwrap();
    assert_eq!(row.get::<_, Vec<u8>>("payload"), event("evt_7").raw);
    assert_eq!(
        (row.get::<_, Option<&str>>("api_version"), row.get::<_, Option<bool>>("livemode")),
        (None, Some(false))
    );
    assert_eq!(row.get::<_, &str>("object_id"), "in_1");
}

#[tokio::test]
async fn more_than_a_batch_are_all_stored() {
    let (shop, db) = batching().await;
    let events: Vec<_> = (0..200).map(|number| event(&format!("evt_{number}"))).collect();
    assert!(take_all(&db, &events).await.into_iter().all(|taken| taken.unwrap() == Taken::New));
    assert_eq!((shop.count(EVENTS).await, shop.count(JOBS).await), (200, 200));
    assert!(shop.count(COMMITS).await >= 4, "a batch is bounded");
}

#[tokio::test]
async fn copies_inside_a_batch_and_of_earlier_ones_are_told_apart() {
    let (shop, db) = batching().await;
    assert_eq!(db.take(&event("evt_old")).await.unwrap(), Taken::New);
    let together = [event("evt_b"), event("evt_old"), event("evt_a"), event("evt_b"), event("evt_b")];
    let taken: Vec<_> = take_all(&db, &together).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken, [Taken::New, Taken::Duplicate, Taken::New, Taken::Duplicate, Taken::Duplicate]);
    assert_eq!((shop.count(EVENTS).await, shop.count(JOBS).await), (3, 3));
}

#[tokio::test]
async fn copies_in_two_processes_batches_are_new_once() {
    let (shop, first) = batching().await;
    let second = shop.database.connect().await.with_event_batches();
    // Each in the opposite order: without an order of their own the two would lock each other out.
    for round in 0..10 {
        let events: Vec<_> = (0..64).map(|number| event(&format!("evt_{round}_{number}"))).collect();
        let backwards: Vec<_> = events.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(take_all(&first, &events), take_all(&second, &backwards));
        let new = one.into_iter().chain(other).filter(|taken| *taken.as_ref().unwrap() == Taken::New).count();
        assert_eq!(new, 64);
    }
    assert_eq!((shop.count(EVENTS).await, shop.count(JOBS).await), (640, 640));
}

#[tokio::test]
async fn a_bad_event_fails_alone() {
    let (shop, db) = batching().await;
    shop.sql().await.batch_execute(&format!("{REFUSE} {AT_ONCE}")).await.unwrap();
    let together = [event("evt_1"), bad("evt_2"), event("evt_3"), bad("evt_2")];
    let taken = take_all(&db, &together).await;
    assert!(matches!(taken[..], [Ok(Taken::New), Err(_), Ok(Taken::New), Err(_)]), "{taken:?}");
    assert_eq!((shop.count(EVENTS).await, shop.count(JOBS).await), (2, 2));
}

#[tokio::test]
async fn nobody_is_told_before_the_commit() {
    let (shop, batching) = batching().await;
    shop.sql().await.batch_execute(&format!("{REFUSE} {AT_COMMIT}")).await.unwrap();
    for db in [&batching, &shop.db] {
        let taken = take_all(db, &[bad("evt_1")]).await;
        assert!(matches!(taken[..], [Err(_)]), "the COMMIT was refused, and the sender was told {taken:?}");
    }
    let taken = take_all(&batching, &[bad("evt_1"), event("evt_2")]).await;
    assert!(matches!(taken[..], [Err(_), Ok(Taken::New)]), "{taken:?}");
    assert_eq!(shop.count(EVENTS).await, 1);
}

#[tokio::test]
async fn an_event_whose_caller_hung_up_is_stored_all_the_same() {
    let (shop, db) = batching().await;
    let (lost, waited_for) = (event("evt_lost"), event("evt_kept"));
    let mut hanging_up = Box::pin(db.take(&lost));
    assert!(futures_util::poll!(&mut hanging_up).is_pending());
    drop(hanging_up);
    assert_eq!(db.take(&waited_for).await.unwrap(), Taken::New);
    assert_eq!((shop.count(EVENTS).await, shop.count(COMMITS).await), (2, 1));
}

#[tokio::test]
async fn who_waits_when_storing_is_stopped_hears_that_it_did_not_happen() {
    let shop = Shop::bare().await;
    let mut locking = shop.sql().await;
    let lock = locking.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE stripe_events_log").await.unwrap();
    // The batches run on a runtime of their own, which is then taken away.
    let elsewhere = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let alone = shop.db.clone();
    let db = elsewhere.spawn(async move { alone.with_event_batches() }).await.unwrap();
    let (first, second) = (event("evt_1"), event("evt_2"));
    let mut waiting = Box::pin(async { tokio::join!(db.take(&first), db.take(&second)) });
    assert!(futures_util::poll!(&mut waiting).is_pending());
    elsewhere.shutdown_background();
    let (one, other) = waiting.await;
    assert!(one.is_err() && other.is_err(), "{one:?} {other:?}");
    drop(lock);
    assert_eq!(shop.count(EVENTS).await, 0);
}

#[tokio::test]
async fn when_too_many_wait_the_rest_are_sent_away_at_once_and_nobody_is_forgotten() {
    let (shop, db) = batching().await;
    let events: Vec<_> = (0..1_000).map(|number| event(&format!("evt_{number:04}"))).collect();
    let taken = take_all(&db, &events).await;
    let stored = i64::try_from(taken.iter().filter(|taken| taken.is_ok()).count()).unwrap();
    assert!(stored < 1_000, "the queue is bounded");
    assert!(stored >= 256, "{stored}");
    let refused = taken.into_iter().filter_map(Result::err);
    assert!(refused.into_iter().all(|error| matches!(error, StoreError::Unavailable(_))));
    assert_eq!(shop.count(EVENTS).await, stored);
}
