//! `hostwright demo`: a whole shop on this machine. Migrates, applies the catalogue, starts sandbox, api and worker, buys
//! a game server and a hosting plan, shows both orders as they happen, hosts for real where it can, and stays until Ctrl-C.

mod buy;
mod children;
mod hosting;
mod panels;
mod settings;
mod show;

use std::time::Duration;

use infra::http::{HttpClient, Timeouts};

use crate::{catalog, failure::Failed, migrate};

pub(crate) use settings::DemoArgs;

use self::{buy::Purchase, children::Children, settings::Plan};

/// How long a step that should take seconds may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the demo.
///
/// # Errors
/// The step that failed, why, and where the log is.
pub(crate) async fn run(args: DemoArgs) -> Result<(), Failed> {
    let plan = Plan::new(args)?;
    show::headline("Hostwright demo");
    show::step("Database: bring it up to date");
    migrate::run(&plan.database, &audit::Actor::system("hostwright demo")).await?;
    show::step(&format!("Catalogue: apply {}", plan.catalog.display()));
    catalog::apply_quietly(&plan.database, &plan.catalog, plan.panels.as_deref()).await?;

    let mut children = Children::new(&plan)?;
    let outcome = tokio::select! {
        done = shop(&plan, &mut children) => done,
        () = interrupted() => Err(Failed::new("interrupted", "stopped before the purchases were done")),
    };
    let outcome = match outcome {
        Ok(()) if plan.once => Ok(()),
        Ok(()) => stay(&plan, &mut children).await,
        Err(failed) => Err(failed.with_log(&plan.logs)),
    };
    children.stop().await;
    if let Some(hosting) = &plan.hosting {
        hosting.stop(&children).await;
    }
    outcome
}

/// Starts everything, buys both plans and checks what came of it.
async fn shop(plan: &Plan, children: &mut Children) -> Result<(), Failed> {
    let http = HttpClient::new(Timeouts::default()).map_err(|error| Failed::new("HTTP client", error))?;
    if plan.uses_sandbox() {
        show::step(&format!("Sandbox: stand-ins for {} at {}", plan.stand_ins(), plan.sandbox_url()));
        children.start("hostwright-sandbox", &plan.sandbox_env())?;
        children.ready(&http, "hostwright-sandbox", &format!("{}/", plan.sandbox_url())).await?;
    }
    if let Some(hosting) = &plan.hosting {
        hosting.start(children).await?;
    }
    show::step(&format!("API and pages at {}", plan.api_url()));
    children.start("hostwright-api", &plan.program_env())?;
    show::step("Worker");
    children.start("hostwright-worker", &plan.program_env())?;
    children.ready(&http, "hostwright-api", &format!("{}/api/health", plan.api_url())).await?;

    let game = buy::game_server(plan, &http).await?;
    let hosting = buy::hosting(plan, &http).await?;
    let (first, second) = tokio::join!(buy::follow(plan, &http, &game), buy::follow(plan, &http, &hosting));
    let mut pickups = vec![first?, second?];
    let mut bought = vec![game, hosting];
    if plan.panels.is_some() {
        let machine = buy::machine(plan, &http).await?;
        pickups.push(buy::follow(plan, &http, &machine).await?);
        bought.push(machine);
    }
    buy::mails_arrived(plan, &http, &bought.iter().collect::<Vec<_>>()).await?;
    show::summary(&pickups);
    if let Some(hosting) = &plan.hosting {
        hosting.used(plan).await?;
    }
    ready(plan, &bought);
    children.still_running()
}

fn ready(plan: &Plan, purchases: &[Purchase]) {
    println!();
    println!("Ready: what was bought runs and every mail arrived.");
    println!("  Shop           {}/", plan.api_url());
    for purchase in purchases {
        println!("  {:<14} {}/orders/{}", purchase.title, plan.api_url(), purchase.order);
    }
    println!("  API health     {}/api/health", plan.api_url());
    if plan.uses_sandbox() {
        println!("  Sandbox        {}/  (payment pages, panel, inbox, faults)", plan.sandbox_url());
        println!("  Inbox          {}/inbox", plan.sandbox_url());
    }
    println!("  Logs           {}", plan.logs.display());
}

async fn stay(plan: &Plan, children: &mut Children) -> Result<(), Failed> {
    println!("\nCtrl-C stops everything that was started here.");
    tokio::select! {
        failed = children.watch() => Err(failed.with_log(&plan.logs)),
        () = interrupted() => Ok(()),
    }
}

/// Ctrl-C, or a request to end.
async fn interrupted() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(error = %error, "SIGTERM cannot be heard");
            return std::future::pending().await;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
