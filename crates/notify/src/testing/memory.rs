//! The mail log in memory.

use kernel::{Id, StoreError, Timestamp, entity, testing::Table};

use crate::{Mail, MailStatus, MailStore, NewMail};

/// A mail log in memory. Clone it to keep what a transaction would roll back to.
#[derive(Debug, Clone, Default)]
pub struct MemoryMails {
    /// By id, which is the order of writing.
    pub mails: Table<Id<entity::Mail>, Mail>,
}

impl MemoryMails {
    /// Every mail, in order of id, which is the order of writing.
    pub fn all(&self) -> Vec<Mail> {
        self.mails.values().cloned().collect()
    }

    fn open(&mut self, id: Id<entity::Mail>) -> Result<Option<&mut Mail>, StoreError> {
        let mail = self.mails.get_mut(&id).ok_or_else(|| StoreError::bug(format!("there is no mail {id}")))?;
        Ok((mail.status != MailStatus::Sent).then_some(mail))
    }
}

impl MailStore for MemoryMails {
    async fn insert_mail(&mut self, mail: &NewMail) -> Result<(), StoreError> {
        if self.mails.contains_key(&mail.id) {
            return Err(StoreError::bug(format!("there is a mail {} already", mail.id)));
        }
        self.mails.insert(mail.id, mail.clone().into());
        Ok(())
    }

    async fn mail(&mut self, id: Id<entity::Mail>) -> Result<Option<Mail>, StoreError> {
        Ok(self.mails.get(&id).cloned())
    }

    async fn waiting_mails(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Mail>, StoreError> {
        let waits = |mail: &&Mail| mail.status == MailStatus::Queued && mail.queued_at < before;
        Ok(self.mails.values().filter(waits).take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }

    async fn mail_like(&mut self, mail: &Mail, since: Timestamp) -> Result<Option<Mail>, StoreError> {
        let says = |mail: &Mail| (mail.to.clone(), mail.template.clone(), mail.context.clone(), mail.order);
        let like = |other: &&Mail| other.id != mail.id && other.queued_at >= since && says(other) == says(mail);
        Ok(self.mails.values().rfind(like).cloned())
    }

    async fn mark_sent(&mut self, id: Id<entity::Mail>, at: Timestamp, message_id: &str) -> Result<(), StoreError> {
        if let Some(mail) = self.open(id)? {
            mail.status = MailStatus::Sent;
            mail.attempts += 1;
            mail.sent_at = Some(at);
            mail.message_id = Some(message_id.to_owned());
            mail.last_error = None;
        }
        Ok(())
    }

    async fn mark_failed(&mut self, id: Id<entity::Mail>, error: &str, finally: bool) -> Result<(), StoreError> {
        if let Some(mail) = self.open(id)? {
            mail.status = if finally { MailStatus::Failed } else { mail.status };
            mail.attempts += 1;
            mail.last_error = Some(error.to_owned());
        }
        Ok(())
    }
}
