//! What must hold at every commit and every effect.

use std::sync::Arc;

use accounts::TokenHash;
use checkout::SessionRequest;
use flows::SessionStarted;
use kernel::{Id, entity};
use notify::{Mail, MailStatus, Message};
use orders::{Order, OrderState, PaymentState, testing::MemoryStore};
use provisioning::{ServiceOrder, ServiceState};
use secrecy::SecretString;

use super::Rule;
use crate::{
    core::{State, micros},
    seen::Sometimes,
};

/// What the history says when an order gets into a state.
const fn words(state: &OrderState) -> &'static [&'static str] {
    match state {
        OrderState::Pending => &["placed"],
        OrderState::Paid => &["paid"],
        OrderState::Provisioning => &["provisioning", "delivery_retried"],
        OrderState::Provisioned => &["provisioned"],
        OrderState::Expired => &["expired"],
        OrderState::Cancelled { .. } => &["payment_failed", "payment_page_refused", "cancelled"],
        OrderState::NeedsAttention { .. } => &["needs_attention"],
        OrderState::RefundPending => &["refund_of_all_asked"],
        OrderState::Refunded => &["refunded_in_full"],
    }
}

const ALL_WORDS: [&str; 12] = [
    "placed",
    "paid",
    "provisioning",
    "delivery_retried",
    "provisioned",
    "expired",
    "payment_failed",
    "payment_page_refused",
    "needs_attention",
    "cancelled",
    "refund_of_all_asked",
    "refunded_in_full",
];

/// How far an order is; a case and what follows it may come at any time.
const fn rank(state: &OrderState) -> u8 {
    match state {
        OrderState::Pending => 0,
        OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::NeedsAttention { from: orders::Resume::Pending, .. } => 1,
        OrderState::Paid | OrderState::NeedsAttention { from: orders::Resume::Paid, .. } => 2,
        OrderState::Provisioning | OrderState::NeedsAttention { from: orders::Resume::Provisioning, .. } => 3,
        OrderState::Provisioned => 4,
        OrderState::RefundPending => 5,
        OrderState::Refunded => 6,
    }
}

impl State {
    /// A transaction committed: `before` is what it began with.
    pub(crate) fn check_commit(&mut self, before: &MemoryStore) {
        self.check_jobs(&before.jobs.live);
        if !self.store.orders.is_same(&before.orders) || !self.store.timelines.is_same(&before.timelines) {
            let orders = self.store.orders.clone();
            for (id, order) in orders.shared() {
                let old = before.orders.share(id);
                self.check_order(*id, old.map(Arc::as_ref), order, before);
            }
        }
        self.check_payments(before);
        self.check_services(before);
    }

    fn check_order(&mut self, id: Id<entity::Order>, old: Option<&Order>, new: &Order, before: &MemoryStore) {
        let known = before.timelines.get(&id).map_or(0, Vec::len);
        let lines = self.store.timelines.get(&id).map_or(0, Vec::len);
        if lines == known && old.is_some_and(|old| std::ptr::eq(old, new)) {
            return;
        }
        let changed = old.is_none_or(|old| old.state != new.state);
        let added = self.store.timelines.get(&id).into_iter().flatten().skip(known);
        let said: Vec<String> =
            added.map(|line| line.event.clone()).filter(|event| ALL_WORDS.contains(&event.as_str())).collect();
        // A case is told again with a newer reason, and a delivery that is under way may be asked for again.
        let again = matches!(new.state, OrderState::NeedsAttention { .. }) || said == ["delivery_retried"];
        let right = if changed {
            said.len() == 1 && said.iter().all(|word| words(&new.state).contains(&word.as_str()))
        } else {
            said.is_empty() || again
        };
        self.holds(right, Rule::S8, || format!("{id} is {} and its history says {said:?}", new.state.as_str()));
        if !changed {
            return;
        }
        if old.is_none() {
            self.maybe_poison(id);
        }
        if let Some(old) = old {
            let forward = rank(&new.state) >= rank(&old.state);
            self.holds(forward, Rule::S3, || {
                format!("{id} went from {} to {}", old.state.as_str(), new.state.as_str())
            });
        }
        self.reached(id, old, new);
    }

    /// Now and then an order comes that takes down whoever works on it.
    fn maybe_poison(&mut self, order: Id<entity::Order>) {
        if self.poison.is_none() && self.dice.chance(self.plan.chance(crate::fault::Fault::PoisonJob)) {
            let kinds = ["payments.process_event", "service.deliver", "mail.send"];
            let kind = kinds.get(self.dice.index(kinds.len())).copied().unwrap_or_default();
            self.poison = Some(crate::core::Poison { order, kind });
            self.say(|_| format!("{order}: its {kind} kills workers"));
        }
    }

    fn reached(&mut self, id: Id<entity::Order>, old: Option<&Order>, new: &Order) {
        self.say(|_| format!("order {id} is {}", new.state.as_str()));
        let now = self.now;
        match &new.state {
            OrderState::Paid => {
                if old.is_some_and(|old| matches!(old.state, OrderState::Expired | OrderState::Cancelled { .. })) {
                    self.note(Sometimes::Revived);
                }
                if self.who.process == crate::core::API && !new.line.is_free() {
                    self.note(Sometimes::SecondDoor);
                }
                let paid = self.is_paid(new);
                self.holds(paid, Rule::S2, || format!("{id} counts as paid and is not"));
            }
            OrderState::Expired => self.note(Sometimes::Expired),
            OrderState::Cancelled { .. } => self.note(Sometimes::PaymentFailed),
            OrderState::NeedsAttention { reason, next_step, .. } => {
                self.check.settled.entry(id).or_insert(now);
                self.note(Sometimes::Attention);
                let says = !reason.is_empty() && !next_step.is_empty();
                self.holds(says, Rule::S15, || format!("{id} does not say what is to be done"));
                if reason.starts_with("the gateway reports") {
                    self.note(Sometimes::Mismatch);
                    self.check.excuse(id);
                }
                if self.store.calls.calls.values().any(|call| call.order == Some(id) && call.calls >= 5) {
                    // Five intents on record and no answer to any: that is for a person.
                    self.check.excuse(id);
                }
                if reason.contains("paid before") {
                    self.check.excuse(id);
                }
                if reason.contains("running for more than") {
                    self.check.excuse(id);
                }
            }
            OrderState::Provisioned => {
                self.check.settled.entry(id).or_insert(now);
                let runs = self
                    .panel
                    .servers
                    .iter()
                    .any(|server| server.order == id && !server.foreign && now >= server.ready_at && !server.fails);
                self.holds(runs, Rule::S14, || format!("{id} counts as delivered and has nothing that runs"));
            }
            OrderState::Pending | OrderState::Provisioning | OrderState::RefundPending | OrderState::Refunded => {}
        }
    }

    /// Paid at the gateway, or nothing was to be paid.
    pub(super) fn is_paid(&self, order: &Order) -> bool {
        order.line.is_free() || self.ledger.is_paid(order.id)
    }

    fn check_payments(&mut self, before: &MemoryStore) {
        if self.store.payments.is_same(&before.payments) {
            return;
        }
        let rank = |state: PaymentState| match state {
            PaymentState::Created
            | PaymentState::Processing
            | PaymentState::Unknown
            | PaymentState::Failed
            | PaymentState::Cancelled => 0,
            PaymentState::Succeeded => 2,
            PaymentState::PartiallyRefunded => 3,
            PaymentState::Refunded => 4,
        };
        let payments = self.store.payments.clone();
        for (id, payment) in payments.shared() {
            let Some(old) = before.payments.share(id).filter(|old| !Arc::ptr_eq(old, payment)) else { continue };
            let forward = rank(payment.state) >= rank(old.state) && payment.refunded.minor() >= old.refunded.minor();
            self.holds(forward, Rule::S3, || {
                format!("{id} went from {} to {}", old.state.as_str(), payment.state.as_str())
            });
        }
    }

    fn check_services(&mut self, before: &MemoryStore) {
        if self.store.services.services.is_same(&before.services.services) {
            return;
        }
        let services = self.store.services.services.clone();
        for (id, service) in services.shared() {
            let Some(old) = before.services.services.share(id).filter(|old| !Arc::ptr_eq(old, service)) else {
                continue;
            };
            let back = matches!(old.state, ServiceState::Active(_)) && service.state != old.state;
            self.holds(!back, Rule::S3, || format!("{id} went from active to {}", service.state.as_str()));
        }
    }

    /// An event was answered with 200.
    pub(crate) fn check_taken(&mut self, event: &str) {
        let stored = self.store.events.contains_key(event);
        self.holds(stored, Rule::S6, || format!("{event} was answered with 200 and is not stored"));
    }

    /// The gateway is asked for a payment page.
    pub(crate) fn check_session_intent(&mut self, request: &SessionRequest) {
        let asked = |payment: &orders::Payment| payment.order == request.order && payment.attempt == request.attempt;
        let on_record = self.store.payments.values().any(asked);
        self.holds(on_record, Rule::S10, || format!("{} has no attempt {} on record", request.order, request.attempt));
    }

    /// The gateway is asked to send money back.
    pub(crate) fn check_refund_intent(&mut self, refund: &orders::Refund) {
        let row = self.store.refunds.get(&refund.id);
        let asked = row.is_some_and(|row| row.amount == refund.amount && row.attempt >= refund.attempt);
        let called = self.store.calls.calls.contains_key(&refund.idempotency_key());
        self.holds(asked && called, Rule::S10, || format!("{} was sent and that is not on record", refund.id));
    }

    /// The panel is asked for a server.
    pub(crate) fn check_service_intent(&mut self, order: &ServiceOrder) {
        let service = self.store.services.services.get(&order.service);
        let on_record = service.is_some_and(|service| service.state != ServiceState::Pending);
        self.holds(on_record, Rule::S10, || format!("{} was asked for and that is not on record", order.service));
    }

    /// A server came into being.
    pub(crate) fn check_server(&mut self, wanted: &ServiceOrder) {
        let live = self.panel.live(wanted.order, self.now).count();
        self.holds(live <= 1, Rule::S1, || format!("{} has {live} servers", wanted.order));
        let order = self.store.orders.share(&wanted.order).cloned();
        let paid = order.is_some_and(|order| self.is_paid(&order));
        self.holds(paid, Rule::S2, || format!("{} is not paid and has a server", wanted.order));
    }

    /// A mail is handed over by a try that began when it had not been sent.
    pub(crate) fn check_mail(&mut self, message: &Message) {
        let Some(mail) = self.store.mails.mails.get(&message.id) else { return };
        let held = self.who.lease.is_some_and(|lease| self.check.valid.get(&lease.job) == Some(&lease.token));
        let opens = self.opens_account(message, mail);
        let mail = mail.clone();
        self.holds(opens, Rule::E2, || format!("{} tells a password that opens nothing", message.id));
        let needless = mail.status == MailStatus::Sent && held;
        let since = mail.sent_at.map_or(0, micros);
        self.holds(!needless, Rule::E2, || {
            format!("{} was sent again although it was on record as sent at {since}", message.id)
        });
    }

    /// A welcome tells the password that its account has, or a link that sets one.
    fn opens_account(&self, message: &Message, mail: &Mail) -> bool {
        let Some(user) = self.store.accounts.users.values().find(|user| user.email == message.to) else { return true };
        match &*mail.template {
            "welcome" => {
                let password = user.password.as_str().strip_prefix("fake:");
                password.is_none_or(|password| message.text.contains(password))
            }
            "welcome_link" => {
                let token = message.text.split_once("?token=").and_then(|(_, rest)| rest.split_whitespace().next());
                let token = token.map(|token| TokenHash::of(&SecretString::from(token)));
                let mut requests = self.store.accounts.requests.values();
                token.is_some() && requests.any(|request| request.token == token && request.user == Some(user.id))
            }
            _ => true,
        }
    }

    /// A buyer got these pages for one key.
    pub(crate) fn check_one_page(&mut self, pages: &[SessionStarted]) {
        let same = pages.windows(2).all(|pair| matches!(pair, [a, b] if a.order == b.order && a.session == b.session));
        self.holds(same, Rule::S13, || format!("one key, several pages: {pages:?}"));
    }
}
