//! The port to the payment gateway.
//!
//! `Ok` is the gateway's answer; `Err` says whether the call may have taken effect. The gateway does not touch the store.

use std::future::Future;

use catalog::CouponDuration;
use kernel::{BillingCycle, EmailAddress, Failure, FailureKind, Id, Money, Page, Timestamp, entity};
use orders::{ChargeFact, GatewayEvent, Refund, RefundFact, SessionFact, SubscriptionFact};

use crate::IncomingEvent;

/// A discount that the gateway shall show and apply: exactly this amount, so that its rounding cannot differ from ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDiscount {
    /// The shop's coupon code, for display.
    pub code: String,
    /// What comes off each payment that it counts on.
    pub amount_off: Money,
    /// On which payments it counts.
    pub duration: CouponDuration,
}

/// What a checkout session is made of. The same order and attempt give the same request, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRequest {
    /// The order: client reference and metadata, on the session and on what comes of it.
    pub order: Id<entity::Order>,
    /// 1 for the first; a new one only after the gateway answered with a failure that it would replay.
    pub attempt: i32,
    /// What the customer sees.
    pub name: String,
    /// More of it, if any.
    pub description: Option<String>,
    /// The price of one period before any discount.
    pub list: Money,
    /// The period; a one-time price is charged once, all others recur.
    pub cycle: BillingCycle,
    /// The coupon.
    pub discount: Option<SessionDiscount>,
    /// Days of trial; 0 for none.
    pub trial_days: u16,
    /// Who pays.
    pub email: EmailAddress,
    /// The gateway's own id of the customer, if known; then the address is not sent.
    pub gateway_customer: Option<String>,
    /// Where the customer returns to; `{CHECKOUT_SESSION_ID}` is filled in by the gateway.
    pub success_url: String,
    /// Where the customer returns to without paying.
    pub cancel_url: String,
}

impl SessionRequest {
    /// The key of the call that makes the session; its intent is on record under this key before it is sent.
    pub fn session_key(&self) -> String {
        self.idempotency_key("session")
    }

    /// The idempotency key of a call for this order and attempt.
    pub fn idempotency_key(&self, purpose: &str) -> String {
        format!("order-{}-{purpose}-a{}", self.order, self.attempt)
    }
}

/// Why a call to the gateway gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It refused: parameters, credentials or the account. The same request will be refused again.
    #[error("the payment gateway refused the request ({code})")]
    Refused {
        /// The gateway's code.
        code: String,
        /// The gateway's message, for operators.
        message: String,
        /// The gateway's request id.
        request_id: Option<String>,
    },
    /// It is not reachable, or asked us to come back later; nothing took effect and the same key may be used again.
    #[error("the payment gateway is not available")]
    Unavailable {
        /// What was seen; nothing secret.
        detail: String,
    },
    /// It answered with a failure that it would replay under the same key: the next try needs a new attempt.
    #[error("the payment gateway failed")]
    Failed {
        /// What was seen.
        detail: String,
    },
    /// It may or may not have taken effect; the same key and request find out.
    #[error("the payment gateway's answer was lost")]
    Unknown {
        /// What was seen.
        detail: String,
    },
    /// There is no such object.
    #[error("the payment gateway does not know this object")]
    NotFound,
}

impl Failure for GatewayError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Refused { .. } => FailureKind::Upstream,
            Self::Unavailable { .. } | Self::Failed { .. } | Self::Unknown { .. } => FailureKind::Unavailable,
            Self::NotFound => FailureKind::NotFound,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "payment-refused",
            Self::Unavailable { .. } | Self::Failed { .. } | Self::Unknown { .. } => "payment-unavailable",
            Self::NotFound => "payment-not-found",
        }
    }
}

/// An event's body that we cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this event cannot be read: {0}")]
pub struct DecodeError(pub String);

impl Failure for DecodeError {
    fn kind(&self) -> FailureKind {
        FailureKind::Invalid
    }
    fn code(&self) -> &'static str {
        "unreadable-event"
    }
}

/// A stretch of time, by the gateway's clock, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; open where there is none.
    pub until: Option<Timestamp>,
}

impl Window {
    /// From `from` on.
    pub const fn since(from: Timestamp) -> Self {
        Self { from, until: None }
    }
}

/// A payment gateway with hosted payment pages.
pub trait PaymentGateway: Send + Sync {
    /// Makes a checkout session. Idempotent by order and attempt.
    fn create_session(
        &self,
        request: &SessionRequest,
    ) -> impl Future<Output = Result<SessionFact, GatewayError>> + Send;

    /// Reads a session.
    fn session(&self, id: &str) -> impl Future<Output = Result<SessionFact, GatewayError>> + Send;

    /// Reads a subscription.
    fn subscription(&self, id: &str) -> impl Future<Output = Result<SubscriptionFact, GatewayError>> + Send;

    /// The invoice that a payment intent paid, where the intent itself is not known to us.
    fn invoice_of_intent(&self, intent: &str) -> impl Future<Output = Result<Option<String>, GatewayError>> + Send;

    /// The payment intent that paid an invoice, where it is known.
    fn intent_of_invoice(&self, invoice: &str) -> impl Future<Output = Result<Option<String>, GatewayError>> + Send;

    /// The charge of a payment intent that succeeded, where there is one.
    fn charge_of(&self, intent: &str) -> impl Future<Output = Result<Option<ChargeFact>, GatewayError>> + Send;

    /// Sends money of a payment intent back. Idempotent by [`Refund::idempotency_key`].
    fn refund(&self, intent: &str, refund: &Refund) -> impl Future<Output = Result<RefundFact, GatewayError>> + Send;

    /// What the gateway made of this refund, where it made something.
    fn find_refund(
        &self,
        intent: &str,
        refund: &Refund,
    ) -> impl Future<Output = Result<Option<RefundFact>, GatewayError>> + Send;

    /// Ends a subscription at once. One that has ended, or that there is not, is as good.
    fn end_subscription(&self, id: &str) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Closes an open payment page; one that is not open is read as it is.
    fn close_session(&self, id: &str) -> impl Future<Output = Result<SessionFact, GatewayError>> + Send;

    /// The address of a page where this customer of the gateway's sees invoices, changes how they pay and cancels. It is
    /// good for a few minutes, so it is asked for with every click.
    fn portal(&self, customer: &str, return_url: &str) -> impl Future<Output = Result<String, GatewayError>> + Send;

    /// One page of the events that were made in this time and that we act on, the newest first, as they would have been
    /// delivered. `after` is the `next` of the page before.
    fn events(
        &self,
        made: Window,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<IncomingEvent>, GatewayError>> + Send;

    /// One page of the sessions that were made in this time, the newest first.
    fn sessions(
        &self,
        made: Window,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<SessionFact>, GatewayError>> + Send;

    /// One page of the charges that were made in this time, the newest first.
    fn charges(
        &self,
        made: Window,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<ChargeFact>, GatewayError>> + Send;

    /// Reads the envelope of a verified body; never fails, since whatever was signed is stored.
    fn envelope(&self, raw: &[u8], received_at: Timestamp) -> IncomingEvent;

    /// Reads what an event says.
    fn decode(&self, raw: &[u8]) -> Result<GatewayEvent, DecodeError>;

    /// Whether events of real money are expected.
    fn livemode(&self) -> bool;
}
