//! Room at the provider before anybody pays, and a provider that is asked as often as it bears.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use std::time::Duration;

use audit::Origin;
use checkout::{CheckoutRequest, ClientKey};
use flows::{
    CreateSessionError, SessionStarted, Shop, check_out, create_session,
    sweeps::{SweepRooms, sweep_rooms},
    testing::MemoryShop,
};
use kernel::{Failure, FailureKind, JobQueue, Transact};
use orders::{Buyer, DeliveryRequest, left_of, testing::MemoryStore};
use provisioning::{ProviderError, testing::Fault};

fn request(key: &str) -> CheckoutRequest {
    let email = format!("{key}@example.com").parse().unwrap();
    CheckoutRequest {
        plan: "starter".to_owned(),
        cycle: "monthly".to_owned(),
        coupon: None,
        trial: false,
        buyer: Buyer { email, name: "Gerda".to_owned(), customer: None, guest: true },
        delivery: DeliveryRequest::default(),
        client_key: Some(ClientKey { scope: "guest".into(), key: key.to_owned(), fingerprint: "same".into() }),
    }
}

async fn order(shop: &MemoryShop, key: &str) -> Result<SessionStarted, CreateSessionError> {
    check_out(shop, request(key), None, &Origin::default()).await
}

fn assert_no_room(result: Result<SessionStarted, CreateSessionError>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (FailureKind::Conflict, "sold-out"), "{error}");
}

async fn pay(shop: &MemoryShop, started: &SessionStarted) {
    let body = shop.gateway.pay(&started.session);
    flows::take_event(shop, body.as_bytes()).await.unwrap();
    shop.work(100).await;
}

async fn left(shop: &MemoryShop) -> Option<u32> {
    let now = shop.env().now();
    let work = async |tx: &mut MemoryStore| {
        use catalog::CatalogStore as _;
        let plan = tx.active_product("starter").await?.unwrap();
        Ok::<_, kernel::StoreError>(left_of(tx, std::slice::from_ref(&plan), now).await?.get(&plan.id).copied())
    };
    shop.db().transaction(work).await.unwrap()
}

#[tokio::test]
async fn what_has_no_room_is_not_sold_and_what_is_promised_takes_its_place() {
    let shop = MemoryShop::new();
    shop.providers.0.has_places(2);
    let first = order(&shop, "first").await.unwrap();
    let second = order(&shop, "second").await.unwrap();
    assert_eq!(left(&shop).await, None);
    assert_no_room(order(&shop, "third").await);
    assert_eq!(order(&shop, "first").await.unwrap(), first, "who holds a place is led to its payment again");
    assert_eq!(left(&shop).await, Some(0), "the shop says so");
    pay(&shop, &first).await;
    assert_no_room(order(&shop, "third").await);
    pay(&shop, &second).await;
    assert_no_room(order(&shop, "third").await);
    assert_eq!((shop.providers.0.count(), shop.gateway.requests().len()), (2, 2), "nobody else was asked for money");
    shop.providers.0.has_places(3);
    assert_no_room(order(&shop, "third").await);
    shop.advance(chrono::Duration::seconds(31));
    order(&shop, "third").await.unwrap();
    assert_eq!(left(&shop).await, None, "what was said last counts");
}

#[tokio::test]
async fn an_order_that_is_given_up_gives_its_place_back() {
    let shop = MemoryShop::new();
    shop.providers.0.has_places(1);
    let first = order(&shop, "first").await.unwrap();
    assert_no_room(order(&shop, "second").await);
    shop.gateway.edit(&first.session, |session| session.status = orders::SessionStatus::Expired);
    let body = format!("checkout.session.expired {}", first.session);
    flows::take_event(&shop, body.as_bytes()).await.unwrap();
    shop.work(100).await;
    order(&shop, "second").await.unwrap();
}

#[tokio::test]
async fn an_answer_is_good_for_a_moment_and_the_panel_is_spared() {
    let shop = MemoryShop::new();
    shop.providers.0.has_places(1);
    order(&shop, "first").await.unwrap();
    assert_no_room(order(&shop, "second").await);
    let calls = shop.providers.0.calls();
    order(&shop, "first").await.unwrap();
    assert_no_room(order(&shop, "second").await);
    assert_eq!(shop.providers.0.calls(), calls, "it was full a moment ago");
    shop.advance(chrono::Duration::minutes(11));
    assert_eq!(left(&shop).await, None, "nobody says for ever that there is no room");
}

/// A provider that is away sells as if it had room: the delivery waits for it.
#[tokio::test]
async fn a_provider_that_cannot_be_asked_does_not_keep_anybody_from_buying() {
    let shop = MemoryShop::new();
    shop.providers.0.has_places(0);
    shop.providers.0.fail_at(1, false);
    let started = order(&shop, "first").await.unwrap();
    assert_eq!(shop.gateway.requests().len(), 1, "{started:?}");
}

/// Being turned away is no try, and nothing was asked: the order is delivered once there is a turn.
#[tokio::test]
async fn an_order_whose_provider_bears_no_more_waits_for_its_turn() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, request("first")).await.unwrap();
    let busy = ProviderError::Busy { detail: "as often as it may be".to_owned(), after: Duration::from_mins(1) };
    for _ in 0..100 {
        shop.providers.0.plan(Fault::Before(busy.clone()));
    }
    pay(&shop, &started).await;
    shop.work(1000).await;
    assert_eq!(shop.providers.0.creates(), 101, "more often than a job is tried");
    assert!(shop.db.with(|store| store.cases.cases.is_empty()), "it is nothing for a person");
    assert_eq!(shop.db.with(|store| store.orders[&started.order].state.as_str()), "provisioned");
    assert_eq!(shop.providers.0.count(), 1);
}

#[tokio::test]
async fn a_sweep_tells_the_shop_what_has_no_room_and_what_has_again() {
    let shop = MemoryShop::new();
    for (places, left_now) in [(0, Some(0)), (1, None)] {
        shop.providers.0.has_places(places);
        shop.db().transaction(async |tx| tx.enqueue(&SweepRooms {}).await).await.unwrap();
        let (context, _) = shop.db.with(|store| store.jobs.claim()).unwrap();
        let swept = sweep_rooms(&shop, SweepRooms {}, context).await;
        swept.map_or_else(|failure| panic!("{}", failure.code), drop);
        assert_eq!(left(&shop).await, left_now, "room for {places}");
    }
}
