//! `hostwright migrate`.

use audit::{Act, Actor, Facts, Subject};
use clap::Args;
use infra::{
    config::{DatabaseConfig, KeyConfig},
    db::PgTx,
    secrets::keep_pepper_in,
};
use kernel::{Env, StoreError, Transact};

use crate::{
    database,
    failure::Failed,
    keys,
    operator::{OperatorArgs, record},
};

/// `hostwright migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    #[command(flatten)]
    keys: KeyConfig,
}

pub(crate) async fn command(args: MigrateArgs) -> Result<(), Failed> {
    let by = args.operator.actor();
    run(&args.database, &by).await?;
    if args.keys.secrets_key.is_some() { keep_pepper(&args, &by).await } else { Ok(()) }
}

/// Programs under restricted roles find the password pepper there; others would keep it themselves.
async fn keep_pepper(args: &MigrateArgs, by: &Actor) -> Result<(), Failed> {
    let step = "keep the password pepper";
    let sealer = keys::sealer(&args.keys, step)?;
    let db = database::open(&args.database).await?;
    let work = async |tx: &mut PgTx| keep_pepper_in(tx, &sealer, &mut Env::system(), by).await;
    db.transaction(work).await.map_err(|error| Failed::new(step, error))
}

/// Applies what is missing, and says what that was.
pub(crate) async fn run(database: &DatabaseConfig, by: &Actor) -> Result<(), Failed> {
    let applied =
        infra::db::migrate(&database.url()).await.map_err(|error| Failed::new("migrate the database", error))?;
    if applied.is_empty() {
        println!("  up to date");
    }
    for name in &applied {
        println!("  applied {name}");
    }
    if applied.is_empty() { Ok(()) } else { note(database, by, &applied).await }
}

/// Afterwards, in a transaction of its own: before, there may have been no table to write to. Which migrations a database has
/// is known from their own table.
async fn note(database: &DatabaseConfig, by: &Actor, applied: &[String]) -> Result<(), Failed> {
    let db = database::open(database).await?;
    let count = i64::try_from(applied.len()).unwrap_or(i64::MAX);
    let after = Facts::none().number("applied", count).maybe_text("last", applied.last().map(String::as_str));
    let work = async |tx: &mut PgTx| {
        let subject = Subject::new("database", "schema");
        record(tx, (by, Act::MigrationRun), subject, (Facts::none(), after)).await
    };
    db.transaction(work).await.map_err(|error: StoreError| Failed::new("put the migration on record", error))
}
