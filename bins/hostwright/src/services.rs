//! `hostwright services`: what runs, and what is done to it after it was delivered.

use audit::Actor;
use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    db::PgTx,
    queries::{self, ServiceFilter},
};
use kernel::{Env, Id, Transact, entity};
use provisioning::{AskError, Asked, SuspendReason};

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright services …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ServicesCommand {
    /// The newest services.
    List(ListArgs),
    /// One service and what was done to it.
    Show(ServiceArgs),
    /// Stop one, keeping everything.
    Suspend(SuspendArgs),
    /// Let a suspended one go on.
    Resume(NotedArgs),
    /// End one for good: what its provider keeps of it is deleted.
    Terminate(TerminateArgs),
    /// Say that you did at the provider what waited for a person.
    Done(OwnedArgs),
}

/// `hostwright services list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Only services in this state, e.g. suspended.
    #[arg(long)]
    status: Option<String>,
    /// Only those of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Only those older than this one: the last of the list before.
    #[arg(long)]
    before: Option<Id<entity::Service>>,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 30)]
    limit: i64,
}

/// One service.
#[derive(Debug, Args)]
pub(crate) struct ServiceArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// svc_…, or its UUID.
    id: Id<entity::Service>,
}

/// One service, and who does something about it.
#[derive(Debug, Args)]
pub(crate) struct OwnedArgs {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// With a word on why.
#[derive(Debug, Args)]
pub(crate) struct NotedArgs {
    #[command(flatten)]
    owned: OwnedArgs,
    /// Why, for people; it stands on record.
    #[arg(long, default_value = "")]
    note: String,
}

/// `hostwright services suspend`.
#[derive(Debug, Args)]
pub(crate) struct SuspendArgs {
    #[command(flatten)]
    noted: NotedArgs,
    /// non-payment, abuse, request or operator. Paying resumes only what was suspended for not paying.
    #[arg(long, value_parser = reason, default_value = "operator")]
    reason: SuspendReason,
}

/// `hostwright services terminate`.
#[derive(Debug, Args)]
pub(crate) struct TerminateArgs {
    #[command(flatten)]
    noted: NotedArgs,
    /// There is no way back; say that you mean it.
    #[arg(long)]
    yes: bool,
}

fn reason(text: &str) -> Result<SuspendReason, String> {
    let known = || SuspendReason::ALL.map(SuspendReason::as_str).join(", ");
    SuspendReason::parse(text).ok_or_else(|| format!("expected one of {}", known()))
}

pub(crate) async fn command(command: ServicesCommand) -> Result<(), Failed> {
    match command {
        ServicesCommand::List(args) => list(args).await,
        ServicesCommand::Show(args) => show(args).await,
        ServicesCommand::Suspend(SuspendArgs { noted, reason }) => {
            let asks = async |tx: &mut PgTx, env: &mut Env, id, note: &str, by: &Actor| {
                flows::ask_suspend(tx, env, id, (reason, note), by).await
            };
            ask(noted, "suspended", asks).await
        }
        ServicesCommand::Resume(noted) => {
            let asks = async |tx: &mut PgTx, env: &mut Env, id, note: &str, by: &Actor| {
                flows::ask_resume(tx, env, id, note, by).await
            };
            ask(noted, "resumed", asks).await
        }
        ServicesCommand::Terminate(TerminateArgs { noted, yes }) => {
            let id = noted.owned.service.id;
            if !yes {
                let why = "what its provider keeps of it is deleted for good; say --yes if you mean it";
                return Err(Failed::new(format!("terminate {id}"), why));
            }
            let asks = async |tx: &mut PgTx, env: &mut Env, id, note: &str, by: &Actor| {
                flows::ask_terminate(tx, env, id, note, by).await
            };
            ask(noted, "terminated", asks).await
        }
        ServicesCommand::Done(args) => done(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let filter = ServiceFilter { status: args.status, provider: args.provider, before: args.before };
    let services = queries::services_list(&db, &filter, args.limit).await;
    let services = services.map_err(|error| Failed::new("list the services", error))?;
    let rows: Vec<Vec<String>> = services
        .into_iter()
        .map(|one| {
            let promised = one.created_at.format("%Y-%m-%d %H:%M").to_string();
            let there = one.remote.unwrap_or_default();
            vec![promised, one.id.to_string(), one.status, one.provider, there, one.plan, one.label, one.email]
        })
        .collect();
    table::print(&["PROMISED", "SERVICE", "STATUS", "PROVIDER", "THERE", "PLAN", "NAME", "OWNER"], &rows);
    Ok(())
}

async fn show(args: ServiceArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let read = format!("read {}", args.id);
    let page = queries::service_page(&db, args.id).await.map_err(|error| Failed::new(read.as_str(), error))?;
    let page = page.ok_or_else(|| Failed::new(read, "there is no such service"))?;
    let service = page.service;
    println!("{}  {}", service.id, service.state.as_str());
    println!("  {} ({}) by {}, of {}", service.label, service.plan, service.provider, service.order);
    println!("  {} <{}>", service.owner.name, service.owner.email);
    if let Some(remote) = service.state.known_as() {
        println!("  there {} ({})", remote.identifier, remote.id);
    }
    service.access.iter().for_each(|field| println!("  {}: {}", field.label, field.value));
    println!("\nOperations");
    let rows = page.operations.into_iter().map(|one| {
        let reason = one.verb.reason().map(SuspendReason::as_str).unwrap_or_default();
        let why = [reason, &one.note].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        let asked = one.started_at.format("%Y-%m-%d %H:%M:%S").to_string();
        let (verb, state) = (one.verb.as_str().to_owned(), one.state.as_str().to_owned());
        vec![asked, verb, why, state, one.attempt.to_string(), one.detail]
    });
    table::print(&["ASKED", "WHAT", "WHY", "STATE", "CALLS", "DETAIL"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn ask(
    args: NotedArgs,
    done: &str,
    asks: impl AsyncFn(&mut PgTx, &mut Env, Id<entity::Service>, &str, &Actor) -> Result<Asked, AskError>,
) -> Result<(), Failed> {
    let NotedArgs { owned: OwnedArgs { service: ServiceArgs { database, id }, operator }, note } = args;
    let db = database::open(&database).await?;
    let (by, mut env) = (operator.actor(), Env::system());
    let work = async |tx: &mut PgTx| asks(tx, &mut env, id, &note, &by).await;
    let asked: Result<Asked, AskError> = db.transaction(work).await;
    let asked = asked.map_err(|error| Failed::new(format!("have {id} {done}"), error))?;
    let already = if asked.under_way { " already" } else { "" };
    println!("{id} is being {done}{already}; `hostwright services show {id}` tells how it goes.");
    Ok(())
}

async fn done(args: OwnedArgs) -> Result<(), Failed> {
    let db = database::open(&args.service.database).await?;
    let (id, by, mut env) = (args.service.id, args.operator.actor(), Env::system());
    let work = async |tx: &mut PgTx| flows::operation_done_by_hand(tx, &mut env, id, &by).await;
    let done: Result<_, AskError> = db.transaction(work).await;
    let operation = done.map_err(|error| Failed::new(format!("note that {id} is done"), error))?;
    println!("{id} is {}, by hand.", operation.verb.participle());
    Ok(())
}
