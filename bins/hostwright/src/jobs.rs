//! `hostwright jobs`: what runs, what waits, what was given up.

use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    queries::{self, Redriven},
};
use kernel::Env;

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright jobs …`.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Jobs that wait or run, or with --dead those that were given up.
    List(ListArgs),
    /// Put a job that was given up back into its queue.
    Retry(RetryArgs),
}

/// `hostwright jobs list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Those that were given up.
    #[arg(long)]
    dead: bool,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 30)]
    limit: i64,
}

/// `hostwright jobs retry`.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// The number in `hostwright jobs list --dead`.
    id: i64,
}

pub(crate) async fn command(command: JobsCommand) -> Result<(), Failed> {
    match command {
        JobsCommand::List(args) if args.dead => dead(args).await,
        JobsCommand::List(args) => live(args).await,
        JobsCommand::Retry(args) => retry(args).await,
    }
}

async fn live(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let jobs = queries::live_jobs(&db, args.limit).await.map_err(|error| Failed::new("list the jobs", error))?;
    let rows = jobs.into_iter().map(|job| {
        let order = job.order().map(|order| order.to_string()).unwrap_or_default();
        let tries = format!("{} of {}", job.attempt, job.max_attempts);
        let due = job.run_at.format("%Y-%m-%d %H:%M:%S").to_string();
        vec![job.id.to_string(), job.kind, job.state, tries, due, order, job.last_error.unwrap_or_default()]
    });
    table::print(&["JOB", "KIND", "STATE", "TRIES", "DUE", "ORDER", "LAST ERROR"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn dead(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let jobs = queries::dead_jobs(&db, args.limit).await.map_err(|error| Failed::new("list the dead jobs", error))?;
    let rows = jobs.into_iter().map(|job| {
        let order = job.order().map(|order| order.to_string()).unwrap_or_default();
        let died = job.died_at.format("%Y-%m-%d %H:%M:%S").to_string();
        vec![job.id.to_string(), job.kind, job.reason, job.attempt.to_string(), died, order, job.detail]
    });
    table::print(&["ID", "KIND", "REASON", "TRIES", "DIED", "ORDER", "WHY"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn retry(args: RetryArgs) -> Result<(), Failed> {
    let step = format!("retry {}", args.id);
    let db = database::open(&args.database).await?;
    let by = (args.operator.name(), &args.operator.actor());
    let redriven = queries::redrive_on_record(&db, &mut Env::system(), args.id, by).await;
    match redriven.map_err(|error| Failed::new(step.as_str(), error))? {
        Redriven::Queued => {
            println!("Job {} waits in its queue again.", args.id);
            Ok(())
        }
        Redriven::AlreadyThere => Err(Failed::new(step, "a live job does the same; nothing was done")),
        Redriven::NotFound => Err(Failed::new(step, "there is no such dead job, or it was retried before")),
    }
}
