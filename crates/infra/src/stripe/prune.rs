//! Reading a few members of a large JSON text without making the rest: of an event only its envelope is wanted while it is
//! being taken in, and everything else of it would be built and thrown away, under a flood tens of thousands of times a
//! second.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A member that is kept: whole, or of it only these.
pub(super) struct Kept {
    pub(super) name: &'static str,
    /// None: whole.
    pub(super) of_it: &'static [Kept],
}

/// A member that is kept whole.
pub(super) const fn whole(name: &'static str) -> Kept {
    Kept { name, of_it: &[] }
}

/// Reads a text and keeps these members of it; an array becomes null. The same as reading all of it and looking at these.
pub(super) fn read(raw: &[u8], kept: &'static [Kept]) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(raw);
    let value = Prune(kept).deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

struct Prune(&'static [Kept]);

impl<'de> DeserializeSeed<'de> for Prune {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Prune {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<std::borrow::Cow<'de, str>>()? {
            match self.0.iter().find(|kept| kept.name == name) {
                Some(Kept { name, of_it: [] }) => all.insert((*name).to_owned(), members.next_value()?),
                Some(Kept { name, of_it }) => all.insert((*name).to_owned(), members.next_value_seed(Prune(of_it))?),
                None => members.next_value::<IgnoredAny>().map(|_| None)?,
            };
        }
        Ok(Value::Object(all))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
