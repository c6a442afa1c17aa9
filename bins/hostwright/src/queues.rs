//! `hostwright queues`: how full each queue is, and holding one back.

use audit::{Act, Facts, Subject};
use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    db::PgTx,
    queries::{self, QueueLimits, QueueOrders},
};
use kernel::{Queue, StoreError, Transact};

use crate::{
    database,
    failure::Failed,
    operator::{OperatorArgs, record},
    table,
};

/// `hostwright queues …`.
#[derive(Debug, Subcommand)]
pub(crate) enum QueuesCommand {
    /// Every queue: what waits, what runs, and what was said about it.
    List(ListArgs),
    /// Stop a queue; what runs is finished, what comes waits.
    Pause(QueueArgs),
    /// Let it go on.
    Resume(QueueArgs),
    /// Bound it over all workers together; without numbers the bounds are lifted.
    Limit(LimitArgs),
}

/// `hostwright queues list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

/// One queue.
#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// payments, provisioning, mail or upkeep.
    #[arg(value_parser = queue)]
    queue: Queue,
}

/// `hostwright queues limit`.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    #[command(flatten)]
    queue: QueueArgs,
    /// Jobs that run at the same time, at most.
    #[arg(long)]
    running: Option<u32>,
    /// Jobs that begin in a second, at most.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    per_second: Option<u32>,
}

fn queue(text: &str) -> Result<Queue, String> {
    let known = || Queue::ALL.map(Queue::as_str).join(", ");
    let named = Queue::ALL.into_iter().find(|queue| queue.as_str() == text);
    named.ok_or_else(|| format!("there is no such queue; expected one of {}", known()))
}

pub(crate) async fn command(command: QueuesCommand) -> Result<(), Failed> {
    match command {
        QueuesCommand::List(args) => list(args).await,
        QueuesCommand::Pause(args) => pause(args, true).await,
        QueuesCommand::Resume(args) => pause(args, false).await,
        QueuesCommand::Limit(args) => limit(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let queues = queries::queues_list(&db).await.map_err(|error| Failed::new("list the queues", error))?;
    let number = |limit: Option<i32>| limit.map_or_else(|| "any".to_owned(), |limit| limit.to_string());
    let rows = queues.into_iter().map(|queue| {
        vec![
            queue.name().to_owned(),
            if queue.paused { "paused".to_owned() } else { "open".to_owned() },
            queue.ready.to_string(),
            queue.waiting.to_string(),
            queue.running.to_string(),
            queue.oldest_seconds.map(|seconds| format!("{seconds} s")).unwrap_or_default(),
            number(queue.max_running),
            number(queue.rate_per_second),
        ]
    });
    let heads = ["QUEUE", "STATE", "READY", "FOR LATER", "RUNNING", "OLDEST READY", "MOST RUNNING", "MOST PER SECOND"];
    table::print(&heads, &rows.collect::<Vec<_>>());
    Ok(())
}

/// Says something about a queue, and puts that on record with what was said before.
async fn order(
    args: &QueueArgs,
    act: Act,
    say: impl AsyncFnOnce(&mut PgTx) -> Result<(), StoreError>,
) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let name = args.queue.as_str();
    let facts = |orders: QueueOrders| {
        let facts = Facts::none().flag("paused", orders.paused).maybe_number("most_running", orders.max_running);
        facts.maybe_number("most_per_second", orders.rate_per_second)
    };
    let work = async |tx: &mut PgTx| {
        let before = queries::queue_orders(tx, args.queue).await?;
        say(tx).await?;
        let after = queries::queue_orders(tx, args.queue).await?;
        let (by, subject) = (args.operator.actor(), Subject::new("queue", name));
        record(tx, (&by, act), subject, (facts(before), facts(after))).await
    };
    db.transaction(work).await.map_err(|error| Failed::new(format!("change the queue {name}"), error))
}

async fn pause(args: QueueArgs, paused: bool) -> Result<(), Failed> {
    let act = if paused { Act::QueuePaused } else { Act::QueueResumed };
    order(&args, act, async |tx| queries::set_queue_paused_in(tx, args.queue, paused).await).await?;
    println!("{} {}.", args.queue.as_str(), if paused { "is paused; what comes waits" } else { "goes on" });
    Ok(())
}

async fn limit(LimitArgs { queue: args, running, per_second }: LimitArgs) -> Result<(), Failed> {
    let limits = QueueLimits { max_running: running, rate_per_second: per_second };
    let set = async |tx: &mut PgTx| queries::set_queue_limits_in(tx, args.queue, limits).await;
    order(&args, Act::QueueLimited, set).await?;
    let words = |limit: Option<u32>| limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
    println!("{}: {} at a time, {} a second.", args.queue.as_str(), words(running), words(per_second));
    Ok(())
}
