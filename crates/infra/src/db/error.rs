//! What a driver's error means to those who know no driver.

use std::fmt::Display;

use diesel::result::{DatabaseErrorKind, Error};
use kernel::StoreError;

/// Texts of errors that pass by themselves, as PostgreSQL says them in English (errcodes 40P01, 53xxx, 55P03, 57014, 57P0x,
/// 25P03). diesel keeps the text and drops the code; a server that speaks another language gives `Bug`, which is tried
/// again just the same.
const PASSING: [&str; 15] = [
    "deadlock detected",
    "canceling statement due to",
    "terminating connection due to",
    "the database system is",
    "sorry, too many clients",
    "too many connections",
    "remaining connection slots",
    "out of memory",
    "could not extend file",
    "could not write to file",
    "no space left",
    "connection closed",
    "server closed the connection",
    "could not serialize access",
    "could not obtain lock",
];

/// Classifies a failed statement. `what` says which, for the log; the error itself holds no row but the names of
/// constraints.
pub(crate) fn store_error(what: &'static str, error: Error) -> StoreError {
    if passes(&error) {
        return StoreError::Unavailable(Box::new(error));
    }
    StoreError::Bug { context: what.to_owned(), source: Some(Box::new(error)) }
}

/// Classifies a COMMIT that failed. A refusal is a rollback; a connection that broke says nothing of what the server did.
pub(crate) fn commit_error(error: Error) -> StoreError {
    let broke = if let Error::DatabaseError(kind, said) = &error {
        matches!(kind, DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection)
            || said.message().starts_with("terminating connection")
    } else {
        matches!(error, Error::RollbackErrorOnCommit { .. })
    };
    if broke { StoreError::CommitUnknown(Box::new(error)) } else { store_error("COMMIT", error) }
}

fn passes(error: &Error) -> bool {
    let Error::DatabaseError(kind, information) = error else {
        return matches!(error, Error::BrokenTransactionManager);
    };
    let by_kind = matches!(
        kind,
        DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::ReadOnlyTransaction
    );
    by_kind || PASSING.iter().any(|text| information.message().starts_with(text))
}

/// A row that should be impossible: loud, with where it is and what is wrong with it.
pub(crate) fn impossible(table: &str, id: impl Display, what: &str) -> StoreError {
    StoreError::bug(format!("{table} {id}: impossible {what}"))
}

#[cfg(test)]
mod tests {
    use kernel::{Failure, FailureKind};

    use super::*;

    fn kind_of(kind: DatabaseErrorKind, text: &str) -> FailureKind {
        store_error("test", Error::DatabaseError(kind, Box::new(text.to_owned()))).kind()
    }

    #[test]
    fn a_commit_is_unknown_when_the_connection_broke_and_refused_when_the_server_said_no() {
        let failed = |kind, text: &str| commit_error(Error::DatabaseError(kind, Box::new(text.to_owned())));
        for (kind, text) in [
            (DatabaseErrorKind::UnableToSendCommand, "connection closed"),
            (DatabaseErrorKind::Unknown, "terminating connection due to administrator command"),
        ] {
            assert!(matches!(failed(kind, text), StoreError::CommitUnknown(_)), "{text}");
        }
        let refused = failed(DatabaseErrorKind::SerializationFailure, "could not serialize access");
        assert!(matches!(refused, StoreError::Unavailable(_)));
        assert!(matches!(failed(DatabaseErrorKind::UniqueViolation, "duplicate key"), StoreError::Bug { .. }));
    }

    #[test]
    fn what_passes_by_itself_is_unavailable_and_the_rest_a_bug() {
        for text in [
            "deadlock detected",
            "canceling statement due to lock timeout",
            "terminating connection due to administrator command",
            "the database system is shutting down",
        ] {
            assert_eq!(kind_of(DatabaseErrorKind::Unknown, text), FailureKind::Unavailable, "{text}");
        }
        assert_eq!(kind_of(DatabaseErrorKind::UnableToSendCommand, "x"), FailureKind::Unavailable);
        assert_eq!(kind_of(DatabaseErrorKind::UniqueViolation, "duplicate key"), FailureKind::Bug);
        assert_eq!(kind_of(DatabaseErrorKind::Unknown, "column \"x\" does not exist"), FailureKind::Bug);
        assert_eq!(store_error("test", Error::NotFound).kind(), FailureKind::Bug);
    }
}
