//! A gateway in memory that can be told to fail, and checkout's part of the memory store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use kernel::{Id, Money, Page, StoreError, Timestamp, entity};
use orders::{
    ChargeFact, GatewayEvent, GatewayFact, PaymentStatus, Refund, RefundFact, RefundStatus, SessionFact, SessionStatus,
    SessionTrigger, SubscriptionFact, testing::MemoryStore,
};

use crate::{
    CheckoutStore, ClientKey, DecodeError, GatewayError, IncomingEvent, KeyClaim, PaymentGateway, SessionRequest,
    Window,
};

impl CheckoutStore for MemoryStore {
    async fn claim_key(
        &mut self,
        key: &ClientKey,
        order: Id<entity::Order>,
        _: Timestamp,
    ) -> Result<KeyClaim, StoreError> {
        let place = (key.scope.clone(), key.key.clone());
        match self.client_keys.get(&place) {
            None => {
                self.client_keys.insert(place, (key.fingerprint.clone(), order));
                Ok(KeyClaim::New)
            }
            Some(_) if kernel::planted("no-client-key") => Ok(KeyClaim::New),
            Some((fingerprint, known)) if *fingerprint == key.fingerprint => Ok(KeyClaim::Replay(*known)),
            Some(_) => Ok(KeyClaim::Reused),
        }
    }
}

#[derive(Debug, Default)]
struct World {
    sessions: BTreeMap<String, SessionFact>,
    by_key: BTreeMap<String, String>,
    subscriptions: BTreeMap<String, SubscriptionFact>,
    faults: VecDeque<(GatewayError, bool)>,
    events: Vec<String>,
    charges: BTreeMap<String, ChargeFact>,
    requests: Vec<SessionRequest>,
    refunds: BTreeMap<String, RefundFact>,
    ended: Vec<String>,
}

/// A gateway in memory.
#[derive(Debug, Default)]
pub struct FakeGateway(Mutex<World>);

impl FakeGateway {
    fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next call that makes a session fails; `after` says whether it takes effect first.
    pub fn fail_next(&self, error: GatewayError, after: bool) {
        self.with(|world| world.faults.push_back((error, after)));
    }

    /// What was asked for so far.
    pub fn requests(&self) -> Vec<SessionRequest> {
        self.with(|world| world.requests.clone())
    }

    /// All sessions.
    pub fn all_sessions(&self) -> Vec<SessionFact> {
        self.with(|world| world.sessions.values().cloned().collect())
    }

    /// Changes a session, e.g. its amount.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut SessionFact)) {
        self.with(|world| world.sessions.get_mut(id).map(change));
    }

    /// The customer pays. Returns the event that the gateway sends.
    pub fn pay(&self, id: &str) -> String {
        self.edit(id, |session| {
            session.status = SessionStatus::Complete;
            let due = session.amount.is_some_and(|amount| !amount.is_zero());
            session.payment_status = if due { PaymentStatus::Paid } else { PaymentStatus::NotRequired };
            session.customer = Some(format!("cus_{id}"));
            session.intent = Some(format!("pi_{id}"));
        });
        self.happened(format!("checkout.session.completed {id}"))
    }

    /// Money of a paid session goes back, all of it.
    pub fn refund(&self, id: &str) {
        let Some(session) = self.all_sessions().into_iter().find(|session| session.id == id) else { return };
        let charge = ChargeFact {
            id: format!("ch_{id}"),
            intent: session.intent,
            amount: session.amount,
            refunded: session.amount,
            fully: true,
        };
        self.with(|world| world.charges.insert(charge.id.clone(), charge));
    }

    /// The subscriptions that were ended by us.
    pub fn ended(&self) -> Vec<String> {
        self.with(|world| world.ended.clone())
    }

    /// What was sent back so far.
    pub fn refunds(&self) -> Vec<RefundFact> {
        self.with(|world| world.refunds.values().cloned().collect())
    }

    /// The charge of an intent: of a paid session, unless something of it was sent back already.
    fn charge(&self, intent: &str) -> Option<ChargeFact> {
        self.with(|world| {
            let known = world.charges.values().find(|charge| charge.intent.as_deref() == Some(intent)).cloned();
            known.or_else(|| {
                let session = world.sessions.values().find(|session| session.intent.as_deref() == Some(intent))?;
                Some(ChargeFact {
                    id: format!("ch_{}", session.id),
                    intent: Some(intent.to_owned()),
                    amount: session.amount,
                    refunded: session.amount.map(|amount| Money::zero(amount.currency())),
                    fully: false,
                })
            })
        })
    }

    /// As the real one: under a known key nothing happens anew, and never more goes back than was paid.
    fn send_back(&self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        let key = refund.idempotency_key();
        if let Some(known) = self.with(|world| world.refunds.get(&key).cloned()) {
            return Ok(known);
        }
        let refused = |code: &str| GatewayError::Refused {
            code: code.to_owned(),
            message: format!("{} cannot go back", refund.amount),
            request_id: None,
        };
        let mut charge = self.charge(intent).ok_or_else(|| refused("resource_missing"))?;
        let (paid, gone) = charge.amount.zip(charge.refunded).ok_or_else(|| refused("charge_invalid"))?;
        let after = gone.minor() + refund.amount.minor();
        if after > paid.minor() {
            return Err(refused("charge_already_refunded"));
        }
        charge.refunded = Some(Money::new(after, paid.currency()));
        charge.fully = after == paid.minor();
        let fact = RefundFact {
            id: format!("re_{key}"),
            refund: Some(refund.id),
            intent: Some(intent.to_owned()),
            amount: Some(refund.amount),
            status: RefundStatus::Sent,
            reason: None,
        };
        self.with(|world| {
            world.charges.insert(charge.id.clone(), charge);
            world.refunds.insert(key, fact.clone());
        });
        Ok(fact)
    }

    /// An event is made; returns its body.
    pub fn happened(&self, body: String) -> String {
        self.with(|world| world.events.push(body.clone()));
        body
    }

    fn make(&self, request: &SessionRequest) -> Result<SessionFact, GatewayError> {
        self.with(|world| {
            world.requests.push(request.clone());
            let fault = world.faults.pop_front();
            if let Some((error, false)) = fault {
                return Err(error);
            }
            let key = request.idempotency_key("checkout");
            let count = world.sessions.len() + 1;
            let id = world.by_key.entry(key).or_insert_with(|| format!("cs_test_{count}")).clone();
            let session = world.sessions.entry(id.clone()).or_insert_with(|| open_session(id, request)).clone();
            match fault {
                Some((error, _)) => Err(error),
                None => Ok(session),
            }
        })
    }
}

fn open_session(id: String, request: &SessionRequest) -> SessionFact {
    let off = request.discount.as_ref().map_or(0, |discount| discount.amount_off.minor());
    let due = if request.trial_days > 0 { 0 } else { request.list.minor() - off };
    SessionFact {
        url: Some(format!("https://pay.example/{id}")),
        id,
        order: Some(request.order),
        order_text: None,
        status: SessionStatus::Open,
        payment_status: PaymentStatus::Unpaid,
        amount: Some(Money::new(due, request.list.currency())),
        customer: None,
        subscription: None,
        intent: None,
        invoice: None,
    }
}

impl PaymentGateway for FakeGateway {
    async fn create_session(&self, request: &SessionRequest) -> Result<SessionFact, GatewayError> {
        self.make(request)
    }
    async fn session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        self.with(|world| world.sessions.get(id).cloned()).ok_or(GatewayError::NotFound)
    }
    async fn subscription(&self, id: &str) -> Result<SubscriptionFact, GatewayError> {
        self.with(|world| world.subscriptions.get(id).cloned()).ok_or(GatewayError::NotFound)
    }
    async fn invoice_of_intent(&self, _: &str) -> Result<Option<String>, GatewayError> {
        Ok(None)
    }
    async fn intent_of_invoice(&self, _: &str) -> Result<Option<String>, GatewayError> {
        Ok(None)
    }
    async fn charge_of(&self, intent: &str) -> Result<Option<ChargeFact>, GatewayError> {
        Ok(self.charge(intent))
    }
    async fn refund(&self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        let fault = self.with(|world| world.faults.pop_front());
        if let Some((error, false)) = fault {
            return Err(error);
        }
        let fact = self.send_back(intent, refund)?;
        match fault {
            Some((error, _)) => Err(error),
            None => Ok(fact),
        }
    }
    async fn find_refund(&self, _: &str, refund: &Refund) -> Result<Option<RefundFact>, GatewayError> {
        Ok(self.with(|world| world.refunds.values().find(|fact| fact.refund == Some(refund.id)).cloned()))
    }
    async fn end_subscription(&self, id: &str) -> Result<(), GatewayError> {
        self.with(|world| {
            world.ended.push(id.to_owned());
            if let Some(subscription) = world.subscriptions.get_mut(id) {
                "canceled".clone_into(&mut subscription.status);
            }
        });
        Ok(())
    }
    async fn close_session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        self.edit(id, |session| {
            if session.status == SessionStatus::Open {
                session.status = SessionStatus::Expired;
                session.url = None;
            }
        });
        self.session(id).await
    }
    async fn portal(&self, customer: &str, return_url: &str) -> Result<String, GatewayError> {
        Ok(format!("https://pay.example/portal/{customer}?return={return_url}"))
    }
    async fn events(&self, _: Window, _: Option<&str>) -> Result<Page<IncomingEvent>, GatewayError> {
        let bodies = self.with(|world| world.events.clone());
        Ok(Page::only(bodies.iter().rev().map(|body| self.envelope(body.as_bytes(), Timestamp::UNIX_EPOCH)).collect()))
    }
    async fn sessions(&self, _: Window, _: Option<&str>) -> Result<Page<SessionFact>, GatewayError> {
        Ok(Page::only(self.all_sessions()))
    }
    async fn charges(&self, _: Window, _: Option<&str>) -> Result<Page<ChargeFact>, GatewayError> {
        Ok(Page::only(self.with(|world| world.charges.values().cloned().collect())))
    }
    fn envelope(&self, raw: &[u8], received_at: Timestamp) -> IncomingEvent {
        let text = String::from_utf8_lossy(raw).into_owned();
        let kind = text.split(' ').next().unwrap_or_default().to_owned();
        IncomingEvent {
            id: text,
            kind,
            api_version: None,
            created: None,
            livemode: Some(false),
            object: None,
            raw: raw.to_vec(),
            received_at,
        }
    }
    /// Reads `<type> <session id>`, as [`FakeGateway::pay`] writes it.
    fn decode(&self, raw: &[u8]) -> Result<GatewayEvent, DecodeError> {
        let text = String::from_utf8_lossy(raw).into_owned();
        let (kind, id) = text.split_once(' ').ok_or_else(|| DecodeError("no session".to_owned()))?;
        let trigger = match kind {
            "checkout.session.completed" => SessionTrigger::Completed,
            "checkout.session.async_payment_succeeded" => SessionTrigger::AsyncSucceeded,
            "checkout.session.async_payment_failed" => SessionTrigger::AsyncFailed,
            "checkout.session.expired" => SessionTrigger::Expired,
            _ => return Err(DecodeError("not an event of the fake".to_owned())),
        };
        let session = self.with(|world| world.sessions.get(id).cloned());
        let session = session.ok_or_else(|| DecodeError("no such session".to_owned()))?;
        Ok(GatewayEvent {
            id: text.clone(),
            kind: kind.to_owned(),
            created: Timestamp::UNIX_EPOCH,
            livemode: false,
            foreign_account: false,
            fact: GatewayFact::Session(trigger, session),
        })
    }
    fn livemode(&self) -> bool {
        false
    }
}
