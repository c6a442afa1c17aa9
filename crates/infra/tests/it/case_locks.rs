//! An operator's retry beside a worker that closes the same case: one waits for the other, and neither dies of a deadlock.

use audit::Actor;
use cases::{CaseKind, NewCase};
use checkout::{EventInbox, IncomingEvent, Taken};
use flows::{RemedyError, replay_event, retry_case};
use infra::db::PgTx;
use kernel::{Env, Id, JobQueue, Lease, StoreError, Transact, entity};
use orders::{EventOutcome, EventStore, Links, OrderStore};
use testkit::{fixed_env, noon};

use crate::shop::Shop;

const EVENT: &str = "evt_1";
const RUNNING: &str = "UPDATE jobs SET state = 'x', lease = 7, attempt = 1, worker_id = gen_random_uuid(), \
    claimed_at = now(), deadline_at = now() + interval '1 hour' WHERE kind = 'payments.process_event'";
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn until_somebody_waits(shop: &Shop) {
    let sql = shop.sql().await;
    while sql.query_one(WAITING, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
}

async fn the_case(shop: &Shop) -> Id<entity::Case> {
    let sql = "SELECT 'case_' || replace(id::text, '-', '') FROM cases WHERE closed_at IS NULL";
    shop.sql().await.query_one(sql, &[]).await.unwrap().get::<_, &str>(0).parse().unwrap()
}

/// An event whose job runs, and a case about it.
async fn delayed_event(env: &mut Env) -> (Shop, Lease) {
    let shop = Shop::bare().await;
    let event = IncomingEvent {
        id: EVENT.to_owned(),
        kind: "checkout.session.completed".to_owned(),
        api_version: None,
        created: None,
        livemode: None,
        object: None,
        raw: b"{}".to_vec(),
        received_at: noon(),
    };
    assert_eq!(shop.db.take(&event).await.unwrap(), Taken::New);
    let new = NewCase {
        kind: CaseKind::EventDelayed,
        subject: EVENT.to_owned(),
        order: None,
        reason: "it waits".to_owned(),
        next_step: "replay it".to_owned(),
    };
    shop.db.transaction(async |tx| cases::open(tx, env, new).await).await.unwrap();
    let sql = shop.sql().await;
    sql.batch_execute(RUNNING).await.unwrap();
    let job: i64 = sql.query_one("SELECT id FROM jobs", &[]).await.unwrap().get(0);
    (shop, Lease { job, token: 7 })
}

/// What a worker writes when it has processed the event. The other is let in when the job is ended.
async fn end_of_the_event(shop: &Shop, env: &Env, lease: Lease, let_in: tokio::sync::oneshot::Sender<()>) {
    let work = async |tx: &mut PgTx| {
        let _ = tx.complete(lease).await?;
        let_in.send(()).unwrap();
        until_somebody_waits(shop).await;
        let outcome = EventOutcome { word: "settled", detail: String::new(), order: None };
        tx.set_event_outcome(EVENT, &outcome, env.now()).await?;
        cases::cause_gone(tx, env, (CaseKind::EventDelayed, EVENT), "processed").await
    };
    assert!(shop.db.transaction(work).await.unwrap(), "the worker closes the case");
}

#[tokio::test]
async fn a_retry_waits_for_the_worker_that_ends_the_event() {
    let mut env = fixed_env(1);
    let (shop, lease) = delayed_event(&mut env).await;
    let case = the_case(&shop).await;
    let (let_in, may_go) = tokio::sync::oneshot::channel();
    let operator = async {
        may_go.await.unwrap();
        retry_case(&shop.db, &mut fixed_env(2), case, &Actor::operator("Ada")).await
    };
    let ((), retried) = tokio::join!(end_of_the_event(&shop, &env, lease, let_in), operator);
    assert!(matches!(retried, Err(RemedyError::NotOpen(_))), "{retried:?}");
    assert_eq!(shop.count("SELECT count(*) FROM jobs").await, 0, "a retry that came too late leaves nothing");
}

#[tokio::test]
async fn a_replay_waits_for_the_worker_that_ends_the_event() {
    let env = &mut fixed_env(1);
    let (shop, lease) = delayed_event(env).await;
    let (let_in, may_go) = tokio::sync::oneshot::channel();
    let operator = async {
        may_go.await.unwrap();
        replay_event(&shop.db, &mut fixed_env(2), EVENT, &Actor::operator("Ada")).await
    };
    let ((), replayed) = tokio::join!(end_of_the_event(&shop, env, lease, let_in), operator);
    assert!(replayed.unwrap());
    assert_eq!(shop.count("SELECT count(*) FROM jobs WHERE state = 'r'").await, 1);
}

#[tokio::test]
async fn a_retry_waits_for_the_worker_that_delivers_the_order() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (order, _) = shop.paid(&mut env, "starter").await;
    let links = Links::new("https://shop.example");
    let work = async |tx: &mut PgTx| orders::give_up(tx, &mut env, &links, order.id, "the panel is away").await;
    shop.db.transaction(work).await.unwrap();
    let case = the_case(&shop).await;
    let (let_in, may_go) = tokio::sync::oneshot::channel();
    let worker = async {
        let work = async |tx: &mut PgTx| {
            tx.lock_order(order.id).await?;
            let_in.send(()).unwrap();
            until_somebody_waits(&shop).await;
            cases::order_causes_gone(tx, &env, order.id, &[CaseKind::SetupFailed], "it runs").await
        };
        shop.db.transaction::<_, StoreError>(work).await
    };
    let operator = async {
        may_go.await.unwrap();
        retry_case(&shop.db, &mut fixed_env(2), case, &Actor::operator("Ada")).await
    };
    let (closed, retried) = tokio::join!(worker, operator);
    assert_eq!(closed.unwrap(), 1);
    assert!(matches!(retried, Err(RemedyError::NotOpen(_))), "{retried:?}");
}
