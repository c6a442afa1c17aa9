//! How long the database's answer is waited for.
//!
//! The server ends what takes too long by itself and says so. This is for a server that says nothing any more: a machine that
//! is gone, a proxy that swallows. Nothing else would end the waiting before the job's budget does, and in a request
//! nothing at all.

use std::{future::Future, time::Duration};

use diesel::result::{DatabaseErrorKind, Error};
use tokio::time::timeout;

use super::{DbSettings, Pooled};

/// What the server's own limits are given on top, for the way and for a disk that is slow to sync.
const MARGIN: Duration = Duration::from_secs(3);

/// The longest that one answer may take.
pub(super) fn limit(settings: &DbSettings) -> Duration {
    settings.statement_timeout + MARGIN
}

/// The answer, or an error that says that the connection is lost; then nobody may use it any more.
pub(super) async fn answered<T>(limit: Duration, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(limit, asked).await.unwrap_or_else(|_| Err(lost()))
}

fn lost() -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new("the database fell silent".to_owned()))
}

/// Whether the connection is of no use after this.
pub(super) const fn is_lost<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)))
}

/// Closes a connection instead of putting it back.
pub(super) fn discard(connection: Pooled) {
    drop(Pooled::take(connection));
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use kernel::StoreError;

    use super::{super::commit_error, *};
    use crate::db::store_error;

    #[tokio::test]
    async fn a_silent_database_is_away_and_a_silent_commit_unknown() {
        let short = Duration::from_millis(1);
        let silent = answered(short, pending::<Result<(), Error>>()).await;
        assert!(is_lost(&silent));
        assert!(matches!(store_error("x", silent.unwrap_err()), StoreError::Unavailable(_)));
        let silent = answered(short, pending::<Result<(), Error>>()).await;
        assert!(matches!(commit_error(silent.unwrap_err()), StoreError::CommitUnknown(_)));
        let refused = answered(short, ready(Err::<(), _>(Error::NotFound))).await;
        assert!(!is_lost(&refused));
        assert!(matches!(answered(short, ready(Ok(7))).await, Ok(7)));
    }
}
