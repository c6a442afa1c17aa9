//! The contract as data: its vectors, its examples, and everything that we send.

use provisioning::{Ability, Lookup, Mode, Power, Provider, RemoteState, RoomFor, Target};
use reqwest::Method;
use serde_json::json;

use crate::{
    against_sandbox::{call, order, start_with},
    contract::{contract, endpoint_of, example, violations},
    http::{Reply, serve},
    provider_with,
    stub::contract_error,
    witness::Witness,
};

#[test]
fn every_vector_is_judged_as_the_contract_says() {
    let contract = contract();
    let vectors = contract["request_vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 34);
    for vector in vectors {
        let endpoints = contract["endpoints"].as_array().unwrap();
        let endpoint = endpoints.iter().find(|entry| entry["id"] == vector["endpoint"]).unwrap();
        let definition = endpoint["request_schema"]["$ref"].as_str().unwrap().trim_start_matches("#/definitions/");
        let wrong = violations(&contract, definition, &vector["body"]);
        assert_eq!(json!(wrong.is_empty()), vector["our_schema_accepts"], "{}: {wrong:?}", vector["name"]);
        let hazard = vector["note"].as_str().unwrap().starts_with("HAZARD");
        assert!(!hazard || !wrong.is_empty(), "a body that must never be sent passes: {}", vector["name"]);
    }
}

/// The examples of all requests are what our schemas take, too.
#[test]
fn every_request_example_is_a_valid_one() {
    let contract = contract();
    let mut seen = 0;
    for endpoint in contract["endpoints"].as_array().unwrap() {
        let Some(body) = endpoint.get("request_example").filter(|body| !body.is_null()) else { continue };
        let definition = endpoint["request_schema"]["$ref"].as_str().unwrap().trim_start_matches("#/definitions/");
        assert_eq!(violations(&contract, definition, body), Vec::<String>::new(), "{}", endpoint["id"]);
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
}

/// A whole life through a witness: every body that we send and every answer that we understand is the contract's.
#[tokio::test]
async fn whatever_we_send_is_in_the_contract() {
    let (running, _) = start_with(|options| options.panel_account_key.clone()).await;
    let panel = running.base_url().trim_start_matches("http://").parse().unwrap();
    let witness = Witness::before(panel);
    let key = sandbox::Options::default().panel_account_key;
    let provider = provider_with(&format!("http://{}/panel", witness.address), &key);
    let order = order(1);
    provider.check().await.unwrap();
    let (kind, settings, delivery) = (order.kind.clone(), order.settings.clone(), order.delivery.clone());
    provider.room(&RoomFor { kind, settings, delivery, promised: 2 }).await.unwrap();
    // Somebody with the buyer's address is there already, without a key of ours.
    let user = json!({ "email": order.owner.email.as_str(), "username": "bob", "first_name": "B", "last_name": "B" });
    call(&running, Method::POST, "/users", Some(&user)).await;
    assert_eq!(provider.find(&order).await, Ok(Lookup::Absent));
    let made = provider.create(&order).await.unwrap();
    assert!(matches!(provider.find(&order).await, Ok(Lookup::Ours(_))));
    assert_eq!(provider.observe(&made.reference).await.unwrap().state, RemoteState::Ready);
    let target = Target { service: order.service, customer: order.owner.customer, reference: made.reference.clone() };
    let mut larger = order.clone();
    (larger.settings["memory"], larger.settings["startup"]) = (json!(8192), json!("java -jar larger.jar"));
    provider.change(&target, &larger).await.unwrap();
    provider.suspend(&target, "").await.unwrap();
    provider.resume(&target).await.unwrap();
    provider.power(&target, Power::Start).await.unwrap();
    provider.usage(&target).await.unwrap();
    provider.console(&target).await.unwrap();
    provider.reinstall(&target).await.unwrap();
    assert_eq!(provider.list_ours(None).await.unwrap().items.len(), 1);
    // A server that loses its key is a stray, and taken over again.
    let details = json!({ "name": "Bob's world", "user": 2, "external_id": null });
    let id = made.reference.id.as_str();
    call(&running, Method::PATCH, &format!("/servers/{id}/details"), Some(&details)).await;
    assert_eq!(provider.strays(None).await.unwrap().items.len(), 1);
    provider.adopt(&order, id, Mode::Do).await.unwrap();
    provider.terminate(&target).await.unwrap();
    // Another buyer, of whom the panel has never heard.
    let mut second = crate::against_sandbox::order(2);
    second.owner.email = "eve@x.com".parse().unwrap();
    provider.create(&second).await.unwrap();

    every_endpoint_was_asked(&witness);
    running.stop().await;
}

/// All of them that the provider has a use for.
fn every_endpoint_was_asked(witness: &Witness) {
    let asked = witness.endpoints();
    for endpoint in [
        "users.external",
        "users.list",
        "users.create",
        "users.update",
        "nodes.list",
        "nodes.get",
        "allocations.list",
        "nests.list",
        "locations.list",
        "eggs.get",
        "servers.create",
        "servers.external",
        "servers.get",
        "servers.list",
        "servers.details",
        "servers.build",
        "servers.startup",
        "servers.suspend",
        "servers.unsuspend",
        "servers.reinstall",
        "servers.delete",
        "client.resources",
        "client.power",
    ] {
        assert!(asked.contains(endpoint), "{endpoint} was not asked: {asked:?}");
    }
}

/// A panel that knows the contract's examples by heart, and nothing else.
#[tokio::test]
async fn every_example_of_an_answer_that_we_ask_for_is_read() {
    let contract = contract();
    let examples = contract.clone();
    let address =
        serve(move |call| match endpoint_of(&examples, &call.method, call.path.trim_start_matches("/panel")) {
            Some(endpoint) if endpoint["success"]["example"].is_null() => {
                Reply::Text { status: 204, headers: Vec::new(), body: String::new() }
            }
            Some(endpoint) => {
                let status = u16::try_from(endpoint["success"]["status"].as_u64().unwrap()).unwrap();
                Reply::Json(status, endpoint["success"]["example"].clone())
            }
            None => contract_error("not_found"),
        });
    let provider = provider_with(&format!("http://{address}/panel"), "ptlc_stub");
    let server = example(&contract, "servers.get")["attributes"].clone();
    let mut order = crate::order(1);
    order.settings["egg"] = server["egg"].clone();
    let reference = provisioning::RemoteRef {
        id: server["id"].to_string(),
        identifier: server["identifier"].as_str().unwrap().to_owned(),
    };
    assert_eq!(provider.check().await.unwrap().flavour, "Pterodactyl");
    assert!(provider.capabilities().can(Ability::Usage));
    provider.observe(&reference).await.unwrap();
    provider.list_ours(None).await.unwrap();
    provider.strays(None).await.unwrap();
    let (kind, delivery) = (order.kind.clone(), order.delivery.clone());
    let mut settings = order.settings.clone();
    let node = example(&contract, "nodes.list")["data"][0]["attributes"].clone();
    settings["locations"] = json!({ "eu-west": [node["location_id"]] });
    (settings["memory"], settings["disk"]) = (json!(1), json!(1));
    provider.room(&RoomFor { kind, settings, delivery, promised: 0 }).await.unwrap();
    let key = server["external_id"].as_str().unwrap_or_default();
    let service = key.parse().unwrap_or(order.service);
    let target = Target { service, customer: order.owner.customer, reference };
    let usage = provider.usage(&target).await.unwrap();
    assert!(!usage.activity.is_empty());
}
