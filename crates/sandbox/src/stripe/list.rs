//! Lists: newest first, ten a page, cursors by id.

use super::error::ApiError;
use crate::json::Members;
use serde_json::{Value, json};

/// One page of `items` (newest first) as the `limit`, `starting_after` and `ending_before` parameters ask for it.
pub(crate) fn page<'a, T: 'a>(
    items: impl Iterator<Item = &'a T>,
    params: &Value,
    url: &str,
    id_of: impl Fn(&T) -> &str,
    render: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let limit = params.member("limit").as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10);
    let items: Vec<&T> = items.collect();
    let place = |name: &str| match params.member(name).as_str() {
        None => Ok(None),
        Some(id) => match items.iter().position(|item| id_of(item) == id) {
            Some(at) => Ok(Some(at)),
            None => Err(ApiError::no_such("object", id, name)),
        },
    };
    let (after, before) = (place("starting_after")?, place("ending_before")?);
    let (from, to) = match (after, before) {
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&["starting_after", "ending_before"])),
        (Some(after), None) => (after + 1, after + 1 + limit),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, limit),
    };
    let has_more = if before.is_some() { from > 0 } else { items.len() > to };
    let data: Vec<Value> = items.iter().take(to).skip(from).map(|item| render(item)).collect();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

/// Whether a time fits the `created` parameter (a number, or bounds).
pub(crate) fn created_fits(params: &Value, created: i64) -> bool {
    let wanted = params.member("created");
    let bound = |name: &str, holds: fn(i64, i64) -> bool| {
        wanted.member(name).as_i64().is_none_or(|limit| holds(created, limit))
    };
    wanted.as_i64().is_none_or(|exact| created == exact)
        && bound("gt", |at, limit| at > limit)
        && bound("gte", |at, limit| at >= limit)
        && bound("lt", |at, limit| at < limit)
        && bound("lte", |at, limit| at <= limit)
}

/// Whether an optional text parameter is absent or equal.
pub(crate) fn text_fits(params: &Value, name: &str, actual: Option<&str>) -> bool {
    params.member(name).as_str().is_none_or(|wanted| Some(wanted) == actual)
}
