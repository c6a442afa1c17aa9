//! Every request vector of the contract gets the panel's verdict.

use crate::contracts::PANEL;
use crate::support::{Bed, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A panel in which the vectors' user 7 exists, and for changes a server that has the port 113.
async fn prepare(bed: &Bed, endpoint: &str) -> String {
    bed.control("POST", "/reset", &json!({})).await.ok();
    for id in 2..=7 {
        let user = json!({ "email": format!("u{id}@example.test"), "username": format!("user{id}"), "first_name": "U", "last_name": "V" });
        let made = bed.panel("POST", "/application/users", &user).await.ok();
        assert_eq!(made["attributes"]["id"], json!(id));
    }
    if matches!(endpoint, "servers.create" | "users.create") {
        return String::new();
    }
    let mut body = crate::panel::server("svc_0");
    body.as_object_mut().unwrap().remove("deploy");
    let made =
        bed.panel("POST", "/application/servers", &with(body, "/allocation", json!({ "default": 113 }))).await.ok();
    made["attributes"]["identifier"].as_str().unwrap().to_owned()
}

async fn send(bed: &Bed, endpoint: &str, body: &Value) -> crate::support::Got {
    let identifier = prepare(bed, endpoint).await;
    match endpoint {
        "servers.create" => bed.panel("POST", "/application/servers", body).await,
        "servers.details" => bed.panel("PATCH", "/application/servers/1/details", body).await,
        "servers.build" => bed.panel("PATCH", "/application/servers/1/build", body).await,
        "servers.startup" => bed.panel("PATCH", "/application/servers/1/startup", body).await,
        "users.create" => bed.panel("POST", "/application/users", body).await,
        "client.power" => bed.panel("POST", &format!("/client/servers/{identifier}/power"), body).await,
        other => panic!("no way to send {other}"),
    }
}

fn pairs<'a>(errors: impl Iterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.map(|error| (text(&error["source_field"]), text(&error["rule"]))).collect()
}

#[tokio::test]
async fn every_vector_gets_its_verdict() {
    let bed = Bed::start().await;
    let vectors = PANEL["request_vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 34);
    for vector in vectors {
        let got = send(&bed, vector["endpoint"].as_str().unwrap(), &vector["body"]).await;
        assert_eq!(json!(got.status), vector["panel"]["status"], "{}: {}", vector["name"], got.text);
        if got.status < 300 {
            continue;
        }
        let answer = got.json();
        let given = pairs(answer["errors"].as_array().unwrap().iter().map(|error| &error["meta"]));
        let expected = pairs(vector["panel"]["errors"].as_array().unwrap().iter());
        assert_eq!(given, expected, "{}", vector["name"]);
    }
}

#[tokio::test]
async fn the_hazards_are_as_bad_as_described() {
    let bed = Bed::start().await;
    prepare(&bed, "servers.details").await;
    bed.panel("PATCH", "/application/servers/1/details", &json!({ "name": "n", "user": 7 })).await.ok();
    let wiped = bed.panel("GET", "/application/servers/1", &Value::Null).await.ok();
    assert_eq!(wiped["attributes"]["external_id"], Value::Null, "an external id that is not sent is wiped");
    let both = with(crate::panel::server("svc_2"), "/allocation", json!({ "default": 114, "additional": [113] }));
    let made = bed.panel("POST", "/application/servers", &both).await.ok();
    assert_ne!(made["attributes"]["allocation"], json!(113));
    let stolen = bed.panel("GET", "/application/nodes/1/allocations?filter[server_id]=2", &Value::Null).await.ok();
    assert!(
        stolen["data"].as_array().unwrap().iter().any(|port| port["attributes"]["id"] == json!(113)),
        "deploy takes additional ports without looking"
    );
}
