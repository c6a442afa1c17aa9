//! `hostwright maintenance`: closes the shop for a while, opens it, and says which it is. What was paid goes on meanwhile.

use clap::{Args, Subcommand};
use infra::{config::DatabaseConfig, maintenance};
use kernel::{Env, Timestamp};

use crate::{database, failure::Failed, operator::OperatorArgs};

/// `hostwright maintenance …`.
#[derive(Debug, Subcommand)]
pub(crate) enum MaintenanceCommand {
    /// Close the shop: pages and checkout answer 503, with when to come back.
    On(OnArgs),
    /// Open it.
    Off(OffArgs),
    /// Whether it is closed, since when and for how long.
    Status(StatusArgs),
}

/// `hostwright maintenance on`.
#[derive(Debug, Args)]
pub(crate) struct OnArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// When it is planned to end: 30m, 2h, or a time like 2026-01-31T12:00:00Z. It stays closed until somebody opens it.
    #[arg(long, value_parser = until)]
    until: Option<Timestamp>,
    /// What customers are told: a sentence or two.
    #[arg(long, default_value = "")]
    message: String,
}

/// `hostwright maintenance off`.
#[derive(Debug, Args)]
pub(crate) struct OffArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// `hostwright maintenance status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

fn until(text: &str) -> Result<Timestamp, String> {
    let wrong = || "expected a span like 30m or 2h, or a time like 2026-01-31T12:00:00Z".to_owned();
    let seconds = match text.as_bytes().last() {
        Some(b'm') => 60,
        Some(b'h') => 3600,
        _ => return text.parse().map_err(|_| wrong()),
    };
    let count: Option<i64> = text.get(..text.len() - 1).and_then(|text| text.parse().ok());
    let span = count.filter(|count| *count > 0).and_then(|count| count.checked_mul(seconds)).ok_or_else(wrong)?;
    let end = Env::system().now().timestamp().checked_add(span);
    end.and_then(|end| Timestamp::from_timestamp(end, 0)).ok_or_else(wrong)
}

pub(crate) async fn command(command: MaintenanceCommand) -> Result<(), Failed> {
    match command {
        MaintenanceCommand::On(args) => on(args).await,
        MaintenanceCommand::Off(args) => off(args).await,
        MaintenanceCommand::Status(args) => status(args).await,
    }
}

async fn on(args: OnArgs) -> Result<(), Failed> {
    let step = "close the shop";
    let mut env = Env::system();
    let wanted = maintenance::asked(args.until, &args.message, env.now()).map_err(|error| Failed::new(step, error))?;
    let db = database::open(&args.database).await?;
    let begun = maintenance::begin(&db, &mut env, &wanted, &args.operator.actor()).await;
    begun.map_err(|error| Failed::new(step, error))?;
    println!("The shop is closed. What was paid is delivered; `hostwright maintenance off` opens it.");
    Ok(())
}

async fn off(args: OffArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let ended = maintenance::end(&db, &mut Env::system(), &args.operator.actor()).await;
    let was_closed = ended.map_err(|error| Failed::new("open the shop", error))?;
    println!("{}", if was_closed { "The shop is open." } else { "The shop was open already." });
    Ok(())
}

async fn status(args: StatusArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let closed = maintenance::read(&db).await.map_err(|error| Failed::new("look whether the shop is closed", error))?;
    let at = |at: Timestamp| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    match closed {
        None => println!("The shop is open."),
        Some(known) => {
            let until = known.until.map(|until| format!(", planned until {}", at(until))).unwrap_or_default();
            println!("The shop is closed since {}{until}.", at(known.since));
            if let Some(message) = known.message {
                println!("Customers are told: {message}");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn times_to_come_are_understood_and_nonsense_is_told() {
        for right in ["30m", "2h", "2026-01-31T12:00:00Z"] {
            assert!(until(right).is_ok(), "{right}");
        }
        for wrong in ["", "m", "0m", "-1h", "7d", "é", "9223372036854775807h", "tomorrow"] {
            assert!(until(wrong).unwrap_err().starts_with("expected a span"), "{wrong}");
        }
    }
}
