//! The operator's command: migrate, database, catalog, orders, services, accounts, cases, events, jobs, queues, staff, secrets,
//! maintenance, audit, doctor, demo.
//!
//! Each subcommand is one file: its arguments, what it calls, how it speaks. No business rule lives here.

mod accounts;
mod adopt;
mod audit;
mod cases;
mod catalog;
mod database;
mod demo;
mod doctor;
mod drift;
mod events;
mod failure;
mod grant;
mod jobs;
mod keys;
mod maintenance;
mod migrate;
mod operator;
mod orders;
mod queues;
mod secrets;
mod services;
mod staff;
mod table;

use clap::{Parser, Subcommand};
use infra::config::{LogConfig, Problems};

pub use failure::Failed;

/// Hostwright sells hosting and delivers it. This is its operator's command.
#[derive(Debug, Parser)]
#[command(name = "hostwright", version)]
pub struct Cli {
    #[command(flatten)]
    log: LogConfig,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database up to date.
    Migrate(migrate::MigrateArgs),
    /// What the programs may do in the database.
    #[command(subcommand)]
    Database(grant::DatabaseCommand),
    /// Check and apply the catalogue file.
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Look at orders, and put one back on its way.
    #[command(subcommand)]
    Orders(orders::OrdersCommand),
    /// What runs; suspend, resume or end a service.
    #[command(subcommand)]
    Services(services::ServicesCommand),
    /// What stands at a provider already, and taking it over.
    #[command(subcommand)]
    Adopt(adopt::AdoptCommand),
    /// Compare what providers have with what the shop believes. Changes nothing.
    Drift(drift::DriftArgs),
    /// Help somebody who cannot get into their account.
    #[command(subcommand)]
    Accounts(accounts::AccountsCommand),
    /// What needs a person, and what can be done about it.
    #[command(subcommand)]
    Cases(cases::CasesCommand),
    /// Look at gateway events, and process one again.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Look at background jobs, and retry a dead one.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// How full the queues are; pause one, or bound it.
    #[command(subcommand)]
    Queues(queues::QueuesCommand),
    /// Who works for the shop, in which role.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Keep secrets, encrypted, in the database.
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// Close the shop for maintenance, and open it.
    #[command(subcommand)]
    Maintenance(maintenance::MaintenanceCommand),
    /// Who did what, and the proof that the record of it was not changed.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Check the configuration and everything it names.
    Doctor(Box<doctor::DoctorArgs>),
    /// A whole shop on this machine: starts everything, buys two plans, shows what happens.
    Demo(Box<demo::DemoArgs>),
}

/// Runs the command.
///
/// # Errors
/// The step that failed and why.
pub fn run(cli: Cli) -> Result<(), Failed> {
    let mut problems = Problems::default();
    // The operator reads the command's own words; log lines are for when something is wrong.
    let quiet = LogConfig {
        filter: if cli.log.filter == "info" { "warn".to_owned() } else { cli.log.filter.clone() },
        ..cli.log
    };
    quiet.start(&mut problems);
    problems.finish(Some(())).map_err(|problems| Failed::new("read the configuration", problems))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failed::new("start", error))?;
    runtime.block_on(async {
        match cli.command {
            Command::Migrate(args) => migrate::command(args).await,
            Command::Database(command) => grant::command(command).await,
            Command::Catalog(command) => catalog::command(command).await,
            Command::Orders(command) => orders::command(command).await,
            Command::Services(command) => services::command(command).await,
            Command::Adopt(command) => adopt::command(command).await,
            Command::Drift(args) => drift::command(args).await,
            Command::Accounts(command) => accounts::command(command).await,
            Command::Cases(command) => cases::command(command).await,
            Command::Events(command) => events::command(command).await,
            Command::Jobs(command) => jobs::command(command).await,
            Command::Queues(command) => queues::command(command).await,
            Command::Staff(command) => staff::command(command).await,
            Command::Secrets(command) => secrets::command(command).await,
            Command::Maintenance(command) => maintenance::command(command).await,
            Command::Audit(command) => audit::command(command).await,
            Command::Doctor(args) => doctor::command(*args).await,
            Command::Demo(args) => demo::run(*args).await,
        }
    })
}
