//! `hostwright cases`: everything that needs a person, and what can be done about it.

use cases::{Case, CaseKind};
use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    db::Db,
    queries::{self, CaseFilter},
};
use kernel::{Env, Id, Timestamp, entity};

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright cases …`.
#[derive(Debug, Subcommand)]
pub(crate) enum CasesCommand {
    /// What needs a person, the oldest first.
    List(ListArgs),
    /// One case: what is wrong, what to do, what the customer sees.
    Show(CaseArgs),
    /// Say that you look after it.
    Take(OwnedArgs),
    /// Put it back for others.
    Release(OwnedArgs),
    /// Do its next step, where that can be done from here: deliver again, replay the event, send the mail again. The case
    /// closes by itself when its cause is gone.
    Retry(OwnedArgs),
    /// Say how it was resolved.
    Close(CloseArgs),
    /// When each sweep last looked, and what it found.
    Sweeps(DatabaseArgs),
}

/// `hostwright cases sweeps`.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

/// `hostwright cases list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Only this kind, e.g. no-capacity.
    #[arg(long, value_parser = kind)]
    kind: Option<CaseKind>,
    /// Only those about this order.
    #[arg(long)]
    order: Option<Id<entity::Order>>,
    /// Closed ones too.
    #[arg(long)]
    all: bool,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 100)]
    limit: i64,
}

/// One case.
#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// case_…, or its UUID.
    id: Id<entity::Case>,
}

/// One case, and who does something about it.
#[derive(Debug, Args)]
pub(crate) struct OwnedArgs {
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// `hostwright cases close`.
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// How it was resolved, in a sentence.
    #[arg(long)]
    resolution: String,
}

fn kind(text: &str) -> Result<CaseKind, String> {
    let known = || CaseKind::ALL.map(CaseKind::as_str).join(", ");
    CaseKind::parse(text).ok_or_else(|| format!("there is no such kind of case; expected one of {}", known()))
}

pub(crate) async fn command(command: CasesCommand) -> Result<(), Failed> {
    match command {
        CasesCommand::List(args) => list(args).await,
        CasesCommand::Show(args) => show(args).await,
        CasesCommand::Take(args) => assign(args, true).await,
        CasesCommand::Release(args) => assign(args, false).await,
        CasesCommand::Retry(args) => retry(args).await,
        CasesCommand::Close(args) => close(args).await,
        CasesCommand::Sweeps(args) => sweeps(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let filter = CaseFilter { kind: args.kind, order: args.order, closed: args.all };
    let cases = queries::cases_list(&db, &filter, args.limit).await;
    let cases = cases.map_err(|error| Failed::new("list the cases", error))?;
    let now = Env::system().now();
    let row = |case: Case| {
        let state = match (&case.ending, &case.owner) {
            (Some(ending), _) => format!("closed by {}", ending.by),
            (None, Some(owner)) => owner.clone(),
            (None, None) => "nobody yet".to_owned(),
        };
        let order = case.order.map(|order| order.to_string()).unwrap_or_default();
        vec![case.id.to_string(), age(now, case.opened_at), case.kind.as_str().to_owned(), state, order, case.reason]
    };
    let rows: Vec<Vec<String>> = cases.into_iter().map(row).collect();
    table::print(&["CASE", "AGE", "KIND", "OWNER", "ORDER", "WHAT IS WRONG"], &rows);
    Ok(())
}

/// `45s`, `12m`, `3h`, `9d`.
fn age(now: Timestamp, since: Timestamp) -> String {
    let span = now - since;
    match (span.num_days(), span.num_hours(), span.num_minutes()) {
        (0, 0, 0) => format!("{}s", span.num_seconds().max(0)),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, _) => format!("{hours}h"),
        (days, _, _) => format!("{days}d"),
    }
}

async fn open(args: &CaseArgs) -> Result<Db, Failed> {
    database::open(&args.database).await
}

async fn show(args: CaseArgs) -> Result<(), Failed> {
    let db = open(&args).await?;
    let read = format!("read {}", args.id);
    let case = queries::case(&db, args.id).await.map_err(|error| Failed::new(read.as_str(), error))?;
    let case = case.ok_or_else(|| Failed::new(read, "there is no such case"))?;
    let at = |time: Timestamp| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    println!("{}  {}: {}", case.id, case.kind.as_str(), case.kind.title());
    println!("  what is wrong   {}", case.reason);
    println!("  what to do      {}", case.next_step);
    println!("  owner           {}", case.owner.as_deref().unwrap_or("nobody yet"));
    println!("  opened          {}", at(case.opened_at));
    println!("  last seen       {} ({} times)", at(case.last_seen_at), case.times);
    if let Some(order) = case.order {
        println!("  order           {order}   (hostwright orders show {order})");
    }
    println!("  customer sees   {}", case.kind.customer_view().unwrap_or("nothing of it"));
    match case.ending {
        Some(ending) => println!("  closed          {} by {}: {}", at(ending.at), ending.by, ending.resolution),
        None => println!("\nhostwright cases retry {0}   or   hostwright cases close {0} --resolution '…'", case.id),
    }
    Ok(())
}

async fn assign(OwnedArgs { case: args, operator }: OwnedArgs, take: bool) -> Result<(), Failed> {
    let db = open(&args).await?;
    let owner = take.then(|| operator.name());
    let case = flows::assign_case(&db, &mut Env::system(), (args.id, owner), &operator.actor()).await;
    let case = case.map_err(|error| Failed::new(format!("change {}", args.id), error))?;
    match case.owner {
        Some(owner) => println!("{} is {owner}'s now.", case.id),
        None => println!("{} is nobody's now.", case.id),
    }
    Ok(())
}

async fn retry(OwnedArgs { case: args, operator }: OwnedArgs) -> Result<(), Failed> {
    let db = open(&args).await?;
    let begun = flows::retry_case(&db, &mut Env::system(), args.id, &operator.actor()).await;
    match begun.map_err(|error| Failed::new(format!("retry {}", args.id), error))? {
        flows::Remedy::DeliveredAgain(order) => {
            println!("{order} is being delivered again; `hostwright orders show {order}` tells how it goes.");
        }
        flows::Remedy::EventsReplayed(events) => println!("Being processed again: {}.", events.join(", ")),
        flows::Remedy::RefundSentAgain(refund) => println!("{refund} is being sent back once more."),
        flows::Remedy::MailSentAgain(mail) => println!("{mail} is being sent again."),
        flows::Remedy::OperationTriedAgain(service) => {
            println!("What is to be done with {service} is tried again; `hostwright services show {service}` tells.");
        }
    }
    println!("{} closes by itself when its cause is gone.", args.id);
    Ok(())
}

async fn close(args: CloseArgs) -> Result<(), Failed> {
    let db = open(&args.case).await?;
    let (id, operator) = (args.case.id, &args.operator);
    let closing = (operator.name(), &operator.actor(), &*args.resolution);
    let closed = flows::close_case(&db, &mut Env::system(), id, closing).await;
    closed.map_err(|error| Failed::new(format!("close {id}"), error))?;
    println!("{id} is closed.");
    Ok(())
}

async fn sweeps(args: DatabaseArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let sweeps = queries::sweeps_list(&db).await.map_err(|error| Failed::new("list the sweeps", error))?;
    let now = Env::system().now();
    let rows = sweeps.into_iter().map(|sweep| {
        let last_find = sweep.last_find_at.map(|at| format!("{} ago", age(now, at))).unwrap_or_default();
        vec![
            sweep.name,
            format!("{} ago", age(now, sweep.last_run_at)),
            sweep.last_seen.to_string(),
            sweep.last_found.to_string(),
            sweep.runs.to_string(),
            sweep.found.to_string(),
            last_find,
        ]
    });
    let heads = ["SWEEP", "LAST RUN", "LOOKED AT", "FOUND", "RUNS", "FOUND IN ALL", "LAST FIND"];
    table::print(&heads, &rows.collect::<Vec<_>>());
    Ok(())
}
