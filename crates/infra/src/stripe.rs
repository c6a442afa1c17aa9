//! Stripe as the payment gateway: typed requests through a transport of our own, lenient reading of whatever comes back.
//!
//! What we send is typed by async-stripe's request builders, which are generated from Stripe's own specification. What
//! comes back, answers and events alike, is read field by field from wherever an API version keeps it, because strict
//! structs refuse a whole object for one missing field.

mod answers;
mod decode;
mod facts;
mod failure;
mod list;
mod locate;
mod prune;
mod requests;
mod retry;
mod signature;
mod transport;

use std::time::Duration;

use checkout::{DecodeError, GatewayError, IncomingEvent, PaymentGateway, SessionRequest, Window};
use kernel::{Page, Timestamp};
use orders::{ChargeFact, GatewayEvent, Refund, RefundFact, RefundStatus, SessionFact, SubscriptionFact};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use stripe_client_core::{IdempotencyKey, RequestBuilder, StripeRequest};

pub use answers::{Charge, Dispute, Invoice, OrderRef, RefundAnswer, Session, Subscription};
pub use decode::{Envelope, Extracted, extract};
pub use failure::{CallError, Refusal};
pub use retry::RetryPace;
pub use signature::{SignatureError, WEBHOOK_TOLERANCE, verify, verify_header};
pub use transport::{StripeSetupError, Transport};

use self::list::List;
use crate::{http::Timeouts, outgoing::Outgoing};

/// What the gateway is made of.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// `sk_…` or `rk_…`.
    pub secret_key: SecretString,
    /// Where the API is, without `/v1`; may end in a path of its own.
    pub api_base: String,
    /// What may be connected to.
    pub outgoing: Outgoing,
}

/// How patient the gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Of each try.
    pub timeouts: Timeouts,
    /// The pauses between tries.
    pub pace: RetryPace,
}

impl Default for Patience {
    /// 10 s to connect and 20 s in all per try, and the pauses of [`RetryPace::default`].
    fn default() -> Self {
        let timeouts = Timeouts { connect: Duration::from_secs(10), total: Duration::from_secs(20) };
        Self { timeouts, pace: RetryPace::default() }
    }
}

/// Stripe.
#[derive(Debug, Clone)]
pub struct StripeGateway {
    transport: Transport,
    livemode: bool,
}

impl StripeGateway {
    /// A gateway with these settings; asks nobody yet.
    ///
    /// # Errors
    /// [`StripeSetupError`] when the address or the key cannot be used, or TLS cannot be set up.
    pub fn new(settings: StripeSettings) -> Result<Self, StripeSetupError> {
        Self::with_patience(settings, Patience::default())
    }

    /// The same with other time-outs and pauses, for tests.
    ///
    /// # Errors
    /// As [`StripeGateway::new`].
    pub fn with_patience(settings: StripeSettings, patience: Patience) -> Result<Self, StripeSetupError> {
        let key = settings.secret_key.expose_secret();
        let livemode = key.starts_with("sk_live_") || key.starts_with("rk_live_");
        Ok(Self { transport: Transport::new(settings, patience)?, livemode })
    }

    /// Reads an object; an id that is none of Stripe's is not asked for, since it would become part of a path.
    async fn read(&self, id: &str, request: RequestBuilder) -> Result<Value, GatewayError> {
        if !is_id(id) {
            return Err(GatewayError::NotFound);
        }
        json(&self.transport.call(request, None).await?)
    }

    /// Reads a page of a list; without `data` it is no list.
    async fn list(&self, request: RequestBuilder) -> Result<List, GatewayError> {
        let answer = json(&self.transport.call(request, None).await?)?;
        List::read(answer)
            .ok_or_else(|| GatewayError::Unknown { detail: "answered something that is not a list".to_owned() })
    }

    /// Makes the coupon that an order's discount needs; that it is there already is as good.
    async fn make_coupon(&self, request: &SessionRequest) -> Result<(), GatewayError> {
        let Some(coupon) = requests::coupon(request) else { return Ok(()) };
        let key = key(request, "coupon")?;
        match self.transport.call(coupon.build(), Some(&key)).await {
            Ok(_) => Ok(()),
            Err(error) if error.has_code("resource_already_exists") => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl PaymentGateway for StripeGateway {
    async fn create_session(&self, request: &SessionRequest) -> Result<SessionFact, GatewayError> {
        self.make_coupon(request).await?;
        let key = key(request, "session")?;
        let body = self.transport.call(requests::session(request).build(), Some(&key)).await?;
        Session::read(&json(&body)?).map(facts::session).ok_or_else(without_id)
    }

    async fn session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        let answer = self.read(id, requests::read_session(id)).await?;
        Session::read(&answer).map(facts::session).ok_or_else(without_id)
    }

    async fn subscription(&self, id: &str) -> Result<SubscriptionFact, GatewayError> {
        let answer = self.read(id, requests::read_subscription(id)).await?;
        Subscription::read(&answer).map(facts::subscription).ok_or_else(without_id)
    }

    async fn invoice_of_intent(&self, intent: &str) -> Result<Option<String>, GatewayError> {
        let answer = self.read(intent, requests::invoice_payments(intent)).await?;
        Ok(answers::invoice_that_was_paid(&answer))
    }

    async fn intent_of_invoice(&self, invoice: &str) -> Result<Option<String>, GatewayError> {
        let answer = self.read(invoice, requests::payments_of_invoice(invoice)).await?;
        Ok(answers::intent_that_paid(&answer))
    }

    async fn charge_of(&self, intent: &str) -> Result<Option<ChargeFact>, GatewayError> {
        let answer = self.read(intent, requests::charges_of(intent)).await?;
        Ok(answers::charge_that_succeeded(&answer).map(facts::charge))
    }

    async fn refund(&self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        if !is_id(intent) {
            return Err(GatewayError::NotFound);
        }
        let key = idempotency_key(refund.idempotency_key())?;
        let body = self.transport.call(requests::refund(intent, refund), Some(&key)).await?;
        RefundAnswer::read(&json(&body)?).map(facts::refund).ok_or_else(without_id)
    }

    async fn find_refund(&self, intent: &str, refund: &Refund) -> Result<Option<RefundFact>, GatewayError> {
        if !is_id(intent) {
            return Err(GatewayError::NotFound);
        }
        let list = self.list(requests::refunds_of(intent)).await?;
        let page = list.try_map(|found| RefundAnswer::read(&found).map(facts::refund))?;
        // One that failed is followed by another try of ours under another key, so the newest counts.
        Ok(page.items.into_iter().find(|found| found.refund == Some(refund.id) && found.status != RefundStatus::Failed))
    }

    async fn end_subscription(&self, id: &str) -> Result<(), GatewayError> {
        if !is_id(id) {
            return Err(GatewayError::NotFound);
        }
        match self.transport.call(requests::end_subscription(id), None).await {
            Ok(_) => Ok(()),
            Err(error) if error.has_code("resource_missing") => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn close_session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        if !is_id(id) {
            return Err(GatewayError::NotFound);
        }
        match self.transport.call(requests::close_session(id), None).await {
            Ok(body) => Session::read(&json(&body)?).map(facts::session).ok_or_else(without_id),
            Err(error) => match GatewayError::from(error) {
                // It is open no more: what it is now decides.
                GatewayError::Refused { .. } => self.session(id).await,
                error @ (GatewayError::Unavailable { .. }
                | GatewayError::Failed { .. }
                | GatewayError::Unknown { .. }
                | GatewayError::NotFound) => Err(error),
            },
        }
    }

    async fn portal(&self, customer: &str, return_url: &str) -> Result<String, GatewayError> {
        let body = self.transport.call(requests::portal(customer, return_url), None).await?;
        let url = json(&body)?.get("url").and_then(Value::as_str).map(str::to_owned);
        url.ok_or_else(|| GatewayError::Unknown { detail: "answered a portal without an address".to_owned() })
    }

    async fn events(&self, made: Window, after: Option<&str>) -> Result<Page<IncomingEvent>, GatewayError> {
        let list = self.list(requests::events(made, after)).await?;
        // As it would have been delivered: the event alone, in the list's own bytes.
        list.try_map(|event| serde_json::to_vec(&event).map(|raw| decode::incoming(&raw, made.from)).ok())
    }

    async fn sessions(&self, made: Window, after: Option<&str>) -> Result<Page<SessionFact>, GatewayError> {
        let list = self.list(requests::sessions(made, after)).await?;
        list.try_map(|session| Session::read(&session).map(facts::session))
    }

    async fn charges(&self, made: Window, after: Option<&str>) -> Result<Page<ChargeFact>, GatewayError> {
        let list = self.list(requests::charges(made, after)).await?;
        list.try_map(|charge| Charge::read(&charge).map(facts::charge))
    }

    fn envelope(&self, raw: &[u8], received_at: Timestamp) -> IncomingEvent {
        decode::incoming(raw, received_at)
    }

    fn decode(&self, raw: &[u8]) -> Result<GatewayEvent, DecodeError> {
        decode::event(raw)
    }

    fn livemode(&self) -> bool {
        self.livemode
    }
}

/// Whether a text can be an id of Stripe's: at most 255 letters, digits, `_` and `-`.
fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=255).contains(&text.len()) && text.bytes().all(allowed)
}

fn key(request: &SessionRequest, purpose: &str) -> Result<IdempotencyKey, GatewayError> {
    idempotency_key(request.idempotency_key(purpose))
}

fn idempotency_key(key: String) -> Result<IdempotencyKey, GatewayError> {
    IdempotencyKey::new(key).map_err(|error| GatewayError::Refused {
        code: "idempotency_key_invalid".to_owned(),
        message: error.to_string(),
        request_id: None,
    })
}

fn json(body: &[u8]) -> Result<Value, GatewayError> {
    serde_json::from_slice(body)
        .map_err(|_| GatewayError::Unknown { detail: "answered something that is not JSON".to_owned() })
}

fn without_id() -> GatewayError {
    GatewayError::Unknown { detail: "answered an object without an id".to_owned() }
}
