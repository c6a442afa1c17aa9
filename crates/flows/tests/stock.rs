//! A stock from the first order to the last: who holds a place, who gives it back, and whose payment counts all the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use catalog::{CatalogStore, Product};
use checkout::{CheckoutError, CheckoutRequest, ClientKey};
use flows::{CreateSessionError, SessionStarted, Shop, create_session, testing::MemoryShop};
use kernel::{Failure, FailureKind, StoreError, Transact};
use orders::{Buyer, DeliveryRequest, testing::MemoryStore};

async fn shop_with(stock: u32) -> MemoryShop {
    let shop = MemoryShop::new();
    let limit = async |tx: &mut MemoryStore| {
        let product = tx.active_product("starter").await?.unwrap();
        tx.save_product(&Product { stock: Some(stock), ..product }).await
    };
    shop.db().transaction::<_, StoreError>(limit).await.unwrap();
    shop
}

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
    create_session(shop, request(key)).await
}

fn assert_sold_out(result: Result<SessionStarted, CreateSessionError>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (FailureKind::Conflict, "sold-out"));
    let CreateSessionError::Checkout(CheckoutError::SoldOut { plan }) = &error else { panic!("{error:?}") };
    assert_eq!(plan, "Starter");
}

async fn event(shop: &MemoryShop, body: &str) {
    flows::take_event(shop, body.as_bytes()).await.unwrap();
    shop.work(100).await;
}

fn word(shop: &MemoryShop, started: &SessionStarted) -> &'static str {
    shop.db.with(|store| store.orders[&started.order].state.as_str())
}

#[tokio::test]
async fn the_last_one_is_sold_once_and_nobody_else_is_asked_for_money() {
    let shop = shop_with(1).await;
    let first = order(&shop, "first").await.unwrap();
    assert_sold_out(order(&shop, "second").await);
    let body = shop.gateway.pay(&first.session);
    event(&shop, &body).await;
    assert_eq!(word(&shop, &first), "provisioned");
    assert_sold_out(order(&shop, "second").await);
    assert_eq!((shop.gateway.requests().len(), shop.db.with(|store| store.orders.len())), (1, 1));
}

#[tokio::test]
async fn who_holds_the_last_one_is_led_to_its_payment_again() {
    let shop = shop_with(1).await;
    let first = order(&shop, "first").await.unwrap();
    assert_eq!(order(&shop, "first").await.unwrap(), first, "a double click is not told that it is sold out");
}

#[tokio::test]
async fn an_abandoned_checkout_gives_its_place_back_when_it_expires() {
    let shop = shop_with(1).await;
    let first = order(&shop, "first").await.unwrap();
    shop.gateway.edit(&first.session, |session| session.status = orders::SessionStatus::Expired);
    event(&shop, &format!("checkout.session.expired {}", first.session)).await;
    assert_eq!(word(&shop, &first), "expired");
    order(&shop, "second").await.unwrap();
}

/// The place went to somebody else meanwhile; the money is there all the same, and so is the service.
#[tokio::test]
async fn a_late_payment_of_an_expired_order_is_honoured_though_none_is_left() {
    let shop = shop_with(1).await;
    let first = order(&shop, "first").await.unwrap();
    shop.gateway.edit(&first.session, |session| session.status = orders::SessionStatus::Expired);
    event(&shop, &format!("checkout.session.expired {}", first.session)).await;
    let second = order(&shop, "second").await.unwrap();
    let body = shop.gateway.pay(&second.session);
    event(&shop, &body).await;
    let body = shop.gateway.pay(&first.session);
    event(&shop, &body).await;
    assert_eq!((word(&shop, &first), word(&shop, &second)), ("provisioned", "provisioned"));
    assert_eq!(shop.providers.0.count(), 2);
    assert_sold_out(order(&shop, "third").await);
}

#[tokio::test]
async fn a_stock_of_nothing_sells_nothing() {
    assert_sold_out(order(&shop_with(0).await, "first").await);
}
