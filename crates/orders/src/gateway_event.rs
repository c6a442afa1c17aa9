//! Gateway events, normalised: our own words for what a payment gateway reports, before anything else sees them.
//!
//! They live here rather than in `checkout`, because what they mean is decided here and `checkout` builds on this crate.

use kernel::{Id, Job, Money, Queue, Timestamp, entity};
use serde::{Deserialize, Serialize};

/// What the gateway reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayEvent {
    /// The gateway's id of the event.
    pub id: String,
    /// The gateway's word for it.
    pub kind: String,
    /// When it happened, by the gateway's clock, to the second: it orders nothing.
    pub created: Timestamp,
    /// Real money.
    pub livemode: bool,
    /// Came from a connected account, which is not ours.
    pub foreign_account: bool,
    /// What it says.
    pub fact: GatewayFact,
}

/// The kinds of event that we act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayFact {
    /// About a checkout session.
    Session(SessionTrigger, SessionFact),
    /// A subscription was created, changed or ended.
    Subscription(SubscriptionFact),
    /// An invoice was paid (`true`) or could not be collected.
    Invoice(bool, InvoiceFact),
    /// Money went back.
    Refund(ChargeFact),
    /// Money that was on its way back came back to us.
    RefundFailed(RefundFact),
    /// A charge is disputed (`true`), or the dispute is over.
    Dispute(bool, DisputeFact),
    /// Stored, not acted on.
    Other,
}

/// Which event brought a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionTrigger {
    /// The customer went through the payment page.
    Completed,
    /// A delayed payment arrived.
    AsyncSucceeded,
    /// A delayed payment failed.
    AsyncFailed,
    /// The page closed.
    Expired,
    /// We asked.
    Read,
}

/// A session's own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// Waits for the customer.
    Open,
    /// The customer is through.
    Complete,
    /// Closed.
    Expired,
    /// A word that is not known yet.
    Other,
}

/// Whether a session's money is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// It is.
    Paid,
    /// It is not.
    Unpaid,
    /// There was nothing to pay now.
    NotRequired,
    /// A word that is not known yet.
    Other,
}

/// A checkout session as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFact {
    /// The gateway's id.
    pub id: String,
    /// Our order, from the metadata.
    pub order: Option<Id<entity::Order>>,
    /// What stood in the metadata, where that is no id of ours.
    pub order_text: Option<String>,
    /// The session's own state.
    pub status: SessionStatus,
    /// Whether its money is here.
    pub payment_status: PaymentStatus,
    /// What was charged.
    pub amount: Option<Money>,
    /// The gateway's customer.
    pub customer: Option<String>,
    /// The gateway's subscription.
    pub subscription: Option<String>,
    /// The gateway's payment intent.
    pub intent: Option<String>,
    /// The gateway's invoice.
    pub invoice: Option<String>,
    /// Where the customer pays, while it is open.
    pub url: Option<String>,
}

impl SessionFact {
    /// Whether its money is here, or none was due.
    pub const fn is_paid(&self) -> bool {
        matches!(self.payment_status, PaymentStatus::Paid | PaymentStatus::NotRequired)
    }
}

/// A subscription as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFact {
    /// The gateway's id.
    pub id: String,
    /// Our order, from the metadata.
    pub order: Option<Id<entity::Order>>,
    /// The gateway's word.
    pub status: String,
    /// The present period.
    pub period_start: Option<Timestamp>,
    /// Its end.
    pub period_end: Option<Timestamp>,
    /// Ends with the present period.
    pub cancel_at_period_end: bool,
}

/// An invoice as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceFact {
    /// The gateway's id.
    pub id: String,
    /// Its subscription.
    pub subscription: Option<String>,
    /// Our order, from the metadata.
    pub order: Option<Id<entity::Order>>,
    /// Paid so far, or due.
    pub amount: Option<Money>,
    /// Why it was made: `subscription_create`, `subscription_cycle`, …
    pub reason: Option<String>,
    /// The gateway's payment intent, where the event names it.
    pub intent: Option<String>,
    /// The end of the period that its lines cover.
    pub period_end: Option<Timestamp>,
}

/// A charge of which money went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeFact {
    /// The gateway's id.
    pub id: String,
    /// Its payment intent, by which we find the payment.
    pub intent: Option<String>,
    /// What was charged.
    pub amount: Option<Money>,
    /// Gone back in all.
    pub refunded: Option<Money>,
    /// All of it went back.
    pub fully: bool,
}

/// Whether a refund's money is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// It is, or will be.
    Sent,
    /// It will not be.
    Failed,
    /// A word that is not known yet.
    Other,
}

/// A refund as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundFact {
    /// The gateway's id.
    pub id: String,
    /// Our refund, from the metadata.
    pub refund: Option<Id<entity::Refund>>,
    /// The payment intent whose money it is.
    pub intent: Option<String>,
    /// How much.
    pub amount: Option<Money>,
    /// Whether it is on its way.
    pub status: RefundStatus,
    /// Why it failed, in the gateway's word.
    pub reason: Option<String>,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeFact {
    /// The gateway's id.
    pub id: String,
    /// The disputed payment intent.
    pub intent: Option<String>,
    /// The gateway's word: `needs_response`, `won`, `lost`.
    pub status: String,
    /// Why, in the gateway's word.
    pub reason: Option<String>,
}

/// Find out what a stored event means and record it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEvent {
    /// The gateway's id of the event.
    pub event: String,
}

impl Job for ProcessEvent {
    const KIND: &'static str = "payments.process_event";
    const QUEUE: Queue = Queue::Payments;
    const PRIORITY: i16 = 0;
    const MAX_ATTEMPTS: i16 = 20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.event.clone())
    }
}
