//! `hostwright accounts`: the way out for somebody who has lost their second factor, and the door closed to a thief.

use clap::{Args, Subcommand};
use infra::{
    config::{DatabaseConfig, Problems, SiteConfig},
    db::PgTx,
};
use kernel::{EmailAddress, Env, StoreError, Transact};

use crate::{database, failure::Failed, operator::OperatorArgs};

/// `hostwright accounts …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Remove somebody's app, passkeys and recovery codes and end their sign-ins. Make sure first that it is them who asks:
    /// whoever has their password gets in afterwards. Their address is told.
    DropFactors(DropFactorsArgs),
    /// End the sign-ins of an account, or everybody's, when somebody else may be in. Passwords, second factors and keys for
    /// machines stay.
    SignOut(SignOutArgs),
}

/// `hostwright accounts drop-factors`.
#[derive(Debug, Args)]
pub(crate) struct DropFactorsArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    site: SiteConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// The account's address.
    #[arg(long)]
    email: EmailAddress,
}

/// `hostwright accounts sign-out`.
#[derive(Debug, Args)]
#[group(id = "whose", required = true, multiple = false, args = ["email", "everybody"])]
pub(crate) struct SignOutArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// The account's address.
    #[arg(long)]
    email: Option<EmailAddress>,
    /// All accounts, staff's and your own too.
    #[arg(long)]
    everybody: bool,
}

pub(crate) async fn command(command: AccountsCommand) -> Result<(), Failed> {
    match command {
        AccountsCommand::DropFactors(args) => drop_factors(args).await,
        AccountsCommand::SignOut(args) => sign_out(args).await,
    }
}

async fn drop_factors(args: DropFactorsArgs) -> Result<(), Failed> {
    let mut problems = Problems::default();
    let links = args.site.links(&mut problems);
    let links = problems.finish(links).map_err(|problems| Failed::new("read the configuration", problems))?;
    let db = database::open(&args.database).await?;
    let (by, mut env) = (args.operator.actor(), Env::system());
    let work = async |tx: &mut PgTx| flows::drop_factors(tx, &mut env, (&links, &by), &args.email).await;
    let dropped: Result<_, StoreError> = db.transaction(work).await;
    match dropped.map_err(|error| Failed::new("remove the second factors", error))? {
        Some(user) => {
            println!("{}: every second factor is removed and every sign-in ended; a mail tells its owner", user.id);
            Ok(())
        }
        None => Err(Failed::new("remove the second factors", "there is no account with this address")),
    }
}

async fn sign_out(args: SignOutArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let (by, mut env) = (args.operator.actor(), Env::system());
    let work = async |tx: &mut PgTx| flows::end_sign_ins(tx, &mut env, &by, args.email.as_ref()).await;
    let ended: Result<_, StoreError> = db.transaction(work).await;
    match ended.map_err(|error| Failed::new("end the sign-ins", error))? {
        Some(ended) => {
            let whose = args.email.map_or_else(|| "everybody".to_owned(), |email| email.to_string());
            println!("{whose} is signed out; sign-ins ended: {ended}");
            Ok(())
        }
        None => Err(Failed::new("end the sign-ins", "there is no account with this address")),
    }
}
