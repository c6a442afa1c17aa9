//! Cases in memory, and what every case store does.

use kernel::{Id, StoreError, entity, testing::Table};

use crate::{Case, CaseKind, CaseStore, Ending};

mod conformance;
pub use conformance::store_conforms;

/// Cases in memory. A clone is a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryCases {
    /// By id.
    pub cases: Table<Id<entity::Case>, Case>,
}

impl MemoryCases {
    /// Those that are open.
    pub fn open(&self) -> impl Iterator<Item = &Case> {
        self.cases.values().filter(|case| case.ending.is_none())
    }

    fn open_mut(&mut self, wanted: impl Fn(&Case) -> bool) -> Option<&mut Case> {
        let id = self.open().find(|case| wanted(case)).map(|case| case.id)?;
        self.cases.get_mut(&id)
    }
}

impl CaseStore for MemoryCases {
    async fn open_case(&mut self, case: &Case) -> Result<bool, StoreError> {
        let known = self.open_mut(|known| known.kind == case.kind && known.subject == case.subject);
        if let Some(known) = known {
            known.reason.clone_from(&case.reason);
            known.next_step.clone_from(&case.next_step);
            known.order = known.order.or(case.order);
            known.last_seen_at = case.last_seen_at;
            known.times += 1;
            return Ok(false);
        }
        self.cases.insert(case.id, case.clone());
        Ok(true)
    }
    async fn case(&mut self, id: Id<entity::Case>) -> Result<Option<Case>, StoreError> {
        Ok(self.cases.get(&id).cloned())
    }
    async fn lock_case(&mut self, id: Id<entity::Case>) -> Result<Option<Case>, StoreError> {
        Ok(self.cases.get(&id).cloned())
    }
    async fn save_case(&mut self, case: &Case) -> Result<(), StoreError> {
        self.cases.insert(case.id, case.clone());
        Ok(())
    }
    async fn close_cause(&mut self, kind: CaseKind, subject: &str, ending: &Ending) -> Result<bool, StoreError> {
        let known = self.open_mut(|known| known.kind == kind && known.subject == subject);
        Ok(known.map(|case| case.ending = Some(ending.clone())).is_some())
    }
    async fn close_order_causes(
        &mut self,
        order: Id<entity::Order>,
        kinds: &[CaseKind],
        ending: &Ending,
    ) -> Result<usize, StoreError> {
        let mut closed = 0;
        while let Some(case) = self.open_mut(|case| case.order == Some(order) && kinds.contains(&case.kind)) {
            case.ending = Some(ending.clone());
            closed += 1;
        }
        Ok(closed)
    }
    async fn open_cases_of_kind(&mut self, kind: CaseKind, limit: i64) -> Result<Vec<Case>, StoreError> {
        let mut of_kind: Vec<Case> = self.open().filter(|case| case.kind == kind).cloned().collect();
        of_kind.sort_by_key(|case| case.opened_at);
        of_kind.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(of_kind)
    }
    async fn open_cases_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Case>, StoreError> {
        let mut of_order: Vec<Case> = self.open().filter(|case| case.order == Some(order)).cloned().collect();
        of_order.sort_by_key(|case| case.opened_at);
        Ok(of_order)
    }
}
