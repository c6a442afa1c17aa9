//! What is measured.

use clap::{Parser, Subcommand};

use crate::{claims, drain, pickup};

/// Measures the job engine; prints one line of JSON.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// A migrated database of its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Subcommand)]
pub(crate) enum What {
    /// Makes the tables.
    Migrate,
    /// Runs jobs that wait already, to the last.
    Drain(drain::Drain),
    /// Enqueues jobs from a second pool and sees how long each waits.
    Pickup(pickup::Pickup),
    /// Claims 50 at a time.
    Claims(claims::Claims),
}
