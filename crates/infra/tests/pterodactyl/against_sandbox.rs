//! The provider against the sandbox's panel, which was written from the contract alone.

use std::time::Duration;

use infra::{
    http::{HttpClient, Timeouts},
    providers::pterodactyl::{PterodactylProvider, PterodactylSettings},
};
use provisioning::{Lookup, Provider, ProviderError, RemoteState, ServiceOrder, testing::provider_conforms};
use reqwest::Method;
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};

async fn start() -> (Running, PterodactylProvider) {
    let options = Options { install: Duration::ZERO, ..Options::default() };
    let key = options.panel_key.clone();
    let running = Sandbox::start(options).await.unwrap();
    let settings = PterodactylSettings {
        url: format!("{}/panel", running.base_url()),
        api_key: SecretString::from(key),
        panel_url: None,
        key_prefix: "hw".to_owned(),
    };
    let provider = PterodactylProvider::new(HttpClient::new(Timeouts::default()).unwrap(), &settings).unwrap();
    (running, provider)
}

/// An order as the shipped catalogue would make it.
fn order(seed: u64) -> ServiceOrder {
    let mut order = crate::order(seed);
    order.settings["egg"] = json!(1);
    order
}

/// Calls the sandbox's own knobs.
async fn control(running: &Running, method: Method, path: &str, body: Option<Value>) -> Value {
    let http = HttpClient::new(Timeouts::default()).unwrap();
    let url = format!("{}/control/{path}", running.base_url()).parse().unwrap();
    let mut request = http.request(method, url);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = http.send(request).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

async fn fault(running: &Running, rule: Value) {
    control(running, Method::POST, "faults", Some(rule)).await;
}

/// One server, one user of the buyer's, whatever was tried.
async fn assert_one_of_each(running: &Running) {
    let truth = control(running, Method::GET, "truth", None).await;
    assert_eq!(truth["panel"]["servers"].as_array().unwrap().len(), 1);
    let users = truth["panel"]["users"].as_array().unwrap();
    assert_eq!(users.iter().filter(|user| user["email"] == "bob@x.com").count(), 1, "{users:?}");
}

#[tokio::test]
async fn it_conforms() {
    let (running, provider) = start().await;
    let order = order(1);
    provider_conforms(&provider, &order).await;
    let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it was created") };
    assert_eq!(found.state, RemoteState::Ready);
    let labels: Vec<&str> = found.access.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(labels, ["Address", "Panel"]);
    running.stop().await;
}

#[tokio::test]
async fn a_create_that_took_effect_and_answered_500_is_adopted() {
    let (running, provider) = start().await;
    let order = order(2);
    let rule = json!({
        "target": "panel", "method": "POST", "path_contains": "/servers", "kind": "fail_after_effect", "status": 502,
        "times": 1,
    });
    fault(&running, rule).await;
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Ours(_)));
    provider.create(&order).await.unwrap();
    assert_one_of_each(&running).await;
    running.stop().await;
}

#[tokio::test]
async fn a_create_whose_connection_closed_is_adopted() {
    let (running, provider) = start().await;
    let order = order(3);
    let rule = json!({
        "target": "panel", "method": "POST", "path_contains": "/servers", "kind": "hang_after_effect", "ms": 10,
        "times": 1,
    });
    fault(&running, rule).await;
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    let made = provider.create(&order).await.unwrap();
    let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it was created") };
    assert_eq!(made.reference, found.reference);
    assert_one_of_each(&running).await;
    running.stop().await;
}

#[tokio::test]
async fn a_product_too_large_for_every_node_has_no_capacity() {
    let (running, provider) = start().await;
    let mut order = order(4);
    order.settings["memory"] = json!(1_000_000_000);
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::NoCapacity { .. }), "{error}");
    assert_eq!(provider.find(&order).await, Ok(Lookup::Absent));
    running.stop().await;
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_named() {
    let (running, _) = start().await;
    let settings = PterodactylSettings {
        url: format!("{}/panel", running.base_url()),
        api_key: SecretString::from("ptla_wrong"),
        panel_url: None,
        key_prefix: "hw".to_owned(),
    };
    let provider = PterodactylProvider::new(HttpClient::new(Timeouts::default()).unwrap(), &settings).unwrap();
    let error = provider.find(&order(5)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("PTERODACTYL_API_KEY") && !error.to_string().contains("ptla_wrong"), "{error}");
    running.stop().await;
}
