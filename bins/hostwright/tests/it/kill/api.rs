//! The API is killed.

use serde_json::json;
use tokio::time::sleep;

use super::{Crowd, moments};
use crate::ground::{Goods, Ground, Victim, prove, rows};

/// The client hears nothing and asks again under the same key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_dies_while_stripe_makes_the_payment_page() {
    let mut ground = Ground::open().await;
    let mut sold = Vec::new();
    for (name, goods, kind) in [
        ("Stripe is slow", Goods::Hosting, "delay"),
        ("Stripe is slow", Goods::Game, "delay"),
        ("Stripe has made the page and is silent", Goods::Hosting, "hang_after_effect"),
    ] {
        let rule = json!({
            "target": "stripe", "kind": kind, "ms": 1500, "times": 1, "method": "POST",
            "path_contains": "/checkout/sessions",
        });
        let fault = ground.fault(rule).await;
        let crowd = Crowd::of([ground.buyer(goods)]);
        ground.fired(fault).await;
        ground.kill(Victim::Api, name).await;
        sold.extend(crowd.served().await);
    }
    prove(&ground, &sold).await;
}

/// From the registration to the payment: whoever is not answered asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_dies_at_any_moment_of_an_order() {
    let mut ground = Ground::open().await;
    let mut sold = Vec::new();
    for after in moments(8, 120, 2) {
        let crowd = Crowd::of([Goods::Game, Goods::Hosting].map(|goods| ground.buyer(goods)));
        sleep(after).await;
        ground.kill(Victim::Api, &format!("{after:?} after two customers began")).await;
        sold.extend(crowd.served().await);
    }
    prove(&ground, &sold).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_dies_while_webhooks_arrive() {
    let mut ground = Ground::open().await;
    let mut sold = Vec::new();
    for after in moments(4, 24, 3) {
        let mut paid = Vec::new();
        for goods in [Goods::Hosting, Goods::Game, Goods::Hosting] {
            paid.push(ground.buyer(goods).order().await);
        }
        for purchase in &paid {
            ground.desk.pay(&purchase.session).await;
        }
        sleep(after).await;
        ground.kill(Victim::Api, &format!("{after:?} after three payments")).await;
        sold.extend(paid);
    }
    prove(&ground, &sold).await;
}

/// The event is stored, Stripe never hears of it and sends it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_dies_between_storing_an_event_and_saying_so() {
    let mut ground = Ground::open().await;
    let purchase = ground.buyer(Goods::Hosting).order().await;
    ground.desk.control("/stripe/webhook", &json!({ "paused": true })).await;
    ground.desk.pay(&purchase.session).await;
    // Somebody else seems to be storing the same events; until it is clear whether they do, the API waits.
    let mut holder = ground.database.sql().await;
    let held = holder.transaction().await.unwrap();
    for event in ground.desk.truth().await["events"].as_array().unwrap() {
        let insert = "INSERT INTO stripe_events_log (id, type, payload, received_at) VALUES ($1, 'x', '', now())";
        held.execute(insert, &[&event["id"].as_str().unwrap()]).await.unwrap();
    }
    ground.desk.control("/stripe/webhook", &json!({ "paused": false })).await;
    ground.stuck("hostwright-api").await;
    ground.strike(Victim::Api, "an event is being stored");
    // PostgreSQL finishes what it was sent, although nobody waits for it any more.
    held.rollback().await.unwrap();
    crate::ground::until("the event is stored", async || {
        (!rows(&ground.sql, "SELECT 1 FROM stripe_events_log").await.is_empty()).then_some(())
    })
    .await;
    ground.revive(Victim::Api).await;
    prove(&ground, &[purchase]).await;
    let reply = ground.desk.get("/api/health").await.unwrap();
    let again = reply.body["webhooks"]["duplicates"].as_u64().unwrap();
    assert!(again >= 1, "no event came twice, so the kill met another moment: {reply:?}");
}
