//! Finding things in JSON whose shape depends on the API version: the first of several places that holds something usable.

use serde_json::Value;

/// A text that is there and can be stored: not empty, without NUL, which PostgreSQL's text does not take.
fn usable(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty() && !text.contains('\0'))
}

fn first<'a, T>(object: &'a Value, places: &[&str], read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
    places.iter().find_map(|place| object.pointer(place).and_then(&read))
}

/// The first usable text at one of these JSON pointers (RFC 6901).
pub(super) fn text(object: &Value, places: &[&str]) -> Option<String> {
    first(object, places, usable).map(str::to_owned)
}

/// The first id; an expanded object stands for its own `id`.
pub(super) fn id(object: &Value, places: &[&str]) -> Option<String> {
    first(object, places, |value| usable(value).or_else(|| usable(value.get("id")?))).map(str::to_owned)
}

/// The first whole number. Some versions write large ones as texts.
pub(super) fn integer(object: &Value, places: &[&str]) -> Option<i64> {
    first(object, places, |value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
}

/// The first yes or no.
pub(super) fn flag(object: &Value, places: &[&str]) -> Option<bool> {
    first(object, places, Value::as_bool)
}

/// The entries of a list object; none where there is no list.
pub(super) fn entries<'a>(object: &'a Value, place: &str) -> impl Iterator<Item = &'a Value> {
    object.pointer(place).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_usable_place_counts() {
        let object = json!({ "a": null, "b": "", "c": "x\0y", "d": { "e": "found" }, "f": "later" });
        assert_eq!(text(&object, &["/missing", "/a", "/b", "/c", "/d/e", "/f"]).as_deref(), Some("found"));
        assert_eq!(text(&object, &["/d"]), None);
    }

    #[test]
    fn an_expanded_object_is_its_id() {
        let object =
            json!({ "plain": "cus_1", "expanded": { "id": "cus_2", "object": "customer" }, "odd": { "id": 3 } });
        assert_eq!(id(&object, &["/plain"]).as_deref(), Some("cus_1"));
        assert_eq!(id(&object, &["/expanded"]).as_deref(), Some("cus_2"));
        assert_eq!(id(&object, &["/odd"]), None);
    }

    #[test]
    fn numbers_may_be_written_as_texts_but_not_with_fractions() {
        let object = json!({ "a": 5, "b": "6", "c": 7.5, "d": "eight" });
        assert_eq!(["/a", "/b", "/c", "/d"].map(|place| integer(&object, &[place])), [Some(5), Some(6), None, None]);
    }
}
