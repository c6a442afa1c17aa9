//! Gateway events: how they come in, and what was made of them.

use checkout::{EventInbox, IncomingEvent, Taken};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use kernel::{Id, Job, StoreError, Timestamp, entity};
use orders::{EventOutcome, EventStore, ProcessEvent, StoredEvent};

use super::to_json;
use crate::{
    db::{Db, PgTx, Statement, store_error},
    jobs::{budget_millis, doorbell::QueueSet},
    schema::stripe_events_log,
};

/// The event and its job in one statement, which is one round trip and one transaction. A second copy of an event, also
/// one that comes at the same moment, waits for the first and does nothing.
const TAKE: &str = "\
    WITH taken AS ( \
        INSERT INTO stripe_events_log (id, type, api_version, created, livemode, object_id, payload, received_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id \
    ), queued AS ( \
        INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, dedupe_key, payload) \
        SELECT $9, $10, $11, $12, $13, $14, $15 FROM taken \
        ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING \
    ) \
    SELECT count(*) AS taken FROM taken";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    taken: i64,
}

impl EventInbox for Db {
    async fn take(&self, event: &IncomingEvent) -> Result<Taken, StoreError> {
        let job = ProcessEvent { event: event.id.clone() };
        let statement = Statement::new(TAKE)
            .bind::<Text, _>(event.id.clone())
            .bind::<Text, _>(event.kind.clone())
            .bind::<Nullable<Text>, _>(event.api_version.clone())
            .bind::<Nullable<Timestamptz>, _>(event.created)
            .bind::<Nullable<Bool>, _>(event.livemode)
            .bind::<Nullable<Text>, _>(event.object.clone())
            .bind::<Binary, _>(event.raw.clone())
            .bind::<Timestamptz, _>(event.received_at)
            .bind::<SmallInt, _>(ProcessEvent::QUEUE.number())
            .bind::<Text, _>(ProcessEvent::KIND)
            .bind::<SmallInt, _>(ProcessEvent::PRIORITY)
            .bind::<SmallInt, _>(ProcessEvent::MAX_ATTEMPTS)
            .bind::<Integer, _>(budget_millis::<ProcessEvent>())
            .bind::<Nullable<Text>, _>(job.dedupe_key())
            .bind::<Jsonb, _>(to_json(ProcessEvent::KIND, &job)?);
        let mut connection = self.connection().await?;
        let count = statement.get_result::<Count>(&mut connection).await;
        drop(connection);
        if count.map_err(|error| store_error("take an event", error))?.taken == 0 {
            return Ok(Taken::Duplicate);
        }
        self.doorbell().ring(QueueSet::from(ProcessEvent::QUEUE));
        Ok(Taken::New)
    }
}

type EventColumns = (String, Vec<u8>, Option<String>, Timestamp);

const COLUMNS: (
    stripe_events_log::id,
    stripe_events_log::payload,
    stripe_events_log::outcome,
    stripe_events_log::received_at,
) = (stripe_events_log::id, stripe_events_log::payload, stripe_events_log::outcome, stripe_events_log::received_at);

fn stored((id, raw, outcome, received_at): EventColumns) -> StoredEvent {
    StoredEvent { id, raw, outcome, received_at }
}

impl EventStore for PgTx {
    async fn event(&mut self, id: &str) -> Result<Option<StoredEvent>, StoreError> {
        let query = stripe_events_log::table.find(id.to_owned()).select(COLUMNS);
        Ok(self.first::<EventColumns, _>("an event", query).await?.map(stored))
    }

    async fn waiting_events(&mut self, before: Timestamp, limit: i64) -> Result<Vec<StoredEvent>, StoreError> {
        let waiting = stripe_events_log::table
            .filter(stripe_events_log::processed_at.is_null())
            .filter(stripe_events_log::received_at.lt(before));
        let query = waiting.order(stripe_events_log::received_at).limit(limit).select(COLUMNS);
        Ok(self.load::<EventColumns, _>("waiting events", query).await?.into_iter().map(stored).collect())
    }

    async fn known_events(&mut self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let known = stripe_events_log::table.filter(stripe_events_log::id.eq_any(ids.to_vec()));
        self.load("known events", known.select(stripe_events_log::id)).await
    }

    async fn events_of(&mut self, order: Id<entity::Order>) -> Result<Vec<String>, StoreError> {
        let given_up = stripe_events_log::table
            .filter(stripe_events_log::order_id.eq(order.uuid()))
            .filter(stripe_events_log::outcome.eq("failed".to_owned()));
        self.load("an order's events", given_up.select(stripe_events_log::id)).await
    }

    async fn reopen_event(&mut self, id: &str) -> Result<(), StoreError> {
        let changes = (
            stripe_events_log::processed_at.eq(None::<Timestamp>),
            stripe_events_log::outcome.eq(None::<String>),
            stripe_events_log::detail.eq(None::<String>),
        );
        let update = diesel::update(stripe_events_log::table.find(id)).set(changes);
        self.execute("reopen an event", update).await.map(|_| ())
    }

    async fn set_event_outcome(&mut self, id: &str, outcome: &EventOutcome, at: Timestamp) -> Result<(), StoreError> {
        let changes = (
            stripe_events_log::processed_at.eq(at),
            stripe_events_log::outcome.eq(outcome.word),
            stripe_events_log::detail.eq(&outcome.detail),
            stripe_events_log::order_id.eq(outcome.order.map(Id::uuid)),
        );
        let update = diesel::update(stripe_events_log::table.find(id)).set(changes);
        self.execute("set an event's outcome", update).await.map(|_| ())
    }
}
