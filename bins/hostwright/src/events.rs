//! `hostwright events`: what the gateway sent and what was made of it.

use clap::{Args, Subcommand};
use infra::{config::DatabaseConfig, queries};
use kernel::{Env, Id, StoreError, Transact, entity};
use orders::EventStore;

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright events …`.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// The newest events.
    List(ListArgs),
    /// One event with its body.
    Show(EventArgs),
    /// Process an event again. Safe at any time: what an event means does not depend on how often it comes.
    Replay(ReplayArgs),
}

/// `hostwright events list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Only events of this order.
    #[arg(long)]
    order: Option<Id<entity::Order>>,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 30)]
    limit: i64,
}

/// One event.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// The gateway's id, evt_….
    id: String,
}

/// `hostwright events replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

pub(crate) async fn command(command: EventsCommand) -> Result<(), Failed> {
    match command {
        EventsCommand::List(args) => list(args).await,
        EventsCommand::Show(args) => show(args).await,
        EventsCommand::Replay(args) => replay(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let events = queries::events_list(&db, args.order, args.limit).await;
    let events = events.map_err(|error| Failed::new("list the events", error))?;
    let rows: Vec<Vec<String>> = events
        .into_iter()
        .map(|event| {
            let received = event.received_at.format("%Y-%m-%d %H:%M:%S").to_string();
            let outcome = event.outcome.unwrap_or_else(|| "waiting".to_owned());
            let order = event.order.map(|order| order.to_string()).unwrap_or_default();
            vec![received, event.id, event.kind, outcome, order, event.detail.unwrap_or_default()]
        })
        .collect();
    table::print(&["RECEIVED", "EVENT", "TYPE", "OUTCOME", "ORDER", "DETAIL"], &rows);
    Ok(())
}

async fn show(args: EventArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let read = async |tx: &mut infra::db::PgTx| Ok::<_, StoreError>(tx.event(&args.id).await?);
    let event = db.transaction(read).await.map_err(|error| Failed::new("read the event", error))?;
    let event = event.ok_or_else(|| Failed::new("read the event", format!("there is no event {}", args.id)))?;
    println!("{}: {}", event.id, event.outcome.as_deref().unwrap_or("waiting"));
    println!("{}", String::from_utf8_lossy(&event.raw));
    Ok(())
}

async fn replay(ReplayArgs { event: args, operator }: ReplayArgs) -> Result<(), Failed> {
    let step = format!("replay {}", args.id);
    let db = database::open(&args.database).await?;
    match flows::replay_event(&db, &mut Env::system(), &args.id, &operator.actor()).await {
        Ok(true) => {
            println!("{} is queued to be processed again.", args.id);
            Ok(())
        }
        Ok(false) => Err(Failed::new(step, "there is no such event; `hostwright events list` shows those that came")),
        Err(error) => Err(Failed::new(step, error)),
    }
}
