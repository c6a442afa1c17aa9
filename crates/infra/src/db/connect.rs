//! How a connection is made and set up.

use std::{str::FromStr, time::Duration};

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod},
};
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use tokio_postgres::{
    Client, Config, Connection, NoTls, Socket,
    config::{Host, SslMode},
    tls::NoTlsStream,
};

use super::{DbSettings, Pool, patience};

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may be silent before the kernel asks the other side whether it is there, and asks again.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL cannot be read.
    #[error("DATABASE_URL cannot be read; expected postgres://user:password@host:port/database")]
    Url(#[source] tokio_postgres::Error),
    /// The URL asks for what we cannot do.
    #[error(
        "DATABASE_URL asks for sslmode=require, but encrypted connections to the database are not supported yet; \
         use a local connection or a tunnel, and sslmode=prefer or disable"
    )]
    Tls,
    /// Nobody answers there, or we are turned away.
    #[error("the database at {place} cannot be reached")]
    Unreachable {
        /// Host, port and database; no password.
        place: String,
        /// What was seen.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The pool cannot be made.
    #[error("the pool of connections cannot be made")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes connections that are set up alike.
pub(crate) struct Connector {
    config: Config,
    set_up: String,
    acquire_timeout: Duration,
    answer_limit: Duration,
}

impl Connector {
    pub(super) fn new(settings: &DbSettings) -> Result<Self, ConnectError> {
        let mut config = Config::from_str(settings.url.expose_secret()).map_err(ConnectError::Url)?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(ConnectError::Tls);
        }
        config.application_name(&settings.application_name);
        config.connect_timeout(CONNECT_TIMEOUT);
        // A machine that is gone is noticed by the kernel; the connections that only listen have nothing else.
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).keepalives_retries(2);
        config.tcp_user_timeout(KEEPALIVE * 3);
        let (acquire_timeout, answer_limit) = (settings.acquire_timeout, patience::limit(settings));
        Ok(Self { config, set_up: set_up(settings), acquire_timeout, answer_limit })
    }

    pub(super) const fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// The longest that one answer may take.
    pub(super) const fn answer_limit(&self) -> Duration {
        self.answer_limit
    }

    /// What a connection is told first: its limits.
    pub(crate) fn set_up(&self) -> &str {
        &self.set_up
    }

    pub(super) fn pool(&self, size: usize) -> Result<Pool, ConnectError> {
        let mut manager = ManagerConfig::default();
        // A connection that was closed is seen as such without asking; a question per checkout would cost a round trip.
        manager.recycling_method = RecyclingMethod::Fast;
        let (config, set_up) = (self.config.clone(), self.set_up.clone());
        manager.custom_setup = Box::new(move |_| establish(config.clone(), set_up.clone()).boxed());
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(String::new(), manager);
        Pool::builder(manager).max_size(size).build().map_err(|error| ConnectError::Pool(Box::new(error)))
    }

    /// Sees that there is a database.
    pub(super) async fn probe(&self) -> Result<(), ConnectError> {
        let unreachable = |source| ConnectError::Unreachable { place: self.place(), source };
        let (client, connection) = self.raw().await.map_err(unreachable)?;
        let asking = async { client.simple_query("SELECT 1").await.map(|_| ()) };
        tokio::select! {
            answer = asking => answer.map_err(unreachable),
            ended = connection => ended.map_err(unreachable),
        }
    }

    /// A connection outside the pool whose second half, with its messages, is driven by the caller.
    pub(crate) async fn raw(&self) -> Result<(Client, Connection<Socket, NoTlsStream>), tokio_postgres::Error> {
        self.config.connect(NoTls).await
    }

    /// A connection outside the pool that drives itself.
    #[allow(clippy::disallowed_methods, reason = "the task ends with its connection")]
    pub(crate) async fn client(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.raw().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection outside the pool ended");
            }
        });
        Ok(client)
    }

    fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{host}:{port}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

fn set_up(settings: &DbSettings) -> String {
    let millis = |duration: Duration| duration.as_millis();
    format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        millis(settings.statement_timeout),
        millis(settings.lock_timeout),
        millis(settings.idle_in_transaction_timeout),
    )
}

pub(super) async fn establish(config: Config, set_up: String) -> ConnectionResult<AsyncPgConnection> {
    let (client, connection) = config.connect(NoTls).await.map_err(could_not)?;
    let mut connection = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
    diesel_async::SimpleAsyncConnection::batch_execute(&mut connection, &set_up)
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

pub(super) fn could_not(error: tokio_postgres::Error) -> ConnectionError {
    // The driver's own text says «error connecting to server» and keeps the reason in its source.
    let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    ConnectionError::BadConnection(format!("{error}: {reason}"))
}
