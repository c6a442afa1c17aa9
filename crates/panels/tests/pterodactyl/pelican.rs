//! The same provider at a Pelican panel: the sandbox's, which has Pelican's rules and habits.

use provisioning::{
    Lookup, Provider, ProviderError, RemoteState, RoomFor, ServiceOrder, Target, testing::provider_conforms,
};
use reqwest::Method;
use sandbox::{Options, PanelFlavour, Running};
use serde_json::{Value, json};

use crate::against_sandbox::{Bed, call, control, start, start_as};

/// An account key, such as Pelican makes them.
const ACCOUNT_KEY: &str = "pacc_sandbox000000000000000000000000000000000000";

async fn pelican() -> (Running, panels::Gated<panels::pterodactyl::PterodactylProvider>) {
    let options = Options {
        panel_flavour: PanelFlavour::Pelican,
        panel_account_key: ACCOUNT_KEY.to_owned(),
        ..Options::default()
    };
    start_as(options, |options| options.panel_account_key.clone()).await
}

fn order(number: u64) -> ServiceOrder {
    let mut order = crate::against_sandbox::order(number);
    let settings = order.settings.as_object_mut().unwrap();
    for theirs in ["nest", "locations", "docker_image"] {
        settings.remove(theirs);
    }
    settings.insert("tags".to_owned(), json!({ "eu-west": ["eu-west"], "us-central": ["us-central"] }));
    settings.insert("port_range".to_owned(), json!(["25565-25900"]));
    order
}

#[tokio::test]
async fn it_conforms() {
    let (running, provider) = pelican().await;
    let bed = Bed { running, provider, order };
    provider_conforms(&bed).await;
    bed.running.stop().await;
}

#[tokio::test]
async fn it_is_known_by_its_eggs_and_what_is_sent_is_its_own() {
    let (running, provider) = pelican().await;
    let health = provider.check().await.unwrap();
    assert_eq!((health.flavour.as_str(), health.notes), ("Pelican", Vec::new()));
    let order = order(1);
    let made = provider.create(&order).await.unwrap();
    let server = call(&running, Method::GET, &format!("/servers/{}", made.reference.id), None).await;
    let server = &server["attributes"];
    assert_eq!(server["node"], json!(2), "the node with the region's tag");
    assert!(server["allocation"].is_u64() && server["container"]["image"].is_string(), "{server}");
    let users = call(&running, Method::GET, "/users", None).await;
    let user = &users["data"][1]["attributes"];
    assert_eq!((&user["email"], &user["first_name"]), (&json!("bob@x.com"), &Value::Null));
    running.stop().await;
}

#[tokio::test]
async fn a_daemon_that_fails_leaves_a_server_that_is_found() {
    let (running, provider) = pelican().await;
    let order = order(2);
    let rule = json!({
        "target": "panel", "method": "POST", "path_contains": "/application/servers", "times": 1,
        "kind": "fail_after_effect", "voice": "daemon", "status": 504,
    });
    control(&running, Method::POST, "faults", Some(rule)).await;
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "a 500 of Pelican's says nothing about the row: {error}");
    assert!(matches!(provider.find(&order).await, Ok(Lookup::Ours(_))));
    provider.create(&order).await.unwrap();
    let truth = control(&running, Method::GET, "truth", None).await;
    assert_eq!(truth["panel"]["servers"].as_array().unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn cores_count_and_a_full_tag_leads_to_the_next_one() {
    let (running, provider) = pelican().await;
    control(&running, Method::POST, "panel", Some(json!({ "node": { "id": 2, "cpu": 300 } }))).await;
    let order = order(3);
    let ask = |promised| {
        let (kind, settings, delivery) = (order.kind.clone(), order.settings.clone(), order.delivery.clone());
        RoomFor { kind, settings, delivery, promised }
    };
    provider.room(&ask(0)).await.unwrap();
    let full = provider.room(&ask(1)).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "two servers of two cores on three: {full:?}");
    let mut spread = order.clone();
    spread.settings["cpu"] = json!(400);
    let full = provider.create(&spread).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "{full:?}");
    spread.settings["tags"] = json!({ "eu-west": ["nowhere", "eu-west", "us-central"] });
    let made = provider.create(&spread).await.unwrap();
    let server = call(&running, Method::GET, &format!("/servers/{}", made.reference.id), None).await;
    assert_eq!(server["attributes"]["node"], json!(1));
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_got_no_port_is_not_ready() {
    let (running, provider) = pelican().await;
    let order = order(4);
    let made = provider.create(&order).await.unwrap();
    let mut body = json!({
        "name": "By hand", "user": 2, "egg": 1, "environment": {}, "external_id": "svc_by_hand",
        "limits": { "memory": 64, "swap": 0, "disk": 64, "io": 500, "cpu": 10 },
        "feature_limits": { "databases": 0, "backups": 0, "allocations": 0 },
        "deploy": { "tags": [], "dedicated_ip": false, "port_range": [] },
    });
    let server = call(&running, Method::GET, &format!("/servers/{}", made.reference.id), None).await;
    let mut environment = server["attributes"]["container"]["environment"].clone();
    for own in ["STARTUP", "P_SERVER_LOCATION", "P_SERVER_UUID", "P_SERVER_ALLOCATION_LIMIT"] {
        environment.as_object_mut().unwrap().remove(own);
    }
    body["environment"] = environment;
    let bare = call(&running, Method::POST, "/servers", Some(&body)).await["attributes"].clone();
    assert_eq!(bare["allocation"], Value::Null, "Pelican's habit");
    let reference = provisioning::RemoteRef {
        id: bare["id"].to_string(),
        identifier: bare["identifier"].as_str().unwrap().to_owned(),
    };
    let seen = provider.observe(&reference).await.unwrap().state;
    // It installs first; what it lacks shows when it would be ready.
    let seen = if seen == RemoteState::Installing { provider.observe(&reference).await.unwrap().state } else { seen };
    assert!(matches!(&seen, RemoteState::Failed(why) if why.contains("no port")), "{seen:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_product_for_the_other_panel_is_refused_in_words() {
    let (running, provider) = pelican().await;
    let other = crate::against_sandbox::order(5);
    let refused = provider.create(&other).await.unwrap_err().to_string();
    assert!(refused.contains("Pelican") && refused.contains("tags"), "{refused}");
    running.stop().await;
    let (running, provider) = start().await;
    let refused = provider.create(&order(6)).await.unwrap_err().to_string();
    assert!(refused.contains("Pterodactyl") && refused.contains("locations"), "{refused}");
    running.stop().await;
}

/// The whole of a service's life with either product that names both.
#[tokio::test]
async fn a_product_with_both_sells_on_either() {
    let both = |number| {
        let mut order = order(number);
        order.settings["nest"] = json!(1);
        order.settings["locations"] = json!({ "eu-west": [2] });
        order
    };
    for (running, provider) in [pelican().await, start().await] {
        let order = both(7);
        let made = provider.create(&order).await.unwrap();
        let target = Target { service: order.service, customer: order.owner.customer, reference: made.reference };
        provider.terminate(&target).await.unwrap();
        running.stop().await;
    }
}
