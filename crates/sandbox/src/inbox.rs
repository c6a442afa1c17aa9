//! The mails that arrived over SMTP.

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser, PartType};
use serde::Serialize;
use std::borrow::Cow;

/// A mail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    pub(crate) id: u64,
    /// The address of the `From:` header.
    pub(crate) from: String,
    pub(crate) from_name: Option<String>,
    /// The addresses of the envelope: where it really goes.
    pub(crate) to: Vec<String>,
    pub(crate) envelope_from: String,
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(skip)]
    pub(crate) raw: String,
}

/// All mails, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    mails: Vec<Mail>,
    last_id: u64,
}

impl Inbox {
    /// Takes in what a client sent after DATA.
    pub(crate) fn receive(&mut self, envelope_from: &str, to: Vec<String>, raw: &[u8], at: DateTime<Utc>) {
        self.last_id += 1;
        let parsed = MessageParser::default().parse(raw);
        let message = parsed.as_ref();
        let sender = message.and_then(|message| message.from()).and_then(Address::first);
        let mail = Mail {
            id: self.last_id,
            from: sender.and_then(|sender| sender.address()).unwrap_or(envelope_from).to_owned(),
            from_name: sender.and_then(|sender| sender.name()).map(str::to_owned),
            to,
            envelope_from: envelope_from.to_owned(),
            subject: message.and_then(|message| message.subject()).unwrap_or_default().to_owned(),
            // mail-parser derives a missing part from the other one; only parts that were sent are shown.
            text: message
                .filter(|message| message.text_part(0).is_some_and(|part| matches!(part.body, PartType::Text(_))))
                .and_then(|message| message.body_text(0))
                .map(Cow::into_owned),
            html: message
                .filter(|message| message.html_part(0).is_some_and(|part| matches!(part.body, PartType::Html(_))))
                .and_then(|message| message.body_html(0))
                .map(Cow::into_owned),
            message_id: message.and_then(|message| message.message_id()).map(str::to_owned),
            received_at: at,
            headers: message
                .into_iter()
                .flat_map(Message::headers_raw)
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        };
        self.mails.push(mail);
    }

    /// The mails to an address (compared without case), or all; oldest first.
    pub(crate) fn to(&self, address: Option<&str>) -> impl Iterator<Item = &Mail> {
        self.mails
            .iter()
            .filter(move |mail| address.is_none_or(|wanted| mail.to.iter().any(|to| to.eq_ignore_ascii_case(wanted))))
    }

    /// One mail.
    pub(crate) fn get(&self, id: u64) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.id == id)
    }
}
