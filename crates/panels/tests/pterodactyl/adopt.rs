//! Servers that stood on the panel before the shop did.

use provisioning::{Lookup, Mode, Provider, ProviderError, ServiceOrder};
use reqwest::Method;
use serde_json::{Value, json};

use crate::against_sandbox::{call, control, order, start};

/// Somebody made a server by hand, for the buyer or for a stranger. Its number.
async fn by_hand(running: &sandbox::Running, order: &ServiceOrder, email: &str, key: Option<&str>) -> String {
    let user =
        json!({ "email": email, "username": format!("hand{}", email.len()), "first_name": "B", "last_name": "B" });
    let user = call(running, Method::POST, "/users", Some(&user)).await["attributes"]["id"].clone();
    let eggs = call(running, Method::GET, "/nests/1/eggs/1?include=variables", None).await["attributes"].clone();
    let mut environment = serde_json::Map::new();
    for variable in eggs["relationships"]["variables"]["data"].as_array().unwrap() {
        let variable = &variable["attributes"];
        environment.insert(variable["env_variable"].as_str().unwrap().to_owned(), variable["default_value"].clone());
    }
    let server = json!({
        "name": "By hand", "description": "made in 2019", "user": user, "egg": 1, "external_id": key,
        "docker_image": eggs["docker_image"], "startup": eggs["startup"], "environment": environment,
        "limits": { "memory": 512, "swap": 0, "disk": 512, "io": 500, "cpu": order.settings["cpu"] },
        "feature_limits": { "databases": 0, "backups": 0, "allocations": 0 },
        "deploy": { "locations": [1], "dedicated_ip": false, "port_range": [] },
    });
    call(running, Method::POST, "/servers", Some(&server)).await["attributes"]["id"].to_string()
}

async fn server(running: &sandbox::Running, id: &str) -> Value {
    call(running, Method::GET, &format!("/servers/{id}"), None).await["attributes"].clone()
}

#[tokio::test]
async fn a_server_that_stood_there_is_seen_shown_and_then_taken_over() {
    let (running, provider) = start().await;
    let order = order(1);
    let id = by_hand(&running, &order, order.owner.email.as_str(), None).await;
    let strays = provider.strays(None).await.unwrap().items;
    let [stray] = strays.as_slice() else { panic!("{strays:?}") };
    assert_eq!(
        (stray.reference.id.as_str(), stray.name.as_str(), stray.key.as_deref()),
        (id.as_str(), "By hand", None)
    );
    assert_eq!(stray.owner, order.owner.email.as_str());

    let before = server(&running, &id).await;
    let looked = provider.adopt(&order, &id, Mode::Look).await.unwrap();
    assert_eq!(looked.changes.len(), 2, "{:?}", looked.changes);
    assert!(looked.differences.iter().any(|line| line.starts_with("it has 512 MiB of memory")), "{looked:?}");
    assert_eq!(server(&running, &id).await, before, "a look changes nothing");
    assert_eq!(provider.find(&order).await, Ok(Lookup::Absent));

    provider.adopt(&order, &id, Mode::Do).await.unwrap();
    let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it is the service's now") };
    assert_eq!(found.reference.id, id);
    let after = server(&running, &id).await;
    for kept in ["name", "description", "user", "limits", "egg"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let again = provider.adopt(&order, &id, Mode::Do).await.unwrap();
    assert_eq!(again.changes, Vec::<String>::new(), "once more changes nothing");
    assert_eq!(provider.create(&order).await.unwrap().reference.id, id, "and no second one is made");
    assert_eq!(provider.strays(None).await.unwrap().items, Vec::new());
    running.stop().await;
}

#[tokio::test]
async fn what_is_another_buyers_or_another_shops_is_not_taken_over() {
    let (running, provider) = start().await;
    let order = order(1);
    let strangers = by_hand(&running, &order, "notbob@x.com", None).await;
    let keyed = by_hand(&running, &order, order.owner.email.as_str(), Some("whmcs-17")).await;
    for (id, says) in [
        (strangers.as_str(), "belongs to notbob@x.com"),
        (keyed.as_str(), "external id whmcs-17"),
        ("4711", "no server 4711"),
        ("../users/1", "expected the number"),
    ] {
        for mode in [Mode::Look, Mode::Do] {
            let refused = provider.adopt(&order, id, mode).await.unwrap_err();
            assert!(matches!(refused, ProviderError::Refused { .. } | ProviderError::Gone { .. }), "{refused:?}");
            assert!(refused.to_string().contains(says), "{refused}");
        }
    }
    assert_eq!(server(&running, &strangers).await["external_id"], Value::Null);
    assert_eq!(server(&running, &keyed).await["external_id"], json!("whmcs-17"));
    let truth = control(&running, Method::GET, "truth", None).await;
    let users = truth["panel"]["users"].as_array().unwrap();
    assert!(users.iter().all(|user| user["external_id"].is_null()), "{users:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_service_that_has_its_server_gets_no_second_one_and_no_other_game() {
    let (running, provider) = start().await;
    let first = order(1);
    provider.create(&first).await.unwrap();
    let id = by_hand(&running, &first, "hand@x.com", None).await;
    let mut second = order(2);
    second.owner.email = "hand@x.com".parse().unwrap();
    let owner = second.owner.clone();
    second.settings["egg"] = json!(2);
    let other_game = provider.adopt(&second, &id, Mode::Do).await.unwrap_err();
    assert!(other_game.to_string().contains("egg"), "{other_game}");
    let taken = provider.adopt(&ServiceOrder { owner, ..first }, &id, Mode::Do).await.unwrap_err();
    assert!(matches!(taken, ProviderError::Refused { .. }), "{taken:?}");
    assert_eq!(server(&running, &id).await["external_id"], Value::Null);
    running.stop().await;
}
