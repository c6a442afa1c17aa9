//! The payment gateway: what was truly paid, under which keys, and which events it sends.

mod money_back;
mod port;

use std::collections::BTreeMap;

use checkout::{GatewayError, SessionRequest};
use kernel::{Id, Money, Timestamp, entity};
use orders::{
    ChargeFact, GatewayFact, InvoiceFact, PaymentStatus, RefundFact, SessionFact, SessionStatus, SessionTrigger,
    SubscriptionFact,
};

use crate::{
    core::{HOUR, MINUTE, Micros, SECOND, State, instant},
    fault::Fault,
    seen::Sometimes,
    spawn::Spawn,
};

pub(crate) use port::Gateway;

/// How long a key is remembered.
const KEY_LIFE: Micros = 24 * HOUR;
/// How long a page stays open.
pub(crate) const PAGE_LIFE: Micros = 35 * MINUTE;

/// A checkout session as it truly is.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) made_at: Micros,
    pub(crate) order: Id<entity::Order>,
    pub(crate) due: Money,
    pub(crate) status: SessionStatus,
    pub(crate) payment: PaymentStatus,
    /// What was truly collected, once it was.
    pub(crate) collected: Option<Money>,
    pub(crate) refunded: i64,
    pub(crate) recurs: bool,
    pub(crate) paid_at: Option<Micros>,
}

/// An event as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) made_at: Micros,
    /// It is ours and in the gateway's list.
    pub(crate) listed: bool,
    pub(crate) kind: &'static str,
    pub(crate) created: Timestamp,
    pub(crate) livemode: bool,
    pub(crate) fact: GatewayFact,
    pub(crate) taken: bool,
}

#[derive(Debug, Clone)]
struct Key {
    at: Micros,
    request: SessionRequest,
    answer: Result<usize, ()>,
}

/// The gateway's memory.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: Vec<Session>,
    pub(crate) events: Vec<Event>,
    keys: BTreeMap<String, Key>,
    refund_keys: BTreeMap<String, (Micros, Result<RefundFact, ()>)>,
    /// What was sent back for the shop, by its refund.
    pub(crate) sent_back: BTreeMap<Id<entity::Refund>, Vec<RefundFact>>,
}

/// `cs_test_7`.
pub(crate) fn session_id(number: usize) -> String {
    format!("cs_test_{number}")
}

fn number(id: &str) -> Option<usize> {
    id.rsplit('_').next()?.parse().ok()
}

impl Ledger {
    /// The sessions of an order.
    pub(crate) fn of(&self, order: Id<entity::Order>) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |session| session.order == order)
    }

    /// Whether the money of an order is here, or a trial was accepted.
    pub(crate) fn is_paid(&self, order: Id<entity::Order>) -> bool {
        self.of(order).any(|session| session.paid_at.is_some())
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Session> {
        self.sessions.get(number(id)?)
    }

    /// A session as the API shows it now.
    pub(crate) fn fact(&self, number: usize) -> Option<SessionFact> {
        let session = self.sessions.get(number)?;
        let id = session_id(number);
        let through = session.status == SessionStatus::Complete;
        let named = |prefix: &str| through.then(|| format!("{prefix}_{number}"));
        Some(SessionFact {
            url: (session.status == SessionStatus::Open).then(|| format!("https://pay.example/{id}")),
            id,
            order: Some(session.order),
            order_text: None,
            status: session.status,
            payment_status: session.payment,
            amount: Some(session.collected.unwrap_or(session.due)),
            customer: named("cus"),
            subscription: if session.recurs { named("sub") } else { None },
            intent: if session.recurs { None } else { named("pi") },
            invoice: if session.recurs { named("in") } else { None },
        })
    }

    /// What was collected by a session and how much of it went back, as the charge that it made.
    fn charge(&self, number: usize) -> Option<ChargeFact> {
        let session = self.sessions.get(number)?;
        let collected = session.collected?;
        Some(ChargeFact {
            id: format!("ch_{number}"),
            intent: Some(format!("pi_{number}")),
            refunded: Some(Money::new(session.refunded, collected.currency())),
            fully: session.refunded == collected.minor(),
            amount: Some(collected),
        })
    }

    /// The order that a session's event is about.
    pub(crate) fn event_order(&self, id: &str) -> Option<Id<entity::Order>> {
        match &self.events.get(number(id)?)?.fact {
            GatewayFact::Session(_, session) => session.order,
            GatewayFact::Subscription(_)
            | GatewayFact::Invoice(..)
            | GatewayFact::Refund(_)
            | GatewayFact::RefundFailed(_)
            | GatewayFact::Dispute(..)
            | GatewayFact::Other => None,
        }
    }

    fn subscription(&self, id: &str) -> Option<SubscriptionFact> {
        let session = self.find(id)?;
        Some(SubscriptionFact {
            id: id.to_owned(),
            order: Some(session.order),
            status: if session.due.is_zero() { "trialing" } else { "active" }.to_owned(),
            period_start: None,
            period_end: None,
            cancel_at_period_end: false,
        })
    }
}

impl State {
    /// Makes a session, or answers as the key's first call was answered.
    pub(crate) fn make_session(&mut self, request: &SessionRequest) -> Result<usize, GatewayError> {
        let key = request.idempotency_key("checkout");
        let now = self.now;
        let known = self.ledger.keys.get(&key).filter(|key| now < key.at + KEY_LIFE).cloned();
        if let Some(known) = known {
            if known.request != *request {
                let message = "the same key with other parameters".to_owned();
                return Err(GatewayError::Refused { code: "idempotency_error".to_owned(), message, request_id: None });
            }
            self.note(Sometimes::KeyReplayed);
            return known.answer.map_err(|()| failed("replayed 500"));
        }
        if self.strikes(Fault::GatewayRefuses) {
            let message = "no".to_owned();
            return Err(GatewayError::Refused { code: "account_invalid".to_owned(), message, request_id: None });
        }
        let fails = self.strikes(Fault::Gateway500);
        let made = if fails && self.dice.percent(50) { None } else { Some(self.open_session(request)) };
        let answer = if fails { Err(()) } else { made.ok_or(()) };
        self.ledger.keys.insert(key, Key { at: now, request: request.clone(), answer });
        answer.map_err(|()| failed("500"))
    }

    fn open_session(&mut self, request: &SessionRequest) -> usize {
        let off = request.discount.as_ref().map_or(0, |discount| discount.amount_off.minor());
        let due = if request.trial_days > 0 { 0 } else { request.list.minor() - off };
        let number = self.ledger.sessions.len();
        self.ledger.sessions.push(Session {
            made_at: self.now,
            order: request.order,
            due: Money::new(due, request.list.currency()),
            status: SessionStatus::Open,
            payment: PaymentStatus::Unpaid,
            collected: None,
            refunded: 0,
            recurs: request.cycle != kernel::BillingCycle::OneTime,
            paid_at: None,
        });
        self.spawns.push(Spawn::Expire { session: number });
        self.say(|_| format!("gateway: session {number} for {}", request.order));
        number
    }

    /// The customer goes through the page. `false` when it is closed.
    pub(crate) fn go_through(&mut self, number: usize, delayed: bool) -> bool {
        let now = self.now;
        let wrong = self.strikes(Fault::WrongAmount);
        let Some(session) = self.ledger.sessions.get_mut(number).filter(|s| s.status == SessionStatus::Open) else {
            return false;
        };
        session.status = SessionStatus::Complete;
        if session.due.is_zero() {
            session.payment = PaymentStatus::NotRequired;
            session.paid_at = Some(now);
        } else if !delayed {
            let off = i64::from(wrong) * 100;
            session.payment = PaymentStatus::Paid;
            session.collected = Some(Money::new(session.due.minor() - off, session.due.currency()));
            session.paid_at = Some(now);
        }
        self.send_session(number, "checkout.session.completed", SessionTrigger::Completed);
        self.send_around(number);
        true
    }

    /// The bank's answer to a delayed payment.
    pub(crate) fn bank_decides(&mut self, number: usize, paid: bool) {
        let now = self.now;
        if let Some(session) = self.ledger.sessions.get_mut(number).filter(|_| paid) {
            session.payment = PaymentStatus::Paid;
            session.collected = Some(session.due);
            session.paid_at = Some(now);
        }
        let (kind, trigger) = if paid {
            ("checkout.session.async_payment_succeeded", SessionTrigger::AsyncSucceeded)
        } else {
            ("checkout.session.async_payment_failed", SessionTrigger::AsyncFailed)
        };
        self.send_session(number, kind, trigger);
    }

    /// The page closes.
    pub(crate) fn close_page(&mut self, number: usize) {
        if let Some(session) = self.ledger.sessions.get_mut(number).filter(|s| s.status == SessionStatus::Open) {
            session.status = SessionStatus::Expired;
            self.send_session(number, "checkout.session.expired", SessionTrigger::Expired);
        }
    }

    /// Money goes back, in part or all of it.
    pub(crate) fn refund(&mut self, number: usize, all: bool) {
        let Some(session) = self.ledger.sessions.get_mut(number) else { return };
        let Some(collected) = session.collected else { return };
        let left = collected.minor() - session.refunded;
        session.refunded += if all { left } else { left / 2 };
        let Some(fact) = self.ledger.charge(number) else { return };
        self.send("charge.refunded", GatewayFact::Refund(fact), false);
    }

    fn send_session(&mut self, number: usize, kind: &'static str, trigger: SessionTrigger) {
        let Some(fact) = self.ledger.fact(number) else { return };
        if self.strikes(Fault::WebhookForged) {
            let mut lie = fact.clone();
            lie.status = SessionStatus::Complete;
            lie.payment_status =
                if lie.payment_status == PaymentStatus::Paid { PaymentStatus::Unpaid } else { PaymentStatus::Paid };
            self.send(kind, GatewayFact::Session(SessionTrigger::Completed, lie), true);
        }
        if self.strikes(Fault::WebhookForeign) {
            let foreign = SessionFact {
                id: format!("cs_live_{}", 1_000_000 + number),
                status: SessionStatus::Complete,
                payment_status: PaymentStatus::Paid,
                ..fact.clone()
            };
            let fact = GatewayFact::Session(SessionTrigger::Completed, foreign);
            self.push_event("checkout.session.completed", fact, true, true);
        }
        self.send(kind, GatewayFact::Session(trigger, fact), false);
    }

    /// What comes along with a recurring payment, in any order.
    fn send_around(&mut self, number: usize) {
        if !self.dice.percent(10) || !self.ledger.sessions.get(number).is_some_and(|session| session.recurs) {
            return;
        }
        let name = format!("sub_{number}");
        if let Some(fact) = self.ledger.subscription(&name) {
            let order = fact.order;
            self.send("customer.subscription.created", GatewayFact::Subscription(fact), false);
            let invoice = InvoiceFact {
                id: format!("in_{number}"),
                subscription: Some(name),
                order,
                amount: None,
                reason: Some("subscription_create".to_owned()),
                intent: None,
                period_end: None,
            };
            self.send("invoice.paid", GatewayFact::Invoice(true, invoice), false);
        }
    }

    /// Sends an event, unless it is lost on the way for ever.
    fn send(&mut self, kind: &'static str, fact: GatewayFact, certain: bool) {
        self.push_event(kind, fact, false, certain);
    }

    fn push_event(&mut self, kind: &'static str, fact: GatewayFact, livemode: bool, certain: bool) {
        let event = self.ledger.events.len();
        // To the second, as the gateway has it: many events share one.
        let created = instant(self.now / SECOND * SECOND);
        let (made_at, listed) = (self.now, !livemode && !certain);
        self.ledger.events.push(Event { made_at, listed, kind, created, livemode, fact, taken: false });
        self.say(|_| format!("gateway: event {event} {kind}"));
        if !certain && self.strikes(Fault::WebhookLost) {
            return;
        }
        let copies = if self.strikes(Fault::WebhookDoubled) { self.dice.between(2, 5) } else { 1 };
        for _ in 0..copies {
            let at = self.now + self.delivery_delay();
            self.spawns.push(Spawn::Deliver { event, at });
        }
    }

    fn delivery_delay(&mut self) -> Micros {
        if self.strikes(Fault::WebhookDelayed) {
            return self.dice.between(HOUR, 72 * HOUR);
        }
        if self.strikes(Fault::WebhookReordered) {
            return self.dice.between(SECOND, 2 * MINUTE);
        }
        self.dice.between(SECOND / 100, SECOND)
    }
}

fn failed(detail: &str) -> GatewayError {
    GatewayError::Failed { detail: detail.to_owned() }
}
