//! The schema's history, embedded in the binaries.

use diesel::{
    migration::{Migration, MigrationSource as _},
    pg::Pg,
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

use super::connect::{could_not, establish};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// A migration did not go through; what the one before it did stands.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Connection(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The thread that ran them is gone.
    #[error("the migrations were interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Two programs that start together would apply the same migration twice. Held until the connection ends.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_lock(4850417100000001)";

type Harness = AsyncMigrationHarness<AsyncPgConnection>;

/// Applies what is not applied yet; returns the names of what was.
///
/// # Errors
/// [`MigrationError`]; each migration is a transaction of its own.
pub async fn migrate(url: &SecretString) -> Result<Vec<String>, MigrationError> {
    on_own_thread(url, |harness| {
        let applied = harness.run_pending_migrations(MIGRATIONS).map_err(MigrationError::Migration)?;
        Ok(applied.into_iter().map(|version| version.to_string()).collect())
    })
    .await
}

/// The names of migrations that are not applied yet.
///
/// # Errors
/// [`MigrationError`] when the database cannot be asked.
pub async fn pending_migrations(url: &SecretString) -> Result<Vec<String>, MigrationError> {
    on_own_thread(url, |harness| {
        let pending = harness.pending_migrations(MIGRATIONS).map_err(MigrationError::Migration)?;
        Ok(pending.into_iter().map(|migration| migration.name().to_string()).collect())
    })
    .await
}

/// The migrations that this program knows, in order: version and name.
pub(crate) fn migrations_there() -> Vec<(String, String)> {
    let known: Result<Vec<Box<dyn Migration<Pg>>>, _> = MIGRATIONS.migrations();
    let named = |migration: Box<dyn Migration<Pg>>| {
        let name = migration.name();
        (name.version().to_string(), name.to_string())
    };
    known.unwrap_or_default().into_iter().map(named).collect()
}

/// Takes everything back, data included. For tests of the way back.
///
/// # Errors
/// [`MigrationError`] when a statement fails.
pub async fn revert_all_migrations(url: &SecretString) -> Result<(), MigrationError> {
    on_own_thread(url, |harness| {
        harness.revert_all_migrations(MIGRATIONS).map(|_| ()).map_err(MigrationError::Migration)
    })
    .await
}

/// A digest of all migrations, for caches of migrated databases.
pub const MIGRATIONS_DIGEST: &str = env!("MIGRATIONS_DIGEST");

/// diesel's harness blocks, and would not run on a single-threaded runtime: it gets a thread with a runtime of its own.
async fn on_own_thread<T: Send + 'static>(
    url: &SecretString,
    work: impl FnOnce(&mut Harness) -> Result<T, MigrationError> + Send + 'static,
) -> Result<T, MigrationError> {
    let url = url.clone();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| MigrationError::Migration(Box::new(error)))?;
        runtime.block_on(async {
            let config = url.expose_secret().parse().map_err(could_not)?;
            let mut connection = establish(config, String::new()).await?;
            connection
                .batch_execute(ONE_AT_A_TIME)
                .await
                .map_err(|error| MigrationError::Migration(Box::new(error)))?;
            work(&mut AsyncMigrationHarness::new(connection))
        })
    };
    tokio::task::spawn_blocking(run).await?
}
