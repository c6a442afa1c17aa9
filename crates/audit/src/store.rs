//! Where the trail is kept.

use std::future::Future;

use kernel::{Id, StoreError, Timestamp, entity};

use crate::{Entry, Link, Row};

/// Writing entries, inside the transaction of the act.
pub trait AuditStore {
    /// Adds an entry. It is in no chain yet: acts must not wait for each other.
    fn append(&mut self, entry: &Entry) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// An entry that may go into the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub entry: Id<entity::AuditEntry>,
    /// Its canonical bytes.
    pub encoding: Vec<u8>,
}

/// Entries that are in no chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unchained {
    /// How many.
    pub count: i64,
    /// Since when the oldest waits.
    pub since: Option<Timestamp>,
}

/// The chain, inside a transaction.
pub trait ChainStore {
    /// Keeps others from adding links until the transaction ends; `false` where somebody else is at it.
    fn lock_chain(&mut self) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The last link.
    fn chain_end(&mut self) -> impl Future<Output = Result<Option<Link>, StoreError>> + Send;

    /// Up to `limit` entries that are in no chain, with their bytes, in the order of their transactions. Only those before
    /// which no other can appear any more.
    fn settled_entries(&mut self, limit: i64) -> impl Future<Output = Result<Vec<Settled>, StoreError>> + Send;

    /// Adds links at the end.
    fn add_links(&mut self, links: &[Link]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Up to `limit` links after a place, with their entries, in order.
    fn chain_after(&mut self, position: i64, limit: i64) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// Entries from before an instant that are in no chain, and those that are awaited there and are gone.
    fn unchained(&mut self, before: Timestamp) -> impl Future<Output = Result<Unchained, StoreError>> + Send;
}
