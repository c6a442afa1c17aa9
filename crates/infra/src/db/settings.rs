//! What the pool is made with.

use std::time::Duration;

use secrecy::SecretString;

/// How to reach the database, and how long anything may take there.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// Connections at most.
    pub pool_size: usize,
    /// What the connections are called in `pg_stat_activity`.
    pub application_name: String,
    /// How long to wait for a connection to become free.
    pub acquire_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may do nothing before the server ends it.
    pub idle_in_transaction_timeout: Duration,
}

impl DbSettings {
    /// The usual settings for this URL: those of a worker.
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            pool_size: 10,
            application_name: "hostwright".to_owned(),
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(1),
            idle_in_transaction_timeout: Duration::from_secs(5),
        }
    }

    /// For a program that somebody waits for: a statement may take less time.
    #[must_use]
    pub fn answering(self) -> Self {
        Self { statement_timeout: Duration::from_secs(2), ..self }
    }
}
