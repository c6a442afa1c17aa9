//! The job that sends a mail of the log.

use kernel::{Id, Job, Queue, entity};
use serde::{Deserialize, Serialize};

/// Sends one mail. Holds ids only: the context is in the log, a password in its sealed secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMail {
    /// The row of the log.
    pub mail: Id<entity::Mail>,
    /// The order that caused it, if one did.
    pub order: Option<Id<entity::Order>>,
}

impl Job for SendMail {
    const KIND: &'static str = "mail.send";
    const QUEUE: Queue = Queue::Mail;
    const MAX_ATTEMPTS: i16 = 10;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.mail.to_string())
    }

    fn order(&self) -> Option<Id<entity::Order>> {
        self.order
    }
}
