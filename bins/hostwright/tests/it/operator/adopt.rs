//! `hostwright adopt`: a server that somebody made by hand becomes the service that was paid for.

use serde_json::{Value, json};

use super::cases::becomes;
use crate::ground::{Goods, Ground};

/// A server of the buyer's that an administrator made in the panel. Its number.
async fn by_hand(ground: &Ground, email: &str) -> String {
    let user = json!({ "email": email, "username": email.split('@').next(), "first_name": "B", "last_name": "B" });
    let user = ground.desk.panel("POST", "/users", Some(user)).await["attributes"]["id"].clone();
    let egg = ground.desk.panel("GET", "/nests/1/eggs/1?include=variables", None).await["attributes"].clone();
    let variables = egg["relationships"]["variables"]["data"].as_array().unwrap().iter();
    let environment: serde_json::Map<String, Value> = variables
        .map(|variable| &variable["attributes"])
        .map(|variable| (variable["env_variable"].as_str().unwrap().to_owned(), variable["default_value"].clone()))
        .collect();
    let server = json!({
        "name": "Old server", "user": user, "egg": 1, "docker_image": egg["docker_image"], "startup": egg["startup"],
        "environment": environment, "limits": { "memory": 512, "swap": 0, "disk": 512, "io": 500, "cpu": 100 },
        "feature_limits": { "databases": 0, "backups": 0, "allocations": 0 },
        "deploy": { "locations": [1], "dedicated_ip": false, "port_range": [] },
    });
    ground.desk.panel("POST", "/servers", Some(server)).await["attributes"]["id"].to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_made_by_hand_is_taken_over_for_the_order_that_waits_and_no_second_one_is_made() {
    let ground = Ground::open().await;
    // The panel is full, so that the order waits for a person, who finds the buyer's old server.
    let rule = json!({
        "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/application/servers",
    });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Game).await;
    becomes(&ground, &sold.order, "needs_attention").await;
    ground.heal().await;
    let users = ground.desk.truth().await["panel"]["users"].as_array().unwrap().clone();
    let user = users.iter().find(|user| user["email"] == sold.email.as_str());
    assert!(user.is_some(), "the delivery made the buyer's user before it was refused: {users:?}");
    let id = by_hand_for(&ground, user.unwrap()["id"].clone()).await;
    let stranger = by_hand(&ground, "stranger@x.com").await;

    let list = ground.told("adopt list");
    let line = list.lines().find(|line| line.contains(&sold.email)).unwrap_or_else(|| panic!("{list}"));
    assert!(line.starts_with(&id) && line.contains(&sold.order), "{list}");
    let refused = ground.refused(&format!("adopt server {stranger} --order {}", sold.order));
    assert!(refused.contains("belongs to stranger@x.com"), "{refused}");

    let dry = ground.told(&format!("adopt server {id} --order {}", sold.order));
    assert!(dry.contains("would change: its external id becomes svc_") && dry.contains("--yes"), "{dry}");
    becomes(&ground, &sold.order, "needs_attention").await;
    let done = ground.told(&format!("adopt server {id} --order {} --yes --as Ada", sold.order));
    assert!(done.contains("changed: its external id becomes svc_"), "{done}");
    becomes(&ground, &sold.order, "provisioned").await;

    let drift = ground.told("drift --provider pterodactyl");
    assert!(drift.contains("as it should be"), "the stranger's server has no key of ours: {drift}");
    let details = json!({ "external_id": "svc_0198c0ffee0070008000000000000001", "name": "x", "user": 1 });
    ground.desk.panel("PATCH", &format!("/servers/{stranger}/details"), Some(details)).await;
    ground.desk.panel("POST", &format!("/servers/{id}/suspend"), None).await;
    let drift = ground.told("drift");
    let one = |word: &str, says: &str| drift.lines().any(|line| line.starts_with(word) && line.contains(says));
    assert!(one("service-orphan", "we know no such service"), "{drift}");
    assert!(one("service-drift", "should run and is suspended there"), "{drift}");
    assert!(one("local", "has no list") || one("local", "not looked at"), "{drift}");
    ground.desk.panel("POST", &format!("/servers/{id}/unsuspend"), None).await;
    let refused = ground.refused("drift --provider nowhere");
    assert!(refused.contains("no provider 'nowhere'"), "{refused}");

    let servers = ground.desk.truth().await["panel"]["servers"].as_array().unwrap().clone();
    assert_eq!(servers.len(), 2, "the buyer's and the stranger's: {servers:?}");
    let shown = ground.told(&format!("orders show {}", sold.order));
    assert!(shown.contains("provisioned"), "{shown}");
    assert!(ground.told("audit list").contains("service-adopted"));
    let again = ground.refused(&format!("adopt server {id} --order {} --yes", sold.order));
    assert!(again.contains("is active"), "{again}");
}

async fn by_hand_for(ground: &Ground, user: Value) -> String {
    let id = by_hand(ground, "hand@x.com").await;
    let details = json!({ "external_id": null, "name": "Old server", "user": user, "description": "" });
    ground.desk.panel("PATCH", &format!("/servers/{id}/details"), Some(details)).await;
    id
}
