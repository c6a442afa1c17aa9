//! The operator's way to the database.

use infra::{config::DatabaseConfig, db::Db};

use crate::failure::Failed;

/// A small pool.
pub(crate) async fn open(config: &DatabaseConfig) -> Result<Db, Failed> {
    let mut settings = config.settings("hostwright");
    settings.pool_size = 2;
    Db::connect(&settings).await.map_err(|error| Failed::new("connect to the database", error))
}
