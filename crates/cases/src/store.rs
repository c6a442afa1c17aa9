//! Where cases are kept.

use std::future::Future;

use kernel::{Id, StoreError, entity};

use crate::{Case, CaseKind, Ending};

/// Cases inside a transaction.
pub trait CaseStore {
    /// Opens this case, `true`; where one is open for its kind and subject, that one takes over reason, next step and
    /// time and counts one more, `false`.
    fn open_case(&mut self, case: &Case) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Reads a case.
    fn case(&mut self, id: Id<entity::Case>) -> impl Future<Output = Result<Option<Case>, StoreError>> + Send;

    /// Reads a case and keeps others from changing it until the transaction ends. Comes after every other lock of a
    /// transaction: workers open and close cases last.
    fn lock_case(&mut self, id: Id<entity::Case>) -> impl Future<Output = Result<Option<Case>, StoreError>> + Send;

    /// Writes owner and ending back.
    fn save_case(&mut self, case: &Case) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends the open case of this kind and subject; `false` where there is none.
    fn close_cause(
        &mut self,
        kind: CaseKind,
        subject: &str,
        ending: &Ending,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends an order's open cases of these kinds; how many.
    fn close_order_causes(
        &mut self,
        order: Id<entity::Order>,
        kinds: &[CaseKind],
        ending: &Ending,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Up to `limit` open cases of a kind, the oldest first.
    fn open_cases_of_kind(
        &mut self,
        kind: CaseKind,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Case>, StoreError>> + Send;

    /// The order's open cases, the oldest first.
    fn open_cases_of(&mut self, order: Id<entity::Order>)
    -> impl Future<Output = Result<Vec<Case>, StoreError>> + Send;
}
