//! Puts the API together and serves it.

use std::{
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web::{self as routes, Data},
};
use infra::{
    config::Problems,
    db::{ConnectError, Db},
    stripe::{StripeGateway, StripeSetupError},
    tokens::Tokens,
    world::{ShopWorld, WorldError},
};
use tokio::signal::unix::SignalKind;
use web::{WebSettings, WebState};

use crate::{
    config::{Config, Settings},
    cors::cors,
    endpoints,
    protect::protect,
    secrets::{Reloading, WebhookSecrets},
    state::{ApiState, WebhookCounts},
    trace::trace,
};

/// How long requests that are under way get to end when the server stops, in seconds.
const SHUTDOWN_S: u64 = 20;

/// Why the API does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The database.
    #[error("the database cannot be reached")]
    Database(#[from] ConnectError),
    /// The gateway.
    #[error("the payment gateway cannot be set up")]
    Gateway(#[from] StripeSetupError),
    /// Keys.
    #[error(transparent)]
    World(#[from] WorldError),
    /// A page's template is broken.
    #[error("the pages are broken")]
    Pages(#[from] web::TemplateError),
    /// The address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server ended with an error.
    #[error("the server failed")]
    Serve(#[source] std::io::Error),
}

/// An API that listens. It serves while [`Api::serve`] is awaited.
pub struct Api {
    address: SocketAddr,
    server: Server,
    pages: Data<WebState<ShopWorld>>,
    reloading: Reloading,
}

impl Api {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper { server: self.server.handle(), pages: self.pages.clone() }
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// [`StartError::Serve`].
    pub async fn serve(self) -> Result<(), StartError> {
        let ended = self.server.await.map_err(StartError::Serve);
        drop(self.reloading);
        ended
    }
}

/// Stops an API gracefully.
pub struct Stopper {
    server: ServerHandle,
    pages: Data<WebState<ShopWorld>>,
}

impl Stopper {
    /// Takes no new requests and lets those under way end; live streams are ended.
    pub async fn stop(&self) {
        self.pages.close_streams();
        self.server.stop(true).await;
    }
}

/// Checks the configuration, connects, listens and serves until a signal comes.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: Config) -> Result<(), StartError> {
    let api = build(config.check()?).await?;
    tracing::info!(address = %api.address, "the API listens");
    let stopper = api.stopper();
    let mut serving = pin!(api.serve());
    tokio::select! {
        ended = &mut serving => ended,
        asked = signal() => {
            asked.map_err(StartError::Serve)?;
            tracing::info!("stopping");
            tokio::join!(serving, stopper.stop()).0
        }
    }
}

/// SIGTERM or SIGINT.
async fn signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Connects and listens. Signals are the caller's affair.
///
/// # Errors
/// [`StartError`].
pub async fn build(settings: Settings) -> Result<Api, StartError> {
    let db = Db::connect(&settings.database).await?;
    let gateway = StripeGateway::new(settings.stripe)?;
    let world = ShopWorld::new(db, gateway, &settings.key, settings.bcrypt_cost, settings.links.clone())?;
    let world = Arc::new(world);
    let tokens = Tokens::new(&settings.jwt_secret);
    let secrets = WebhookSecrets::new(settings.webhook_secrets);
    let reloading = secrets.keep_loaded(Arc::clone(&world)).await;
    let look = WebSettings { shop_name: settings.shop_name, support_email: settings.support_email };
    let pages = Data::new(WebState::new(Arc::clone(&world), tokens.clone(), look)?);
    let state =
        Data::new(ApiState { world, tokens, secrets, webhooks: WebhookCounts::default(), origins: settings.origins });
    let failed = |source| StartError::Listen { address: settings.listen, source };
    let listener = TcpListener::bind(settings.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let server = server(listener, settings.workers, (state, pages.clone())).map_err(failed)?;
    Ok(Api { address, server, pages, reloading })
}

fn server(
    listener: TcpListener,
    workers: usize,
    (state, pages): (Data<ApiState>, Data<WebState<ShopWorld>>),
) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(pages.clone())
            .default_service(routes::to(web::not_found::<ShopWorld>))
            .configure(endpoints::configure)
            .configure(web::configure_for::<ShopWorld>)
            .wrap(from_fn(cors))
            .wrap(from_fn(protect))
            .wrap(from_fn(trace))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(SHUTDOWN_S)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
