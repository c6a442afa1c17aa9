//! A purchase on the memory store: placed, paid, delivered, without a database, a gateway or a panel.

use embed_orders::wants_a_look;
use orders::{Links, OrderStore, Receipt, delivery_begins, delivery_progressed, testing};
use provisioning::{Lookup, Provider, ServiceStore, testing::FakeProvider};

#[tokio::test]
async fn a_guest_buys_a_game_server() {
    let mut store = testing::shop();
    let mut env = testing::env(1);
    let links = Links::new("https://shop.example");

    let (mut order, mut payment) = testing::placed(&mut store, &mut env, "paper-4gb", "monthly").await;
    assert!(wants_a_look(&order, 1000) && !wants_a_look(&order, 100_000));

    let receipt = Receipt { access: Some(testing::access(&mut env)), ..Receipt::default() };
    orders::pay(&mut store, &mut env, &links, (&mut order, &mut payment), &receipt).await.unwrap();
    assert!(!wants_a_look(&order, 1000));
    assert_eq!(store.accounts.customers.len(), 1, "a guest has an account from here on");

    let mut service = store.service_of(order.id).await.unwrap().expect("paying promises a service");
    delivery_begins(&mut store, &mut env, &mut order).await.unwrap();
    provisioning::begin(&mut store, &mut service).await.unwrap();
    let panel = FakeProvider::default();
    assert_eq!(panel.find(&service.to_order()).await.unwrap(), Lookup::Absent);
    let remote = panel.create(&service.to_order()).await.unwrap();
    let progress = provisioning::record(&mut store, &mut service, remote).await.unwrap();
    delivery_progressed(&mut store, &mut env, &links, (&mut order, &service), &progress).await.unwrap();

    assert_eq!(order.state.as_str(), "provisioned");
    let told: Vec<String> = store.timeline(order.id).await.unwrap().into_iter().map(|entry| entry.event).collect();
    assert_eq!(told, ["placed", "paid", "delivery_requested", "provisioning", "provisioned"]);
}

#[tokio::test]
async fn paying_twice_is_refused() {
    let mut store = testing::shop();
    let mut env = testing::env(2);
    let links = Links::new("https://shop.example");
    let (mut order, mut payment) = testing::placed(&mut store, &mut env, "starter", "monthly").await;
    let receipt = Receipt { access: Some(testing::access(&mut env)), ..Receipt::default() };
    orders::pay(&mut store, &mut env, &links, (&mut order, &mut payment), &receipt).await.unwrap();
    let again = orders::pay(&mut store, &mut env, &links, (&mut order, &mut payment), &receipt).await;
    assert_eq!(again.unwrap_err().to_string(), "an order that is paid cannot be paid");
    assert_eq!(store.services.services.len(), 1);
}
