//! Every error of the contract, by what it means for a create and for a read.

use std::time::Duration;

use provisioning::{Lookup, Provider, ProviderError};

use crate::{
    contract::contract,
    http::Reply,
    order, provider,
    stub::{KEY, StubPanel, contract_error},
};

fn class(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Unavailable { .. } => "unavailable",
        ProviderError::Busy { .. } => "busy",
        ProviderError::Refused { .. } => "refused",
        ProviderError::NoCapacity { .. } => "no capacity",
        ProviderError::Unknown { .. } => "unknown",
        ProviderError::Gone { .. } => "gone",
        ProviderError::Unsupported { .. } => "unsupported",
    }
}

/// What the contract's class means for a create and for a read. `None`: a case with a test of its own.
fn expected(name: &str, class: &str) -> Option<(&'static str, &'static str)> {
    Some(match (name, class) {
        ("external_id_taken" | "not_found", _) => return None,
        // Relayed from the daemon: never about our key, and on a create never certain.
        ("daemon_403" | "daemon_404", _) => ("unknown", "unavailable"),
        // A redirect is a matter of configuration, like a key that is not accepted.
        (_, "config" | "transient") | ("html_redirect", _) => ("unavailable", "unavailable"),
        (_, "out_of_capacity") => ("no capacity", "no capacity"),
        (_, class) if class.starts_with("ambiguous") => ("unknown", "unavailable"),
        (
            _,
            "permanent_bug" | "permanent_input" | "already_exists" | "retry_with_other_name" | "retry_other_allocation",
        ) => ("refused", "refused"),
        (name, class) => panic!("{name} has the class {class}, which is not looked at"),
    })
}

#[tokio::test]
async fn every_error_of_the_contract_has_its_class() {
    let contract = contract();
    let mut seen = 0;
    for (name, error) in contract["errors"].as_object().unwrap() {
        let Some((on_create, on_read)) = expected(name, error["class"].as_str().unwrap()) else { continue };
        let panel = StubPanel::start();
        panel.fail("POST", "/servers", contract_error(name));
        let created = provider(&panel).create(&order(1)).await.unwrap_err();
        assert_eq!(class(&created), on_create, "create, {name}: {created}");
        panel.fail("GET", "/servers/external", contract_error(name));
        let read = provider(&panel).find(&order(1)).await.unwrap_err();
        assert_eq!(class(&read), on_read, "read, {name}: {read}");
        assert_eq!(panel.servers().len(), 0, "{name}");
        seen += 1;
    }
    assert!(seen >= 25, "{seen}");
}

#[tokio::test]
async fn a_throttled_call_says_when_to_come_back() {
    let panel = StubPanel::start();
    for (method, path) in [("GET", "/servers/external"), ("POST", "/servers")] {
        panel.fail(method, path, contract_error("throttled"));
        let error = match method {
            "GET" => provider(&panel).find(&order(2)).await.unwrap_err(),
            _ => provider(&panel).create(&order(2)).await.unwrap_err(),
        };
        let ProviderError::Unavailable { retry_after, .. } = error else { panic!("{error}") };
        assert_eq!(retry_after, Some(Duration::from_secs(37)));
    }
}

#[tokio::test]
async fn what_the_panel_refuses_is_named_by_field() {
    let panel = StubPanel::start();
    panel.fail("POST", "/servers", contract_error("validation"));
    let error = provider(&panel).create(&order(3)).await.unwrap_err().to_string();
    assert!(error.contains("name (required)") && error.contains("limits.io (between)"), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let panel = StubPanel::start();
    panel.fail("POST", "/servers", contract_error("html_redirect"));
    let error = provider(&panel).create(&order(4)).await.unwrap_err();
    assert!(error.to_string().contains("PTERODACTYL_URL"), "{error}");
    assert!(panel.calls().iter().all(|call| !call.path.contains("/auth/login")));
}

#[tokio::test]
async fn a_successful_answer_of_html_is_no_success() {
    let panel = StubPanel::start();
    let html = || Reply::Text { status: 200, headers: Vec::new(), body: "<html>Welcome</html>".to_owned() };
    panel.fail("POST", "/servers", html());
    assert_eq!(class(&provider(&panel).create(&order(5)).await.unwrap_err()), "unknown");
    panel.fail("GET", "/servers/external", html());
    assert_eq!(class(&provider(&panel).find(&order(5)).await.unwrap_err()), "unavailable");
}

/// The key, and the buyer's address and name, stay out of everything that ends up in logs and timelines. Debug mode
/// makes the panel repeat what it was sent, so its prose is not passed on; only a `DisplayException` is, which the panel
/// writes for people.
#[tokio::test]
async fn errors_hold_nothing_secret() {
    let contract = contract();
    let echo = format!("{KEY} bob@x.com Builder");
    for name in contract["errors"].as_object().unwrap().keys() {
        let panel = StubPanel::start();
        for (method, path) in [("GET", "/users/external"), ("GET", "/nests"), ("POST", "/users"), ("POST", "/servers")]
        {
            let mut reply = contract_error(name);
            if let Reply::Text { body, .. } = &mut reply
                && !body.contains("DisplayException")
            {
                *body = body
                    .replace("\"detail\":\"", &format!("\"detail\":\"{echo}"))
                    .replace("<html>", &format!("<html>{echo}"));
            }
            panel.fail(method, path, reply);
            if let Err(error) = provider(&panel).create(&order(6)).await {
                let text = format!("{error} {error:?}");
                for secret in [KEY, "bob@x.com", "Builder"] {
                    assert!(!text.contains(secret), "{name} at {path}: {text}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_vanished_is_gone_and_a_panel_that_is_away_is_not() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let made = provider.create(&order(7)).await.unwrap();
    panel.fail("GET", "/servers/41", contract_error("not_found"));
    assert_eq!(class(&provider.observe(&made.reference).await.unwrap_err()), "gone");
    panel.fail("GET", "/servers/41", contract_error("html_gateway"));
    assert_eq!(class(&provider.observe(&made.reference).await.unwrap_err()), "unavailable");
    assert!(matches!(provider.find(&order(7)).await, Ok(Lookup::Ours(_))));
}
