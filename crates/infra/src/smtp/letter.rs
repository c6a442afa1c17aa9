//! A message in the form in which it travels (RFC 5322, MIME).

use lettre::{
    Address,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use notify::{MailError, Message};

use super::Senders;

/// Envelope and text of one mail.
pub(super) struct Letter {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) message_id: String,
    pub(super) bytes: Vec<u8>,
}

impl Letter {
    pub(super) fn compose(senders: &Senders, message: &Message) -> Result<Self, MailError> {
        let sender = senders.of(message.department);
        let to: Address = message.to.as_str().parse().map_err(|_| rejected("the address cannot be written to"))?;
        // Of the mail and its sender alone: a repetition bears the same one.
        let message_id = format!("<{}@{}>", message.id, sender.email.domain());
        let composed = lettre::Message::builder()
            .from(sender.clone())
            .to(Mailbox::new(message.to_name.clone(), to.clone()))
            .subject(message.subject.clone())
            .message_id(Some(message_id.clone()))
            .date_now()
            .raw_header(machine_made())
            .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
            .map_err(|_| rejected("the mail cannot be composed"))?;
        Ok(Self { from: sender.email.clone(), to, message_id, bytes: composed.formatted() })
    }
}

/// Tells vacation responders not to answer (RFC 3834).
fn machine_made() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

fn rejected(reason: &str) -> MailError {
    MailError::Rejected { reason: reason.to_owned() }
}
