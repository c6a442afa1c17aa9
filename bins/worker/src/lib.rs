//! Runs the flows as jobs: which payload goes to which flow, and nothing else.

mod config;
mod handlers;

use std::rc::Rc;

use infra::{
    db::Db,
    http::{HttpClient, Timeouts},
    jobs::{Engine, EngineSettings},
    providers::{ProviderSetup, installed},
    secrets::{Credentials, unlock},
    smtp::SmtpMailer,
    stripe::StripeGateway,
    world::{ShopWorld, WorkerWorld},
};

use kernel::Env;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
};

pub use config::WorkerConfig;

/// Why the worker cannot start or go on; printed with every cause.
#[derive(Debug)]
pub struct StartError(String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Any error, with its causes.
impl<E: std::error::Error> From<E> for StartError {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self(text)
    }
}

/// Runs until SIGTERM or Ctrl-C, then until what runs is finished or its time is up. A second signal ends it at once. What is
/// not finished then is given back to the queue.
///
/// # Errors
/// [`StartError`] when the configuration is wrong or the database is away at the start.
pub fn run(config: WorkerConfig) -> Result<(), StartError> {
    let mut problems = infra::config::Problems::default();
    config.log.start(&mut problems);
    problems.finish(Some(()))?;
    // One thread on purpose: see docs/decisions/0005.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let engine = build(&config).await?;
        tracing::info!(concurrency = config.concurrency, "the worker runs");
        let signals = Signals::new();
        engine.run_until(signals.next(), signals.next()).await?;
        tracing::info!("the worker has ended");
        Ok(())
    })
}

/// The engine with every handler, ready to run.
///
/// # Errors
/// [`StartError`] when the configuration is wrong or the database is away.
pub async fn build(config: &WorkerConfig) -> Result<Engine, StartError> {
    let keys = config.checked(&Credentials::unread())?.keys;
    let db = Db::connect(&config.database.settings("hostwright-worker")).await?;
    let unlocked = unlock(&db, &keys, "hostwright-worker").await?;
    let kept = Credentials::read(&db, &unlocked.sealer, Env::system().now()).await?;
    let checked = config.checked(&kept)?;
    let http = HttpClient::within(checked.outgoing, Timeouts::default())?;
    let gateway = StripeGateway::new(checked.stripe)?;
    let setup = ProviderSetup {
        pool: db.pool().clone(),
        http,
        pterodactyl: checked.pterodactyl,
        website: checked.website,
        local: checked.local,
        file: checked.providers,
    };
    let shop = ShopWorld::new(db.clone(), gateway, unlocked, config.keys.bcrypt_cost, checked.links)?;
    let shop = shop.with_welcome(config.site.welcome).with_providers(installed(setup)?);
    let mailer = SmtpMailer::connect(checked.mail)?;
    let world = Rc::new(WorkerWorld::new(shop, mailer, checked.brand)?);
    let settings = EngineSettings { concurrency: config.concurrency, ..EngineSettings::default() };
    Ok(handlers::register(Engine::new(db, settings), &world))
}

/// SIGTERM and Ctrl-C, one after the other.
struct Signals {
    terminate: Option<Mutex<Signal>>,
}

impl Signals {
    fn new() -> Self {
        let terminate = signal(SignalKind::terminate());
        if let Err(error) = &terminate {
            tracing::warn!(error = %error, "SIGTERM cannot be heard");
        }
        Self { terminate: terminate.ok().map(Mutex::new) }
    }

    /// Ends with the next one. The second waits until the first is done with.
    async fn next(&self) {
        let interrupted = async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::error!(error = %error, "Ctrl-C cannot be heard");
                std::future::pending::<()>().await;
            }
        };
        match &self.terminate {
            Some(terminate) => {
                let mut terminate = terminate.lock().await;
                tokio::select! {
                    _ = terminate.recv() => {}
                    () = interrupted => {}
                }
            }
            None => interrupted.await,
        }
    }
}
