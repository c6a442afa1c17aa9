//! The Stripe stand-in: its state and the way of a request through it.
//!
//! A request passes: fault rules, key, route, form, idempotency, parameter table, rules of the endpoint. Whatever the
//! real service refuses is refused here, with its status, type, code and parameter.

mod amounts;
mod coupon;
mod customer;
mod error;
mod event;
mod expand;
mod form;
mod idempotency;
mod invoice;
mod list;
mod params;
mod pay;
mod payment;
mod portal;
mod refund;
mod routes;
mod serve;
mod session;
mod shelf;
mod subscription;

pub(crate) use error::ApiError;
pub(crate) use event::Event;
pub(crate) use idempotency::Idempotency;
pub(crate) use pay::Outcome;
pub(crate) use portal::Portal;
pub(crate) use refund::Refund;
pub(crate) use serve::serve;
pub(crate) use session::{Line, Recurring, Session, Status as SessionStatus};

use crate::dice::Dice;
use crate::options::{EventVersion, Options};
use coupon::Coupon;
use customer::Customer;
use invoice::{Invoice, InvoicePayment};
use payment::{Charge, Intent};
use serde_json::Value;
use shelf::Shelf;
use std::collections::BTreeSet;
use std::sync::Arc;
use subscription::Subscription;

/// One Stripe account in test mode.
#[derive(Debug)]
pub(crate) struct Stripe {
    /// The time of the present piece of work, in seconds.
    pub(crate) now: i64,
    /// Events caused by the present piece of work; the world passes them to the webhook sender.
    pub(crate) outbox: Vec<Arc<Event>>,
    /// The API request that the present piece of work belongs to, for the events it causes.
    cause: Cause,
    public_url: String,
    event_version: EventVersion,
    keep_sessions: usize,
    dice: Arc<Dice>,
    invoices_made: u64,
    /// When which session expires if it is still open then; earliest first.
    expiries: BTreeSet<(i64, String)>,
    pub(crate) sessions: Shelf<Session>,
    pub(crate) coupons: Shelf<Coupon>,
    pub(crate) customers: Shelf<Customer>,
    pub(crate) subscriptions: Shelf<Subscription>,
    pub(crate) invoices: Shelf<Invoice>,
    pub(crate) invoice_payments: Shelf<InvoicePayment>,
    pub(crate) intents: Shelf<Intent>,
    pub(crate) charges: Shelf<Charge>,
    pub(crate) refunds: Shelf<Refund>,
    pub(crate) portals: Shelf<Portal>,
    pub(crate) events: Shelf<Arc<Event>>,
}

/// The API request behind an event; empty when a payer or time caused it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cause {
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl Stripe {
    /// An empty account.
    pub(crate) fn new(options: &Options, public_url: &str, dice: Arc<Dice>) -> Self {
        Self {
            now: 0,
            outbox: Vec::new(),
            cause: Cause::default(),
            public_url: public_url.to_owned(),
            event_version: options.event_version,
            keep_sessions: options.keep_sessions,
            dice,
            invoices_made: 0,
            expiries: BTreeSet::new(),
            sessions: Shelf::default(),
            coupons: Shelf::default(),
            customers: Shelf::default(),
            subscriptions: Shelf::default(),
            invoices: Shelf::default(),
            invoice_payments: Shelf::default(),
            intents: Shelf::default(),
            charges: Shelf::default(),
            refunds: Shelf::default(),
            portals: Shelf::default(),
            events: Shelf::default(),
        }
    }

    /// Sets the shape that new events have.
    pub(crate) fn set_event_version(&mut self, version: EventVersion) {
        self.event_version = version;
    }

    /// The shape that new events have.
    pub(crate) fn shape(&self) -> EventVersion {
        self.event_version
    }

    /// Any object by its id, in the newest shape.
    pub(crate) fn object(&self, id: &str) -> Option<Value> {
        let shape = EventVersion::Endive;
        let (prefix, _) = id.split_once('_')?;
        match prefix {
            "cs" => self.sessions.get(id).map(|session| session.render(shape)),
            "cus" => self.customers.get(id).map(Customer::render),
            "sub" => self.subscriptions.get(id).map(|subscription| subscription.render(shape)),
            "in" => self.invoices.get(id).map(|invoice| invoice.render(shape)),
            "inpay" => self.invoice_payments.get(id).map(InvoicePayment::render),
            "pi" => self.intents.get(id).map(Intent::render),
            "ch" => self.charges.get(id).map(|charge| charge.render(shape)),
            "re" => self.refunds.get(id).map(Refund::render),
            _ => None,
        }
    }
}

/// An object with further members that are null.
fn with_nulls(mut object: Value, names: &[&str]) -> Value {
    if let Some(map) = object.as_object_mut() {
        for name in names {
            map.insert((*name).to_owned(), Value::Null);
        }
    }
    object
}

/// Two objects as one.
fn merged(mut object: Value, more: Value) -> Value {
    if let (Value::Object(map), Value::Object(more)) = (&mut object, more) {
        map.extend(more);
    }
    object
}

/// The text of a parameter.
fn text(params: &Value, pointer: &str) -> Option<String> {
    params.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
