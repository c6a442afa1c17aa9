//! Measures the job engine on a database that is given; prints one line of JSON. `scripts/bench queue` runs it.

mod claims;
mod drain;
mod noop;
mod pickup;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    /// A migrated database of its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes the tables.
    Migrate,
    /// Runs jobs that wait already, to the last.
    Drain(drain::Drain),
    /// Enqueues jobs from a second pool and sees how long each waits.
    Pickup(pickup::Pickup),
    /// Claims 50 at a time.
    Claims(claims::Claims),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { database_url, what } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = match what {
        What::Migrate => runtime.block_on(noop::migrate(database_url)),
        What::Drain(drain) => runtime.block_on(drain.run(database_url)),
        What::Pickup(pickup) => runtime.block_on(pickup.run(database_url)),
        What::Claims(claims) => runtime.block_on(claims.run(database_url)),
    };
    result.map(|numbers| println!("{numbers}"))
}
