//! One transaction.

use std::time::Duration;

use diesel::result::Error;
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager,
    methods::{ExecuteDsl, LoadQuery},
};
use kernel::{Queue, StoreError};

use super::{
    Pooled, commit_error,
    patience::{answered, discard, is_lost},
    store_error,
};
use crate::jobs::doorbell::QueueSet;

/// A transaction that is open. It implements every store's port; what it enqueues is announced after COMMIT.
///
/// When it is dropped before its end, because the request was cancelled or a statement panicked, its connection is taken
/// out of the pool and closed. Put back, it would keep its locks until somebody happened to check it out again.
pub struct PgTx {
    /// There until the end.
    connection: Option<Pooled>,
    queues: QueueSet,
    /// A statement failed: PostgreSQL refuses everything that follows, and would answer COMMIT with a silent ROLLBACK.
    failed: bool,
    /// The longest that one answer may take.
    limit: Duration,
    /// The connection is of no use any more.
    lost: bool,
}

impl PgTx {
    pub(super) async fn begin(connection: Pooled, limit: Duration) -> Result<Self, StoreError> {
        // Ours before BEGIN is sent: when this is cancelled while the server answers, `drop` closes the connection.
        let mut tx =
            Self { connection: Some(connection), queues: QueueSet::default(), failed: false, limit, lost: false };
        let begun = answered(limit, AnsiTransactionManager::begin_transaction(tx.connection()?)).await;
        begun.map_err(|error| store_error("BEGIN", error))?;
        Ok(tx)
    }

    /// Which queues got jobs.
    pub(super) async fn commit(mut self) -> Result<QueueSet, StoreError> {
        if self.failed {
            self.rollback_now().await;
            return Err(StoreError::bug("an error was swallowed inside a transaction"));
        }
        let limit = self.limit;
        let committed = answered(limit, AnsiTransactionManager::commit_transaction(self.connection()?)).await;
        committed.map_err(commit_error)?;
        self.give_back();
        Ok(self.queues)
    }

    pub(super) async fn rollback(mut self) {
        self.rollback_now().await;
    }

    /// A ROLLBACK that fails leaves the connection to `drop`, which closes it: that rolls back too.
    async fn rollback_now(&mut self) {
        let (limit, lost) = (self.limit, self.lost);
        let Ok(connection) = self.connection() else { return };
        if !lost && answered(limit, AnsiTransactionManager::rollback_transaction(connection)).await.is_ok() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        drop(self.connection.take());
    }

    fn connection(&mut self) -> Result<&mut AsyncPgConnection, StoreError> {
        match &mut self.connection {
            Some(connection) => Ok(connection),
            None => Err(StoreError::bug("a transaction was used after its end")),
        }
    }

    /// Remembers that this queue has something to do once this commits.
    pub(crate) const fn will_ring(&mut self, queue: Queue) {
        self.queues.insert(queue);
    }

    fn done<T>(&mut self, what: &'static str, result: Result<T, Error>) -> Result<T, StoreError> {
        self.lost |= is_lost(&result);
        result.map_err(|error| {
            self.failed = true;
            store_error(what, error)
        })
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute<'q, Q>(&mut self, what: &'static str, query: Q) -> Result<usize, StoreError>
    where
        Q: ExecuteDsl<AsyncPgConnection> + Send + 'q,
    {
        let limit = self.limit;
        let result = answered(limit, query.execute(self.connection()?)).await;
        self.done(what, result)
    }

    /// Runs a statement that must change exactly one row.
    pub(crate) async fn execute_one<'q, Q>(&mut self, what: &'static str, query: Q) -> Result<(), StoreError>
    where
        Q: ExecuteDsl<AsyncPgConnection> + Send + 'q,
    {
        match self.execute(what, query).await? {
            1 => Ok(()),
            rows => Err(StoreError::bug(format!("{what}: {rows} rows instead of one"))),
        }
    }

    /// Reads rows. The query owns its values: rustc cannot prove a borrowing one `Send` behind a port's promise.
    pub(crate) async fn load<U, Q>(&mut self, what: &'static str, query: Q) -> Result<Vec<U>, StoreError>
    where
        U: Send,
        Q: LoadQuery<'static, AsyncPgConnection, U> + Send + 'static,
    {
        let limit = self.limit;
        let result = answered(limit, query.load::<U>(self.connection()?)).await;
        self.done(what, result)
    }

    /// Reads the first row, if there is one.
    pub(crate) async fn first<U, Q>(&mut self, what: &'static str, query: Q) -> Result<Option<U>, StoreError>
    where
        U: Send,
        Q: LoadQuery<'static, AsyncPgConnection, U> + Send + 'static,
    {
        Ok(self.load(what, query).await?.into_iter().next())
    }
}

impl std::fmt::Debug for PgTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgTx").field("failed", &self.failed).finish_non_exhaustive()
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            discard(connection);
        }
    }
}
