//! Lists: query strings, partial filters, pages.

use super::error::PanelError;
use crate::http::percent_decode;
use serde_json::{Value, json};

/// A decoded query string.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes; broken pieces are left out, as PHP does.
    pub(crate) fn parse(text: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent_decode(name, true)?, percent_decode(value, true)?))
        };
        Self(text.split('&').filter(|pair| !pair.is_empty()).filter_map(pair).collect())
    }

    /// One value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of `name[]`, `name[0]` ….
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(known, _)| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Whether `include=` names something.
    pub(crate) fn includes(&self, name: &str) -> bool {
        self.get("include").is_some_and(|list| list.split(',').any(|part| part.trim() == name))
    }

    /// Refuses filters that are not allowed on this list.
    pub(crate) fn allow_filters(&self, allowed: &[&str]) -> Result<(), PanelError> {
        let names = self.0.iter().filter_map(|(name, _)| name.strip_prefix("filter[")?.strip_suffix(']'));
        match names.into_iter().find(|name| !allowed.contains(name)) {
            None => Ok(()),
            Some(name) => Err(PanelError::new(
                400,
                "InvalidFilterQuery",
                format!(
                    "Requested filter(s) `{name}` are not allowed. Allowed filter(s) are `{}`.",
                    allowed.join(", ")
                ),
            )),
        }
    }

    /// Whether a value passes a PARTIAL filter: it contains one of the comma-separated words, whatever their case.
    pub(crate) fn partial(&self, name: &str, value: &str) -> bool {
        let value = value.to_lowercase();
        self.filter(name).is_none_or(|wanted| wanted.split(',').any(|word| value.contains(&word.to_lowercase())))
    }

    /// The text of a filter.
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        self.get(&format!("filter[{name}]"))
    }

    /// One page of the items.
    pub(crate) fn page<T>(&self, items: Vec<T>, render: impl Fn(T) -> Value) -> Value {
        let number =
            |name: &str| self.get(name).and_then(|text| text.parse::<usize>().ok()).filter(|number| *number > 0);
        let (per_page, page) = (number("per_page").unwrap_or(50), number("page").unwrap_or(1));
        let total = items.len();
        let data: Vec<Value> =
            items.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page).map(render).collect();
        json!({
            "object": "list",
            "meta": { "pagination": {
                "total": total, "count": data.len(), "per_page": per_page, "current_page": page,
                "total_pages": total.div_ceil(per_page).max(1), "links": {},
            } },
            "data": data,
        })
    }
}

/// A list without pages.
pub(crate) fn plain_list(data: Vec<Value>) -> Value {
    json!({ "object": "list", "data": data })
}
