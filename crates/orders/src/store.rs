//! Where orders are kept.

use std::future::Future;

use accounts::AccountStore;
use cases::CaseStore;
use kernel::{Failure, FailureKind, Id, JobQueue, StoreError, Timestamp, entity};
use notify::MailStore;
use provisioning::{BeginRecordError, ServiceStore};

use crate::{Order, Payment, Refund, Subscription, TimelineEntry, WrongState};

/// Why an operation on an order did not happen.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such order.
    #[error("there is no order {0}")]
    NotFound(Id<entity::Order>),
    /// Its state does not allow it.
    #[error(transparent)]
    State(#[from] WrongState),
    /// Its service's state does not allow it.
    #[error(transparent)]
    Service(#[from] BeginRecordError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for OrderError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound(_) => FailureKind::NotFound,
            Self::State(error) => error.kind(),
            Self::Service(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "order-not-found",
            Self::State(error) => error.code(),
            Self::Service(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// How far a checkout session is, in the operators' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Open.
    Created,
    /// Paid.
    Completed,
    /// Closed unpaid.
    Expired,
}

impl SessionState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Completed => "completed",
            Self::Expired => "expired",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Created, Self::Completed, Self::Expired].into_iter().find(|state| state.as_str() == text)
    }
}

/// The link between a gateway's checkout session and an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSession {
    /// The gateway's id.
    pub session: String,
    /// The order.
    pub order: Id<entity::Order>,
    /// The payment attempt.
    pub payment: Id<entity::Payment>,
    /// How far it is.
    pub state: SessionState,
    /// Where the customer pays.
    pub url: Option<String>,
    /// When we learnt of it.
    pub created_at: Timestamp,
}

/// A gateway event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The gateway's id.
    pub id: String,
    /// The raw body.
    pub raw: Vec<u8>,
    /// What was made of it; `None` while it waits.
    pub outcome: Option<String>,
    /// When it came in.
    pub received_at: Timestamp,
}

/// An order that waits for its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undelivered {
    /// The order.
    pub order: Id<entity::Order>,
    /// The service that it was promised.
    pub service: Id<entity::Service>,
}

/// What was made of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOutcome {
    /// A stable word: `processed`, `ignored`, `unmatched`, `failed`.
    pub word: &'static str,
    /// Why, in a sentence.
    pub detail: String,
    /// The order it was about.
    pub order: Option<Id<entity::Order>>,
}

/// Gateway events inside a transaction.
pub trait EventStore {
    /// A stored event.
    fn event(&mut self, id: &str) -> impl Future<Output = Result<Option<StoredEvent>, StoreError>> + Send;
    /// Up to `limit` events that came in before `before` and of which nothing was made yet, the oldest first.
    fn waiting_events(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, StoreError>> + Send;
    /// Which of these events came in before.
    fn known_events(&mut self, ids: &[String]) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// The events that an order was found in and that were given up.
    fn events_of(&mut self, order: Id<entity::Order>) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// Forgets what was made of it, so that it is processed once more.
    fn reopen_event(&mut self, id: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Notes what was made of it.
    fn set_event_outcome(
        &mut self,
        id: &str,
        outcome: &EventOutcome,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Orders inside a transaction.
pub trait OrderStore {
    /// Adds an order.
    fn insert_order(&mut self, order: &Order) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Reads an order.
    fn order(&mut self, id: Id<entity::Order>) -> impl Future<Output = Result<Option<Order>, StoreError>> + Send;
    /// Reads an order and keeps others from changing it until the transaction ends.
    fn lock_order(&mut self, id: Id<entity::Order>) -> impl Future<Output = Result<Option<Order>, StoreError>> + Send;
    /// Up to `limit` pending orders whose next check at the gateway is due at `now`, the longest due first. A new order's
    /// first check is due two minutes after it was placed.
    fn orders_to_check(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Order>, StoreError>> + Send;
    /// Says when a pending order is to be checked next.
    fn check_order_at(
        &mut self,
        id: Id<entity::Order>,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Up to `limit` orders that are paid or being delivered and whose service was promised before `before` and does not
    /// run yet, the oldest first, after `after`.
    fn undelivered(
        &mut self,
        before: Timestamp,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Undelivered>, StoreError>> + Send;
    /// Up to `limit` payments that succeeded since `since`, by id, those after `after`. For the ledger.
    fn payments_since(
        &mut self,
        since: Timestamp,
        after: Option<Id<entity::Payment>>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Payment>, StoreError>> + Send;
    /// The attempt that this checkout session paid.
    fn payment_by_session(&mut self, session: &str)
    -> impl Future<Output = Result<Option<Payment>, StoreError>> + Send;
    /// Writes state, customer, dispute and delivery back.
    fn save_order(&mut self, order: &Order) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Adds a line to the order's history.
    fn append_timeline(
        &mut self,
        order: Id<entity::Order>,
        entry: &TimelineEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The order's history, oldest first.
    fn timeline(
        &mut self,
        order: Id<entity::Order>,
    ) -> impl Future<Output = Result<Vec<TimelineEntry>, StoreError>> + Send;
    /// Adds a payment attempt.
    fn insert_payment(&mut self, payment: &Payment) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The latest attempt of an order.
    fn latest_payment(
        &mut self,
        order: Id<entity::Order>,
    ) -> impl Future<Output = Result<Option<Payment>, StoreError>> + Send;
    /// The attempt with this gateway intent or invoice.
    fn payment_by_gateway(
        &mut self,
        intent_or_invoice: &str,
    ) -> impl Future<Output = Result<Option<Payment>, StoreError>> + Send;
    /// Writes an attempt back.
    fn save_payment(&mut self, payment: &Payment) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Links a session to an order, or writes its state and URL back. A known link keeps its order.
    fn save_session(&mut self, session: &OrderSession) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The link of a session.
    fn session_link(&mut self, session: &str) -> impl Future<Output = Result<Option<OrderSession>, StoreError>> + Send;
    /// The newest session of an order.
    fn session_of(
        &mut self,
        order: Id<entity::Order>,
    ) -> impl Future<Output = Result<Option<OrderSession>, StoreError>> + Send;
    /// Adds a subscription or writes its status and period back, by its order.
    fn save_subscription(&mut self, subscription: &Subscription)
    -> impl Future<Output = Result<(), StoreError>> + Send;
    /// An order's subscription.
    fn subscription_of(
        &mut self,
        order: Id<entity::Order>,
    ) -> impl Future<Output = Result<Option<Subscription>, StoreError>> + Send;
    /// Adds a refund.
    fn insert_refund(&mut self, refund: &Refund) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Writes a refund's progress back.
    fn save_refund(&mut self, refund: &Refund) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Reads a refund. Whoever changes it holds its order's lock.
    fn refund(&mut self, id: Id<entity::Refund>) -> impl Future<Output = Result<Option<Refund>, StoreError>> + Send;
    /// The refund with this gateway id.
    fn refund_by_gateway(
        &mut self,
        gateway_id: &str,
    ) -> impl Future<Output = Result<Option<Refund>, StoreError>> + Send;
    /// Up to `limit` refunds that were asked for before `before` and are not sent, the oldest first.
    fn refunds_waiting(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Refund>, StoreError>> + Send;
    /// An order's refunds, oldest first.
    fn refunds_of(&mut self, order: Id<entity::Order>) -> impl Future<Output = Result<Vec<Refund>, StoreError>> + Send;
    /// The subscription with this gateway id.
    fn subscription_by_gateway(
        &mut self,
        gateway_id: &str,
    ) -> impl Future<Output = Result<Option<Subscription>, StoreError>> + Send;
}

/// Everything that an operation on orders may touch in its transaction.
pub trait OrderTx: OrderStore + EventStore + AccountStore + ServiceStore + MailStore + CaseStore + JobQueue {}
impl<T: OrderStore + EventStore + AccountStore + ServiceStore + MailStore + CaseStore + JobQueue> OrderTx for T {}
