//! The panel's words for a server's state.

use provisioning::{Provider, ProviderError, RemoteState};
use serde_json::{Value, json};

use crate::{http::Reply, order, provider, stub::StubPanel};

#[tokio::test]
async fn every_state_is_understood() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let made = provider.create(&order(1)).await.unwrap();
    let failed = |word: &str| matches!(word, "install_failed" | "reinstall_failed");
    let states = crate::contract::contract()["server_states"].as_object().unwrap().clone();
    assert!(states.len() >= 6);
    for word in states.keys() {
        let word_or_null = if word == "null" { Value::Null } else { json!(word) };
        panel.set_server("status", word_or_null);
        let seen = provider.observe(&made.reference).await.unwrap().state;
        match word.as_str() {
            "installing" => assert_eq!(seen, RemoteState::Installing),
            "null" | "restoring_backup" => assert_eq!(seen, RemoteState::Ready),
            "suspended" => assert_eq!(seen, RemoteState::Suspended),
            word => assert!(failed(word) && matches!(seen, RemoteState::Failed(_)), "{word}: {seen:?}"),
        }
    }
    panel.set_server("status", Value::Null);
    panel.set_server("suspended", json!(true));
    assert_eq!(provider.observe(&made.reference).await.unwrap().state, RemoteState::Suspended);
}

#[tokio::test]
async fn a_state_that_we_do_not_know_does_not_pass_for_ready() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let made = provider.create(&order(2)).await.unwrap();
    let mut server = panel.servers()[0].clone();
    server["status"] = json!("transferring");
    panel.fail("GET", "/servers/41", Reply::Json(200, json!({ "object": "server", "attributes": server })));
    let seen = provider.observe(&made.reference).await;
    assert!(matches!(&seen, Err(ProviderError::Unavailable { .. })), "{seen:?}");
}

#[tokio::test]
async fn another_server_than_was_asked_for_is_not_believed() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let made = provider.create(&order(3)).await.unwrap();
    panel.set_server("identifier", json!("ffffffff"));
    assert!(provider.observe(&made.reference).await.is_err());
}
