//! What is done to services after they were delivered.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, entity};
use provisioning::{Operation, OperationState, OperationStore, PollToken, Verb};
use uuid::Uuid;

use super::Place;
use crate::{db::PgTx, schema::service_operations as table};

const OVER: [&str; 2] = ["done", "withdrawn"];

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = table, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct OperationRow {
    id: Uuid,
    service_id: Uuid,
    verb: String,
    reason: Option<String>,
    note: String,
    #[diesel(embed)]
    progress: Progress,
    started_at: Timestamp,
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Progress {
    state: String,
    attempt: i32,
    poll_token: Option<String>,
    gone_since: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    detail: String,
}

impl From<&Operation> for Progress {
    fn from(operation: &Operation) -> Self {
        Self {
            state: operation.state.as_str().to_owned(),
            attempt: operation.attempt,
            poll_token: operation.poll.as_ref().map(|token| token.0.clone()),
            gone_since: operation.gone_since,
            ended_at: operation.ended_at,
            detail: operation.detail.clone(),
        }
    }
}

impl From<&Operation> for OperationRow {
    fn from(operation: &Operation) -> Self {
        Self {
            id: operation.id.uuid(),
            service_id: operation.service.uuid(),
            verb: operation.verb.as_str().to_owned(),
            reason: operation.verb.reason().map(|reason| reason.as_str().to_owned()),
            note: operation.note.clone(),
            progress: operation.into(),
            started_at: operation.started_at,
        }
    }
}

impl TryFrom<OperationRow> for Operation {
    type Error = StoreError;

    fn try_from(row: OperationRow) -> Result<Self, StoreError> {
        let place = Place::new("service_operations", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            service: Id::from_uuid(row.service_id),
            verb: place.word("verb", Verb::parse(&row.verb, row.reason.as_deref()))?,
            note: row.note,
            state: place.word("state", OperationState::parse(&row.progress.state))?,
            attempt: row.progress.attempt,
            poll: row.progress.poll_token.map(PollToken),
            gone_since: row.progress.gone_since,
            started_at: row.started_at,
            ended_at: row.progress.ended_at,
            detail: row.progress.detail,
        })
    }
}

impl OperationStore for PgTx {
    async fn insert_operation(&mut self, operation: &Operation) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(table::table).values(OperationRow::from(operation)).on_conflict_do_nothing();
        Ok(self.execute("insert an operation", insert).await? == 1)
    }

    async fn lock_operation(&mut self, id: Id<entity::ServiceOperation>) -> Result<Option<Operation>, StoreError> {
        let query = table::table.find(id.uuid()).select(OperationRow::as_select()).for_update();
        self.first("lock an operation", query).await?.map(Operation::try_from).transpose()
    }

    async fn open_operation(&mut self, service: Id<entity::Service>) -> Result<Option<Operation>, StoreError> {
        let theirs = table::table
            .filter(table::service_id.eq(service.uuid()))
            .filter(table::state.ne_all(OVER.map(str::to_owned)));
        let query = theirs.select(OperationRow::as_select()).for_update();
        self.first("a service's open operation", query).await?.map(Operation::try_from).transpose()
    }

    async fn operations_of(&mut self, service: Id<entity::Service>, limit: i64) -> Result<Vec<Operation>, StoreError> {
        let theirs = table::table.filter(table::service_id.eq(service.uuid()));
        let newest = theirs.order((table::started_at.desc(), table::id.desc())).limit(limit);
        let rows = self.load("a service's operations", newest.select(OperationRow::as_select())).await?;
        rows.into_iter().map(Operation::try_from).collect()
    }

    async fn operations_under_way(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Operation>, StoreError> {
        let open = table::table.filter(table::state.ne_all(OVER.map(str::to_owned)));
        let waiting = open.filter(table::state.ne(OperationState::ByHand.as_str().to_owned()));
        let old = waiting.filter(table::started_at.lt(before)).order((table::started_at, table::id)).limit(limit);
        let rows = self.load("operations that are under way", old.select(OperationRow::as_select())).await?;
        rows.into_iter().map(Operation::try_from).collect()
    }

    async fn save_operation(&mut self, operation: &Operation) -> Result<(), StoreError> {
        let update = diesel::update(table::table.find(operation.id.uuid())).set(Progress::from(operation));
        self.execute_one("save an operation", update).await
    }
}
