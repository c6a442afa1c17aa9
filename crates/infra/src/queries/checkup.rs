//! Everything that people of the shop look at to see whether it does what it should.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use kernel::{StoreError, Timestamp, Transact};
use tokio::time::Instant;

use super::{QueueView, SweepLine, queues_list, sweeps_list};
use crate::db::{Db, PgTx, Statement, migrations_there};

/// Workers that are listed, the latest first.
const PING: &str = "SELECT true AS yes";
const APPLIED: &str = "SELECT version::text AS version FROM __diesel_schema_migrations";
const WORKERS: &str = "SELECT host, version, last_seen, draining FROM workers ORDER BY last_seen DESC LIMIT 20";
const SECRETS: &str = "\
    SELECT name, count(*) FILTER (WHERE not_before <= now() AND coalesce(not_after > now(), true)) AS counting \
    FROM secrets GROUP BY name ORDER BY name";
const LOOK: &str = "\
    SELECT \
        (SELECT max(received_at) FROM stripe_events_log) AS received, \
        (SELECT max(processed_at) FROM (SELECT processed_at FROM stripe_events_log ORDER BY received_at DESC LIMIT 1000) e) \
            AS processed, \
        (SELECT count(*) FROM stripe_events_log WHERE processed_at IS NULL) AS events_waiting, \
        (SELECT min(received_at) FROM stripe_events_log WHERE processed_at IS NULL) AS event_oldest, \
        (SELECT count(*) FROM email_log WHERE status = 'failed' AND queued_at > now() - interval '24 hours') AS mails_failed, \
        (SELECT count(*) FROM email_log WHERE status = 'queued') AS mails_waiting, \
        (SELECT min(queued_at) FROM email_log WHERE status = 'queued') AS mail_oldest, \
        (SELECT count(*) FROM job_dead WHERE redriven_at IS NULL) AS dead_jobs";

/// A worker that was heard of.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct WorkerLine {
    /// Where it runs.
    #[diesel(sql_type = Text)]
    pub host: String,
    /// Of which version.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// When it was last heard of.
    #[diesel(sql_type = Timestamptz)]
    pub last_seen: Timestamp,
    /// It is ending.
    #[diesel(sql_type = Bool)]
    pub draining: bool,
}

/// A secret of those that the API uses.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SecretLine {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Versions that count now.
    #[diesel(sql_type = BigInt)]
    pub counting: i64,
}

/// Events and mails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Flow {
    /// When the gateway last told us something.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub received: Option<Timestamp>,
    /// When something was last made of what it told.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub processed: Option<Timestamp>,
    /// Events of which nothing was made yet.
    #[diesel(sql_type = BigInt)]
    pub events_waiting: i64,
    /// Since when the oldest of them waits.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub event_oldest: Option<Timestamp>,
    /// Mails of the last day that were given up.
    #[diesel(sql_type = BigInt)]
    pub mails_failed: i64,
    /// Mails on their way.
    #[diesel(sql_type = BigInt)]
    pub mails_waiting: i64,
    /// Since when the oldest of them waits.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub mail_oldest: Option<Timestamp>,
    /// Jobs that were given up and not driven again.
    #[diesel(sql_type = BigInt)]
    pub dead_jobs: i64,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// What a look at everything shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// How long the database took to answer the simplest question.
    pub answered_in: Duration,
    /// Migrations that this program knows and the database has not.
    pub pending: Vec<String>,
    /// Workers, the latest first.
    pub workers: Vec<WorkerLine>,
    /// Queues.
    pub queues: Vec<QueueView>,
    /// Sweeps.
    pub sweeps: Vec<SweepLine>,
    /// Events and mails.
    pub flow: Flow,
    /// Secrets.
    pub secrets: Vec<SecretLine>,
}

/// Looks at everything.
///
/// # Errors
/// The store's, which is an answer too.
pub async fn checkup(db: &Db) -> Result<Checkup, StoreError> {
    // The first question may have to wait for a connection; how long an answer takes is the second one's.
    let workers = db.load("the workers", Statement::new(WORKERS)).await?;
    let asked = Instant::now();
    let yes: Vec<Yes> = db.load("the simplest question", Statement::new(PING)).await?;
    let answered_in = asked.elapsed();
    if !yes.into_iter().any(|row| row.yes) {
        return Err(StoreError::bug("a SELECT without rows"));
    }
    let work = async |tx: &mut PgTx| {
        let applied: Vec<Applied> = tx.load("the migrations", Statement::new(APPLIED)).await?;
        let flow: Option<Flow> = tx.first("events and mails", Statement::new(LOOK)).await?;
        let secrets: Vec<SecretLine> = tx.load("which secrets there are", Statement::new(SECRETS)).await?;
        Ok::<_, StoreError>((applied, flow.unwrap_or_default(), secrets))
    };
    let (applied, flow, secrets) = db.transaction(work).await?;
    let there = |version: &String| applied.iter().any(|row| row.version == *version);
    let pending = migrations_there().into_iter().filter(|(version, _)| !there(version)).map(|(_, name)| name).collect();
    let (queues, sweeps) = (queues_list(db).await?, sweeps_list(db).await?);
    Ok(Checkup { answered_in, pending, workers, queues, sweeps, flow, secrets })
}
