//! The store of everything that an order touches, in memory. A clone is a snapshot, which is how it rolls back.

use std::{sync::Arc, time::Duration};

use accounts::{
    AccountRequest, AccountSession, AccountStore, ApiKey, Challenge, Customer, FactorStore, Passkey, PasswordHash,
    PersonStore, Role, SealedCredential, TokenHash, Totp, User, testing::MemoryAccounts,
};
use audit::{AuditStore, ChainStore, Entry, Link, Row, Settled, Unchained, testing::MemoryAudit};
use cases::{Case, CaseKind, CaseStore, Ending, SweepReport, SweepStore, testing::MemoryCases};
use catalog::{CatalogStore, Coupon, CouponCode, Price, Product, testing::MemoryCatalog};
use kernel::{
    EmailAddress, Enqueued, Id, Job, JobQueue, Lease, Recorded, Slug, StoreError, Timestamp, entity, testing::Table,
};
use notify::{Mail, MailStore, NewMail, testing::MemoryMails};
use outbound::{CallState, OutboundCall, OutboundStore, testing::MemoryCalls};
use provisioning::{Operation, OperationStore, Service, ServiceStore, testing::MemoryServices};

use super::jobs::MemoryJobs;
use crate::{
    EventOutcome, EventStore, Order, OrderSession, OrderState, OrderStore, Payment, PaymentState, Place, Refund,
    RefundState, RoomSeen, StoredEvent, Subscription, TimelineEntry, Undelivered,
};

/// An event and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryEvent {
    /// The raw body.
    pub raw: Arc<[u8]>,
    /// When it came in.
    pub received_at: Timestamp,
    /// What was made of it.
    pub outcome: Option<EventOutcome>,
}

/// How far a sweep has looked, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySweep {
    /// How far it has looked.
    pub cursor: Option<Timestamp>,
    /// How often it ran.
    pub runs: i64,
    /// What it found in all.
    pub found: i64,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    /// Logins and buyers.
    pub accounts: MemoryAccounts,
    /// Products, prices, coupons.
    pub catalog: MemoryCatalog,
    /// The mail log.
    pub mails: MemoryMails,
    /// Services.
    pub services: MemoryServices,
    /// The queue.
    pub jobs: MemoryJobs,
    /// Orders, by id.
    pub orders: Table<Id<entity::Order>, Order>,
    /// Histories.
    pub timelines: Table<Id<entity::Order>, Vec<Arc<TimelineEntry>>>,
    /// What providers said of the room they have.
    pub rooms: Table<Place, RoomSeen>,
    /// Payment attempts, by id.
    pub payments: Table<Id<entity::Payment>, Payment>,
    /// Session links, by the gateway's id.
    pub sessions: Table<String, OrderSession>,
    /// Subscriptions, by order.
    pub subscriptions: Table<Id<entity::Order>, Subscription>,
    /// Refunds, by id.
    pub refunds: Table<Id<entity::Refund>, Refund>,
    /// Gateway events, by id.
    pub events: Table<String, MemoryEvent>,
    /// When pending orders are checked next.
    pub checks: Table<Id<entity::Order>, Timestamp>,
    /// Cases.
    pub cases: MemoryCases,
    /// Calls to the world.
    pub calls: MemoryCalls,
    /// The audit trail.
    pub audit: MemoryAudit,
    /// Sweeps: how far each has looked, and what it found.
    pub sweeps: Table<String, MemorySweep>,
    /// Clients' checkout keys, by scope and key: fingerprint and order.
    pub client_keys: Table<(String, String), (String, Id<entity::Order>)>,
}

impl OrderStore for MemoryStore {
    async fn insert_order(&mut self, order: &Order) -> Result<(), StoreError> {
        if self.orders.insert(order.id, order.clone()).is_some() {
            return Err(StoreError::bug(format!("{} stands there already", order.id)));
        }
        self.checks.insert(order.id, order.created_at + chrono::Duration::minutes(2));
        Ok(())
    }
    async fn order(&mut self, id: Id<entity::Order>) -> Result<Option<Order>, StoreError> {
        Ok(self.orders.get(&id).cloned())
    }
    async fn lock_order(&mut self, id: Id<entity::Order>) -> Result<Option<Order>, StoreError> {
        Ok(self.orders.get(&id).cloned())
    }
    async fn orders_to_check(&mut self, now: Timestamp, limit: i64) -> Result<Vec<Order>, StoreError> {
        let pending = self.orders.values().filter(|order| order.state == OrderState::Pending);
        let due = |order: &&Order| self.checks.get(&order.id).is_some_and(|at| *at <= now);
        let mut due: Vec<Order> = pending.filter(due).cloned().collect();
        due.sort_by_key(|order| self.checks.get(&order.id).copied());
        due.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(due)
    }
    async fn check_order_at(&mut self, id: Id<entity::Order>, at: Timestamp) -> Result<(), StoreError> {
        self.checks.insert(id, at);
        Ok(())
    }
    async fn undelivered(
        &mut self,
        before: Timestamp,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Undelivered>, StoreError> {
        let waits = |service: &&Service| {
            let open = self.orders.get(&service.order).map(|order| &order.state);
            matches!(open, Some(OrderState::Paid | OrderState::Provisioning))
                && !service.state.delivery_is_over()
                && service.created_at < before
                && after.is_none_or(|id| service.id > id)
        };
        let found = self.services.services.values().filter(waits);
        let found = found.map(|service| Undelivered { order: service.order, service: service.id });
        Ok(found.take(usize::try_from(limit).unwrap_or(0)).collect())
    }
    async fn payments_since(
        &mut self,
        since: Timestamp,
        after: Option<Id<entity::Payment>>,
        limit: i64,
    ) -> Result<Vec<Payment>, StoreError> {
        let paid = |payment: &&Payment| {
            matches!(payment.state, PaymentState::Succeeded | PaymentState::PartiallyRefunded | PaymentState::Refunded)
                && payment.created_at >= since
                && after.is_none_or(|id| payment.id > id)
        };
        Ok(self.payments.values().filter(paid).take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }
    async fn payment_by_session(&mut self, session: &str) -> Result<Option<Payment>, StoreError> {
        Ok(self.payments.values().find(|payment| payment.session.as_deref() == Some(session)).cloned())
    }
    async fn save_order(&mut self, order: &Order) -> Result<(), StoreError> {
        self.orders.insert(order.id, order.clone());
        Ok(())
    }
    async fn append_timeline(&mut self, order: Id<entity::Order>, entry: &TimelineEntry) -> Result<(), StoreError> {
        self.timelines.get_or_insert_with(order, Vec::new).push(Arc::new(entry.clone()));
        Ok(())
    }
    async fn timeline(&mut self, order: Id<entity::Order>) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(self.timelines.get(&order).into_iter().flatten().map(|entry| TimelineEntry::clone(entry)).collect())
    }
    async fn insert_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        self.payments.insert(payment.id, payment.clone());
        Ok(())
    }
    async fn latest_payment(&mut self, order: Id<entity::Order>) -> Result<Option<Payment>, StoreError> {
        let of_order = self.payments.values().filter(|payment| payment.order == order);
        Ok(of_order.max_by_key(|payment| payment.attempt).cloned())
    }
    async fn payment_by_gateway(&mut self, id: &str) -> Result<Option<Payment>, StoreError> {
        let known =
            |payment: &&Payment| payment.intent.as_deref() == Some(id) || payment.invoice.as_deref() == Some(id);
        Ok(self.payments.values().find(known).cloned())
    }
    async fn save_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        self.payments.insert(payment.id, payment.clone());
        Ok(())
    }
    async fn save_session(&mut self, session: &OrderSession) -> Result<(), StoreError> {
        let known = self.sessions.get_or_insert_with(session.session.clone(), || session.clone());
        known.state = session.state;
        known.url = session.url.clone().or(known.url.take());
        Ok(())
    }
    async fn session_link(&mut self, session: &str) -> Result<Option<OrderSession>, StoreError> {
        Ok(self.sessions.get(session).cloned())
    }
    async fn session_of(&mut self, order: Id<entity::Order>) -> Result<Option<OrderSession>, StoreError> {
        let of_order = self.sessions.values().filter(|session| session.order == order);
        Ok(of_order.max_by_key(|session| session.created_at).cloned())
    }
    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let known = self.subscriptions.get_or_insert_with(subscription.order, || subscription.clone());
        *known = Subscription { id: known.id, ..subscription.clone() };
        Ok(())
    }
    async fn subscription_of(&mut self, order: Id<entity::Order>) -> Result<Option<Subscription>, StoreError> {
        Ok(self.subscriptions.get(&order).cloned())
    }
    async fn insert_refund(&mut self, refund: &Refund) -> Result<(), StoreError> {
        self.refunds.insert(refund.id, refund.clone());
        Ok(())
    }
    async fn save_refund(&mut self, refund: &Refund) -> Result<(), StoreError> {
        self.refunds.insert(refund.id, refund.clone());
        Ok(())
    }
    async fn refund(&mut self, id: Id<entity::Refund>) -> Result<Option<Refund>, StoreError> {
        Ok(self.refunds.get(&id).cloned())
    }
    async fn refund_by_gateway(&mut self, gateway_id: &str) -> Result<Option<Refund>, StoreError> {
        Ok(self.refunds.values().find(|refund| refund.gateway_id.as_deref() == Some(gateway_id)).cloned())
    }
    async fn refunds_waiting(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Refund>, StoreError> {
        let waits = |refund: &&Refund| refund.state == RefundState::Asked && refund.created_at < before;
        Ok(self.refunds.values().filter(waits).take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }
    async fn refunds_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Refund>, StoreError> {
        Ok(self.refunds.values().filter(|refund| refund.order == order).cloned().collect())
    }
    async fn subscription_by_gateway(&mut self, gateway_id: &str) -> Result<Option<Subscription>, StoreError> {
        Ok(self.subscriptions.values().find(|s| s.gateway_id.as_deref() == Some(gateway_id)).cloned())
    }
}

impl EventStore for MemoryStore {
    async fn event(&mut self, id: &str) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.events.get(id).map(|event| StoredEvent {
            id: id.to_owned(),
            raw: event.raw.to_vec(),
            outcome: event.outcome.as_ref().map(|outcome| outcome.word.to_owned()),
            received_at: event.received_at,
        }))
    }
    async fn waiting_events(&mut self, before: Timestamp, limit: i64) -> Result<Vec<StoredEvent>, StoreError> {
        let waits = |event: &&(&String, &MemoryEvent)| event.1.outcome.is_none() && event.1.received_at < before;
        let mut waiting: Vec<(&String, &MemoryEvent)> = self.events.iter().filter(|event| waits(&event)).collect();
        waiting.sort_by_key(|(_, event)| event.received_at);
        let read = |(id, event): (&String, &MemoryEvent)| StoredEvent {
            id: id.clone(),
            raw: event.raw.to_vec(),
            outcome: None,
            received_at: event.received_at,
        };
        Ok(waiting.into_iter().take(usize::try_from(limit).unwrap_or(0)).map(read).collect())
    }
    async fn known_events(&mut self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        Ok(ids.iter().filter(|id| self.events.contains_key(*id)).cloned().collect())
    }
    async fn events_of(&mut self, order: Id<entity::Order>) -> Result<Vec<String>, StoreError> {
        let given_up = |event: &MemoryEvent| {
            event.outcome.as_ref().is_some_and(|outcome| outcome.order == Some(order) && outcome.word == "failed")
        };
        Ok(self.events.iter().filter(|(_, event)| given_up(event)).map(|(id, _)| id.clone()).collect())
    }
    async fn reopen_event(&mut self, id: &str) -> Result<(), StoreError> {
        if let Some(event) = self.events.get_mut(id) {
            event.outcome = None;
        }
        Ok(())
    }
    async fn set_event_outcome(&mut self, id: &str, outcome: &EventOutcome, _: Timestamp) -> Result<(), StoreError> {
        if let Some(event) = self.events.get_mut(id) {
            event.outcome = Some(outcome.clone());
        }
        Ok(())
    }
}

/// Hands every method of a port to the part that implements it.
macro_rules! delegate {
    ($port:path => $part:ident; $(fn $name:ident($($arg:ident: $of:ty),*) -> $out:ty;)*) => {
        impl $port for MemoryStore {
            $(async fn $name(&mut self, $($arg: $of),*) -> Result<$out, StoreError> {
                self.$part.$name($($arg),*).await
            })*
        }
    };
}

delegate! { AccountStore => accounts;
    fn user_by_email(email: &EmailAddress) -> Option<User>;
    fn user(id: Id<entity::User>) -> Option<User>;
    fn insert_user(user: &User) -> bool;
    fn customer_of(user: Id<entity::User>) -> Option<Customer>;
    fn insert_customer(customer: &Customer) -> ();
    fn set_gateway_customer(id: Id<entity::Customer>, gateway_id: &str) -> ();
    fn customer(id: Id<entity::Customer>) -> Option<Customer>;
    fn set_role(id: Id<entity::User>, role: Role) -> ();
    fn lock_staff() -> ();
    fn staff() -> Vec<User>;
    fn prove_session(id: Id<entity::Session>, at: Timestamp) -> ();
    fn insert_api_key(key: &ApiKey) -> ();
    fn api_key_by_token(token: &TokenHash) -> Option<ApiKey>;
    fn api_keys_of(user: Id<entity::User>) -> Vec<ApiKey>;
    fn touch_api_key(id: Id<entity::ApiKey>, at: Timestamp) -> ();
    fn revoke_api_key(id: Id<entity::ApiKey>, at: Timestamp) -> ();
    fn insert_session(session: &AccountSession) -> ();
    fn session(id: Id<entity::Session>) -> Option<AccountSession>;
    fn revoke_session(id: Id<entity::Session>, at: Timestamp) -> ();
    fn session_by_token(token: &TokenHash) -> Option<AccountSession>;
    fn sessions_of(user: Id<entity::User>) -> Vec<AccountSession>;
    fn set_session_token(id: Id<entity::Session>, token: &TokenHash) -> ();
    fn touch_session(id: Id<entity::Session>, at: Timestamp) -> ();
    fn revoke_sessions(user: Id<entity::User>, keep: Option<Id<entity::Session>>, at: Timestamp) -> ();
    fn revoke_all_sessions(at: Timestamp) -> usize;
    fn set_email(id: Id<entity::User>, email: &EmailAddress) -> bool;
    fn insert_request(request: &AccountRequest) -> ();
    fn request(id: Id<entity::AccountRequest>) -> Option<AccountRequest>;
    fn request_by_token(token: &TokenHash) -> Option<AccountRequest>;
    fn update_request(request: &AccountRequest) -> ();
    fn settle_resets(user: Id<entity::User>, at: Timestamp) -> ();
    fn forget_requests(before: Timestamp) -> ();
    fn set_password(id: Id<entity::User>, password: &PasswordHash) -> ();
    fn rehash_password(id: Id<entity::User>, from: &PasswordHash, to: &PasswordHash) -> ();
    fn insert_sealed(credential: &SealedCredential) -> ();
    fn sealed(id: Id<entity::SealedSecret>) -> Option<SealedCredential>;
    fn delete_sealed(id: Id<entity::SealedSecret>) -> ();
}

delegate! { PersonStore => accounts;
    fn export_person(customer: &Customer) -> String;
    fn not_over(customer: &Customer) -> Vec<String>;
    fn erase_person(customer: &Customer) -> ();
}

delegate! { FactorStore => accounts;
    fn lock_factors(user: Id<entity::User>) -> ();
    fn totp(user: Id<entity::User>) -> Option<Totp>;
    fn save_totp(totp: &Totp) -> ();
    fn take_totp_step(user: Id<entity::User>, step: i64) -> bool;
    fn delete_totp(user: Id<entity::User>) -> bool;
    fn set_recovery_codes(user: Id<entity::User>, codes: &[TokenHash]) -> ();
    fn take_recovery_code(user: Id<entity::User>, code: &TokenHash, at: Timestamp) -> bool;
    fn recovery_codes_left(user: Id<entity::User>) -> usize;
    fn insert_passkey(passkey: &Passkey) -> bool;
    fn passkeys_of(user: Id<entity::User>) -> Vec<Passkey>;
    fn passkey_by_credential(credential: &[u8]) -> Option<Passkey>;
    fn passkey_used(id: Id<entity::Passkey>, key: &str, at: Timestamp) -> ();
    fn rename_passkey(user: Id<entity::User>, id: Id<entity::Passkey>, name: &str) -> bool;
    fn delete_passkey(user: Id<entity::User>, id: Id<entity::Passkey>) -> bool;
    fn insert_challenge(challenge: &Challenge) -> ();
    fn take_challenge(id: Id<entity::PasskeyChallenge>) -> Option<Challenge>;
    fn forget_challenges(before: Timestamp) -> ();
}

delegate! { OutboundStore => calls;
    fn open_call(call: &OutboundCall) -> OutboundCall;
    fn lock_call(key: &str) -> Option<OutboundCall>;
    fn settle_call(key: &str, state: CallState, detail: &str) -> ();
    fn note_absent(key: &str, since: Timestamp) -> ();
}

delegate! { AuditStore => audit;
    fn append(entry: &Entry) -> ();
}

delegate! { ChainStore => audit;
    fn lock_chain() -> bool;
    fn chain_end() -> Option<Link>;
    fn settled_entries(limit: i64) -> Vec<Settled>;
    fn add_links(links: &[Link]) -> ();
    fn chain_after(position: i64, limit: i64) -> Vec<Row>;
    fn unchained(before: Timestamp) -> Unchained;
}

impl SweepStore for MemoryStore {
    async fn sweep_cursor(&mut self, sweep: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.sweeps.get(sweep).and_then(|sweep| sweep.cursor))
    }
    async fn record_sweep(&mut self, sweep: &str, report: &SweepReport) -> Result<(), StoreError> {
        let known = self.sweeps.get_or_insert_with(sweep.to_owned(), MemorySweep::default);
        known.cursor = report.cursor.or(known.cursor);
        known.runs += 1;
        known.found += report.found;
        Ok(())
    }
}

delegate! { CatalogStore => catalog;
    fn active_products() -> Vec<Product>;
    fn all_products() -> Vec<Product>;
    fn active_product(code: &str) -> Option<Product>;
    fn coupon(code: &CouponCode) -> Option<Coupon>;
    fn all_coupons() -> Vec<Coupon>;
    fn lock_catalog() -> ();
    fn save_product(product: &Product) -> ();
    fn save_price(product: Id<entity::Product>, price: &Price) -> ();
    fn retire_product(id: Id<entity::Product>) -> ();
    fn retire_price(id: Id<entity::Price>) -> ();
    fn save_coupon(coupon: &Coupon) -> ();
}

delegate! { MailStore => mails;
    fn insert_mail(mail: &NewMail) -> ();
    fn mail(id: Id<entity::Mail>) -> Option<Mail>;
    fn mail_like(mail: &Mail, since: Timestamp) -> Option<Mail>;
    fn mark_sent(id: Id<entity::Mail>, at: Timestamp, message_id: &str) -> ();
    fn mark_failed(id: Id<entity::Mail>, error: &str, finally: bool) -> ();
    fn waiting_mails(before: Timestamp, limit: i64) -> Vec<Mail>;
}

delegate! { CaseStore => cases;
    fn open_case(case: &Case) -> bool;
    fn case(id: Id<entity::Case>) -> Option<Case>;
    fn lock_case(id: Id<entity::Case>) -> Option<Case>;
    fn save_case(case: &Case) -> ();
    fn close_cause(kind: CaseKind, subject: &str, ending: &Ending) -> bool;
    fn close_order_causes(order: Id<entity::Order>, kinds: &[CaseKind], ending: &Ending) -> usize;
    fn open_cases_of(order: Id<entity::Order>) -> Vec<Case>;
    fn open_cases_of_kind(kind: CaseKind, limit: i64) -> Vec<Case>;
}

delegate! { ServiceStore => services;
    fn insert_service(service: &Service) -> bool;
    fn service(id: Id<entity::Service>) -> Option<Service>;
    fn lock_service(id: Id<entity::Service>) -> Option<Service>;
    fn service_of(order: Id<entity::Order>) -> Option<Service>;
    fn save_service(service: &Service) -> ();
    fn services_at(provider: &Slug, after: Option<Id<entity::Service>>, limit: i64) -> Vec<Service>;
}

delegate! { OperationStore => services;
    fn insert_operation(operation: &Operation) -> bool;
    fn lock_operation(id: Id<entity::ServiceOperation>) -> Option<Operation>;
    fn open_operation(service: Id<entity::Service>) -> Option<Operation>;
    fn operations_under_way(before: Timestamp, limit: i64) -> Vec<Operation>;
    fn operations_of(service: Id<entity::Service>, limit: i64) -> Vec<Operation>;
    fn save_operation(operation: &Operation) -> ();
}

impl JobQueue for MemoryStore {
    async fn enqueue_in<J: Job>(&mut self, job: &J, delay: Duration) -> Result<Enqueued, StoreError> {
        self.jobs.enqueue_in(job, delay).await
    }
    async fn complete(&mut self, lease: Lease) -> Result<Recorded, StoreError> {
        self.jobs.complete(lease).await
    }
    async fn now(&mut self) -> Result<Timestamp, StoreError> {
        self.jobs.now().await
    }
    async fn still_held(&mut self, lease: Lease) -> Result<(), StoreError> {
        self.jobs.still_held(lease).await
    }
    async fn snooze(&mut self, lease: Lease, delay: Duration) -> Result<Recorded, StoreError> {
        self.jobs.snooze(lease, delay).await
    }
}
