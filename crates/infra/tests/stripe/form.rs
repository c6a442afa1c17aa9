//! Form bodies with brackets, as Stripe reads them: `a[b][0]=c` becomes `{"a":{"b":["c"]}}`, and texts become what the
//! schema says they are.

use serde_json::{Map, Value};

/// Decodes a body or a query.
pub(crate) fn decode(form: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = text(name);
        let mut place = &mut root;
        for key in name.split('[').map(|key| key.trim_end_matches(']')) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = place.as_object_mut().unwrap().entry(key.to_owned()).or_insert(Value::Null);
        }
        assert!(place.is_null(), "{name} is there twice");
        *place = Value::String(text(value));
    }
    lists(root)
}

fn text(encoded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// Maps whose keys are 0, 1, 2 … become lists.
fn lists(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let dense = !map.is_empty() && (0..map.len()).all(|index| map.contains_key(&index.to_string()));
    if dense {
        let mut map = map;
        return (0..map.len()).map(|index| lists(map.remove(&index.to_string()).unwrap())).collect();
    }
    map.into_iter().map(|(key, value)| (key, lists(value))).collect()
}

/// Texts become numbers and booleans where the schema asks for those and they are written like those.
pub(crate) fn coerce(value: Value, schema: &Value) -> Value {
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    match value {
        Value::Object(map) => {
            let schema = alternatives.chain([schema]).find(|schema| schema["type"] == "object").unwrap_or(schema);
            let of = |key: &str| schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
            map.into_iter()
                .map(|(key, value)| {
                    let value = coerce(value, of(&key));
                    (key, value)
                })
                .collect()
        }
        Value::Array(items) => {
            let schema = alternatives.chain([schema]).find(|schema| schema["type"] == "array").unwrap_or(schema);
            items.into_iter().map(|item| coerce(item, &schema["items"])).collect()
        }
        Value::String(text) => {
            alternatives.chain([schema]).find_map(|schema| scalar(&text, schema)).unwrap_or(Value::String(text))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn scalar(text: &str, schema: &Value) -> Option<Value> {
    match schema["type"].as_str()? {
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => text.parse::<f64>().ok().map(Value::from),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}

#[test]
fn brackets_become_objects_and_lists() {
    let expected = serde_json::json!({ "a": { "b": ["x y", "č"], "c": "1" }, "d": "&=" });
    assert_eq!(decode("a[b][0]=x+y&a%5Bb%5D%5B1%5D=%C4%8D&a[c]=1&d=%26%3D"), expected);
}
