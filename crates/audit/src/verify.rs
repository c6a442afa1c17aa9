//! Proving the whole chain.

use kernel::{StoreError, Timestamp};

use crate::{ChainKey, ChainStore, Fault, Head, Row, Unchained, Walk};

/// How many links are read at once.
const READ: i64 = 1000;

/// What is asked of the chain.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// All keys that there were.
    pub keys: &'a [ChainKey],
    /// A head that was noted elsewhere: the chain must still go through it.
    pub head: Option<Head>,
    /// What was written before this instant must be in the chain.
    pub chained_before: Timestamp,
}

/// The chain is as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Its end; its place is the number of entries.
    pub end: Head,
}

/// The chain is not as it was made.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A link is wrong; those before it are right.
    #[error("{0}")]
    Fault(Fault),
    /// The end was cut off.
    #[error("the end is missing: the chain ends at position {end}, and a head was noted at {}", .noted.position)]
    CutOff {
        /// Where it ends.
        end: i64,
        /// What was noted.
        noted: Head,
    },
    /// Another chain stands in its place.
    #[error("position {} has another hash than was noted: this is not the chain that the head is of", .noted.position)]
    AnotherChain {
        /// What was noted.
        noted: Head,
    },
    /// Entries wait for too long, or were never meant for the chain.
    #[error("{} entries are in no chain, the oldest since {}", .0.count, .0.since.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string()))]
    Unchained(Unchained),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Walks the whole chain.
///
/// # Errors
/// The first thing that is wrong.
pub async fn verify<S: ChainStore>(store: &mut S, question: &Question<'_>) -> Result<Proof, VerifyError> {
    let mut walk = Walk::new(question.keys);
    loop {
        let rows = store.chain_after(walk.head().position, READ).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Err(fault) = walk.step(row) {
                return Err(VerifyError::Fault(closer(store, &walk, row, fault).await?));
            }
            if let Some(noted) = question.head.filter(|noted| noted.position == row.link.head.position)
                && noted != row.link.head
            {
                return Err(VerifyError::AnotherChain { noted });
            }
        }
    }
    let end = walk.head();
    if let Some(noted) = question.head.filter(|noted| noted.position > end.position) {
        return Err(VerifyError::CutOff { end: end.position, noted });
    }
    let unchained = store.unchained(question.chained_before).await?;
    if unchained.count > 0 {
        return Err(VerifyError::Unchained(unchained));
    }
    Ok(Proof { end })
}

/// A link that does not follow may have been exchanged with another one: looks for that.
async fn closer<S: ChainStore>(store: &mut S, walk: &Walk<'_>, wrong: &Row, fault: Fault) -> Result<Fault, StoreError> {
    let Fault::Changed { position, .. } = fault else { return Ok(fault) };
    let mut after = position;
    loop {
        let rows = store.chain_after(after, READ).await?;
        let Some(last) = rows.last() else { return Ok(fault) };
        after = last.link.head.position;
        if let Some(other) = rows.iter().find(|other| walk.belongs(wrong, other)) {
            let (belongs, stands_at) = (other.link.entry, other.link.head.position);
            return Ok(Fault::Reordered { position, belongs, stands_at });
        }
    }
}
