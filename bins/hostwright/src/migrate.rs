//! `hostwright migrate`.

use clap::Args;
use infra::config::DatabaseConfig;

use crate::failure::Failed;

/// `hostwright migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

pub(crate) async fn command(args: MigrateArgs) -> Result<(), Failed> {
    run(&args.database).await
}

/// Applies what is missing, and says what that was.
pub(crate) async fn run(database: &DatabaseConfig) -> Result<(), Failed> {
    let applied =
        infra::db::migrate(&database.url()).await.map_err(|error| Failed::new("migrate the database", error))?;
    if applied.is_empty() {
        println!("  up to date");
    }
    for name in applied {
        println!("  applied {name}");
    }
    Ok(())
}
