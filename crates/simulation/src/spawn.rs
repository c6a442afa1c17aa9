//! What a task wants to have started besides itself.

use std::sync::{Arc, Mutex, PoisonError};

use checkout::CheckoutRequest;
use flows::SessionStarted;
use kernel::{Id, entity};

use crate::core::Micros;

/// A new task.
#[derive(Debug, Clone)]
pub(crate) enum Spawn {
    /// A call to our API.
    Api(Request, Reply),
    /// The gateway delivers an event, first at this time.
    Deliver { event: usize, at: Micros },
    /// The panel does late what it was asked for.
    Land { server: Box<provisioning::ServiceOrder>, at: Micros },
    /// A session is left unpaid until it closes.
    Expire { session: usize },
    /// The bank decides about a delayed payment.
    Settle { session: usize, at: Micros, paid: bool },
    /// The next buyer.
    Customer(usize),
    /// The shop's operator begins to look around.
    Operator,
    /// A dead job's case is opened.
    Bury,
}

/// What our API is asked.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// To begin a checkout.
    Checkout(Box<CheckoutRequest>),
    /// To take an event.
    Webhook(Vec<u8>),
    /// The customer is back from the payment page.
    Returned(String),
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The payment page.
    Page(SessionStarted),
    /// No page; the order if one is known.
    NoPage(Option<Id<entity::Order>>, &'static str),
    /// 200.
    Taken,
    /// 503 or the like.
    Failed,
    /// The connection broke.
    Reset,
}

/// Where an answer is put, and who waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) waiter: usize,
    pub(crate) slot: Arc<Mutex<Option<Answer>>>,
}

impl Reply {
    pub(crate) fn put(&self, answer: Answer) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(answer);
        }
    }

    pub(crate) fn take(&self) -> Option<Answer> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
