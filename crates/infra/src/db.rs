//! PostgreSQL: the pool, transactions as a port, migrations.
//!
//! Everything that speaks to the database goes through [`Db`]: a transaction ([`Transact`]), one statement on its own, or a
//! migration. What the statements are stands in `store` and `queries`.

mod connect;
mod error;
mod migrations;
mod patience;
mod settings;
mod statement;
mod tx;

use std::{fmt, sync::Arc};

use diesel::{deserialize::FromSqlRow, pg::Pg, sql_types::Untyped};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool};
use kernel::{StoreError, Transact};
use tokio::time::timeout;

pub use connect::ConnectError;
pub use migrations::{MIGRATIONS_DIGEST, MigrationError, migrate, pending_migrations, revert_all_migrations};
pub use settings::DbSettings;
pub use tx::PgTx;

pub(crate) use connect::Connector;
pub(crate) use error::{commit_error, impossible, store_error};
pub(crate) use migrations::migrations_there;
pub(crate) use statement::Statement;

use crate::{
    jobs::{completions::Completions, doorbell::Doorbell},
    store::EventBatcher,
};

/// The pool of connections.
pub type Pool = deadpool::Pool<AsyncPgConnection>;

/// A connection of the pool.
pub(crate) type Pooled = deadpool::Object<AsyncPgConnection>;

/// The database. Cloning it is cheap; all clones share one pool.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    connector: Arc<Connector>,
    doorbell: Doorbell,
    batcher: Option<EventBatcher>,
    completions: Completions,
}

impl Db {
    /// Makes the pool and one connection, to see that there is a database.
    ///
    /// # Errors
    /// [`ConnectError`] when the URL is wrong or nobody answers.
    pub async fn connect(settings: &DbSettings) -> Result<Self, ConnectError> {
        let connector = Arc::new(Connector::new(settings)?);
        let pool = connector.pool(settings.pool_size)?;
        let doorbell = Doorbell::start(Arc::clone(&connector));
        let completions = Completions::start(Arc::clone(&connector));
        let db = Self { pool, connector, doorbell, completions, batcher: None };
        db.connector.probe().await?;
        Ok(db)
    }

    /// The same, which stores events that come at the same time together; for who serves many callers at once.
    #[must_use]
    pub fn with_event_batches(self) -> Self {
        let alone = Self { batcher: None, ..self };
        Self { batcher: Some(EventBatcher::start(alone.clone())), ..alone }
    }

    pub(crate) const fn batcher(&self) -> Option<&EventBatcher> {
        self.batcher.as_ref()
    }

    /// The pool, for what runs single statements of its own.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) const fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    pub(crate) const fn doorbell(&self) -> &Doorbell {
        &self.doorbell
    }

    pub(crate) const fn completions(&self) -> &Completions {
        &self.completions
    }

    /// A connection, waited for no longer than the settings say.
    pub(crate) async fn connection(&self) -> Result<Pooled, StoreError> {
        match timeout(self.connector.acquire_timeout(), self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(StoreError::Unavailable(Box::new(error))),
            Err(_) => Err(StoreError::Unavailable("no connection became free in time".into())),
        }
    }

    /// Runs one statement on its own; how many rows it changed.
    pub(crate) async fn execute(&self, what: &'static str, statement: Statement) -> Result<usize, StoreError> {
        let mut connection = self.connection().await?;
        let result = patience::answered(self.connector.answer_limit(), statement.execute(&mut connection)).await;
        put_back(connection, &result);
        result.map_err(|error| store_error(what, error))
    }

    /// Reads rows, or those that one changing statement returns.
    pub(crate) async fn load<T>(&self, what: &'static str, statement: Statement) -> Result<Vec<T>, StoreError>
    where
        T: FromSqlRow<Untyped, Pg> + Send + 'static,
    {
        let mut connection = self.connection().await?;
        let result = patience::answered(self.connector.answer_limit(), statement.load(&mut connection)).await;
        put_back(connection, &result);
        result.map_err(|error| store_error(what, error))
    }
}

/// Into the pool, or away when nothing more is to be heard on it.
fn put_back<T>(connection: Pooled, result: &Result<T, diesel::result::Error>) {
    if patience::is_lost(result) {
        patience::discard(connection);
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("pool", &self.pool.status()).finish_non_exhaustive()
    }
}

impl Transact for Db {
    type Tx = PgTx;

    async fn transaction<T, E>(&self, work: impl AsyncFnOnce(&mut PgTx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut tx = PgTx::begin(self.connection().await?, self.connector.answer_limit()).await?;
        match work(&mut tx).await {
            Ok(value) => {
                // Only now may anybody be told of the jobs: before, they would look and find nothing.
                self.doorbell.ring(tx.commit().await?);
                Ok(value)
            }
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }
}
