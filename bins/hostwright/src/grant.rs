//! `hostwright database grant`: the API's role and the worker's get the rights that each needs, and no others.

use audit::{Act, Facts, Subject};
use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    db::PgTx,
    grants::{self, Applied, GrantError, RoleName},
};
use kernel::Transact;

use crate::{
    database,
    failure::Failed,
    operator::{OperatorArgs, record},
};

/// `hostwright database …`.
#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Give the programs' roles their rights, after every `migrate`; as the schema's owner.
    Grant(GrantArgs),
}

/// `hostwright database grant`.
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    operator: OperatorArgs,
    /// The role that hostwright-api connects as.
    #[arg(long, default_value = "hostwright_api", value_name = "NAME")]
    api_role: RoleName,
    /// The role that hostwright-worker connects as.
    #[arg(long, default_value = "hostwright_worker", value_name = "NAME")]
    worker_role: RoleName,
    /// Make the roles that are missing; they get no password.
    #[arg(long)]
    create: bool,
}

pub(crate) async fn command(command: DatabaseCommand) -> Result<(), Failed> {
    match command {
        DatabaseCommand::Grant(args) => grant(args).await,
    }
}

async fn grant(args: GrantArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let by = args.operator.actor();
    let (api, worker) = (&args.api_role, &args.worker_role);
    let work = async |tx: &mut PgTx| {
        let applied = grants::apply_in(tx, api, worker, args.create).await?;
        let after = Facts::none().text("api_role", api.as_str()).text("worker_role", worker.as_str());
        let after = after.flag("made_api_role", applied.made_api).flag("made_worker_role", applied.made_worker);
        let subject = Subject::new("database", "roles");
        record(tx, (&by, Act::DatabaseGranted), subject, (Facts::none(), after)).await?;
        Ok::<_, GrantError>(applied)
    };
    let applied = db.transaction(work).await.map_err(|error| Failed::new("grant rights in the database", error))?;
    tell(&args, applied);
    Ok(())
}

fn tell(args: &GrantArgs, applied: Applied) {
    let roles = [("api", &args.api_role, applied.made_api), ("worker", &args.worker_role, applied.made_worker)];
    for (program, role, made) in roles {
        let name = role.as_str();
        println!("✓ {name} has the rights that hostwright-{program} needs, and no others");
        if made {
            println!("  It was made without a password; give it one with psql: \\password {name}");
        }
    }
}
