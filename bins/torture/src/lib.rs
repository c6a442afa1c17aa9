//! The crash harness (docs/decisions/0014): runs the real programs against a PostgreSQL, a Stripe, a panel and a mail server
//! of its own, breaks them in every way it knows while customers buy, lets everything come to rest, and then compares what
//! the customers were told, what our record says, and what really happened.

mod board;
mod calm;
mod check;
mod clock;
mod cluster;
mod dice;
mod facts;
mod failed;
mod history;
mod load;
mod nemesis;
mod program;
mod progress;
mod proxy;
mod report;
mod run;
mod sabotage;
mod scenario;
mod stack;
mod watch;

use std::path::PathBuf;

use clap::Parser;

pub use failed::Failed;
use failed::Outcome;
use scenario::{ALL, Form, Scenario};

/// Breaks the running shop on purpose and checks that nothing that was paid is lost, doubled or silent.
#[derive(Debug, Clone, Parser)]
#[command(name = "hostwright-torture", version)]
pub struct Config {
    /// One scenario, or several separated by commas; all when absent. See --list.
    #[arg(long, value_delimiter = ',')]
    scenario: Vec<String>,
    /// How long things are broken, in each scenario; its own length when absent. Orders and wanted faults grow with it.
    #[arg(long)]
    minutes: Option<u64>,
    /// How many customers come.
    #[arg(long)]
    orders: Option<u32>,
    /// What chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The short forms, for continuous integration.
    #[arg(long, conflicts_with = "minutes")]
    ci: bool,
    /// Afterwards spoils the result in every way the checker must notice, and fails if it does not.
    #[arg(long)]
    sabotage: bool,
    /// Names the scenarios and ends.
    #[arg(long)]
    list: bool,
    /// Where the programs lie; beside this one when absent.
    #[arg(long, value_name = "DIR")]
    bin: Option<PathBuf>,
    /// The catalogue that is sold.
    #[arg(long, value_name = "FILE", default_value = "catalog.toml")]
    catalog: PathBuf,
    /// Where logs and histories go.
    #[arg(long, value_name = "DIR", default_value = "target/torture")]
    out: PathBuf,
    /// Where the figures go.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    figures: PathBuf,
    /// A directory for the database, in which PostgreSQL's user may write.
    #[arg(long, value_name = "DIR", default_value = "target/torture/pg")]
    pg_place: PathBuf,
    /// Where initdb and postgres lie.
    #[arg(long, value_name = "DIR", default_value = "/usr/lib/postgresql/15/bin")]
    pg_bin: PathBuf,
    /// What stands before PostgreSQL's programs so that they do not run as root, its words separated by spaces.
    #[arg(long, value_name = "COMMAND", default_value = "")]
    pg_runner: String,
    /// Libraries that PostgreSQL's programs need, if they are not the system's.
    #[arg(long, value_name = "PATHS")]
    pg_libraries: Option<String>,
}

impl Config {
    /// What is to be run, each in its form.
    fn chosen(&self) -> Outcome<Vec<(Scenario, Form)>> {
        let named = |name: &String| {
            Scenario::named(name).ok_or_else(|| Failed::new(format!("there is no scenario '{name}'; see --list")))
        };
        let scenarios: Vec<Scenario> = if self.scenario.is_empty() {
            ALL.to_vec()
        } else {
            self.scenario.iter().map(named).collect::<Outcome<_>>()?
        };
        let form = |scenario: &Scenario| {
            let form = if self.ci { scenario.short() } else { scenario.full(self.minutes) };
            Form { orders: self.orders.unwrap_or(form.orders), ..form }
        };
        Ok(scenarios.iter().map(|scenario| (*scenario, form(scenario))).collect())
    }
}

/// Runs what was asked for; whether every promise was kept. Whatever it started is gone when it returns.
///
/// # Errors
/// [`Failed`] when the harness could not do its own work.
pub async fn run(config: Config) -> Result<bool, Failed> {
    if config.list {
        for scenario in ALL {
            println!("{:<13} {}", scenario.name, scenario.what);
        }
        return Ok(true);
    }
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = run::all(&config) => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            Err(Failed::new("interrupted"))
        }
        _ = terminate.recv() => Err(Failed::new("told to end")),
    }
}
