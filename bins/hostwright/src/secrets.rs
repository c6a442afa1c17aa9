//! `hostwright secrets`: values that must not lie in the environment, encrypted in the database.

mod rotate;

use std::io::Read;

use audit::{Act, Facts, Subject};
use clap::{Args, Subcommand};
use infra::{
    config::{DatabaseConfig, KeyConfig},
    db::PgTx,
    secrets::{NewSecret, SecretError, add_secret_in, is_reserved, retire_secret_in, secret_versions},
};
use kernel::{Env, StoreError, Transact};
use secrecy::SecretString;

use crate::{
    database,
    failure::Failed,
    keys,
    operator::{OperatorArgs, record},
    table,
};

/// `hostwright secrets …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Keep a new version of a secret; its value is read from standard input. Older versions go on counting.
    Set(SetArgs),
    /// List names and versions, never values.
    List(ListArgs),
    /// End a version.
    Retire(RetireArgs),
    /// Seal everything anew under SECRETS_KEY, so that SECRETS_KEYS_OLD can go. Interrupted, it is run again.
    Rotate(rotate::RotateArgs),
}

/// `hostwright secrets set`.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    keys: KeyConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// Its name: stripe_webhook_secret, pterodactyl_api_key or smtp_password.
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
    #[command(flatten)]
    operator: OperatorArgs,
    /// Its name.
    name: String,
    /// Its version.
    version: i32,
    /// End also what the shop made for itself. Without the password pepper no password is right any more: everybody sets a
    /// new one by mail.
    #[arg(long)]
    and_lose_it: bool,
}

pub(crate) async fn command(command: SecretsCommand) -> Result<(), Failed> {
    match command {
        SecretsCommand::Set(args) => set(args).await,
        SecretsCommand::List(args) => list(args).await,
        SecretsCommand::Retire(args) => retire(args).await,
        SecretsCommand::Rotate(args) => rotate::command(args).await,
    }
}

async fn set(args: SetArgs) -> Result<(), Failed> {
    let step = format!("keep the secret {}", args.name);
    let failed = |error: &dyn std::fmt::Display| Failed::new(step.as_str(), error.to_string());
    if is_reserved(&args.name) {
        return Err(failed(&"this one is the shop's own; nobody sets it by hand"));
    }
    let sealer = keys::sealer(&args.keys, &step)?;
    let mut value = String::new();
    std::io::stdin().read_to_string(&mut value).map_err(|error| failed(&error))?;
    let value = value.trim();
    if value.is_empty() {
        return Err(failed(&"standard input is empty; pipe the value in"));
    }
    let db = database::open(&args.database).await?;
    let secret = NewSecret {
        name: args.name.clone(),
        plain: SecretString::from(value),
        not_before: Env::system().now(),
        not_after: None,
    };
    let work = async |tx: &mut PgTx| {
        let version = add_secret_in(tx, &sealer, &secret).await?;
        let (by, subject) = (args.operator.actor(), Subject::new("secret", &args.name));
        let after = Facts::none().number("version", version).text("key", sealer.key_id());
        record(tx, (&by, Act::SecretAdded), subject, (Facts::none(), after)).await?;
        Ok::<_, SecretError>(version)
    };
    let version = db.transaction(work).await.map_err(|error| failed(&error))?;
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
    if is_reserved(&args.name) && !args.and_lose_it {
        let why = "the shop made this one for itself and needs it; --and-lose-it ends it all the same (see --help)";
        return Err(Failed::new(step, why));
    }
    let db = database::open(&args.database).await?;
    let now = Env::system().now();
    let work = async |tx: &mut PgTx| {
        let retired = retire_secret_in(tx, &args.name, args.version, now).await?;
        if retired {
            let (by, subject) = (args.operator.actor(), Subject::new("secret", &args.name));
            let after = Facts::none().number("version", args.version);
            record(tx, (&by, Act::SecretRetired), subject, (Facts::none(), after)).await?;
        }
        Ok::<_, StoreError>(retired)
    };
    match db.transaction(work).await {
        Ok(true) => {
            println!("{} version {} no longer counts.", args.name, args.version);
            Ok(())
        }
        Ok(false) => Err(Failed::new(step, "there is no such version")),
        Err(error) => Err(Failed::new(step, error)),
    }
}
