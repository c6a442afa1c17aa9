//! `hostwright drift`: what providers have against what the shop believes. It only looks; the sweep makes cases of the same.

use clap::Args;
use flows::Drift;
use infra::{db::Db, providers::ProviderList};
use kernel::Slug;

use crate::{
    adopt::{WayArgs, busy, patiently, providers},
    database,
    failure::Failed,
    table,
};

/// `hostwright drift`.
#[derive(Debug, Args)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    way: WayArgs,
    /// Look at this provider alone, as the catalogue names it.
    #[arg(long)]
    provider: Option<Slug>,
}

pub(crate) async fn command(args: DriftArgs) -> Result<(), Failed> {
    let db = database::open(&args.way.database).await?;
    let all = providers(&args.way, &db).await?;
    if let Some(only) = args.provider.as_ref().filter(|only| provisioning::Providers::provider(&all, only).is_none()) {
        return Err(Failed::new("look for drift", format!("there is no provider '{only}'")));
    }
    let mut told = Vec::new();
    for key in provisioning::Providers::keys(&all) {
        if args.provider.as_ref().is_none_or(|only| *only == key) {
            told.extend(look(&db, &all, &key).await?);
        }
    }
    tell(&told);
    let failed: Vec<String> =
        told.iter().filter(|one| one.failed.is_some()).map(|one| one.provider.to_string()).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failed::new("look at every provider", failed.join(", "))) }
}

/// One provider, to the end, also when it is asked as often as it may be.
async fn look(db: &Db, all: &ProviderList, key: &Slug) -> Result<Vec<Drift>, Failed> {
    let ask = async || {
        let told = flows::drift(db, all, Some(key)).await.map_err(|error| Err(Failed::new("look for drift", error)))?;
        if told.iter().any(|one| one.failed.as_ref().is_some_and(|error| busy(error).is_some())) {
            Err(Ok(told))
        } else {
            Ok(told)
        }
    };
    let waits = |turned_away: &Result<Vec<Drift>, Failed>| {
        let told = turned_away.as_ref().ok()?;
        told.iter().find_map(|one| one.failed.as_ref().and_then(busy))
    };
    patiently(ask, waits).await.or_else(|turned_away| turned_away)
}

fn tell(told: &[Drift]) {
    let line = |one: &Drift| {
        let listed = one.listed.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let what = match (&one.failed, one.listed) {
            (Some(error), _) => format!("not looked at to the end: {error}"),
            (None, None) => "has no list".to_owned(),
            (None, Some(_)) if one.found.is_empty() => "as it should be".to_owned(),
            (None, Some(_)) => format!("{} differ", one.found.len()),
        };
        vec![one.provider.to_string(), listed, what]
    };
    table::print(&["PROVIDER", "THINGS", "WHAT"], &told.iter().map(line).collect::<Vec<_>>());
    for one in told.iter().filter(|one| !one.found.is_empty()) {
        println!();
        let line = |new: &cases::NewCase| {
            let order = new.order.map_or_else(|| "-".to_owned(), |order| order.to_string());
            vec![new.kind.as_str().to_owned(), order, new.reason.clone(), new.next_step.clone()]
        };
        let lines: Vec<Vec<String>> = one.found.iter().map(line).collect();
        table::print(&[&format!("AT {}", one.provider.as_str().to_uppercase()), "ORDER", "WHY", "NEXT STEP"], &lines);
    }
}
