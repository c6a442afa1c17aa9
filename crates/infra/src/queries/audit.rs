//! The audit trail in lists.

use ::audit::{Act, Entry};
use diesel::prelude::*;
use kernel::{StoreError, Timestamp, Transact};

use crate::{
    db::{Db, PgTx},
    schema::{audit_chain, audit_log},
    store::EntryRow,
};

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this actor only: an id or a name.
    pub actor: Option<String>,
    /// Of this act only.
    pub act: Option<Act>,
    /// About this subject only.
    pub subject: Option<String>,
    /// Since then.
    pub since: Option<Timestamp>,
}

/// An entry, and its place in the chain if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// The entry.
    pub entry: Entry,
    /// Its place.
    pub position: Option<i64>,
}

/// Entries, the newest first.
pub async fn audit_list(db: &Db, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditLine>, StoreError> {
    let joined = audit_log::table.left_join(audit_chain::table.on(audit_chain::entry_id.eq(audit_log::id)));
    let columns = (EntryRow::as_select(), audit_chain::position.nullable());
    let order = (audit_log::at.desc(), audit_log::id.desc());
    let mut query = joined.select(columns).order(order).limit(limit).into_boxed();
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_log::actor.eq(actor.clone()));
    }
    if let Some(act) = filter.act {
        query = query.filter(audit_log::act.eq(act.as_str()));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_log::subject.eq(subject.clone()));
    }
    if let Some(since) = filter.since {
        query = query.filter(audit_log::at.ge(since));
    }
    let load = async |tx: &mut PgTx| tx.load::<(EntryRow, Option<i64>), _>("a list of acts", query).await;
    let line = |(row, position): (EntryRow, Option<i64>)| Ok(AuditLine { entry: row.try_into()?, position });
    db.transaction(load).await?.into_iter().map(line).collect()
}
