//! Events: the envelope, which is read whatever it is, and what the event says.

use std::fmt::Write as _;

use checkout::{DecodeError, IncomingEvent};
use chrono::{DateTime, Utc};
use kernel::Timestamp;
use orders::{GatewayEvent, GatewayFact, SessionTrigger};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    answers::{Charge, Dispute, Invoice, RefundAnswer, Session, Subscription},
    facts,
    locate::{flag, id, integer, text},
    prune::{self, Kept, whole},
};

/// Stripe's ids and type names are at most this long (docs.stripe.com/upgrades).
const LONGEST: usize = 255;

/// What every event has around what it says; nothing of it is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// `evt_…`.
    pub id: Option<String>,
    /// Such as `invoice.paid`.
    pub kind: Option<String>,
    /// The version whose shape the event has.
    pub api_version: Option<String>,
    /// By Stripe's clock. Thin events write it as text, the others in seconds.
    pub created: Option<Timestamp>,
    /// Real money.
    pub livemode: Option<bool>,
    /// The connected account that it came from.
    pub account: Option<String>,
    /// The id of the object that it is about.
    pub object: Option<String>,
}

impl Envelope {
    /// Reads what is there.
    pub fn read(event: &Value) -> Self {
        let short = |found: Option<String>| {
            found.filter(|text| text.chars().count() <= LONGEST && !text.chars().any(char::is_control))
        };
        Self {
            id: short(text(event, &["/id"])),
            kind: short(text(event, &["/type"])),
            api_version: short(text(event, &["/api_version"])),
            created: created(event),
            livemode: flag(event, &["/livemode"]),
            account: id(event, &["/account"]),
            object: short(id(event, &["/data/object", "/related_object"])),
        }
    }
}

fn created(event: &Value) -> Option<Timestamp> {
    let seconds = integer(event, &["/created"]).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let written = || DateTime::parse_from_rfc3339(&text(event, &["/created"])?).ok();
    seconds.or_else(|| written().map(|time| time.with_timezone(&Utc)))
}

/// What an event says, in Stripe's own words: everything that is read of it, before it is translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extracted {
    /// About a checkout session.
    Session(SessionTrigger, Session),
    /// About a subscription.
    Subscription(Subscription),
    /// An invoice was paid (`true`) or could not be collected.
    Invoice(bool, Invoice),
    /// Money of a charge went back.
    Charge(Charge),
    /// A refund changed after it was sent.
    Refund(RefundAnswer),
    /// A dispute began (`true`) or ended.
    Dispute(bool, Dispute),
    /// A type that nothing is done about.
    Other,
}

/// Reads an event.
///
/// # Errors
/// [`DecodeError`] when it is not a JSON object with an id and a type, or when it is of a type that we act on and does
/// not say what it is about.
pub fn extract(raw: &[u8]) -> Result<(Envelope, Extracted), DecodeError> {
    let event: Value = serde_json::from_slice(raw).map_err(|error| DecodeError(format!("not JSON ({error})")))?;
    let envelope = Envelope::read(&event);
    let kind = envelope.kind.as_deref().ok_or_else(|| DecodeError("it has no type".to_owned()))?;
    let object = event.pointer("/data/object").unwrap_or(&Value::Null);
    let session = |trigger| Session::read(object).map(|session| Extracted::Session(trigger, session));
    let invoice = |paid| Invoice::read(object).map(|invoice| Extracted::Invoice(paid, invoice));
    let dispute = |begins| Dispute::read(object).map(|dispute| Extracted::Dispute(begins, dispute));
    let said = match kind {
        "checkout.session.completed" => session(SessionTrigger::Completed),
        "checkout.session.async_payment_succeeded" => session(SessionTrigger::AsyncSucceeded),
        "checkout.session.async_payment_failed" => session(SessionTrigger::AsyncFailed),
        "checkout.session.expired" => session(SessionTrigger::Expired),
        "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted" => {
            let previous = event.pointer("/data/previous_attributes").unwrap_or(&Value::Null);
            Subscription::read(object).map(|subscription| Extracted::Subscription(subscription.after(previous)))
        }
        "invoice.paid" => invoice(true),
        "invoice.payment_failed" => invoice(false),
        "charge.refunded" => Charge::read(object).map(Extracted::Charge),
        "refund.failed" | "refund.updated" => RefundAnswer::read(object).map(Extracted::Refund),
        "charge.dispute.created" => dispute(true),
        "charge.dispute.closed" => dispute(false),
        _ => Some(Extracted::Other),
    };
    let said = said.ok_or_else(|| DecodeError(format!("{kind} without data.object.id")))?;
    Ok((envelope, said))
}

/// Reads an event and translates it.
pub(super) fn event(raw: &[u8]) -> Result<GatewayEvent, DecodeError> {
    let (envelope, said) = extract(raw)?;
    let fact = match said {
        Extracted::Session(trigger, session) => GatewayFact::Session(trigger, facts::session(session)),
        Extracted::Subscription(subscription) => GatewayFact::Subscription(facts::subscription(subscription)),
        Extracted::Invoice(paid, invoice) => GatewayFact::Invoice(paid, facts::invoice(paid, invoice)),
        Extracted::Charge(charge) => GatewayFact::Refund(facts::charge(charge)),
        Extracted::Refund(refund) => GatewayFact::RefundFailed(facts::refund(refund)),
        Extracted::Dispute(begins, dispute) => GatewayFact::Dispute(begins, facts::dispute(dispute)),
        Extracted::Other => GatewayFact::Other,
    };
    let missing = |what: &str| DecodeError(format!("it has no {what}"));
    Ok(GatewayEvent {
        id: envelope.id.ok_or_else(|| missing("id"))?,
        kind: envelope.kind.ok_or_else(|| missing("type"))?,
        created: envelope.created.unwrap_or_default(),
        livemode: envelope.livemode.unwrap_or(false),
        foreign_account: envelope.account.is_some(),
        fact,
    })
}

/// The members that [`Envelope::read`] looks at.
const ENVELOPE: &[Kept] = &[
    whole("id"),
    whole("type"),
    whole("api_version"),
    whole("created"),
    whole("livemode"),
    whole("account"),
    Kept { name: "data", of_it: &[Kept { name: "object", of_it: &[whole("id")] }] },
    Kept { name: "related_object", of_it: &[whole("id")] },
];

/// What is stored of a verified body, whatever it is.
pub(super) fn incoming(raw: &[u8], received_at: Timestamp) -> IncomingEvent {
    let envelope = Envelope::read(&prune::read(raw, ENVELOPE).unwrap_or(Value::Null));
    IncomingEvent {
        id: envelope.id.unwrap_or_else(|| digest(raw)),
        kind: envelope.kind.unwrap_or_else(|| "unreadable".to_owned()),
        api_version: envelope.api_version,
        created: envelope.created,
        livemode: envelope.livemode,
        object: envelope.object,
        raw: raw.to_vec(),
        received_at,
    }
}

/// A name for a body that has none: the same body has the same one, so that a repeated delivery is a duplicate.
fn digest(raw: &[u8]) -> String {
    Sha256::digest(raw).iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pruned while it is read, an envelope is what it is when all is read.
    #[test]
    fn the_envelope_is_the_same_without_the_rest() {
        for body in [
            r#"{"id":"evt_1","type":"invoice.paid","api_version":"2026-10-28.endive","created":1795219200,"livemode":true,
                "data":{"object":{"id":"in_1","lines":{"data":[{"id":"x"}]},"metadata":{"id":"y"}},"previous_attributes":{}}}"#,
            r#"{"id":"evt_2","type":"v1.x","created":"2026-11-26T10:00:00Z","related_object":{"id":"cs_1","type":"y"},
                "account":{"id":"acct_1","object":"account"}}"#,
            r#"{"id":3,"type":null,"created":1.5,"livemode":"no","data":{"object":"ch_1"},"account":"acct_2"}"#,
            r#"{"id":"a","id":"b","data":[1,{"object":{"id":"z"}}],"related_object":null}"#,
            r#"{"data":{"object":[{"id":"z"}]}}"#,
            r#"["evt"]"#,
            r#""evt""#,
            "12",
            r#"{"id":"evt_1"} trailing"#,
            r#"{"id":"evt_1""#,
            "",
        ] {
            let all = Envelope::read(&serde_json::from_slice(body.as_bytes()).unwrap_or(Value::Null));
            let pruned = Envelope::read(&prune::read(body.as_bytes(), ENVELOPE).unwrap_or(Value::Null));
            assert_eq!(pruned, all, "{body}");
        }
    }
}
