//! Typed ids: UUIDv7 in the database, `ord_…` where people read them.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::entity::Entity;

/// The id of a `T`. Made by [`crate::Env::id`] only, so that tests decide what it is; there is no `Default`.
pub struct Id<T> {
    uuid: Uuid,
    of: PhantomData<fn() -> T>,
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id like {prefix}_0198c0ffee0070008000000000000001")]
pub struct InvalidId {
    prefix: &'static str,
}

impl<T> Id<T> {
    /// Wraps a UUID that a store read back.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, of: PhantomData }
    }

    /// The UUID as the database has it.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<T: Entity> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", T::PREFIX, self.uuid.simple())
    }
}

impl<T: Entity> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Entity> FromStr for Id<T> {
    type Err = InvalidId;

    /// Takes `ord_<32 hex digits>`, and a bare UUID too, because operators paste those from SQL.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { prefix: T::PREFIX };
        let hex = match text.split_once('_') {
            Some((prefix, rest)) if prefix == T::PREFIX => rest,
            Some(_) => return Err(invalid),
            None => text,
        };
        Uuid::try_parse(hex).map(Self::from_uuid).map_err(|_| invalid)
    }
}

impl<T: Entity> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Entity> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

// Derives would ask the same of `T`, which is only a name.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{Order, Service};

    #[test]
    fn an_id_reads_back_what_it_prints_and_takes_a_bare_uuid() {
        let id: Id<Order> = Id::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id: Id<Order> = Id::from_uuid(Uuid::from_u128(7));
        assert!(id.to_string().parse::<Id<Service>>().is_err());
        assert!("ord_zz".parse::<Id<Order>>().is_err());
    }
}
