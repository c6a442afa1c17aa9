//! `hostwright queues`: how full each queue is, and holding one back.

use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    queries::{self, QueueLimits},
};
use kernel::Queue;

use crate::{database, failure::Failed, table};

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

async fn pause(args: QueueArgs, paused: bool) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let name = args.queue.as_str();
    let set = queries::set_queue_paused(&db, args.queue, paused).await;
    set.map_err(|error| Failed::new(format!("change the queue {name}"), error))?;
    println!("{name} {}.", if paused { "is paused; what comes waits" } else { "goes on" });
    Ok(())
}

async fn limit(args: LimitArgs) -> Result<(), Failed> {
    let LimitArgs { queue: QueueArgs { database, queue }, running, per_second } = args;
    let db = database::open(&database).await?;
    let limits = QueueLimits { max_running: running, rate_per_second: per_second };
    let set = queries::set_queue_limits(&db, queue, limits).await;
    set.map_err(|error| Failed::new(format!("change the queue {}", queue.as_str()), error))?;
    let words = |limit: Option<u32>| limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
    println!("{}: {} at a time, {} a second.", queue.as_str(), words(running), words(per_second));
    Ok(())
}
