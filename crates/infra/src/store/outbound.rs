//! Calls to the world: their intent and their outcome.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp};
use outbound::{CallState, OutboundCall, OutboundStore, Purpose};
use uuid::Uuid;

use crate::{
    db::{PgTx, Statement, impossible},
    schema::outbound_calls,
};

const OPEN: &str = "\
    INSERT INTO outbound_calls AS known \
        (idempotency_key, purpose, order_id, state, calls, first_call_at, last_call_at) \
    VALUES ($1, $2, $3, 'open', 1, $4, $4) \
    ON CONFLICT (idempotency_key) DO UPDATE SET state = 'open', calls = known.calls + 1, \
        last_call_at = excluded.last_call_at, absent_since = NULL, detail = NULL \
    RETURNING known.idempotency_key, known.purpose, known.order_id, known.state, known.calls, known.first_call_at, \
        known.last_call_at, known.absent_since, known.detail";

const SETTLE: &str = "\
    UPDATE outbound_calls SET state = $2, detail = $3, absent_since = NULL \
    WHERE idempotency_key = $1 AND state <> 'done'";

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = outbound_calls, check_for_backend(diesel::pg::Pg))]
struct CallRow {
    idempotency_key: String,
    purpose: String,
    order_id: Option<Uuid>,
    state: String,
    calls: i32,
    first_call_at: Timestamp,
    last_call_at: Timestamp,
    absent_since: Option<Timestamp>,
    detail: Option<String>,
}

impl TryFrom<CallRow> for OutboundCall {
    type Error = StoreError;

    fn try_from(row: CallRow) -> Result<Self, StoreError> {
        let wrong = |what| impossible("outbound_calls", &row.idempotency_key, what);
        Ok(Self {
            purpose: Purpose::parse(&row.purpose).ok_or_else(|| wrong("purpose"))?,
            state: CallState::parse(&row.state).ok_or_else(|| wrong("state"))?,
            order: row.order_id.map(Id::from_uuid),
            calls: row.calls,
            first_call_at: row.first_call_at,
            last_call_at: row.last_call_at,
            absent_since: row.absent_since,
            detail: row.detail,
            key: row.idempotency_key,
        })
    }
}

impl OutboundStore for PgTx {
    async fn open_call(&mut self, call: &OutboundCall) -> Result<OutboundCall, StoreError> {
        let statement = Statement::new(OPEN)
            .bind::<Text, _>(call.key.clone())
            .bind::<Text, _>(call.purpose.as_str())
            .bind::<Nullable<SqlUuid>, _>(call.order.map(Id::uuid))
            .bind::<Timestamptz, _>(call.last_call_at);
        let row: Option<CallRow> = self.first("open a call", statement).await?;
        row.ok_or_else(|| StoreError::bug("a call was neither opened nor found"))?.try_into()
    }

    async fn lock_call(&mut self, key: &str) -> Result<Option<OutboundCall>, StoreError> {
        let query = outbound_calls::table.find(key.to_owned()).select(CallRow::as_select()).for_update();
        self.first("lock a call", query).await?.map(OutboundCall::try_from).transpose()
    }

    async fn settle_call(&mut self, key: &str, state: CallState, detail: &str) -> Result<(), StoreError> {
        let statement = Statement::new(SETTLE)
            .bind::<Text, _>(key.to_owned())
            .bind::<Text, _>(state.as_str())
            .bind::<Text, _>(detail.to_owned());
        self.execute("settle a call", statement).await.map(|_| ())
    }

    async fn note_absent(&mut self, key: &str, since: Timestamp) -> Result<(), StoreError> {
        let changes = outbound_calls::absent_since.eq(since);
        let update = diesel::update(outbound_calls::table.find(key)).set(changes);
        self.execute("note that a call's result is absent", update).await.map(|_| ())
    }
}
