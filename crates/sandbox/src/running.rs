//! Starting and stopping.

use crate::http::{Answer, Call, Line};
use crate::options::Options;
use crate::world::World;
use crate::{control, hosting, pages, panel, smtp, stripe, webhooks};
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const LARGEST_BODY: usize = 4 << 20;

/// Starts sandboxes.
#[derive(Debug)]
pub struct Sandbox;

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP server would not start.
    #[error("cannot start the HTTP server")]
    Http(#[source] std::io::Error),
}

/// A running sandbox. It runs for as long as this is kept; [`Running::stop`] ends it and waits for the end.
#[derive(Debug)]
pub struct Running {
    /// Where the HTTP side listens.
    pub http_addr: SocketAddr,
    /// Where the SMTP side listens.
    pub smtp_addr: SocketAddr,
    base_url: String,
    server: ServerHandle,
    tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts one; returns when both ports accept connections. Needs a tokio runtime.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        // Whoever embeds the sandbox may have installed a provider already; either one will do for http://.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http =
            TcpListener::bind(options.http).map_err(|source| StartError::Listen { address: options.http, source })?;
        let smtp = tokio::net::TcpListener::bind(options.smtp)
            .await
            .map_err(|source| StartError::Listen { address: options.smtp, source })?;
        let http_addr = http.local_addr().map_err(StartError::Http)?;
        let smtp_addr = smtp.local_addr().map_err(StartError::Http)?;
        let base_url = format!("http://{http_addr}");
        let public_url = options.public_url.clone().unwrap_or_else(|| base_url.clone());
        let workers = options.workers.max(1);
        let world = Arc::new(World::new(options, public_url.trim_end_matches('/').to_owned()));
        let server = serve_http(&world, http, workers).map_err(StartError::Http)?;
        let handle = server.handle();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the HTTP server stopped");
            }
        });
        tasks.spawn(smtp::run(Arc::clone(&world), smtp));
        tasks.spawn(webhooks::run(Arc::clone(&world)));
        tasks.spawn(tick(world));
        Ok(Running { http_addr, smtp_addr, base_url, server: handle, tasks })
    }
}

impl Running {
    /// `http://address:port`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stops both sides at once; requests under way are cut.
    pub async fn stop(mut self) {
        self.server.stop(false).await;
        self.tasks.shutdown().await;
    }
}

/// Lets time do its work: sessions expire, idempotency keys are forgotten.
async fn tick(world: Arc<World>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    loop {
        every.tick().await;
        control::let_time_work(&world);
    }
}

fn serve_http(world: &Arc<World>, listener: TcpListener, workers: usize) -> std::io::Result<actix_web::dev::Server> {
    let world = Data::from(Arc::clone(world));
    let server = HttpServer::new(move || App::new().app_data(world.clone()).configure(routes))
        .on_connect(|connection, data| {
            data.insert(Arc::new(Line::of(connection)));
        })
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?;
    Ok(server.run())
}

fn routes(config: &mut ServiceConfig) {
    config
        .app_data(PayloadConfig::new(LARGEST_BODY))
        .service(web::scope("/stripe").default_service(web::to(stripe_side)))
        .service(web::scope("/panel").default_service(web::to(panel_side)))
        .service(web::scope("/hosting").default_service(web::to(hosting_side)))
        .service(web::scope("/control").default_service(web::to(control_side)))
        .default_service(web::to(pages_side));
}

fn line_of(request: &HttpRequest) -> Arc<Line> {
    request.conn_data::<Arc<Line>>().cloned().unwrap_or_else(|| Arc::new(Line::of(&())))
}

async fn stripe_side(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let call = Call::new(&request, "/stripe", body);
    stripe::serve(world.into_inner(), call, &line_of(&request)).await.into_response()
}

async fn panel_side(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let call = Call::new(&request, "/panel", body);
    panel::serve(world.into_inner(), call, &line_of(&request)).await.into_response()
}

async fn hosting_side(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let call = Call::new(&request, "/hosting", body);
    hosting::serve(world.into_inner(), call, &line_of(&request)).await.into_response()
}

async fn control_side(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let call = Call::new(&request, "/control", body);
    control::serve(&world, &call).unwrap_or_else(control::Problem::into_answer).into_response()
}

async fn pages_side(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let call = Call::new(&request, "", body);
    pages::serve(&world, &call)
        .unwrap_or_else(|| Answer::html(404, "<h1>There is no such page.</h1>".to_owned()))
        .into_response()
}
