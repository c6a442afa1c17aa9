//! What goes well, and what is asked for exactly.

use provisioning::{AccessField, Lookup, Provider, ProviderError, RemoteState};
use serde_json::{Value, json};

use crate::{
    buyer_key,
    contract::{contract, violations},
    order, provider, settings,
    stub::StubPanel,
};

#[tokio::test]
async fn a_second_create_makes_no_second_server() {
    let panel = StubPanel::start();
    let made = provider(&panel).create(&order(1)).await.unwrap();
    let again = provider(&panel).create(&order(1)).await.unwrap();
    assert_eq!(again.reference, made.reference);
    assert_eq!(panel.servers().len(), 1);
    assert_eq!(panel.users().len(), 1);
}

#[tokio::test]
async fn a_server_is_asked_for_as_the_product_and_the_buyer_say() {
    let panel = StubPanel::start();
    let order = order(2);
    provider(&panel).create(&order).await.unwrap();
    let calls = panel.calls();
    let body = &calls.iter().find(|call| call.method == "POST" && call.path.ends_with("/servers")).unwrap().body;
    let expected = json!({
        "external_id": order.service.to_string(),
        "name": "Bob's world",
        "description": format!("Hostwright order {}", order.order),
        "user": 7,
        "egg": 3,
        "docker_image": "ghcr.io/pterodactyl/yolks:java_21",
        "startup": "java -Xms128M -jar {{SERVER_JARFILE}}",
        "environment": {
            "MINECRAFT_VERSION": "1.21.4", "SERVER_JARFILE": "server.jar", "DL_PATH": "", "BUILD_NUMBER": "latest",
        },
        "limits": { "memory": 4096, "swap": 0, "disk": 20480, "io": 500, "cpu": 200 },
        "feature_limits": { "databases": 1, "allocations": 1, "backups": 2 },
        "deploy": { "locations": [2], "dedicated_ip": false, "port_range": [] },
        "skip_scripts": false,
        "start_on_completion": true,
    });
    assert_eq!(*body, expected);
}

#[tokio::test]
async fn the_buyer_is_told_address_and_panel_once_it_is_there() {
    let panel = StubPanel::start();
    let (provider, order) = (provider(&panel), order(3));
    let made = provider.create(&order).await.unwrap();
    assert_eq!(made.state, RemoteState::Installing);
    assert_eq!((made.reference.id.as_str(), made.reference.identifier.as_str()), ("41", "00000001"));
    panel.set_server("status", Value::Null);
    let seen = provider.observe(&made.reference).await.unwrap();
    assert_eq!(seen.state, RemoteState::Ready);
    let field = |label: &str, value: &str| AccessField { label: label.to_owned(), value: value.to_owned() };
    let expected =
        [field("Address", "fra1.example.net:25565"), field("Panel", "https://panel.example.com/server/00000001")];
    assert_eq!(seen.access, expected);
}

#[tokio::test]
async fn a_customers_second_server_gets_the_same_user() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let (first, mut second) = (order(4), order(5));
    second.owner = first.owner.clone();
    provider.create(&first).await.unwrap();
    provider.create(&second).await.unwrap();
    assert_eq!(panel.users().len(), 1);
    assert_eq!(panel.users()[0]["external_id"], buyer_key(&first));
    assert_eq!(panel.servers().len(), 2);
}

#[tokio::test]
async fn odd_orders_stay_within_the_contract() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    let names = ["", "\u{7}", "Šárka", "A\nB C", &"x".repeat(400)];
    for (seed, name) in names.iter().enumerate() {
        let mut order = order(100 + u64::try_from(seed).unwrap());
        (*name).clone_into(&mut order.owner.name);
        (*name).clone_into(&mut order.label);
        order.owner.email = format!("b_o-b+{seed}@x.com").parse().unwrap();
        order.delivery.region = None;
        order.settings = json!({
            "nest": 1, "egg": 3, "memory": 0, "disk": 0, "cpu": 0, "swap": -1, "io": 1000, "dedicated_ip": true,
            "environment": { "BUILD_NUMBER": 7, "DL_PATH": true }, "locations": { "a": [1, 2], "b": [2] },
            "port_range": ["25565", "30000-30010"],
        });
        provider.create(&order).await.unwrap();
    }
    assert_eq!(panel.servers().len(), names.len());
    // The stub fails the test when a body is outside the contract.
}

#[tokio::test]
async fn a_region_that_the_product_does_not_have_is_refused_before_anything_is_made() {
    let panel = StubPanel::start();
    let mut order = order(6);
    order.delivery.region = "mars".parse().ok();
    let error = provider(&panel).create(&order).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("mars")), "{error}");
    assert!(panel.writes().is_empty());
}

#[tokio::test]
async fn an_egg_that_is_not_there_is_refused() {
    let panel = StubPanel::start();
    let mut order = order(7);
    order.settings["egg"] = json!(99);
    let error = provider(&panel).create(&order).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("egg 99")), "{error}");
    assert!(panel.writes().is_empty());
}

#[tokio::test]
async fn a_required_variable_without_a_value_is_refused_before_anything_is_made() {
    let panel = StubPanel::start();
    panel.set_egg(|egg| {
        let variable = &mut egg["relationships"]["variables"]["data"][1]["attributes"];
        assert_eq!(variable["env_variable"], "SERVER_JARFILE");
        variable["default_value"] = json!("");
    });
    let error = provider(&panel).create(&order(8)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("SERVER_JARFILE")), "{error}");
    assert!(panel.writes().is_empty());
}

#[tokio::test]
async fn a_key_that_may_not_read_the_eggs_variables_is_not_taken_for_an_egg_without_any() {
    let panel = StubPanel::start();
    panel.set_egg(|egg| egg["relationships"]["variables"] = json!({ "object": "null_resource", "attributes": null }));
    let error = provider(&panel).create(&order(9)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error}");
    assert!(panel.writes().is_empty());
}

/// The bodies that the panel accepts to our harm: the contract's schema refuses them, and every body that the stub sees
/// passes that schema. Settings that would lead there are refused when the catalogue is applied.
#[tokio::test]
async fn bodies_that_the_panel_accepts_to_our_harm_are_never_sent() {
    let contract = contract();
    let vectors = contract["request_vectors"].as_array().unwrap();
    let hazards = vectors.iter().filter(|vector| vector["note"].as_str().unwrap().starts_with("HAZARD"));
    let mut seen = 0;
    for vector in hazards {
        let definition = match vector["endpoint"].as_str().unwrap() {
            "servers.create" => "req_server_create",
            "users.create" => "req_user_create",
            "servers.details" => "req_details",
            other => panic!("a hazard of {other} is not looked at"),
        };
        assert!(!violations(&contract, definition, &vector["body"]).is_empty(), "{}", vector["name"]);
        seen += 1;
    }
    assert_eq!(seen, 5);

    let panel = StubPanel::start();
    let mut order = order(10);
    order.settings["port_range"] = json!(["abc"]);
    let problems = provider(&panel).check_settings("game", &order.settings);
    assert_eq!(problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), ["port_range[0]"]);
    let error = provider(&panel).create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");
    assert!(panel.calls().is_empty());
}

/// Every rule of the contract's schema for a create that a setting can break.
#[test]
fn settings_that_the_panel_would_refuse_are_refused_with_the_catalogue() {
    let provider = panels::Gated::unlimited(panels::pterodactyl::PterodactylProvider::unconfigured());
    assert_eq!(provider.check_settings("game", &settings()), []);
    for (field, value) in
        [("io", json!(5)), ("swap", json!(-2)), ("docker_image", json!("a;b")), ("threads", json!("x"))]
    {
        let mut settings = settings();
        settings[field] = value;
        let problems = provider.check_settings("game", &settings);
        assert_eq!(problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), [field]);
    }
    let other = provider.check_settings("hosting", &settings());
    assert!(other.iter().any(|problem| problem.message.contains("hosting")), "{other:?}");
}

#[tokio::test]
async fn without_a_panel_orders_wait() {
    let provider = panels::Gated::unlimited(panels::pterodactyl::PterodactylProvider::unconfigured());
    let expected = ProviderError::Unavailable { detail: "PTERODACTYL_URL is not set".to_owned(), retry_after: None };
    assert_eq!(provider.find(&order(11)).await, Err(expected.clone()));
    assert_eq!(provider.create(&order(11)).await, Err(expected));
}

#[tokio::test]
async fn nothing_is_found_before_it_is_made() {
    let panel = StubPanel::start();
    assert_eq!(provider(&panel).find(&order(12)).await, Ok(Lookup::Absent));
}
