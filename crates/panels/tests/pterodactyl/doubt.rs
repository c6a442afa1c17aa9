//! Answers that leave in doubt what happened: nothing is made twice, and absence is believed only when it is proven.

use provisioning::{Lookup, Provider, ProviderError};
use serde_json::json;

use crate::{
    buyer_key,
    http::Reply,
    order, provider, provider_at,
    stub::{StubPanel, contract_error},
};

#[tokio::test]
async fn a_server_whose_answer_was_lost_is_adopted_and_not_made_again() {
    let broken = Reply::Text { status: 201, headers: Vec::new(), body: "{\"object\":\"serv".to_owned() };
    for lost in [Reply::Silence, contract_error("html_gateway"), contract_error("daemon_unreachable"), broken] {
        let panel = StubPanel::start();
        let (provider, order) = (provider(&panel), order(1));
        panel.fail_after("POST", "/servers", lost);
        let error = provider.create(&order).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
        let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it is there") };
        let again = provider.create(&order).await.unwrap();
        assert_eq!(again.reference, found.reference);
        assert_eq!(panel.servers().len(), 1);
        assert_eq!(panel.users().len(), 1);
    }
}

#[tokio::test]
async fn a_panel_that_cannot_be_reached_was_not_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = provider_at(&url).create(&order(2)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_lost_answer_about_the_user_leaves_one_user() {
    let panel = StubPanel::start();
    let (provider, order) = (provider(&panel), order(3));
    panel.fail_after("POST", "/users", Reply::Silence);
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "no server was asked for: {error}");
    provider.create(&order).await.unwrap();
    assert_eq!(panel.users().len(), 1);
}

#[tokio::test]
async fn only_the_panels_own_word_proves_absence() {
    let html_404 = Reply::Text { status: 404, headers: Vec::new(), body: "<html>not found</html>".to_owned() };
    let empty_404 = Reply::Text { status: 404, headers: Vec::new(), body: String::new() };
    let odd_200 = Reply::Json(200, json!({ "object": "server", "attributes": {} }));
    let no_attributes = Reply::Json(200, json!({ "object": "null_resource", "attributes": null }));
    let doubtful = [html_404, empty_404, odd_200, no_attributes, Reply::Silence, contract_error("daemon_404")];
    for reply in doubtful {
        let panel = StubPanel::start();
        panel.fail("GET", "/servers/external", reply.clone());
        let found = provider(&panel).find(&order(4)).await;
        assert!(matches!(found, Err(ProviderError::Unavailable { .. })), "{reply:?}: {found:?}");
    }
}

#[tokio::test]
async fn something_else_under_our_key_is_not_adopted() {
    let panel = StubPanel::start();
    let (provider, order) = (provider(&panel), order(5));
    let stranger = panel.add_user("eve@x.com", Some("whmcs-17"));
    panel.add_server(&order.service.to_string(), stranger, 3);
    let Lookup::Foreign(why) = provider.find(&order).await.unwrap() else { panic!("not ours") };
    assert!(why.contains("not the buyer"), "{why}");
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");

    let buyer = panel.add_user("other@x.com", Some(&buyer_key(&order)));
    panel.set_server("user", json!(buyer));
    assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Ours(_)));
    panel.set_server("egg", json!(4));
    let Lookup::Foreign(why) = provider.find(&order).await.unwrap() else { panic!("not what was ordered") };
    assert!(why.contains("egg 4"), "{why}");
}

#[tokio::test]
async fn an_owner_that_the_panel_does_not_show_with_the_server_is_asked_for() {
    let panel = StubPanel::start();
    let (provider, order) = (provider(&panel), order(6));
    provider.create(&order).await.unwrap();
    let mut server = panel.servers()[0].clone();
    server["relationships"]["user"] = json!({ "object": "null_resource", "attributes": null });
    panel.fail("GET", "/servers/external", Reply::Json(200, json!({ "object": "server", "attributes": server })));
    assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Ours(_)));
}

#[tokio::test]
async fn a_key_that_is_taken_but_cannot_be_looked_at_is_doubtful() {
    let panel = StubPanel::start();
    panel.fail("POST", "/servers", contract_error("external_id_taken"));
    let error = provider(&panel).create(&order(7)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "taken, yet absent: {error}");

    let away = StubPanel::start();
    let (provider, order) = (provider(&away), order(7));
    away.fail("POST", "/servers", contract_error("external_id_taken"));
    away.fail("GET", "/servers/external", contract_error("unauthenticated"));
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
}
