//! What an operator does to services that run, and what becomes of it at the provider.

use serde_json::json;

use super::cases::becomes;
use crate::ground::{Goods, Ground, rows, until};

async fn service(ground: &Ground, order: &str) -> String {
    let query = format!(
        "SELECT 'svc_' || replace(id::text, '-', '') FROM services \
         WHERE 'ord_' || replace(order_id::text, '-', '') = '{order}'"
    );
    rows(&ground.sql, &query).await[0][0].clone()
}

async fn stands(ground: &Ground, service: &str, wanted: &str) {
    let query = format!("SELECT status FROM services WHERE 'svc_' || replace(id::text, '-', '') = '{service}'");
    until(&format!("{service} is {wanted}"), async || (rows(&ground.sql, &query).await[0][0] == wanted).then_some(()))
        .await;
}

/// A game server, with a lost answer on the way to each of its states.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_server_is_suspended_resumed_and_ended_at_the_panel() {
    let ground = Ground::open().await;
    let sold = ground.sell(Goods::Game).await;
    becomes(&ground, &sold.order, "provisioned").await;
    let id = service(&ground, &sold.order).await;
    let status = async || ground.desk.truth().await["panel"]["servers"][0]["status"].clone();
    let lost = json!({
        "target": "panel", "kind": "fail_after_effect", "voice": "html", "status": 502, "method": "POST,DELETE",
        "path_contains": "/application/servers/", "times": 1,
    });

    ground.fault(lost.clone()).await;
    assert!(ground.told(&format!("services suspend {id} --reason non-payment --as Ada")).contains("being suspended"));
    stands(&ground, &id, "suspended").await;
    assert_eq!(status().await, json!("suspended"));
    assert!(ground.told("services list --status suspended").contains(&id));
    let shown = ground.told(&format!("services show {id}"));
    assert!(shown.contains("suspend  non-payment") && shown.contains("seen at the provider"), "{shown}");

    ground.fault(lost.clone()).await;
    ground.told(&format!("services resume {id} --as Ada"));
    stands(&ground, &id, "active").await;
    assert_eq!(status().await, json!(null));

    assert!(ground.refused(&format!("services terminate {id} --as Ada")).contains("--yes"));
    ground.told(&format!("services terminate {id} --yes --as Ada"));
    stands(&ground, &id, "terminated").await;
    assert_eq!(ground.desk.truth().await["panel"]["servers"], json!([]));
    assert!(ground.told("cases list").contains("(none)"));
    assert!(ground.refused(&format!("services resume {id} --as Ada")).contains("terminated"));
    let trail = ground.told("audit list");
    for act in ["service-suspended", "service-resumed", "service-terminated"] {
        let line = trail.lines().find(|line| line.contains(act)).unwrap_or_else(|| panic!("{act}: {trail}"));
        assert!(line.contains("operator Ada") && line.contains(&id), "{line}");
    }
}

/// What the provider refuses is a case; done by hand there, it is said to be done here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_panel_refuses_is_a_case_until_somebody_did_it_by_hand() {
    let ground = Ground::open().await;
    let sold = ground.sell(Goods::Game).await;
    becomes(&ground, &sold.order, "provisioned").await;
    let id = service(&ground, &sold.order).await;
    let rule =
        json!({ "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/suspend" });
    ground.fault(rule).await;
    ground.told(&format!("services suspend {id} --as Ada"));
    until("a case is open", async || {
        ground.told("cases list --kind service-operation").contains("case_").then_some(())
    })
    .await;
    stands(&ground, &id, "active").await;
    assert!(ground.told(&format!("services done {id} --as Ada")).contains("suspended, by hand"));
    stands(&ground, &id, "suspended").await;
    assert!(ground.told("cases list").contains("(none)"));
    assert!(ground.refused(&format!("services done {id} --as Ada")).contains("waits for a person"));
    assert!(ground.told("audit list").contains("service-done-by-hand"));
}

/// The record of a website follows, and its domain is free at its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_website_is_suspended_and_ended() {
    let ground = Ground::open().await;
    let sold = ground.sell(Goods::Hosting).await;
    becomes(&ground, &sold.order, "provisioned").await;
    let id = service(&ground, &sold.order).await;
    let record = async || rows(&ground.sql, "SELECT status FROM websites").await[0][0].clone();
    ground.told(&format!("services suspend {id} --reason abuse --note spam --as Ada"));
    stands(&ground, &id, "suspended").await;
    assert_eq!(record().await, "suspended");
    ground.told(&format!("services terminate {id} --yes --as Ada"));
    stands(&ground, &id, "terminated").await;
    assert_eq!(record().await, "terminated");
}
