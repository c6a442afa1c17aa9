//! Calls in memory, and what every store of calls does.

#![allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]

use std::collections::BTreeMap;

use chrono::Duration;
use kernel::{Env, Id, StoreError, Timestamp, entity};

use crate::{
    Absence, CallState, OutboundCall, OutboundStore, Purpose, about_to_call, did_not_happen, happened, seen_absent,
};

/// Calls in memory. A clone is a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryCalls {
    /// By key.
    pub calls: BTreeMap<String, OutboundCall>,
}

impl OutboundStore for MemoryCalls {
    async fn open_call(&mut self, call: &OutboundCall) -> Result<OutboundCall, StoreError> {
        let known = self.calls.get(&call.key);
        let row = OutboundCall {
            calls: known.map_or(0, |known| known.calls) + 1,
            first_call_at: known.map_or(call.first_call_at, |known| known.first_call_at),
            ..call.clone()
        };
        self.calls.insert(call.key.clone(), row.clone());
        Ok(row)
    }
    async fn lock_call(&mut self, key: &str) -> Result<Option<OutboundCall>, StoreError> {
        Ok(self.calls.get(key).cloned())
    }
    async fn settle_call(&mut self, key: &str, state: CallState, detail: &str) -> Result<(), StoreError> {
        if let Some(call) = self.calls.get_mut(key).filter(|call| call.state != CallState::Done) {
            *call = OutboundCall { state, detail: Some(detail.to_owned()), absent_since: None, ..call.clone() };
        }
        Ok(())
    }
    async fn note_absent(&mut self, key: &str, since: Timestamp) -> Result<(), StoreError> {
        if let Some(call) = self.calls.get_mut(key) {
            call.absent_since = Some(since);
        }
        Ok(())
    }
}

/// Checks a store of calls that knows `order`.
///
/// # Panics
/// When the store does not conform.
pub async fn store_conforms<S: OutboundStore>(store: &mut S, env: &mut Env, order: Id<entity::Order>) {
    let (key, settle) = ("svc_conformance", Duration::seconds(60));
    assert_eq!(store.lock_call(key).await.unwrap(), None);
    assert_eq!(seen_absent(store, env, key, settle).await.unwrap(), Absence::Proven, "nothing was ever asked for");
    let intent = about_to_call(store, env, (Purpose::CreateService, key), Some(order)).await.unwrap();
    assert_eq!(store.lock_call(key).await.unwrap(), Some(intent.clone()));
    assert_eq!((intent.state, intent.calls), (CallState::Open, 1));
    assert!(matches!(seen_absent(store, env, key, settle).await.unwrap(), Absence::NotYet(_)));
    assert!(store.lock_call(key).await.unwrap().unwrap().absent_since.is_some());
    let again = about_to_call(store, env, (Purpose::CreateService, key), Some(order)).await.unwrap();
    assert_eq!((again.calls, again.absent_since, again.first_call_at), (2, None, intent.first_call_at));
    did_not_happen(store, key, "refused").await.unwrap();
    assert_eq!(store.lock_call(key).await.unwrap().unwrap().state, CallState::NotDone);
    happened(store, key, "17").await.unwrap();
    did_not_happen(store, key, "late news").await.unwrap();
    let done = store.lock_call(key).await.unwrap().unwrap();
    assert_eq!((done.state, done.detail.as_deref()), (CallState::Done, Some("17")), "what happened stays so");
    happened(store, "unknown", "x").await.unwrap();
    assert_eq!(store.lock_call("unknown").await.unwrap(), None);
    let session = about_to_call(store, env, (Purpose::CreateSession, "order-1-session-a1"), None).await.unwrap();
    assert_eq!(store.lock_call(&session.key).await.unwrap(), Some(session));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_store_conforms() {
        let mut env = Env::system();
        let order = env.id();
        store_conforms(&mut MemoryCalls::default(), &mut env, order).await;
    }
}
