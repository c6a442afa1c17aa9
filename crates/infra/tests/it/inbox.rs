//! Gateway events: stored and enqueued in one statement, once.

use checkout::{EventInbox, IncomingEvent, Taken};
use futures_util::future::join_all;
use kernel::{StoreError, Transact};
use orders::{EventOutcome, EventStore};
use testkit::noon;

use crate::shop::Shop;

fn event(id: &str) -> IncomingEvent {
    IncomingEvent {
        id: id.to_owned(),
        kind: "checkout.session.completed".to_owned(),
        api_version: Some("2025-08-27.basil".to_owned()),
        created: Some(noon()),
        livemode: Some(false),
        object: Some("cs_test_1".to_owned()),
        raw: vec![0, 159, 146, 150, b'{'],
        received_at: noon(),
    }
}

#[tokio::test]
async fn an_event_is_stored_with_its_job() {
    let shop = Shop::bare().await;
    assert_eq!(shop.db.take(&event("evt_1")).await.unwrap(), Taken::New);
    let row = shop.sql().await.query_one("SELECT kind, payload::text, dedupe_key, queue FROM jobs", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "payments.process_event");
    assert_eq!(row.get::<_, String>(1), r#"{"event": "evt_1"}"#);
    assert_eq!((row.get::<_, &str>(2), row.get::<_, i16>(3)), ("evt_1", 1));
    let stored = shop.db.transaction(async |tx| tx.event("evt_1").await).await.unwrap().unwrap();
    assert_eq!((stored.raw, stored.outcome), (event("evt_1").raw, None));
}

#[tokio::test]
async fn a_second_copy_does_nothing_even_after_its_job_is_done() {
    let shop = Shop::bare().await;
    shop.db.take(&event("evt_1")).await.unwrap();
    assert_eq!(shop.db.take(&event("evt_1")).await.unwrap(), Taken::Duplicate);
    shop.sql().await.batch_execute("DELETE FROM jobs").await.unwrap();
    assert_eq!(shop.db.take(&event("evt_1")).await.unwrap(), Taken::Duplicate);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn twenty_copies_at_once_are_one_event_and_one_job() {
    let shop = Shop::bare().await;
    let copy = event("evt_1");
    let taken = join_all((0..20).map(|_| shop.db.take(&copy))).await;
    let new = taken.into_iter().filter(|taken| *taken.as_ref().unwrap() == Taken::New).count();
    assert_eq!(new, 1);
    assert_eq!(shop.count("SELECT count(*) FROM stripe_events_log").await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn an_event_without_an_envelope_is_stored_too() {
    let shop = Shop::bare().await;
    let bare = IncomingEvent { api_version: None, created: None, livemode: None, object: None, ..event("sha256:1") };
    assert_eq!(shop.db.take(&bare).await.unwrap(), Taken::New);
}

#[tokio::test]
async fn an_outcome_is_noted_and_forgotten_for_a_replay() {
    let shop = Shop::bare().await;
    shop.db.take(&event("evt_1")).await.unwrap();
    let outcome = EventOutcome { word: "unmatched", detail: "no such order".to_owned(), order: None };
    let noted = shop
        .db
        .transaction(async |tx| {
            tx.set_event_outcome("evt_1", &outcome, noon()).await?;
            tx.event("evt_1").await
        })
        .await;
    assert_eq!(noted.unwrap().unwrap().outcome.as_deref(), Some("unmatched"));
    let reopened = shop
        .db
        .transaction(async |tx| {
            tx.reopen_event("evt_1").await?;
            Ok::<_, StoreError>((tx.event("evt_1").await?, tx.event("evt_2").await?))
        })
        .await;
    let (known, unknown) = reopened.unwrap();
    assert_eq!((known.unwrap().outcome, unknown), (None, None));
}
