//! Transactions as a port, so that one flow runs on PostgreSQL and on the memory stores.

use std::future::Future;

use crate::StoreError;

/// Something that runs a closure in one transaction.
pub trait Transact {
    /// What the closure may do inside.
    type Tx;

    /// COMMIT when `work` returns `Ok`, ROLLBACK when it returns `Err` or is dropped.
    ///
    /// # Errors
    /// What `work` returned, or the store's own error from BEGIN or COMMIT. When COMMIT's answer was lost the outcome is
    /// unknown; callers repeat only what is idempotent.
    fn transaction<T, E>(
        &self,
        work: impl AsyncFnOnce(&mut Self::Tx) -> Result<T, E>,
    ) -> impl Future<Output = Result<T, E>>
    where
        E: From<StoreError>;
}
