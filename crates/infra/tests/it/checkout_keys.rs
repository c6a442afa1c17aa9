//! A client's key makes a double click one order, also when both clicks are at work at once.

use checkout::{CheckoutStore, ClientKey, KeyClaim};
use infra::db::PgTx;
use kernel::{Id, StoreError, Transact, entity};
use testkit::{fixed_env, noon};
use tokio::sync::oneshot;

use crate::shop::Shop;

fn key(fingerprint: &str) -> ClientKey {
    ClientKey { scope: "guest".to_owned(), key: "click".to_owned(), fingerprint: fingerprint.to_owned() }
}

async fn claim(shop: &Shop, key: &ClientKey, order: Id<entity::Order>) -> KeyClaim {
    shop.db.transaction(async |tx| tx.claim_key(key, order, noon()).await).await.unwrap()
}

#[tokio::test]
async fn a_key_is_replayed_for_the_same_request_and_refused_for_another() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (first, _) = shop.placed(&mut env, "starter").await;
    let (second, _) = shop.placed(&mut env, "starter").await;
    assert_eq!(claim(&shop, &key("a"), first.id).await, KeyClaim::New);
    assert_eq!(claim(&shop, &key("a"), second.id).await, KeyClaim::Replay(first.id));
    assert_eq!(claim(&shop, &key("b"), second.id).await, KeyClaim::Reused);
    let elsewhere = ClientKey { scope: "usr_1".to_owned(), ..key("b") };
    assert_eq!(claim(&shop, &elsewhere, second.id).await, KeyClaim::New, "keys belong to their scope");
}

/// Claims in a transaction that ends only when it is told how; a second claim meanwhile waits for that end.
async fn two_at_once(first_commits: bool) -> (KeyClaim, Id<entity::Order>, Id<entity::Order>) {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (first, _) = shop.placed(&mut env, "starter").await;
    let (second, _) = shop.placed(&mut env, "starter").await;
    let (claimed, is_claimed) = oneshot::channel();
    let (end, ending) = oneshot::channel::<()>();
    let holder = async {
        let work = async |tx: &mut PgTx| {
            assert_eq!(tx.claim_key(&key("a"), first.id, noon()).await?, KeyClaim::New);
            claimed.send(()).unwrap();
            ending.await.unwrap();
            if first_commits { Ok(()) } else { Err(StoreError::bug("rolled back")) }
        };
        assert_eq!(shop.db.transaction(work).await.is_ok(), first_commits);
    };
    let waiter = async {
        is_claimed.await.unwrap();
        claim(&shop, &key("a"), second.id).await
    };
    let referee = async {
        let sql = shop.sql().await;
        let waits = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sql.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        end.send(()).unwrap();
    };
    let ((), claim, ()) = tokio::join!(holder, waiter, referee);
    (claim, first.id, second.id)
}

#[tokio::test]
async fn a_second_claim_waits_and_replays_what_the_first_made() {
    let (claim, first, _) = two_at_once(true).await;
    assert_eq!(claim, KeyClaim::Replay(first));
}

#[tokio::test]
async fn a_second_claim_waits_and_takes_over_what_the_first_dropped() {
    let (claim, _, _) = two_at_once(false).await;
    assert_eq!(claim, KeyClaim::New);
}
