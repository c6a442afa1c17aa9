//! Form bodies and query strings with brackets, as a tree whose leaves are strings.
//!
//! Whether `a[0]` is an array or an object with the key `0` is decided later, by the parameter table.

use super::error::ApiError;
use crate::http::percent_decode;
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 12;

/// Decodes `a=1&b[c]=2&d[0][e]=3`.
pub(crate) fn decode(text: &str) -> Result<Value, ApiError> {
    let mut root = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = piece(key)?;
        let value = piece(value)?;
        insert(&mut root, &key, &segments(&key)?, value)?;
    }
    Ok(Value::Object(root))
}

fn piece(text: &str) -> Result<String, ApiError> {
    percent_decode(text, true).ok_or_else(|| {
        ApiError::invalid("Invalid request: a form key or value is not valid UTF-8 or badly percent-encoded.")
    })
}

/// Splits `a[b][0]` into `a`, `b`, `0`; a `[]` gives an empty segment.
fn segments(key: &str) -> Result<Vec<String>, ApiError> {
    let malformed = || ApiError::invalid(format!("Invalid parameter name: {key}")).param(key);
    let (head, mut rest) = key.find('[').map_or((key, ""), |at| key.split_at(at));
    let mut parts = vec![head.to_owned()];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (part, after) = inner.split_once(']').ok_or_else(malformed)?;
        parts.push(part.to_owned());
        rest = after;
    }
    if head.is_empty() || parts.len() > MAX_DEPTH {
        return Err(malformed());
    }
    Ok(parts)
}

fn insert(map: &mut Map<String, Value>, key: &str, path: &[String], value: String) -> Result<(), ApiError> {
    let clash = || {
        ApiError::invalid(format!("Invalid request: {key} is given twice, or both as a value and as an object."))
            .param(key)
    };
    let Some((first, rest)) = path.split_first() else {
        return Err(clash());
    };
    let name = if first.is_empty() { map.len().to_string() } else { first.clone() };
    if rest.is_empty() {
        return match map.insert(name, Value::String(value)) {
            None => Ok(()),
            Some(_) => Err(clash()),
        };
    }
    match map.entry(name).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => insert(inner, key, rest, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(clash()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::decode;
    use serde_json::json;

    #[test]
    fn brackets_become_a_tree() {
        let tree =
            decode("mode=payment&line_items[0][quantity]=1&metadata%5Border_id%5D=a+b%26c&expand[]=x&expand[]=y")
                .unwrap();
        assert_eq!(
            tree,
            json!({
                "mode": "payment",
                "line_items": {"0": {"quantity": "1"}},
                "metadata": {"order_id": "a b&c"},
                "expand": {"0": "x", "1": "y"},
            })
        );
    }

    #[test]
    fn malformed_forms_are_refused() {
        for text in ["a[b=1", "a[b]c=1", "[a]=1", "a=1&a=2", "a=1&a[b]=2", "a=%ff", "a=%g1", "a=%2"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
