//! Puts the API together and serves it.

use std::{net::SocketAddr, net::TcpListener, sync::Arc, time::Duration};

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
use web::{WebSettings, WebState};

use crate::{
    config::{Config, Settings},
    cors::cors,
    endpoints, route,
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

    reloading: Reloading,
}

impl Api {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it: `stop(true)` lets requests end.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped, by its handle or by a signal.
    ///
    /// # Errors
    /// [`StartError::Serve`].
    pub async fn serve(self) -> Result<(), StartError> {
        let ended = self.server.await.map_err(StartError::Serve);
        drop(self.reloading);
        ended
    }
}

/// Checks the configuration, connects, listens and serves until a signal comes.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: Config) -> Result<(), StartError> {
    let api = build(config.check()?, true).await?;
    tracing::info!(address = %api.address, "the API listens");
    api.serve().await
}

/// Connects and listens. `signals`: SIGTERM and SIGINT stop it.
///
/// # Errors
/// [`StartError`].
pub async fn build(settings: Settings, signals: bool) -> Result<Api, StartError> {
    let db = Db::connect(&settings.database).await?;
    let gateway = StripeGateway::new(settings.stripe)?;
    let world = ShopWorld::new(db, gateway, &settings.key, settings.bcrypt_cost, settings.links.clone())?;
    let world = Arc::new(world);
    let tokens = Tokens::new(&settings.jwt_secret);
    let secrets = WebhookSecrets::new(settings.webhook_secrets);
    let reloading = secrets.keep_loaded(Arc::clone(&world)).await;


    let state = Data::new(ApiState {
        world,
        tokens,
        secrets,
        webhooks: WebhookCounts::default(),
        origins: settings.origins,
    });
    let failed = |source| StartError::Listen { address: settings.listen, source };
    let listener = TcpListener::bind(settings.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let server = server(listener, settings.workers, signals, state).map_err(failed)?;
    Ok(Api { address, server, reloading })
}

fn server(
    listener: TcpListener,
    workers: usize,
    signals: bool,
    state: Data<ApiState>,
) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(state.clone())
            .default_service(routes::to(route::unknown_path))
            .configure(endpoints::configure)
            .wrap(from_fn(cors))
            .wrap(from_fn(protect))
            .wrap(from_fn(trace))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(SHUTDOWN_S)
        .listen(listener)?;
    Ok(if signals { server } else { server.disable_signals() }.run())
}
