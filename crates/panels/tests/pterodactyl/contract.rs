//! The contract file: what the panel accepts and answers.

use serde_json::{Value, json};

/// The whole file.
pub(crate) fn contract() -> Value {
    serde_json::from_str(include_str!("../contracts/pterodactyl_contract.json")).unwrap()
}

/// What is wrong with a value by one of the contract's definitions; empty when it is right.
pub(crate) fn violations(contract: &Value, definition: &str, value: &Value) -> Vec<String> {
    let schema = json!({ "$ref": format!("#/definitions/{definition}"), "definitions": contract["definitions"] });
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(value).map(|error| format!("{definition} {}: {error}", error.instance_path())).collect()
}

/// The endpoint that this call is for.
pub(crate) fn endpoint_of<'a>(contract: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let fits = |template: &str| {
        let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        wanted.len() == given.len()
            && wanted.iter().zip(&given).all(|(part, word)| part.starts_with('{') || part == word)
    };
    let endpoints = contract["endpoints"].as_array().unwrap().iter();
    // A path without a placeholder wins, as `deployable` does over a node's number.
    let fitting = endpoints.filter(|entry| entry["method"] == method && fits(entry["path"].as_str().unwrap()));
    fitting.min_by_key(|entry| entry["path"].as_str().unwrap().matches('{').count())
}

/// The example answer of an endpoint.
pub(crate) fn example(contract: &Value, endpoint: &str) -> Value {
    let endpoints = contract["endpoints"].as_array().unwrap();
    let found = endpoints.iter().find(|entry| entry["id"] == endpoint).unwrap();
    found["success"]["example"].clone()
}
