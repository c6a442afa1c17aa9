//! Cases and sweeps in lists.

use ::cases::{Case, CaseKind};
use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, Transact, entity};

use crate::{
    db::{Db, PgTx},
    schema::{cases, sweeps},
    store::CaseRow,
};

/// Which cases.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Of this kind only.
    pub kind: Option<CaseKind>,
    /// About this order only.
    pub order: Option<Id<entity::Order>>,
    /// Closed ones too.
    pub closed: bool,
}

/// Cases, the oldest first.
pub async fn cases_list(db: &Db, filter: &CaseFilter, limit: i64) -> Result<Vec<Case>, StoreError> {
    let mut query =
        cases::table.select(CaseRow::as_select()).order((cases::opened_at, cases::id)).limit(limit).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(cases::kind.eq(kind.as_str().to_owned()));
    }
    if let Some(order) = filter.order {
        query = query.filter(cases::order_id.eq(order.uuid()));
    }
    if !filter.closed {
        query = query.filter(cases::closed_at.is_null());
    }
    let rows = db.transaction(async |tx: &mut PgTx| tx.load::<CaseRow, _>("a list of cases", query).await).await?;
    rows.into_iter().map(Case::try_from).collect()
}

/// One case; `None` when there is no such case.
pub async fn case(db: &Db, id: Id<entity::Case>) -> Result<Option<Case>, StoreError> {
    let query = cases::table.find(id.uuid()).select(CaseRow::as_select());
    let row = db.transaction(async |tx: &mut PgTx| tx.first::<CaseRow, _>("a case", query).await).await?;
    row.map(Case::try_from).transpose()
}

/// One sweep's log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sweeps, check_for_backend(diesel::pg::Pg))]
pub struct SweepLine {
    /// Its kind of job.
    pub name: String,
    /// When it last ended.
    pub last_run_at: Timestamp,
    /// How many things it looked at then.
    pub last_seen: i64,
    /// How many of them were not as they should be.
    pub last_found: i64,
    /// How often it ran.
    pub runs: i64,
    /// What it found in all.
    pub found: i64,
    /// When it last found something.
    pub last_find_at: Option<Timestamp>,
}

/// Every sweep that ever ran, by name.
pub async fn sweeps_list(db: &Db) -> Result<Vec<SweepLine>, StoreError> {
    let query = sweeps::table.order(sweeps::name).select(SweepLine::as_select());
    db.transaction(async |tx: &mut PgTx| tx.load("a list of sweeps", query).await).await
}
