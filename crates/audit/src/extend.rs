//! Putting entries into the chain.

use kernel::StoreError;

use crate::{ChainKey, ChainStore, Head, Link, Settled};

/// How many entries one transaction puts into the chain.
pub const BATCH: i64 = 500;

/// Puts up to [`BATCH`] entries at the end of the chain; how many. Nothing where somebody else is at it.
///
/// # Errors
/// The store's.
pub async fn extend<S: ChainStore>(store: &mut S, key: &ChainKey) -> Result<i64, StoreError> {
    if !store.lock_chain().await? {
        return Ok(0);
    }
    // Read under the lock: whoever held it before has committed.
    let mut head = store.chain_end().await?.map_or(Head::START, |link| link.head);
    let mut links = Vec::new();
    for Settled { entry, encoding } in store.settled_entries(BATCH).await? {
        head = Head { position: head.next(), hash: key.link(head, &encoding) };
        links.push(Link { head, entry, key: key.id().to_owned() });
    }
    store.add_links(&links).await?;
    Ok(i64::try_from(links.len()).unwrap_or(i64::MAX))
}
