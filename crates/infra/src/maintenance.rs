//! Whether the shop is closed for maintenance: one row while it is, none otherwise. What is paid goes on: the worker never
//! looks here.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use chrono::Duration;
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz},
};
use kernel::{Env, StoreError, Timestamp, Transact};

use crate::db::{Db, PgTx, Statement};

/// The longest message, in characters.
pub const LONGEST_MESSAGE: usize = 500;
/// What callers are told to wait where nobody said how long it takes.
const SOME_MINUTES: u32 = 300;
/// Nobody is told to come back later than in a day.
const A_DAY: i64 = 86_400;

const READ: &str = "SELECT since, until, message FROM maintenance";
const LOCK: &str = "SELECT pg_advisory_xact_lock(4850417100000007)";
const BEGIN: &str = "\
    INSERT INTO maintenance (since, until, message) VALUES ($1, $2, $3) \
    ON CONFLICT (one) DO UPDATE SET until = excluded.until, message = excluded.message";
const END: &str = "DELETE FROM maintenance";

/// The shop is closed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Maintenance {
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub since: Timestamp,
    /// Until when, as far as somebody said.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub until: Option<Timestamp>,
    /// What customers are told besides, in the operator's own words.
    #[diesel(sql_type = Nullable<Text>)]
    pub message: Option<String>,
}

impl Maintenance {
    /// Seconds after which it is worth to ask again.
    pub fn retry_after(&self, now: Timestamp) -> u32 {
        let left = self.until.map(|until| until.signed_duration_since(now).num_seconds()).filter(|left| *left > 0);
        left.map_or(SOME_MINUTES, |left| u32::try_from(left.min(A_DAY)).unwrap_or(SOME_MINUTES))
    }
}

/// What is asked for cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// Over before it begins.
    #[error("that time is over; give one that is to come")]
    Past,
    /// Nobody plans for that long.
    #[error("that is more than a month away; give a time within 31 days")]
    TooFar,
    /// Nobody reads that much.
    #[error("the message is longer than {LONGEST_MESSAGE} characters, or holds control characters")]
    Message,
}

/// What somebody asks for, checked.
///
/// # Errors
/// [`NotPossible`].
pub fn asked(until: Option<Timestamp>, message: &str, now: Timestamp) -> Result<Maintenance, NotPossible> {
    if until.is_some_and(|until| until <= now) {
        return Err(NotPossible::Past);
    }
    if until.is_some_and(|until| until.signed_duration_since(now) > Duration::days(31)) {
        return Err(NotPossible::TooFar);
    }
    let message = message.trim();
    if message.chars().count() > LONGEST_MESSAGE || message.chars().any(char::is_control) {
        return Err(NotPossible::Message);
    }
    Ok(Maintenance { since: now, until, message: Some(message.to_owned()).filter(|message| !message.is_empty()) })
}

/// Whether the shop is closed.
///
/// # Errors
/// The store's.
pub async fn read(db: &Db) -> Result<Option<Maintenance>, StoreError> {
    Ok(db.load("whether the shop is closed", Statement::new(READ)).await?.into_iter().next())
}

fn facts(maintenance: Option<&Maintenance>) -> Facts {
    let until =
        maintenance.and_then(|known| known.until).map(|until| until.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    let message = maintenance.and_then(|known| known.message.as_deref());
    Facts::none().maybe_text("until", until.as_deref()).maybe_text("message", message)
}

/// Closes the shop, or says something else about how long it stays closed. Asked for twice, it stands once.
///
/// # Errors
/// The store's.
pub async fn begin(db: &Db, env: &mut Env, wanted: &Maintenance, by: &Actor) -> Result<(), StoreError> {
    let work = async |tx: &mut PgTx| {
        let before = locked(tx).await?;
        let says = |known: &Maintenance| (known.until, known.message.clone());
        if before.as_ref().map(says) == Some(says(wanted)) {
            return Ok(());
        }
        let statement = Statement::new(BEGIN)
            .bind::<Timestamptz, _>(wanted.since)
            .bind::<Nullable<Timestamptz>, _>(wanted.until)
            .bind::<Nullable<Text>, _>(wanted.message.clone());
        tx.execute("close the shop", statement).await?;
        let entry = Entry::new(env, by.clone(), Act::MaintenanceBegun, Subject::new("shop", "maintenance"));
        tx.append(&entry.before(facts(before.as_ref())).after(facts(Some(wanted)))).await
    };
    db.transaction(work).await
}

/// Opens the shop; false where it was open.
///
/// # Errors
/// The store's.
pub async fn end(db: &Db, env: &mut Env, by: &Actor) -> Result<bool, StoreError> {
    let work = async |tx: &mut PgTx| {
        let Some(before) = locked(tx).await? else { return Ok(false) };
        tx.execute("open the shop", Statement::new(END)).await?;
        let entry = Entry::new(env, by.clone(), Act::MaintenanceEnded, Subject::new("shop", "maintenance"));
        tx.append(&entry.before(facts(Some(&before)))).await?;
        Ok(true)
    };
    db.transaction(work).await
}

async fn locked(tx: &mut PgTx) -> Result<Option<Maintenance>, StoreError> {
    tx.execute("lock the shop's door", Statement::new(LOCK)).await?;
    tx.first("whether the shop is closed", Statement::new(READ)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        "2026-11-27T10:00:00Z".parse::<Timestamp>().unwrap() + Duration::minutes(minutes)
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let ask = |until: Option<i64>, message: &str| asked(until.map(at), message, at(0)).map(|known| known.message);
        assert_eq!(ask(None, "  "), Ok(None));
        assert_eq!(ask(Some(5), " Moving. "), Ok(Some("Moving.".to_owned())));
        assert_eq!(ask(Some(0), ""), Err(NotPossible::Past));
        assert_eq!(ask(Some(60 * 24 * 32), ""), Err(NotPossible::TooFar));
        assert_eq!(ask(None, &"x".repeat(501)), Err(NotPossible::Message));
        assert_eq!(ask(None, "a\nb"), Err(NotPossible::Message));
    }

    #[test]
    fn callers_are_told_when_it_is_worth_to_ask_again() {
        let told =
            |until: Option<i64>| Maintenance { since: at(-9), until: until.map(at), message: None }.retry_after(at(0));
        assert_eq!([told(None), told(Some(2)), told(Some(-1))], [300, 120, 300]);
        assert_eq!(told(Some(60 * 24 * 3)), 86_400);
    }
}
