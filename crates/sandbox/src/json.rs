//! JSON objects by member: reading what may be absent, setting what may not exist yet.

use serde_json::{Map, Value};

static NULL: Value = Value::Null;

/// Members of a JSON value, without a way to panic.
pub(crate) trait Members {
    /// The member of that name, or null.
    fn member(&self, name: &str) -> &Value;

    /// Sets the member at a dotted path; what is no object on the way becomes one.
    fn set(&mut self, path: &str, value: Value);
}

impl Members for Value {
    fn member(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NULL)
    }

    fn set(&mut self, path: &str, value: Value) {
        let mut place = self;
        for name in path.split('.') {
            if !place.is_object() {
                *place = Self::Object(Map::new());
            }
            let Self::Object(map) = place else { return };
            place = map.entry(name).or_insert(Self::Null);
        }
        *place = value;
    }
}
