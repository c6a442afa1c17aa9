//! What is known at the end: the customers' history, our own record, and what really happened.

mod record;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::{
    record::{read_record, standing, unfinished, unpaid_among},
    truth::{paid_and_pending, read_truth},
};
use crate::history::{Entry, Op, Phase};

/// What a customer knows of their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// Confirmed, under this id.
    Confirmed(String),
    /// No answer.
    Unknown,
    /// Refused.
    Refused,
}

/// One customer's purchase.
#[derive(Debug, Clone)]
pub(crate) struct Purchase {
    pub(crate) email: String,
    pub(crate) word: Word,
}

/// An order on our record.
#[derive(Debug, Clone)]
pub(crate) struct OrderRow {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) email: String,
    pub(crate) provider: String,
    pub(crate) guest: bool,
}

/// A payment on our record.
#[derive(Debug, Clone)]
pub(crate) struct PaymentRow {
    pub(crate) order: String,
    pub(crate) status: String,
    pub(crate) amount: i64,
}

/// A service on our record.
#[derive(Debug, Clone)]
pub(crate) struct ServiceRow {
    pub(crate) id: String,
    pub(crate) order: String,
    pub(crate) status: String,
}

/// A mail on our record.
#[derive(Debug, Clone)]
pub(crate) struct MailRow {
    pub(crate) to: String,
    pub(crate) template: String,
    pub(crate) order: Option<String>,
    pub(crate) status: String,
    pub(crate) message_id: Option<String>,
}

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    pub(crate) message_id: String,
}

/// A job that is still there.
#[derive(Debug, Clone)]
pub(crate) struct JobRow {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) runs: bool,
    /// The shop looks after itself again and again; such a job may be there at any time.
    pub(crate) scheduled: bool,
    pub(crate) detail: String,
}

/// A recorded end of a try.
#[derive(Debug, Clone)]
pub(crate) struct TryRow {
    pub(crate) job: i64,
    pub(crate) lease: i64,
    pub(crate) outcome: String,
}

/// A payment page at Stripe.
#[derive(Debug, Clone)]
pub(crate) struct SessionFact {
    pub(crate) id: String,
    pub(crate) order: String,
    pub(crate) paid: bool,
    pub(crate) amount: i64,
}

/// A server in the panel.
#[derive(Debug, Clone)]
pub(crate) struct ServerFact {
    pub(crate) id: String,
    pub(crate) external_id: String,
    pub(crate) ready: bool,
}

/// Everything that the checker is given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) purchases: Vec<Purchase>,
    pub(crate) orders: Vec<OrderRow>,
    /// What happened to each order, in order.
    pub(crate) timeline: BTreeMap<String, Vec<String>>,
    pub(crate) payments: Vec<PaymentRow>,
    pub(crate) services: Vec<ServiceRow>,
    /// Orders that have a website, once for each.
    pub(crate) sites: Vec<String>,
    pub(crate) mails: Vec<MailRow>,
    pub(crate) arrived: Vec<Arrived>,
    pub(crate) jobs: Vec<JobRow>,
    pub(crate) tries: Vec<TryRow>,
    /// Orders that a person is asked to look at, and why.
    pub(crate) cases: BTreeMap<String, String>,
    /// Every time an order was put before a person, even if that passed by itself.
    pub(crate) alarms: Vec<(String, String)>,
    pub(crate) sessions: Vec<SessionFact>,
    pub(crate) servers: Vec<ServerFact>,
    /// Events that we answered with 200.
    pub(crate) acknowledged: BTreeSet<String>,
    /// Events on our record, with what was made of them.
    pub(crate) events: BTreeMap<String, Option<String>>,
    /// Leases that frozen workers lost before they were thawed.
    pub(crate) lost_leases: Vec<(i64, i64)>,
    /// Calls that the panel refused for being too many, and the most that one minute had.
    pub(crate) throttled: u64,
    pub(crate) busiest_minute: u64,
    /// Programs that ended by themselves.
    pub(crate) falls: Vec<String>,
}

/// The purchases of a history.
pub(crate) fn purchases(history: &[Entry]) -> Vec<Purchase> {
    let mut known: BTreeMap<u32, Purchase> = BTreeMap::new();
    for entry in history.iter().filter(|entry| entry.op == Op::Order) {
        let word = match (entry.phase, &entry.order) {
            (Phase::Ok, Some(order)) => Word::Confirmed(order.clone()),
            (Phase::Fail, _) => Word::Refused,
            (Phase::Ok | Phase::Info | Phase::Invoke, _) => Word::Unknown,
        };
        known.insert(entry.buyer, Purchase { email: entry.email.clone(), word });
    }
    known.into_values().collect()
}
