//! Where calls are kept.

use std::future::Future;

use kernel::{StoreError, Timestamp};

use crate::{CallState, OutboundCall};

/// Calls inside a transaction.
pub trait OutboundStore {
    /// Adds a call; where its key is known, counts one more call, open, from now on, and nothing seen. Returns the row.
    fn open_call(&mut self, call: &OutboundCall) -> impl Future<Output = Result<OutboundCall, StoreError>> + Send;

    /// Reads a call and keeps others from changing it until the transaction ends.
    fn lock_call(&mut self, key: &str) -> impl Future<Output = Result<Option<OutboundCall>, StoreError>> + Send;

    /// Writes the outcome. A call that is done stays done; an unknown key is left alone.
    fn settle_call(
        &mut self,
        key: &str,
        state: CallState,
        detail: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes since when nothing was seen.
    fn note_absent(&mut self, key: &str, since: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
