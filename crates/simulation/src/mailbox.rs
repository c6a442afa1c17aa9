//! The mail server and what arrived.

use std::sync::Arc;

use kernel::{Id, entity};
use notify::{Accepted, MailError, Mailer, Message};

use crate::{
    core::{Core, Site, State},
    fault::Fault,
    seen::Sometimes,
};

/// What arrived, copies included.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    pub(crate) arrived: Vec<Id<entity::Mail>>,
}

impl Mailbox {
    /// How often a mail arrived.
    pub(crate) fn copies(&self, mail: Id<entity::Mail>) -> usize {
        self.arrived.iter().filter(|arrived| **arrived == mail).count()
    }
}

/// The mail server of one world.
#[derive(Debug)]
pub(crate) struct Post(pub(crate) Arc<Core>);

impl State {
    fn hand_over(&mut self, message: &Message) -> Result<Accepted, MailError> {
        if self.strikes(Fault::MailDown) {
            return Err(MailError::Unavailable { reason: "connection refused".to_owned() });
        }
        if self.strikes(Fault::MailRejected) {
            if let Some(order) = self.store.mails.mails.get(&message.id).and_then(|mail| mail.order) {
                self.check.excuse(order);
                self.check.unsendable(message.id);
            }
            return Err(MailError::Rejected { reason: "no such mailbox".to_owned() });
        }
        if self.mailbox.copies(message.id) > 0 {
            self.note(Sometimes::MailTwice);
        }
        self.check_mail(message);
        self.mailbox.arrived.push(message.id);
        if self.loses(Fault::MailLost) {
            return Err(MailError::Unknown { reason: "timed out".to_owned() });
        }
        Ok(Accepted { message_id: format!("<{}@sim.example>", message.id), response: String::new() })
    }
}

impl Mailer for Post {
    async fn send(&self, message: &Message) -> Result<Accepted, MailError> {
        self.0.before(Site::Mailer).await;
        let answer = self.0.lock().hand_over(message);
        self.0.after(Site::Mailer).await;
        answer
    }
}
