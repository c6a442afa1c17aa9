//! Stripe's lists: newest first, the next page begins after the last id of this one (docs.stripe.com/api/pagination).

use checkout::GatewayError;
use kernel::Page;
use serde_json::Value;

/// One page as it came.
pub(super) struct List {
    items: Vec<Value>,
    next: Option<String>,
}

impl List {
    /// `None` where there is no list.
    pub(super) fn read(mut answer: Value) -> Option<Self> {
        let more = answer.get("has_more").and_then(Value::as_bool).unwrap_or(false);
        let Some(Value::Array(items)) = answer.get_mut("data").map(Value::take) else { return None };
        let last = items.last().and_then(|item| item.get("id")?.as_str()).map(str::to_owned);
        Some(Self { items, next: last.filter(|_| more) })
    }

    /// Reads every item; one that cannot be read is an error, since a list with a gap proves nothing.
    pub(super) fn try_map<T>(self, read: impl Fn(Value) -> Option<T>) -> Result<Page<T>, GatewayError> {
        let unreadable = || GatewayError::Unknown { detail: "a list with an object that has no id".to_owned() };
        let items = self.items.into_iter().map(read).collect::<Option<Vec<T>>>().ok_or_else(unreadable)?;
        Ok(Page { items, next: self.next })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_next_page_begins_after_the_last_of_this_one() {
        let id = |item: Value| item.get("id")?.as_str().map(str::to_owned);
        let page = |more: bool| json!({ "object": "list", "has_more": more, "data": [{ "id": "a" }, { "id": "b" }] });
        let first = List::read(page(true)).unwrap().try_map(id).unwrap();
        assert_eq!((first.items.len(), first.next.as_deref()), (2, Some("b")));
        assert_eq!(List::read(page(false)).unwrap().try_map(id).unwrap().next, None);
        assert!(List::read(json!({ "data": [] })).unwrap().try_map(id).unwrap().items.is_empty());
        assert!(List::read(json!({ "error": {} })).is_none());
        assert!(List::read(json!({ "data": [{}] })).unwrap().try_map(id).is_err(), "a gap is an error");
    }
}
