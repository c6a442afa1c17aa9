//! `expand[]`: ids replaced by the objects they name.

use super::Stripe;
use super::error::ApiError;
use super::session::Session;
use crate::json::Members;
use serde_json::Value;

const MAX_DEPTH: usize = 4;

/// Expands what the request asks for.
pub(crate) fn expand(stripe: &Stripe, mut object: Value, params: &Value) -> Result<Value, ApiError> {
    for path in params.member("expand").as_array().into_iter().flatten().filter_map(Value::as_str) {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > MAX_DEPTH + 1 {
            return Err(ApiError::invalid("You cannot expand more than 4 levels of a property.").param("expand"));
        }
        if !step(stripe, &mut object, &parts) {
            return Err(ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand"));
        }
    }
    Ok(object)
}

/// Goes one step down the path; `false` when there is nothing to expand.
fn step(stripe: &Stripe, object: &mut Value, parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return true;
    };
    include(stripe, object, first);
    let Some(member) = object.as_object_mut().and_then(|map| map.get_mut(*first)) else {
        return false;
    };
    if let Some(id) = member.as_str() {
        match stripe.object(id) {
            Some(full) => *member = full,
            None => return false,
        }
    }
    match member {
        Value::Null => true,
        Value::Array(items) => items.iter_mut().all(|item| step(stripe, item, rest)),
        Value::Object(_) => step(stripe, member, rest),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Members that are absent unless expanded.
fn include(stripe: &Stripe, object: &mut Value, name: &str) {
    let id = object.member("id").as_str().unwrap_or_default().to_owned();
    let included = match (object.member("object").as_str(), name) {
        (Some("checkout.session"), "line_items") => stripe.sessions.get(&id).map(Session::render_lines),
        (Some("invoice"), "payments") => Some(super::invoice::payments_of(stripe, &id)),
        (Some("charge"), "refunds") => Some(super::refund::refunds_of(stripe, &id)),
        _ => None,
    };
    if let (Some(value), Some(map)) = (included, object.as_object_mut()) {
        map.insert(name.to_owned(), value);
    }
}
