//! The port to the mail log.

use std::future::Future;

use kernel::{Id, StoreError, Timestamp, entity};

use crate::{Mail, NewMail};

/// The mail log inside a transaction.
pub trait MailStore {
    /// Writes a mail as queued. A second mail with the same id is a bug.
    fn insert_mail(&mut self, mail: &NewMail) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The mail, its row locked until the transaction ends; `None` when there is none.
    fn mail(&mut self, id: Id<entity::Mail>) -> impl Future<Output = Result<Option<Mail>, StoreError>> + Send;

    /// Up to `limit` mails that were queued before `before` and are neither sent nor given up, the oldest first.
    fn waiting_mails(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Mail>, StoreError>> + Send;

    /// The latest other mail that says the same to the same address about the same order, queued at `since` or later.
    fn mail_like(
        &mut self,
        mail: &Mail,
        since: Timestamp,
    ) -> impl Future<Output = Result<Option<Mail>, StoreError>> + Send;

    /// A mail server accepted it: sent at `at`, one more attempt, no last error. A mail that was sent before keeps what
    /// was recorded first. An unknown mail is a bug.
    fn mark_sent(
        &mut self,
        id: Id<entity::Mail>,
        at: Timestamp,
        message_id: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A try failed: one more attempt, `error` as the last error, and with `finally` the mail is given up. A mail that
    /// was sent stays sent, whatever is reported late. An unknown mail is a bug.
    fn mark_failed(
        &mut self,
        id: Id<entity::Mail>,
        error: &str,
        finally: bool,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
