//! The contract files as schemas.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub static STRIPE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../contracts/stripe_openapi_trimmed.json")).unwrap());
pub static PANEL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../contracts/pterodactyl_contract.json")).unwrap());

/// The schema of a POST body.
pub fn stripe_request(path: &str) -> &'static Value {
    &STRIPE["paths"][path]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
}

pub fn stripe_request_validator(path: &str) -> Validator {
    let mut schema = stripe_request(path).clone();
    schema["components"] = STRIPE["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

/// Asserts that an object looks as the API reference says.
pub fn assert_stripe_object(name: &str, object: &Value) {
    let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": STRIPE["components"] });
    assert_valid(&schema, object, name);
}

/// Asserts that an answer of the panel looks as the contract says.
pub fn assert_panel_object(name: &str, object: &Value) {
    let schema = json!({ "$ref": format!("#/definitions/{name}"), "definitions": PANEL["definitions"] });
    assert_valid(&schema, object, name);
}

fn assert_valid(schema: &Value, object: &Value, name: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let problems: Vec<String> =
        validator.iter_errors(object).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(problems.is_empty(), "{name}: {problems:#?}");
}
