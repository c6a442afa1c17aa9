//! The trail in memory, and what every store of it does.

use std::collections::BTreeSet;

use kernel::{Id, StoreError, Timestamp, entity, testing::Table};

use crate::{AuditStore, ChainStore, Entry, Link, Row, Settled, Unchained, Written, encode};

mod conformance;
pub use conformance::store_conforms;

/// The trail in memory. A clone is a snapshot. Everything can be reached, so that tests can tamper with it.
#[derive(Debug, Clone, Default)]
pub struct MemoryAudit {
    /// Entries in the order of writing.
    pub log: Table<u64, (Id<entity::AuditEntry>, Written)>,
    /// Links by their place.
    pub chain: Table<i64, Link>,
}

impl MemoryAudit {
    /// What the columns say, in the order of writing.
    pub fn entries(&self) -> Vec<Entry> {
        self.log.values().filter_map(|(_, written)| written.columns.clone()).collect()
    }

    fn chained(&self) -> BTreeSet<Id<entity::AuditEntry>> {
        self.chain.values().map(|link| link.entry).collect()
    }
}

impl AuditStore for MemoryAudit {
    async fn append(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let number = self.log.keys().next_back().map_or(0, |last| last + 1);
        let written = Written { encoding: encode(entry), columns: Some(entry.clone()) };
        self.log.insert(number, (entry.id, written));
        Ok(())
    }
}

impl ChainStore for MemoryAudit {
    async fn lock_chain(&mut self) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn chain_end(&mut self) -> Result<Option<Link>, StoreError> {
        Ok(self.chain.values().next_back().cloned())
    }
    async fn settled_entries(&mut self, limit: i64) -> Result<Vec<Settled>, StoreError> {
        let chained = self.chained();
        let waiting = self.log.values().filter(|(id, _)| !chained.contains(id));
        let waiting = waiting.map(|(id, written)| Settled { entry: *id, encoding: written.encoding.clone() });
        Ok(waiting.take(usize::try_from(limit).unwrap_or(0)).collect())
    }
    async fn add_links(&mut self, links: &[Link]) -> Result<(), StoreError> {
        for link in links {
            if self.chain.insert(link.head.position, link.clone()).is_some() {
                return Err(StoreError::bug(format!("position {} is taken", link.head.position)));
            }
        }
        Ok(())
    }
    async fn chain_after(&mut self, position: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
        let rows = self.chain.values().filter(|link| link.head.position > position).map(|link| Row {
            link: link.clone(),
            written: self.log.values().find(|(id, _)| *id == link.entry).map(|(_, written)| written.clone()),
        });
        Ok(rows.take(usize::try_from(limit).unwrap_or(0)).collect())
    }
    async fn unchained(&mut self, before: Timestamp) -> Result<Unchained, StoreError> {
        let chained = self.chained();
        let open = self.log.values().filter(|(id, _)| !chained.contains(id));
        let times: Vec<Timestamp> = open.filter_map(|(_, written)| written.columns.as_ref().map(|e| e.at)).collect();
        let old: Vec<Timestamp> = times.into_iter().filter(|at| *at < before).collect();
        Ok(Unchained { count: i64::try_from(old.len()).unwrap_or(i64::MAX), since: old.into_iter().min() })
    }
}
