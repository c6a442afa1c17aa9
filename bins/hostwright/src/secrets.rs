//! `hostwright secrets`: values that must not lie in the environment, encrypted in the database.

use std::io::Read;

use clap::{Args, Subcommand};
use infra::{
    config::{DatabaseConfig, KeyConfig, Problems},
    secrets::{NewSecret, SecretBox, add_secret, retire_secret, secret_versions},
};
use kernel::Env;
use secrecy::SecretString;

use crate::{database, failure::Failed, table};

/// `hostwright secrets …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Keep a new version of a secret; its value is read from standard input. Older versions go on counting.
    Set(SetArgs),
    /// List names and versions, never values.
    List(ListArgs),
    /// End a version.
    Retire(RetireArgs),
}

/// `hostwright secrets set`.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    keys: KeyConfig,
    /// Its name, e.g. stripe_webhook_secret.
    name: String,
}

/// `hostwright secrets list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

/// `hostwright secrets retire`.
#[derive(Debug, Args)]
pub(crate) struct RetireArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Its name.
    name: String,
    /// Its version.
    version: i32,
}

pub(crate) async fn command(command: SecretsCommand) -> Result<(), Failed> {
    match command {
        SecretsCommand::Set(args) => set(args).await,
        SecretsCommand::List(args) => list(args).await,
        SecretsCommand::Retire(args) => retire(args).await,
    }
}

async fn set(args: SetArgs) -> Result<(), Failed> {
    let step = format!("keep the secret {}", args.name);
    let failed = |error: &dyn std::fmt::Display| Failed::new(step.as_str(), error.to_string());
    let mut problems = Problems::default();
    let key = args.keys.key(&mut problems);
    let key = problems.finish(key).map_err(|error| failed(&error))?;
    let mut value = String::new();
    std::io::stdin().read_to_string(&mut value).map_err(|error| failed(&error))?;
    let value = value.trim();
    if value.is_empty() {
        return Err(failed(&"standard input is empty; pipe the value in"));
    }
    let sealer = SecretBox::new(&key).map_err(|error| failed(&error))?;
    let db = database::open(&args.database).await?;
    let secret = NewSecret {
        name: args.name.clone(),
        plain: SecretString::from(value),
        not_before: Env::system().now(),
        not_after: None,
    };
    let version = add_secret(&db, &sealer, &secret).await.map_err(|error| failed(&error))?;
    println!("{} version {version} is kept.", args.name);
    Ok(())
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let versions = secret_versions(&db).await.map_err(|error| Failed::new("list the secrets", error))?;
    let rows: Vec<Vec<String>> = versions
        .into_iter()
        .map(|secret| {
            let until = secret.not_after.map_or_else(|| "open".to_owned(), |end| end.to_rfc3339());
            vec![secret.name, secret.version.to_string(), secret.not_before.to_rfc3339(), until, secret.kid]
        })
        .collect();
    table::print(&["NAME", "VERSION", "FROM", "UNTIL", "KEY"], &rows);
    Ok(())
}

async fn retire(args: RetireArgs) -> Result<(), Failed> {
    let step = format!("end version {} of {}", args.version, args.name);
    let db = database::open(&args.database).await?;
    let now = Env::system().now();
    match retire_secret(&db, &args.name, args.version, now).await {
        Ok(true) => {
            println!("{} version {} no longer counts.", args.name, args.version);
            Ok(())
        }
        Ok(false) => Err(Failed::new(step, "there is no such version")),
        Err(error) => Err(Failed::new(step, error)),
    }
}
