//! What comes right without a webhook, and what an operator sees of the rest.

use serde_json::json;

use super::cases::becomes;
use crate::ground::{Goods, Ground, rows, until};

/// Not one webhook arrives: the order runs within three minutes of its payment all the same (`LIMIT` is two).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_runs_without_any_webhook() {
    let ground = Ground::open().await;
    ground.desk.control("/stripe/webhook", &json!({ "paused": true })).await;
    let sold = ground.sell(Goods::Hosting).await;
    becomes(&ground, &sold.order, "provisioned").await;
    let found = ground.told("cases sweeps");
    assert!(found.contains("sweep.missed_events"), "{found}");
    let finds = "SELECT 1 FROM sweeps WHERE name IN ('sweep.missed_events', 'sweep.pending_orders') AND found > 0";
    assert!(!rows(&ground.sql, finds).await.is_empty(), "a sweep says that it found the payment: {found}");
}

/// The panel is away: within a minute operator and customer see it, and when it is back the case closes by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_waits_is_a_case_within_a_minute_and_closes_by_itself() {
    let ground = Ground::open().await;
    let rule = json!({ "target": "panel", "kind": "fail", "status": 503, "path_contains": "/application/servers" });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Game).await;
    until("the case is open", async || {
        (ground.told("cases list --kind delivery-delayed").contains(&sold.order)).then_some(())
    })
    .await;
    let list = ground.told("cases list");
    let case = list.split_whitespace().find(|word| word.starts_with("case_")).unwrap();
    let shown = ground.told(&format!("cases show {case}"));
    for words in ["delivery-delayed", "what is wrong", "what to do", "nobody yet", "customer sees", &sold.order] {
        assert!(shown.contains(words), "nothing about {words}:\n{shown}");
    }
    assert!(ground.told(&format!("cases take {case} --as Ada")).contains("Ada's"));
    assert!(ground.told("cases list").contains("Ada"));
    let told = ground.desk.get(&format!("/api/orders/{}", sold.order)).await.unwrap();
    let notice = told.body["order"]["notices"][0].as_str().unwrap_or_default();
    assert!(notice.contains("takes longer than usual"), "{told:?}");
    assert!(!notice.contains("503"), "an operator's words are not for the customer: {notice}");

    ground.heal().await;
    becomes(&ground, &sold.order, "provisioned").await;
    let open = ground.told("cases list");
    assert!(!open.contains(&sold.order), "{open}");
    let closed = ground.told("cases list --all");
    assert!(closed.contains("closed by system"), "{closed}");
    assert!(ground.refused(&format!("cases retry {case}")).contains("no open case"));
    let late = ground.refused(&format!("cases close {case} --as Ada --resolution done"));
    assert!(late.contains("closed"), "{late}");
}

/// A queue that is paused takes nothing, says so, and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_waits_until_it_is_resumed() {
    let ground = Ground::open().await;
    assert!(ground.told("queues pause provisioning").contains("is paused"));
    let sold = ground.sell(Goods::Hosting).await;
    becomes(&ground, &sold.order, "paid").await;
    let list = ground.told("queues list");
    let line = list.lines().find(|line| line.starts_with("provisioning")).unwrap();
    assert!(line.contains("paused"), "{list}");
    assert!(ground.told("queues limit mail --running 2").contains("2 at a time"));
    assert!(ground.refused("queues pause nonsense").contains("payments, provisioning, mail, upkeep"));
    assert!(ground.told("queues resume provisioning").contains("goes on"));
    becomes(&ground, &sold.order, "provisioned").await;
}
