//! One link after the other: does each follow from the one before?

use kernel::{Id, entity};

use crate::{ChainKey, Entry, Hash, Head, Link, decode};

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The canonical bytes.
    pub encoding: Vec<u8>,
    /// What the columns say that people read and search; `None` where that is no entry.
    pub columns: Option<Entry>,
}

/// A link with its entry, where that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The link.
    pub link: Link,
    /// The entry.
    pub written: Option<Written>,
}

/// What is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Places were left out.
    #[error("position {position} is missing; the next that is there is {found}")]
    PositionMissing {
        /// The first of them.
        position: i64,
        /// The next that is there.
        found: i64,
    },
    /// A link has no entry.
    #[error("position {position} is missing its entry {entry}: it was removed")]
    EntryMissing {
        /// The place.
        position: i64,
        /// The entry.
        entry: Id<entity::AuditEntry>,
    },
    /// The bytes or the hash are not those that were put into the chain.
    #[error("position {position} was changed: it does not follow from what stands before it (entry {entry})")]
    Changed {
        /// The place.
        position: i64,
        /// The entry.
        entry: Id<entity::AuditEntry>,
    },
    /// The bytes are right, the columns say something else.
    #[error("position {position} was changed: its columns do not say what was hashed (entry {entry})")]
    ColumnsChanged {
        /// The place.
        position: i64,
        /// The entry.
        entry: Id<entity::AuditEntry>,
    },
    /// Another entry belongs here, which stands elsewhere.
    #[error("position {position} was reordered: entry {belongs} belongs there, which stands at {stands_at}")]
    Reordered {
        /// The place.
        position: i64,
        /// What belongs there.
        belongs: Id<entity::AuditEntry>,
        /// Where that is.
        stands_at: i64,
    },
    /// It was hashed with a key that was not given.
    #[error("position {position} was made with the key {key}, which was not given")]
    UnknownKey {
        /// The place.
        position: i64,
        /// The key's id.
        key: String,
    },
}

/// How far the chain was looked at, and found right.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    keys: &'a [ChainKey],
    head: Head,
}

impl<'a> Walk<'a> {
    /// From the start, with all keys that there were.
    pub const fn new(keys: &'a [ChainKey]) -> Self {
        Self { keys, head: Head::START }
    }

    /// The last link that is right.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Looks at the next link.
    ///
    /// # Errors
    /// What is wrong with it; the walk stays before it then.
    pub fn step(&mut self, row: &Row) -> Result<(), Fault> {
        let (position, entry) = (self.head.next(), row.link.entry);
        if row.link.head.position != position {
            return Err(Fault::PositionMissing { position, found: row.link.head.position });
        }
        let Some(written) = &row.written else { return Err(Fault::EntryMissing { position, entry }) };
        let hash = self.expected(&row.link.key, &written.encoding);
        let hash = hash.ok_or_else(|| Fault::UnknownKey { position, key: row.link.key.clone() })?;
        let decoded = decode(&written.encoding).filter(|decoded| decoded.id == entry);
        if hash != row.link.head.hash || decoded.is_none() {
            return Err(Fault::Changed { position, entry });
        }
        if written.columns != decoded {
            return Err(Fault::ColumnsChanged { position, entry });
        }
        self.head = row.link.head;
        Ok(())
    }

    fn expected(&self, key: &str, encoding: &[u8]) -> Option<Hash> {
        let key = self.keys.iter().find(|known| known.id() == key)?;
        Some(key.link(self.head, encoding))
    }

    /// Whether `other`, which stands elsewhere, belongs where `wrong` stands: whether it fits the hash that is there, or
    /// brought its own along.
    pub fn belongs(&self, wrong: &Row, other: &Row) -> bool {
        let Some(written) = &other.written else { return false };
        let Some(hash) = self.expected(&other.link.key, &written.encoding) else { return false };
        other.link.entry != wrong.link.entry && (hash == wrong.link.head.hash || hash == other.link.head.hash)
    }
}
