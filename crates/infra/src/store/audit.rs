//! The audit trail and its chain.

use std::collections::HashMap;

use audit::{
    Act, Actor, AuditStore, ChainStore, Entry, Facts, Hash, Head, Link, Origin, Row, Settled, Subject, Unchained,
    Written,
};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{BigInt, Bool, Bytea, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{PgTx, Statement, impossible},
    schema::{audit_chain, audit_log, audit_pending},
};

/// One statement: an entry that is not awaited by the chain would be in none.
const APPEND: &str = "\
    WITH entry AS ( \
        INSERT INTO audit_log (id, at, actor_kind, actor, act, subject_kind, subject, ip, user_agent, before, after, \
            encoding) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id \
    ) \
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry";

const LOCK: &str = "SELECT pg_try_advisory_xact_lock(4850417100000040) AS yes";

/// Rows of transactions before which none is open any more: no other can appear in front of them. Numbers beyond the
/// snapshot are those of another server, from which this database was restored.
const SETTLED: &str = "\
    SELECT l.id, l.encoding FROM audit_pending p JOIN audit_log l ON l.id = p.entry_id \
    WHERE p.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
        OR p.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint \
    ORDER BY p.xid, p.number LIMIT $1";

const UNCHAINED: &str = "\
    SELECT count(*) AS count, min(at) AS since FROM ( \
        SELECT l.at FROM audit_log l WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.entry_id = l.id) \
        UNION ALL \
        SELECT p.since FROM audit_pending p WHERE NOT EXISTS (SELECT FROM audit_log l WHERE l.id = p.entry_id) \
    ) waiting (at) WHERE at < $1";

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

#[derive(QueryableByName)]
struct SettledRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bytea)]
    encoding: Vec<u8>,
}

#[derive(QueryableByName)]
struct UnchainedRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<Timestamp>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_chain, check_for_backend(diesel::pg::Pg))]
struct LinkRow {
    position: i64,
    entry_id: Uuid,
    key_id: String,
    hash: Vec<u8>,
}

impl TryFrom<LinkRow> for Link {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        let hash = row.hash.try_into().map_err(|_| impossible("audit_chain", row.position, "hash"))?;
        let head = Head { position: row.position, hash: Hash(hash) };
        Ok(Self { head, entry: Id::from_uuid(row.entry_id), key: row.key_id })
    }
}

/// An entry's columns, which may say anything: whether they are right is what is asked.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EntryRow {
    id: Uuid,
    at: Timestamp,
    actor_kind: String,
    actor: String,
    act: String,
    subject_kind: String,
    subject: String,
    ip: Option<String>,
    user_agent: Option<String>,
    before: Value,
    after: Value,
    encoding: Vec<u8>,
}

impl EntryRow {
    /// `None` where the columns are no entry.
    fn entry(self) -> Option<Entry> {
        let ip = match self.ip {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        Some(Entry {
            id: Id::from_uuid(self.id),
            at: self.at,
            actor: Actor::parse(&self.actor_kind, &self.actor)?,
            act: Act::parse(&self.act)?,
            subject: Subject { kind: self.subject_kind, id: self.subject },
            origin: Origin { ip, user_agent: self.user_agent },
            before: Facts::from_json(self.before)?,
            after: Facts::from_json(self.after)?,
        })
    }

    fn written(mut self) -> Written {
        Written { encoding: std::mem::take(&mut self.encoding), columns: self.entry() }
    }
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let id = row.id;
        row.entry().ok_or_else(|| impossible("audit_log", id, "columns"))
    }
}

impl AuditStore for PgTx {
    async fn append(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let statement = Statement::new(APPEND)
            .bind::<SqlUuid, _>(entry.id.uuid())
            .bind::<Timestamptz, _>(entry.at)
            .bind::<Text, _>(entry.actor.kind())
            .bind::<Text, _>(entry.actor.name())
            .bind::<Text, _>(entry.act.as_str())
            .bind::<Text, _>(entry.subject.kind.clone())
            .bind::<Text, _>(entry.subject.id.clone())
            .bind::<Nullable<Text>, _>(entry.origin.ip.map(|ip| ip.to_string()))
            .bind::<Nullable<Text>, _>(entry.origin.user_agent.clone())
            .bind::<Jsonb, _>(entry.before.to_json())
            .bind::<Jsonb, _>(entry.after.to_json())
            .bind::<Bytea, _>(audit::encode(entry));
        self.execute_one("put an act on record", statement).await
    }
}

impl ChainStore for PgTx {
    async fn lock_chain(&mut self) -> Result<bool, StoreError> {
        let locked: Option<Locked> = self.first("lock the audit chain", Statement::new(LOCK)).await?;
        Ok(locked.is_some_and(|locked| locked.yes))
    }

    async fn chain_end(&mut self) -> Result<Option<Link>, StoreError> {
        let query = audit_chain::table.order(audit_chain::position.desc()).limit(1).select(LinkRow::as_select());
        self.first("the end of the audit chain", query).await?.map(Link::try_from).transpose()
    }

    async fn settled_entries(&mut self, limit: i64) -> Result<Vec<Settled>, StoreError> {
        let statement = Statement::new(SETTLED).bind::<BigInt, _>(limit);
        let rows: Vec<SettledRow> = self.load("entries for the audit chain", statement).await?;
        Ok(rows.into_iter().map(|row| Settled { entry: Id::from_uuid(row.id), encoding: row.encoding }).collect())
    }

    async fn add_links(&mut self, links: &[Link]) -> Result<(), StoreError> {
        if links.is_empty() {
            return Ok(());
        }
        let row = |link: &Link| LinkRow {
            position: link.head.position,
            entry_id: link.entry.uuid(),
            key_id: link.key.clone(),
            hash: link.head.hash.0.to_vec(),
        };
        let rows: Vec<LinkRow> = links.iter().map(row).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.entry_id).collect();
        self.execute("extend the audit chain", diesel::insert_into(audit_chain::table).values(rows)).await?;
        let chained = audit_pending::table.filter(audit_pending::entry_id.eq_any(ids));
        self.execute("entries are in the audit chain", diesel::delete(chained)).await.map(|_| ())
    }

    async fn chain_after(&mut self, position: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
        let after = audit_chain::table.filter(audit_chain::position.gt(position));
        let query = after.order(audit_chain::position).limit(limit).select(LinkRow::as_select());
        let links: Vec<LinkRow> = self.load("links of the audit chain", query).await?;
        let ids: Vec<Uuid> = links.iter().map(|link| link.entry_id).collect();
        let query = audit_log::table.filter(audit_log::id.eq_any(ids)).select(EntryRow::as_select());
        let rows: Vec<EntryRow> = self.load("entries of the audit chain", query).await?;
        let entries: HashMap<Uuid, Written> = rows.into_iter().map(|row| (row.id, row.written())).collect();
        let row = |link: LinkRow| {
            let written = entries.get(&link.entry_id).cloned();
            Ok(Row { link: link.try_into()?, written })
        };
        links.into_iter().map(row).collect()
    }

    async fn unchained(&mut self, before: Timestamp) -> Result<Unchained, StoreError> {
        let statement = Statement::new(UNCHAINED).bind::<Timestamptz, _>(before);
        let row: Option<UnchainedRow> = self.first("entries outside the audit chain", statement).await?;
        Ok(row.map(|row| Unchained { count: row.count, since: row.since }).unwrap_or_default())
    }
}
