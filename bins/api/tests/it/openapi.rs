//! The OpenAPI document is true.

use std::{collections::BTreeSet, fs, path::PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::Shop;

#[actix_web::test]
async fn the_document_names_every_endpoint_and_each_of_them_is_there() {
    let shop = Shop::open().await;
    let document = shop.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap().clone();
    for (path, operations) in &paths {
        let real = path.replace("{sessionId}", "cs_x").replace("{orderId}", "x");
        let answer = shop.send(Method::PATCH, &real, &[], Vec::new()).await;
        assert_eq!(answer.status, 405, "{path} is served");
        for method in operations.as_object().unwrap().keys() {
            assert!(answer.header("allow").to_lowercase().contains(method), "{path} takes {method}");
        }
    }
    let mut document = document;
    document["info"]["version"] = "[version]".into();
    insta::assert_json_snapshot!("openapi", document);
    shop.close().await;
}

/// Of two schemas with one name, the document would hold one alone.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut names: Vec<String> = Vec::new();
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(&entry).unwrap();
            let described = text.split("ToSchema)]").skip(1).filter_map(|rest| rest.split_once("struct "));
            names.extend(described.map(|(_, rest)| rest.chars().take_while(|sign| sign.is_alphanumeric()).collect()));
        }
    }
    let known: BTreeSet<&String> = names.iter().collect();
    assert!(known.len() > 20, "they are found: {known:?}");
    let twice = known.iter().filter(|name| names.iter().filter(|other| other == *name).count() > 1);
    assert_eq!(twice.collect::<Vec<_>>(), Vec::<&&String>::new(), "two structs with one name");
}

#[actix_web::test]
async fn the_document_says_who_may_call_and_what_may_be_answered() {
    let shop = Shop::open().await;
    let document = shop.get("/api/openapi.json").await.json();
    let responses = |path: &str, method: &str| {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        responses.keys().map(|status| status.parse().unwrap()).collect::<Vec<u16>>()
    };
    assert_eq!(responses("/api/plans", "get"), [200, 400, 405, 408, 431, 503], "nobody is looked up");
    assert_eq!(responses("/api/auth/me", "get"), [200, 400, 401, 403, 405, 408, 431, 503]);
    let made = responses("/api/auth/keys/make", "post");
    assert!([201, 401, 403, 413, 415].iter().all(|status| made.contains(status)), "{made:?}");
    let hidden = responses("/api/staff/members", "get");
    assert!(hidden.contains(&404), "customers are not told of it: {hidden:?}");
    let webhook = responses("/api/webhooks/stripe", "post");
    assert!(webhook.contains(&413) && !webhook.contains(&415) && !webhook.contains(&403), "{webhook:?}");
    assert_eq!(document["paths"]["/api/plans"]["get"]["security"], Value::Null);
    assert_eq!(document["paths"]["/api/auth/me"]["get"]["security"], json!([{ "bearer": [] }, { "cookie": [] }]));
    let guest = &document["paths"]["/api/checkout/create-session"]["post"]["security"][0];
    assert_eq!(guest, &json!({}), "nobody has to sign in");
    shop.close().await;
}
