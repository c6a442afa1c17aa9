//! `hostwright catalog`: checks the file whole, shows what will change, applies it in one transaction.

use std::path::{Path, PathBuf};

use audit::{Act, Actor, Facts, Subject};
use catalog::{
    ChangeSet,
    file::{self, Checked},
};
use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    providers::{
        ProviderList,
        file::{ProvidersFile, Secrets},
    },
};
use kernel::{Env, StoreError, Transact};

use crate::{
    database,
    failure::Failed,
    operator::{OperatorArgs, record},
};

/// `hostwright catalog …`.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Check a file without touching anything.
    Check(CheckArgs),
    /// Check a file, show what will change, and apply it.
    Apply(ApplyArgs),
}

/// `hostwright catalog check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// The catalogue, e.g. catalog.toml.
    file: PathBuf,
    /// The worker's providers file, whose providers the catalogue may name. Its secrets are not needed.
    #[arg(long, env = "PROVIDERS_FILE")]
    providers_file: Option<PathBuf>,
}

/// `hostwright catalog apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// The catalogue, e.g. catalog.toml.
    file: PathBuf,
    /// The worker's providers file, whose providers the catalogue may name. Its secrets are not needed.
    #[arg(long, env = "PROVIDERS_FILE")]
    providers_file: Option<PathBuf>,
    #[command(flatten)]
    operator: OperatorArgs,
    /// Show what would change, and stop.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn command(command: CatalogCommand) -> Result<(), Failed> {
    match command {
        CatalogCommand::Check(args) => {
            let checked = read(&args.database, &args.file, args.providers_file.as_deref()).await?;
            println!(
                "{}: {} products, {} coupons, no problems",
                args.file.display(),
                checked.products.len(),
                checked.coupons.len()
            );
            Ok(())
        }
        CatalogCommand::Apply(args) => {
            let checked = read(&args.database, &args.file, args.providers_file.as_deref()).await?;
            let changes = if args.dry_run {
                preview(&args.database, &checked).await?
            } else {
                apply(&args.database, &checked, &args.operator.actor()).await?
            };
            println!("{changes}");
            match (changes.is_empty(), args.dry_run) {
                (true, _) => {}
                (false, true) => println!("Nothing was applied (--dry-run)."),
                (false, false) => println!("Applied."),
            }
            Ok(())
        }
    }
}

/// For the demo: applies and says in one line what became of it.
pub(crate) async fn apply_quietly(
    database: &DatabaseConfig,
    path: &Path,
    providers: Option<&Path>,
) -> Result<(), Failed> {
    let checked = read(database, path, providers).await?;
    let changes = apply(database, &checked, &Actor::system("hostwright demo")).await?;
    let (count, products) = (changes.lines().len(), checked.products.len());
    println!(
        "  {products} products, {}",
        if changes.is_empty() { "nothing to change".to_owned() } else { format!("{count} changes") }
    );
    Ok(())
}

/// The providers, for checking settings; none of them is called.
async fn providers(database: &DatabaseConfig, file: Option<&Path>) -> Result<ProviderList, Failed> {
    let step = "make the providers that check the settings";
    let file = file.filter(|path| !path.as_os_str().is_empty());
    let file = file.map(|path| ProvidersFile::read(path, Secrets::Left)).transpose();
    let file = file.map_err(|error| Failed::new("read the providers file", error))?.unwrap_or_default();
    let db = database::open(database).await?;
    infra::providers::checking_with(db.pool().clone(), file).map_err(|error| Failed::new(step, error))
}

async fn read(database: &DatabaseConfig, path: &Path, others: Option<&Path>) -> Result<Checked, Failed> {
    let step = format!("read {}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| Failed::new(step.as_str(), error))?;
    file::read(&text, &providers(database, others).await?).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|problem| format!("\n  {}: {problem}", path.display())).collect();
        Failed::new(step, format!("{} problem(s), nothing was changed:{}", problems.len(), lines.concat()))
    })
}

/// A transaction that only looked.
enum Looked {
    Changes(ChangeSet),
    Failed(StoreError),
}

impl From<StoreError> for Looked {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

async fn preview(database: &DatabaseConfig, checked: &Checked) -> Result<ChangeSet, Failed> {
    let db = database::open(database).await?;
    let mut env = Env::system();
    let look = async |tx: &mut infra::db::PgTx| {
        let changes = catalog::plan(tx, checked, &mut env).await?;
        // An error, so that the look leaves nothing behind, not even a lock.
        Err::<(), Looked>(Looked::Changes(changes))
    };
    match db.transaction(look).await {
        Err(Looked::Changes(changes)) => Ok(changes),
        Err(Looked::Failed(error)) => Err(Failed::new("compare the catalogue", error)),
        Ok(()) => Err(Failed::new("compare the catalogue", "it was not compared")),
    }
}

async fn apply(database: &DatabaseConfig, checked: &Checked, by: &Actor) -> Result<ChangeSet, Failed> {
    let db = database::open(database).await?;
    let mut env = Env::system();
    let work = async |tx: &mut infra::db::PgTx| {
        let changes = catalog::plan(tx, checked, &mut env).await?;
        catalog::apply(tx, &changes).await?;
        if !changes.is_empty() {
            let lines = changes.lines();
            let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            let after = Facts::none().number("changes", count).text("what", &changes.to_string());
            let subject = Subject::new("catalog", "catalog");
            record(tx, (by, Act::CatalogSeeded), subject, (Facts::none(), after)).await?;
        }
        Ok::<_, StoreError>(changes)
    };
    db.transaction(work).await.map_err(|error| Failed::new("apply the catalogue", error))
}
