//! Puts the API together and serves it.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use actix_web::{
    App,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web::{self as routes, Data},
};
use futures_util::future::join_all;
use infra::{
    config::{PanelConfig, Problems},
    db::{ConnectError, Db},
    http::{HttpClient, HttpSetupError, Timeouts},
    outgoing::Outgoing,
    providers::{ProviderList, ProviderSetup, ProviderSetupError, installed},
    secrets::{Credentials, SecretBox, SecretError, UnlockError, unlock},
    stripe::{StripeGateway, StripeSetupError},
    tokens::Tokens,
    world::{ShopWorld, WorldError},
};
use kernel::Env;
use tokio::signal::unix::SignalKind;
use web::{TrustedProxies, WebSettings, WebState};

use crate::{
    closed::closed,
    config::{Config, DoorSettings, Settings},
    cors::cors,
    endpoints,
    intake::{self, Door, Limits, exchange},
    protect::{self, protect},
    route::unknown_path,
    secrets::{Reloading, WebhookSecrets},
    state::ApiState,
    trace::trace,
    webhooks::{Reporting, WebhookCounts},
};

/// Threads of the webhooks' own listener: what they do is little, and a batch is stored by one statement anyway.
const WEBHOOK_THREADS: usize = 1;

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
    #[error("the keys do not fit the database")]
    Keys(#[from] UnlockError),
    /// The kept credentials cannot be read.
    #[error("the kept credentials cannot be read")]
    Credentials(#[from] SecretError),
    /// The HTTP client.
    #[error("the providers cannot be called")]
    Http(#[from] HttpSetupError),
    /// The providers.
    #[error("the providers cannot be set up")]
    Providers(#[from] ProviderSetupError),
    /// Passwords cannot be hashed.
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
    webhook_address: Option<SocketAddr>,
    server: Server,
    webhooks: Option<Server>,
    pages: Data<WebState<ShopWorld>>,
    reloading: Reloading,
    reporting: Reporting,
}

impl Api {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where webhooks have a door of their own.
    pub const fn webhook_address(&self) -> Option<SocketAddr> {
        self.webhook_address
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        let servers = [Some(&self.server), self.webhooks.as_ref()].into_iter().flatten().map(Server::handle).collect();
        Stopper { servers, pages: self.pages.clone() }
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// [`StartError::Serve`].
    pub async fn serve(self) -> Result<(), StartError> {
        let webhooks = async {
            match self.webhooks {
                Some(server) => server.await,
                None => Ok(()),
            }
        };
        let ended = tokio::try_join!(self.server, webhooks).map_err(StartError::Serve);
        drop((self.reloading, self.reporting));
        ended.map(|_| ())
    }
}

/// Stops an API gracefully.
pub struct Stopper {
    servers: Vec<ServerHandle>,
    pages: Data<WebState<ShopWorld>>,
}

impl Stopper {
    /// Takes no new requests and lets those under way end; live streams are ended.
    pub async fn stop(&self) {
        self.pages.close_streams();
        join_all(self.servers.iter().map(|server| server.stop(true))).await;
    }
}

/// Checks the configuration, connects, listens and serves until a signal comes.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: Config) -> Result<(), StartError> {
    let api = build(config.check()?).await?;
    tracing::info!(address = %api.address, "the API listens");
    if let Some(address) = api.webhook_address {
        tracing::info!(address = %address, "webhooks have a listener of their own");
    }
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

/// Whom customers' pages ask about running services.
async fn providers(
    db: &Db,
    sealer: &SecretBox,
    (panel, outgoing): (&PanelConfig, Outgoing),
) -> Result<ProviderList, StartError> {
    let kept = Credentials::read(db, sealer, Env::system().now()).await?;
    let mut problems = Problems::default();
    let pterodactyl = panel.pterodactyl(&kept, &mut problems);
    let website = panel.website(&mut problems);
    let local = panel.local(&mut problems);
    let file = panel.file(&mut problems);
    let (website, file) = problems.finish(website.zip(file))?;
    let http = HttpClient::within(outgoing, Timeouts::default())?;
    Ok(installed(ProviderSetup { pool: db.pool().clone(), http, pterodactyl, website, local, file })?)
}

/// Connects and listens. Signals are the caller's affair.
///
/// # Errors
/// [`StartError`].
pub async fn build(settings: Settings) -> Result<Api, StartError> {
    let db = Db::connect(&settings.database).await?.with_event_batches();
    let gateway = StripeGateway::new(settings.stripe)?;
    let unlocked = unlock(&db, &settings.keys, "hostwright-api").await?;
    let providers = providers(&db, &unlocked.sealer, (&settings.panel, settings.outgoing)).await?;
    let world = ShopWorld::new(db, gateway, unlocked, settings.bcrypt_cost, settings.links.clone())?;
    let world = world
        .with_staff_factor(settings.staff_factor)
        .with_welcome(settings.welcome)
        .with_providers(providers)
        .named(&settings.presented.shop_name);
    let world = Arc::new(if settings.limits.are_off() { unlimited(world) } else { world });
    let proxies = Data::new(settings.proxies);
    let tokens = Tokens::with_earlier(&settings.jwt_secret, &settings.jwt_secrets_old);
    let secrets = WebhookSecrets::new(settings.webhook_secrets);
    let reloading = secrets.keep_loaded(Arc::clone(&world)).await;
    let registration = settings.registration;
    let (presented, brand) = (settings.presented, settings.brand);
    let shop_name = presented.shop_name.clone();
    let look =
        WebSettings { shop_name: presented.shop_name, support_email: presented.support_email, registration, brand };
    let pages = Data::new(WebState::new(Arc::clone(&world), look)?.with_settings(settings.shown));
    let webhooks = Arc::new(WebhookCounts::default());
    let reporting = WebhookCounts::keep_reported(&webhooks);
    let strict_transport = protect::strict_transport(&settings.links.site, settings.hsts_subdomains);
    let origins = settings.origins;
    let state =
        Data::new(ApiState { world, tokens, secrets, webhooks, origins, shop_name, registration, strict_transport });
    let doors = doors(&settings.doors)?;
    let failed = |source| StartError::Listen { address: settings.doors.listen, source };
    let address = doors.0.listener.local_addr().map_err(failed)?;
    let webhook_address = doors.1.as_ref().and_then(|door| door.listener.local_addr().ok());
    let server = shop(doors.0, (state.clone(), pages.clone(), proxies), settings.gallery).map_err(failed)?;
    let webhooks = doors.1.map(|door| webhooks_at(door, state)).transpose().map_err(failed)?;
    Ok(Api { address, webhook_address, server, webhooks, pages, reloading, reporting })
}

fn unlimited(world: ShopWorld) -> ShopWorld {
    tracing::warn!("LIMITS=off: anybody may try passwords, order and make us send mails as often as they like");
    world.without_limits()
}

/// What handlers of the shop are given.
type Shared = (Data<ApiState>, Data<WebState<ShopWorld>>, Data<TrustedProxies>);

/// The listeners, and how many connections each may have: what the limit of open files leaves goes to webhooks first.
fn doors(settings: &DoorSettings) -> Result<(Door, Option<Door>), StartError> {
    let bind = |address| intake::bind(address).map_err(|source| StartError::Listen { address, source });
    let reserved = settings.webhook_listen.map_or(0, |_| settings.webhook_connections);
    let possible = intake::raise_open_files(settings.connections.saturating_add(reserved));
    let most = possible.saturating_sub(reserved).max(1);
    let limits = Limits::new(most, settings.workers, settings.connections_per_peer);
    let shop = Door { listener: bind(settings.listen)?, threads: settings.workers, limits };
    let webhooks = settings.webhook_listen.map(|address| {
        let limits = Limits::new(settings.webhook_connections, WEBHOOK_THREADS, 0);
        bind(address).map(|listener| Door { listener, threads: WEBHOOK_THREADS, limits })
    });
    Ok((shop, webhooks.transpose()?))
}

/// Everything, for customers and for Stripe.
fn shop(door: Door, (state, pages, proxies): Shared, gallery: bool) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(pages.clone())
            .app_data(proxies.clone())
            .default_service(routes::to(web::not_found::<ShopWorld>))
            .configure(endpoints::configure)
            .configure(web::configure_for::<ShopWorld>)
            .configure(web::configure_desk_for::<ShopWorld>)
            .configure(|config| {
                if gallery {
                    web::configure_gallery_for::<ShopWorld>(config);
                }
            })
            .wrap(from_fn(closed))
            .wrap(from_fn(cors))
            .wrap(from_fn(protect))
            .wrap(from_fn(trace))
            .wrap(from_fn(exchange))
    };
    intake::serve(door, app)
}

/// Webhooks and health alone, at an address of their own.
fn webhooks_at(door: Door, state: Data<ApiState>) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(state.clone())
            .default_service(routes::to(unknown_path))
            .configure(endpoints::configure_webhooks)
            .wrap(from_fn(protect))
            .wrap(from_fn(trace))
            .wrap(from_fn(exchange))
    };
    intake::serve(door, app)
}
