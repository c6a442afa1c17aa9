//! `hostwright adopt`: what stands at a provider already, and taking it over for an order that was paid.

use std::time::Duration;

use clap::{Args, Subcommand};
use flows::AdoptError;
use infra::{
    config::{DatabaseConfig, KeyConfig, OutboundConfig, PanelConfig, Problems},
    db::Db,
    http::{HttpClient, Timeouts},
    providers::{ProviderList, ProviderSetup, installed},
    queries,
    secrets::Credentials,
};
use kernel::{Env, Id, Slug, entity};
use provisioning::{Adoption, Mode, Provider, ProviderError, Providers, Stray};

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright adopt …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AdoptCommand {
    /// What stands at a provider under no key of ours, and which waiting orders its owners have.
    List(ListArgs),
    /// Take one over for an order. Without --yes it only says what that would change.
    Server(ServerArgs),
}

/// The way to the providers.
#[derive(Debug, Args)]
pub(crate) struct WayArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseConfig,
    #[command(flatten)]
    panel: PanelConfig,
    #[command(flatten)]
    outbound: OutboundConfig,
    #[command(flatten)]
    keys: KeyConfig,
}

/// `hostwright adopt list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    way: WayArgs,
    /// Whose things, as the catalogue names the provider.
    #[arg(long, default_value = "pterodactyl")]
    provider: Slug,
}

/// `hostwright adopt server`.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    #[command(flatten)]
    way: WayArgs,
    /// Its number at the provider, as `hostwright adopt list` shows it.
    id: String,
    /// The order whose service it shall be: ord_…, or its UUID.
    #[arg(long)]
    order: Id<entity::Order>,
    /// Do it.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    operator: OperatorArgs,
}

pub(crate) async fn command(command: AdoptCommand) -> Result<(), Failed> {
    match command {
        AdoptCommand::List(args) => list(args).await,
        AdoptCommand::Server(args) => server(args).await,
    }
}

/// For so long a command waits for a panel that is asked as often as it may be.
const PATIENCE: Duration = Duration::from_mins(2);

/// When a panel that is asked as often as it may be is to be asked again.
pub(crate) const fn busy(error: &ProviderError) -> Option<Duration> {
    if let ProviderError::Busy { after, .. } = error { Some(*after) } else { None }
}

/// Asks until it is not turned away for being too many, and says that it waits. Whoever types a command can wait for it.
pub(crate) async fn patiently<T, E>(
    ask: impl AsyncFn() -> Result<T, E>,
    wait: impl Fn(&E) -> Option<Duration>,
) -> Result<T, E> {
    let mut waited = Duration::ZERO;
    loop {
        let answer = ask().await;
        let Some(pause) = answer.as_ref().err().and_then(&wait).filter(|_| waited < PATIENCE) else { return answer };
        let pause = pause.min(Duration::from_secs(10));
        if waited.is_zero() {
            eprintln!("The panel is asked as often as it may be. This waits for its turn.");
        }
        waited += pause;
        tokio::time::sleep(pause).await;
    }
}

/// The providers as the worker has them.
pub(crate) async fn providers(args: &WayArgs, db: &Db) -> Result<ProviderList, Failed> {
    let sealer = crate::keys::sealer(&args.keys, "read the keys")?;
    let kept = Credentials::read(db, &sealer, Env::system().now()).await;
    let kept = kept.map_err(|error| Failed::new("read the credentials", error))?;
    let mut problems = Problems::default();
    let outgoing = args.outbound.rules(&mut problems);
    let pterodactyl = args.panel.pterodactyl(&kept, &mut problems);
    let local = args.panel.local(&mut problems);
    let rest = args.panel.website(&mut problems).zip(args.panel.file(&mut problems));
    let (website, file) = problems.finish(rest).map_err(|error| Failed::new("read the configuration", error))?;
    let http = HttpClient::within(outgoing, Timeouts::default());
    let http = http.map_err(|error| Failed::new("set up the HTTP client", error))?;
    let setup = ProviderSetup { pool: db.pool().clone(), http, pterodactyl, website, local, file };
    installed(setup).map_err(|error| Failed::new("set up the providers", error))
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.way.database).await?;
    let all = providers(&args.way, &db).await?;
    let provider = all.provider(&args.provider);
    let provider = provider.ok_or_else(|| Failed::new("adopt", format!("there is no provider '{}'", args.provider)))?;
    let strays = strays(provider).await?;
    let addresses: Vec<String> = strays.iter().map(|stray| stray.owner.clone()).collect();
    let waiting = queries::orders_waiting(&db, args.provider.as_str(), &addresses).await;
    let waiting = waiting.map_err(|error| Failed::new("look for waiting orders", error))?;
    let row = |stray: &Stray| {
        let theirs = waiting.iter().filter(|order| order.email == stray.owner);
        let orders: Vec<String> = theirs.map(|order| format!("{} ({})", order.id, order.plan)).collect();
        let key = stray.key.clone().unwrap_or_default();
        vec![stray.reference.id.clone(), stray.name.clone(), stray.owner.clone(), key, orders.join(", ")]
    };
    let rows: Vec<Vec<String>> = strays.iter().map(row).collect();
    table::print(&["ID", "NAME", "OWNER", "ANOTHER'S KEY", "WAITING ORDERS OF THE OWNER"], &rows);
    Ok(())
}

async fn strays(provider: &dyn Provider) -> Result<Vec<Stray>, Failed> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = patiently(async || provider.strays(next.as_deref()).await, busy).await;
        let page = page.map_err(|error| Failed::new("list what stands there", error))?;
        all.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(all);
        }
    }
}

async fn server(args: ServerArgs) -> Result<(), Failed> {
    let ServerArgs { way, id, order, yes, operator } = args;
    let db = database::open(&way.database).await?;
    let all = providers(&way, &db).await?;
    let mode = if yes { Mode::Do } else { Mode::Look };
    let (actor, wish) = (operator.actor(), (order, id.as_str(), mode));
    let ask = async || flows::adopt(&db, &all, &mut Env::system(), wish, &actor).await;
    let adopted = patiently(ask, |error| match error {
        AdoptError::Provider(error) => busy(error),
        AdoptError::NotPaid(_)
        | AdoptError::NotWaiting(_)
        | AdoptError::NoProvider(_)
        | AdoptError::Order(_)
        | AdoptError::Store(_) => None,
    })
    .await;
    let adoption = adopted.map_err(|error| Failed::new(format!("adopt {id} for {order}"), error))?;
    tell(&id, &adoption, mode);
    match mode {
        Mode::Do => println!("It is being delivered; `hostwright orders show {order}` tells how it goes."),
        Mode::Look => println!("Nothing was changed. Say --yes to do it."),
    }
    Ok(())
}

fn tell(id: &str, adoption: &Adoption, mode: Mode) {
    let tense = if mode == Mode::Do { "changed" } else { "would change" };
    if adoption.changes.is_empty() {
        println!("{id} is this order's already.");
    }
    for change in &adoption.changes {
        println!("{tense}: {change}");
    }
    for difference in &adoption.differences {
        println!("   stays: {difference}");
    }
}
