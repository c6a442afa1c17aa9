//! Counting in memory, and what every store of it does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::Duration;
use kernel::{StoreError, Timestamp};

use crate::{Bucket, Charge, LimitStore, Refusal, take};

mod conformance;
pub use conformance::store_conforms;

/// A bucket.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    full_at: Option<Timestamp>,
    told_until: Option<Timestamp>,
}

/// Buckets in memory. Its clones are one store.
#[derive(Debug, Clone, Default)]
pub struct MemoryLimits(Arc<Mutex<BTreeMap<Bucket, Held>>>);

impl MemoryLimits {
    /// Takes at an instant; see [`LimitStore::take`].
    pub fn take_at(&self, charges: &[Charge], now: Timestamp) -> Vec<Refusal> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refusals = Vec::new();
        let mut taken = Vec::new();
        for charge in charges {
            let held = buckets.get(&charge.bucket).copied().unwrap_or_default();
            match take(&charge.rule, held.full_at, now) {
                Ok(full_at) => taken.push((charge.bucket, Held { full_at: Some(full_at), ..held })),
                Err(wait) => {
                    let news = held.told_until.is_none_or(|until| until <= now);
                    let until = now + Duration::seconds(i64::from(charge.rule.refill()));
                    if news {
                        buckets.insert(charge.bucket, Held { told_until: Some(until), ..held });
                    }
                    refusals.push(Refusal { rule: charge.rule, wait, news });
                }
            }
        }
        if refusals.is_empty() {
            buckets.extend(taken);
        }
        refusals
    }

    /// How many buckets there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl LimitStore for MemoryLimits {
    async fn take(&self, charges: &[Charge], now: Option<Timestamp>) -> Result<Vec<Refusal>, StoreError> {
        let now = now.ok_or_else(|| StoreError::bug("this store has no clock"))?;
        Ok(self.take_at(charges, now))
    }
}
