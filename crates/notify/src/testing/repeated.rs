//! Mails that say what the first of their kind said.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use secrecy::{ExposeSecret, SecretString};

use crate::{Mail, Message};

/// The first message of each kind.
#[derive(Debug, Default)]
pub(crate) struct Repeated(Mutex<BTreeMap<&'static str, Message>>);

impl Repeated {
    /// The first message of the mail's kind, addressed anew; its text is the secret where there is one.
    pub(crate) fn again(&self, mail: &Mail, secret: Option<&SecretString>) -> Option<Message> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = first.get(mail.template.as_str())?;
        Some(Message {
            id: mail.id,
            to: mail.to.clone(),
            to_name: mail.to_name.clone(),
            department: mail.department,
            subject: first.subject.clone(),
            html: String::new(),
            text: secret.map_or_else(String::new, |secret| secret.expose_secret().to_owned()),
        })
    }

    /// Keeps the first message of a kind.
    pub(crate) fn keep(&self, name: &'static str, message: &Message) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_insert_with(|| message.clone());
    }
}
