//! Cases, and the log of sweeps.

use cases::{Case, CaseKind, CaseStore, Ending, SweepReport, SweepStore};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp, entity};
use uuid::Uuid;

use super::Place;
use crate::{
    db::{PgTx, Statement},
    schema::{cases as cases_table, sweeps},
};

/// One statement, so that two who see a cause at once open one case. A row is new exactly if nothing wrote it before.
const OPEN: &str = "\
    INSERT INTO cases AS known (id, kind, subject, order_id, reason, next_step, opened_at, last_seen_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET \
        reason = excluded.reason, next_step = excluded.next_step, last_seen_at = excluded.last_seen_at, \
        order_id = coalesce(known.order_id, excluded.order_id), times = known.times + 1 \
    RETURNING known.id = $1 AS opened";

const CLOSE: &str = "\
    UPDATE cases SET closed_at = $3, closed_by = $4, resolution = $5 \
    WHERE kind = $1 AND subject = $2 AND closed_at IS NULL";

const CLOSE_OF_ORDER: &str = "\
    UPDATE cases SET closed_at = $3, closed_by = $4, resolution = $5 \
    WHERE order_id = $1 AND kind = ANY($2) AND closed_at IS NULL";

const RECORD_SWEEP: &str = "\
    INSERT INTO sweeps AS known (name, cursor, last_run_at, last_seen, last_found, runs, found, last_find_at) \
    VALUES ($1, $2, $3, $4, $5, 1, $5, CASE WHEN $5 > 0 THEN $3 END) \
    ON CONFLICT (name) DO UPDATE SET cursor = coalesce(excluded.cursor, known.cursor), \
        last_run_at = excluded.last_run_at, last_seen = excluded.last_seen, last_found = excluded.last_found, \
        runs = known.runs + 1, found = known.found + excluded.found, \
        last_find_at = coalesce(excluded.last_find_at, known.last_find_at)";

#[derive(QueryableByName)]
struct Opened {
    #[diesel(sql_type = Bool)]
    opened: bool,
}

/// A case as a row; the operator's lists read it too.
#[derive(Queryable, Selectable)]
#[diesel(table_name = cases_table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CaseRow {
    id: Uuid,
    kind: String,
    subject: String,
    order_id: Option<Uuid>,
    reason: String,
    next_step: String,
    owner: Option<String>,
    opened_at: Timestamp,
    last_seen_at: Timestamp,
    times: i32,
    closed_at: Option<Timestamp>,
    closed_by: Option<String>,
    resolution: Option<String>,
}

impl TryFrom<CaseRow> for Case {
    type Error = StoreError;

    fn try_from(row: CaseRow) -> Result<Self, StoreError> {
        let place = Place::new("cases", row.id);
        let ending = match (row.closed_at, row.closed_by, row.resolution) {
            (Some(at), Some(by), Some(resolution)) => Some(Ending { at, by, resolution }),
            (None, None, None) => None,
            _ => return Err(place.impossible("closed_at")),
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            kind: place.word("kind", CaseKind::parse(&row.kind))?,
            subject: row.subject,
            order: row.order_id.map(Id::from_uuid),
            reason: row.reason,
            next_step: row.next_step,
            owner: row.owner,
            opened_at: row.opened_at,
            last_seen_at: row.last_seen_at,
            times: row.times,
            ending,
        })
    }
}

impl CaseStore for PgTx {
    async fn open_case(&mut self, case: &Case) -> Result<bool, StoreError> {
        let statement = Statement::new(OPEN)
            .bind::<SqlUuid, _>(case.id.uuid())
            .bind::<Text, _>(case.kind.as_str())
            .bind::<Text, _>(case.subject.clone())
            .bind::<Nullable<SqlUuid>, _>(case.order.map(Id::uuid))
            .bind::<Text, _>(case.reason.clone())
            .bind::<Text, _>(case.next_step.clone())
            .bind::<Timestamptz, _>(case.opened_at);
        let row: Option<Opened> = self.first("open a case", statement).await?;
        row.map(|row| row.opened).ok_or_else(|| StoreError::bug("a case was neither opened nor found"))
    }

    async fn case(&mut self, id: Id<entity::Case>) -> Result<Option<Case>, StoreError> {
        let query = cases_table::table.find(id.uuid()).select(CaseRow::as_select());
        self.first("read a case", query).await?.map(Case::try_from).transpose()
    }

    async fn lock_case(&mut self, id: Id<entity::Case>) -> Result<Option<Case>, StoreError> {
        let query = cases_table::table.find(id.uuid()).select(CaseRow::as_select()).for_update();
        self.first("lock a case", query).await?.map(Case::try_from).transpose()
    }

    async fn save_case(&mut self, case: &Case) -> Result<(), StoreError> {
        let ending = case.ending.as_ref();
        let changes = (
            cases_table::owner.eq(&case.owner),
            cases_table::closed_at.eq(ending.map(|ending| ending.at)),
            cases_table::closed_by.eq(ending.map(|ending| &ending.by)),
            cases_table::resolution.eq(ending.map(|ending| &ending.resolution)),
        );
        let update = diesel::update(cases_table::table.find(case.id.uuid())).set(changes);
        self.execute_one("save a case", update).await
    }

    async fn close_cause(&mut self, kind: CaseKind, subject: &str, ending: &Ending) -> Result<bool, StoreError> {
        let statement = Statement::new(CLOSE).bind::<Text, _>(kind.as_str()).bind::<Text, _>(subject.to_owned());
        Ok(self.execute("close a case", ended(statement, ending)).await? > 0)
    }

    async fn close_order_causes(
        &mut self,
        order: Id<entity::Order>,
        kinds: &[CaseKind],
        ending: &Ending,
    ) -> Result<usize, StoreError> {
        let kinds: Vec<&'static str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let statement = Statement::new(CLOSE_OF_ORDER).bind::<SqlUuid, _>(order.uuid()).bind::<Array<Text>, _>(kinds);
        self.execute("close an order's cases", ended(statement, ending)).await
    }

    async fn open_cases_of_kind(&mut self, kind: CaseKind, limit: i64) -> Result<Vec<Case>, StoreError> {
        let open = cases_table::table
            .filter(cases_table::kind.eq(kind.as_str().to_owned()))
            .filter(cases_table::closed_at.is_null());
        let query = open.order((cases_table::opened_at, cases_table::id)).limit(limit).select(CaseRow::as_select());
        self.load("open cases of a kind", query).await?.into_iter().map(Case::try_from).collect()
    }

    async fn open_cases_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Case>, StoreError> {
        let of_order = cases_table::table.filter(cases_table::order_id.eq(order.uuid()));
        let open = of_order.filter(cases_table::closed_at.is_null());
        let query = open.order((cases_table::opened_at, cases_table::id)).select(CaseRow::as_select());
        self.load("an order's open cases", query).await?.into_iter().map(Case::try_from).collect()
    }
}

fn ended(statement: Statement, ending: &Ending) -> Statement {
    statement
        .bind::<Timestamptz, _>(ending.at)
        .bind::<Text, _>(ending.by.clone())
        .bind::<Text, _>(ending.resolution.clone())
}

impl SweepStore for PgTx {
    async fn sweep_cursor(&mut self, sweep: &str) -> Result<Option<Timestamp>, StoreError> {
        let query = sweeps::table.find(sweep.to_owned()).select(sweeps::cursor);
        Ok(self.first::<Option<Timestamp>, _>("a sweep's cursor", query).await?.flatten())
    }

    async fn record_sweep(&mut self, sweep: &str, report: &SweepReport) -> Result<(), StoreError> {
        let statement = Statement::new(RECORD_SWEEP)
            .bind::<Text, _>(sweep.to_owned())
            .bind::<Nullable<Timestamptz>, _>(report.cursor)
            .bind::<Timestamptz, _>(report.at)
            .bind::<BigInt, _>(report.seen)
            .bind::<BigInt, _>(report.found);
        self.execute_one("record a sweep", statement).await
    }
}
