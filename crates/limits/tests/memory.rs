//! The memory store conforms.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use limits::testing::{MemoryLimits, store_conforms};

#[tokio::test]
async fn the_memory_store_conforms() {
    let store = MemoryLimits::default();
    store_conforms(&store, chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()).await;
    assert!(store.count() > 0);
}
