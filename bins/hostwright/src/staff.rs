//! `hostwright staff`: who works for the shop, in which role.

use accounts::Role;
use audit::Origin;
use clap::{Args, Subcommand};
use infra::config::DatabaseConfig;
use kernel::{EmailAddress, Env};

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright staff …`.
#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// Everybody who works for the shop.
    List(ListArgs),
    /// Give an account a role: support, billing, admin; customer takes it. Its sign-ins end.
    Role(RoleArgs),
}

/// `hostwright staff list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
}

/// `hostwright staff role`.
#[derive(Debug, Args)]
pub(crate) struct RoleArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// The account's address. Whoever has none registers first.
    email: EmailAddress,
    /// customer, support, billing or admin.
    #[arg(value_parser = role)]
    role: Role,
    #[command(flatten)]
    operator: OperatorArgs,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected customer, support, billing or admin".to_owned())
}

/// Runs it.
pub(crate) async fn command(command: StaffCommand) -> Result<(), Failed> {
    match command {
        StaffCommand::List(args) => list(args).await,
        StaffCommand::Role(args) => set_role(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let staff = flows::staff(&db).await.map_err(|error| Failed::new("list who works here", error))?;
    let row = |user: accounts::User| vec![user.email.to_string(), user.role.as_str().to_owned(), user.id.to_string()];
    table::print(&["ADDRESS", "ROLE", "ID"], &staff.into_iter().map(row).collect::<Vec<_>>());
    Ok(())
}

async fn set_role(args: RoleArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let (wanted, actor) = ((&args.email, args.role), args.operator.actor());
    let given = flows::set_role(&db, &mut Env::system(), &actor, wanted, &Origin::default()).await;
    let user = given.map_err(|error| Failed::new(format!("give {} a role", args.email), error))?;
    println!("{} is {} now; whoever was signed in there signs in again.", user.email, user.role.as_str());
    Ok(())
}
