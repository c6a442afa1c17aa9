//! Measures the job engine on a database that is given; prints one line of JSON. `scripts/bench queue` runs it.

mod arguments;
mod claims;
mod drain;
mod noop;
mod pickup;

use arguments::{Arguments, What};
use clap::Parser;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { database_url, what } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let numbers = match what {
        What::Migrate => runtime.block_on(noop::migrate(database_url)),
        What::Drain(drain) => runtime.block_on(drain.run(database_url)),
        What::Pickup(pickup) => runtime.block_on(pickup.run(database_url)),
        What::Claims(claims) => runtime.block_on(claims.run(database_url)),
    }?;
    println!("{numbers}");
    Ok(())
}
