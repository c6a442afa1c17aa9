//! `hostwright audit`: who did what, and the proof that nobody changed the record of it.

use audit::{Act, ChainStore, Head, Question, VerifyError, verify};
use clap::{Args, Subcommand};
use infra::{
    config::{DatabaseConfig, KeyConfig},
    db::PgTx,
    queries::{self, AuditFilter, AuditLine},
    secrets::{SecretError, chain_keys},
};
use kernel::{Env, JobQueue, StoreError, Timestamp, Transact};

use crate::{database, failure::Failed, keys, table};

/// `hostwright audit …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Who did what to what, the newest first.
    List(ListArgs),
    /// Prove that no entry was changed, removed or moved. Fails and says where, if one was.
    Verify(VerifyArgs),
    /// Where the chain ends, to be noted elsewhere and given to `verify` later.
    Head(HeadArgs),
}

/// `hostwright audit list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Only what this one did: an operator's name, or usr_….
    #[arg(long)]
    actor: Option<String>,
    /// Only this act, e.g. case-closed.
    #[arg(long, value_parser = act)]
    act: Option<Act>,
    /// Only what was done to this: an id or a name.
    #[arg(long)]
    subject: Option<String>,
    /// Only what happened since: 30m, 12h, 7d, or a time like 2026-01-31T12:00:00Z.
    #[arg(long, value_parser = since)]
    since: Option<Timestamp>,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 50)]
    limit: i64,
}

/// `hostwright audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    keys: KeyConfig,
    /// A head that was noted: POSITION:HASH. The chain must still go through it.
    #[arg(long)]
    head: Option<Head>,
    /// Minutes within which an entry must be in the chain.
    #[arg(long, default_value_t = 10)]
    patience: u32,
}

/// `hostwright audit head`.
#[derive(Debug, Args)]
pub(crate) struct HeadArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

fn act(text: &str) -> Result<Act, String> {
    let known = || Act::ALL.iter().map(|act| act.as_str()).collect::<Vec<_>>().join(", ");
    Act::parse(text).ok_or_else(|| format!("there is no such act; expected one of {}", known()))
}

fn since(text: &str) -> Result<Timestamp, String> {
    let wrong = || "expected a span like 30m, 12h or 7d, or a time like 2026-01-31T12:00:00Z".to_owned();
    let seconds = match text.as_bytes().last() {
        Some(b'm') => 60,
        Some(b'h') => 3600,
        Some(b'd') => 86_400,
        _ => return text.parse().map_err(|_| wrong()),
    };
    let count: Option<i64> = text.get(..text.len() - 1).and_then(|text| text.parse().ok());
    let span = count.filter(|count| *count >= 0).and_then(|count| count.checked_mul(seconds)).ok_or_else(wrong)?;
    let begin = Env::system().now().timestamp().checked_sub(span);
    begin.and_then(|begin| Timestamp::from_timestamp(begin, 0)).ok_or_else(wrong)
}

pub(crate) async fn command(command: AuditCommand) -> Result<(), Failed> {
    match command {
        AuditCommand::List(args) => list(args).await,
        AuditCommand::Verify(args) => prove(args).await,
        AuditCommand::Head(args) => head(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let filter = AuditFilter { actor: args.actor, act: args.act, subject: args.subject, since: args.since };
    let lines = queries::audit_list(&db, &filter, args.limit).await;
    let lines = lines.map_err(|error| Failed::new("list the audit trail", error))?;
    let row = |AuditLine { entry, position }: AuditLine| {
        let place = position.map_or_else(|| "waits".to_owned(), |position| position.to_string());
        let at = entry.at.format("%Y-%m-%d %H:%M:%S").to_string();
        let from = entry.origin.ip.map(|ip| ip.to_string()).unwrap_or_default();
        let (before, after) = (entry.before.to_string(), entry.after.to_string());
        let what = if before.is_empty() { after } else { format!("{before} → {after}") };
        let act = entry.act.as_str().to_owned();
        vec![place, at, entry.actor.to_string(), act, entry.subject.to_string(), from, what]
    };
    let rows: Vec<Vec<String>> = lines.into_iter().map(row).collect();
    table::print(&["PLACE", "AT", "WHO", "DID", "TO WHAT", "FROM", "BEFORE → AFTER"], &rows);
    Ok(())
}

async fn prove(args: VerifyArgs) -> Result<(), Failed> {
    let step = "prove the audit trail";
    let sealer = keys::sealer(&args.keys, step)?;
    let patience = std::time::Duration::from_secs(u64::from(args.patience) * 60);
    let db = database::open(&args.database).await?;
    let find = async |tx: &mut PgTx| chain_keys(tx, &sealer).await;
    let keys = db.transaction(find).await.map_err(|error: SecretError| Failed::new(step, error))?;
    let work = async |tx: &mut PgTx| {
        // By the database's clock, which also the worker's chaining goes by.
        let chained_before = tx.now().await? - patience;
        verify(tx, &Question { keys: &keys, head: args.head, chained_before }).await
    };
    let proof = db.transaction(work).await.map_err(|error: VerifyError| Failed::new(step, error))?;
    println!("✓ {} entries, each as it was written and in its place.", proof.end.position);
    match args.head {
        Some(noted) => println!("✓ The chain goes through the head that was noted at position {}.", noted.position),
        None => println!("  Without a head that was noted elsewhere, nobody can tell whether the end was cut off."),
    }
    println!("  It ends at {}", proof.end);
    Ok(())
}

async fn head(args: HeadArgs) -> Result<(), Failed> {
    let step = "read the end of the audit chain";
    let db = database::open(&args.database).await?;
    let work = async |tx: &mut PgTx| tx.chain_end().await;
    let end = db.transaction(work).await.map_err(|error: StoreError| Failed::new(step, error))?;
    let end = end.ok_or_else(|| Failed::new(step, "nothing is in the chain yet; the worker puts entries there"))?;
    println!("{}", end.head);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn spans_are_understood_and_nonsense_is_told() {
        for right in ["30m", "12h", "7d", "0d", "2026-01-31T12:00:00Z"] {
            assert!(since(right).is_ok(), "{right}");
        }
        for wrong in ["", "d", "-1d", "7w", "7dd", "é", "9223372036854775807d", "99999999999d", "yesterday"] {
            assert!(since(wrong).unwrap_err().starts_with("expected a span"), "{wrong}");
        }
    }
}
