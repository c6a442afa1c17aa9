//! `hostwright secrets rotate`: everything that is sealed, sealed anew under the current key.

use audit::{Act, Facts, Subject};
use clap::Args;
use infra::{
    config::{DatabaseConfig, KeyConfig},
    db::{Db, PgTx},
    secrets::{Place, SEALED, SecretBox, SecretError, keep_chain_keys_in, keep_pepper_in, reseal_in},
};
use kernel::{Env, Transact};

use crate::{
    database,
    failure::Failed,
    keys,
    operator::{OperatorArgs, record},
};

const STEP: &str = "seal the secrets anew";

/// `hostwright secrets rotate`.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    keys: KeyConfig,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// What was done at one place.
#[derive(Default)]
struct Count {
    resealed: i64,
    stuck: Vec<(String, String)>,
}

pub(super) async fn command(args: RotateArgs) -> Result<(), Failed> {
    let sealer = keys::sealer(&args.keys, STEP)?;
    let db = database::open(&args.database).await?;
    keep_what_follows_from_keys(&db, &sealer, &args.operator).await?;
    println!("  the current key is {}", sealer.key_id());
    let mut stuck = 0;
    for place in SEALED {
        let count = reseal(&db, &sealer, place, &args.operator).await?;
        println!("  {}: {} sealed anew", place.name, count.resealed);
        for (row, key) in &count.stuck {
            println!("    {row} stays as it is: sealed under {key}, which was not given, or damaged");
        }
        stuck += count.stuck.len();
    }
    if stuck > 0 {
        let why =
            format!("{stuck} do not open with the keys given; add the one they name to SECRETS_KEYS_OLD and run again");
        return Err(Failed::new(STEP, why));
    }
    println!("✓ Everything is sealed under the current key; SECRETS_KEYS_OLD can go once every program runs with it.");
    Ok(())
}

/// The pepper first: it follows from the key that passwords were hashed under, which is about to go.
async fn keep_what_follows_from_keys(db: &Db, sealer: &SecretBox, by: &OperatorArgs) -> Result<(), Failed> {
    let (by, mut env) = (by.actor(), Env::system());
    let work = async |tx: &mut PgTx| {
        keep_pepper_in(tx, sealer, &mut env, &by).await?;
        Ok(keep_chain_keys_in(tx, sealer, &mut env, &by).await?)
    };
    db.transaction(work).await.map_err(|error: infra::secrets::PepperError| Failed::new(STEP, error))
}

async fn reseal(db: &Db, sealer: &SecretBox, place: &'static Place, by: &OperatorArgs) -> Result<Count, Failed> {
    let (mut count, mut after) = (Count::default(), String::new());
    loop {
        let work = async |tx: &mut PgTx| {
            let batch = reseal_in(tx, sealer, place, &after).await?;
            if batch.resealed > 0 {
                let facts = Facts::none().text("key", sealer.key_id()).number("sealed", batch.resealed);
                let subject = Subject::new("secrets", place.name);
                record(tx, (&by.actor(), Act::SecretsRotated), subject, (Facts::none(), facts)).await?;
            }
            Ok::<_, SecretError>(batch)
        };
        let batch = db.transaction(work).await.map_err(|error| Failed::new(STEP, error))?;
        count.resealed += batch.resealed;
        count.stuck.extend(batch.stuck);
        match batch.last {
            Some(last) => after = last,
            None => return Ok(count),
        }
    }
}
