//! What a payer can do on the payment page, and what follows: customer, subscription, invoice, intent, charge, events.

use super::Stripe;
use super::error::ApiError;
use super::invoice::{Invoice, InvoiceLine, InvoicePayment};
use super::payment::{Charge, Intent};
use super::session::{Mode, PaymentStatus, Session, Status};
use super::subscription::{Item, Subscription};
use serde_json::{Value, json};

/// What the payer's attempt comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The card is charged (or nothing is due).
    Paid,
    /// The card is declined; the session stays open.
    Declined,
    /// A delayed method: complete, but unpaid until its outcome is known.
    Async,
}

impl Outcome {
    /// Reads the word that the page and the control API use.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "paid" => Some(Self::Paid),
            "declined" => Some(Self::Declined),
            "async" => Some(Self::Async),
            _ => None,
        }
    }
}

impl Stripe {
    /// The payer acts on an open session.
    pub(crate) fn pay(&mut self, id: &str, outcome: Outcome, email: Option<&str>) -> Result<(), ApiError> {
        let mut session = self.open_session(id)?;
        if outcome == Outcome::Declined {
            self.decline(session);
            return Ok(());
        }
        if session.payer_email.is_none() {
            session.payer_email = self.payer_email(&session, email);
        }
        if session.payer_email.is_none() {
            return Err(ApiError::invalid("The payer's email address is needed."));
        }
        session.payer_name.get_or_insert_with(|| "Sandbox Payer".to_owned());
        let delayed = outcome == Outcome::Async && session.needs_payment();
        session.delayed = delayed;
        session.customer = self.customer_of(&session);
        if let Some(coupon) = session.coupon.as_deref().and_then(|id| self.coupons.get_mut(id)) {
            coupon.times_redeemed += 1;
        }
        self.settle_session(session, !delayed);
        Ok(())
    }

    /// A delayed payment comes to its end.
    pub(crate) fn finish_async(&mut self, id: &str, succeeded: bool) -> Result<(), ApiError> {
        let session = self.sessions.get_mut(id).ok_or_else(|| ApiError::not_found("checkout.session", id))?;
        let waiting = session.delayed && session.payment_status == PaymentStatus::Unpaid;
        let intent = session.payment_intent.clone().filter(|_| waiting);
        let Some(intent) = intent.filter(|id| self.intents.get(id).is_some_and(|intent| intent.status == "processing"))
        else {
            return Err(ApiError::invalid("This session has no delayed payment that is still on its way."));
        };
        if succeeded {
            session.payment_status = PaymentStatus::Paid;
        }
        let session = session.clone();
        self.finish_intent(&intent, succeeded);
        self.finish_invoice(&session, succeeded);
        self.finish_subscription(&session, succeeded);
        let kind = if succeeded {
            "checkout.session.async_payment_succeeded"
        } else {
            "checkout.session.async_payment_failed"
        };
        self.emit_session(kind, &session);
        Ok(())
    }

    fn open_session(&mut self, id: &str) -> Result<Session, ApiError> {
        self.expire_due_session(id);
        let session = self.sessions.get(id).ok_or_else(|| ApiError::not_found("checkout.session", id))?;
        if session.status != Status::Open {
            return Err(ApiError::invalid(format!("This session is {} and cannot be paid.", session.status.name())));
        }
        Ok(session.clone())
    }

    fn payer_email(&self, session: &Session, given: Option<&str>) -> Option<String> {
        let known = session
            .customer
            .as_deref()
            .and_then(|id| self.customers.get(id))
            .and_then(|customer| customer.email.clone());
        session
            .customer_email
            .clone()
            .or(known)
            .or_else(|| given.filter(|email| email.contains('@')).map(str::to_owned))
    }

    fn decline(&mut self, mut session: Session) {
        session.declined += 1;
        if session.mode == Mode::Payment {
            let (intent, charge) = self.charge(&session, "requires_payment_method", "failed", None);
            session.payment_intent = Some(intent);
            self.emit_charge("charge.failed", &charge);
        }
        let id = session.id.clone();
        self.sessions.put(&id, session);
    }

    /// Completes a session: with the money, or with a payment on its way.
    fn settle_session(&mut self, mut session: Session, paid: bool) {
        session.status = Status::Complete;
        let needs_payment = session.needs_payment();
        session.payment_status = match (needs_payment, paid) {
            (false, _) => PaymentStatus::NoPaymentRequired,
            (true, true) => PaymentStatus::Paid,
            (true, false) => PaymentStatus::Unpaid,
        };
        let invoiced = session.mode == Mode::Subscription || session.wants_invoice();
        let invoice = invoiced.then(|| self.dice.id("in_1", 23));
        let mut charge = None;
        if needs_payment {
            let statuses = if paid { ("succeeded", "succeeded") } else { ("processing", "pending") };
            let (intent, made) = self.charge(&session, statuses.0, statuses.1, invoice.clone());
            session.payment_intent = Some(intent);
            charge = Some(made);
        }
        if session.mode == Mode::Subscription {
            session.subscription = Some(self.subscribe(&session, invoice.as_deref(), paid));
        }
        if let Some(invoice) = &invoice {
            self.invoice(&session, invoice, charge.as_deref(), paid);
            session.invoice = Some(invoice.clone());
        }
        let id = session.id.clone();
        self.sessions.put(&id, session.clone());
        self.announce(&session, charge.as_deref(), paid);
    }

    /// The events of a completed session, in the order Stripe sends them.
    fn announce(&mut self, session: &Session, charge: Option<&str>, paid: bool) {
        let shape = self.shape();
        if let Some(charge) = charge.filter(|_| session.mode == Mode::Payment) {
            self.emit_charge(if paid { "charge.succeeded" } else { "charge.pending" }, charge);
        }
        if let Some(subscription) = session.subscription.as_deref().and_then(|id| self.subscriptions.get(id)) {
            let object = subscription.render(shape);
            self.emit("customer.subscription.created", object, None);
        }
        if let Some(invoice) = session.invoice.as_deref().and_then(|id| self.invoices.get(id)).filter(|_| paid) {
            let object = invoice.render(shape);
            self.emit("invoice.paid", object, None);
        }
        self.emit_session("checkout.session.completed", session);
    }

    fn emit_charge(&mut self, kind: &'static str, charge: &str) {
        let shape = self.shape();
        if let Some(object) = self.charges.get(charge).map(|charge| charge.render(shape)) {
            self.emit(kind, object, None);
        }
    }

    fn customer_of(&mut self, session: &Session) -> Option<String> {
        let wanted = session.mode == Mode::Subscription || session.text("/customer_creation") == Some("always");
        match &session.customer {
            Some(customer) => Some(customer.clone()),
            None if wanted => {
                Some(self.new_customer(session.payer_email.clone(), session.payer_name.clone(), Value::Null))
            }
            None => None,
        }
    }

    /// A payment intent with its charge; tells their ids. A declined session keeps its intent for the next try.
    fn charge(
        &mut self,
        session: &Session,
        status: &'static str,
        charge_status: &'static str,
        invoice: Option<String>,
    ) -> (String, String) {
        let intent_id = session.payment_intent.clone().unwrap_or_else(|| self.dice.id("pi_3", 23));
        let charge_id = self.dice.id("ch_3", 23);
        let by_subscription = session.mode == Mode::Subscription;
        let metadata =
            if by_subscription { serde_json::Map::new() } else { session.object("/payment_intent_data/metadata") };
        let description = match session.text("/payment_intent_data/description") {
            None if by_subscription => Some("Subscription creation".to_owned()),
            other => other.map(str::to_owned),
        };
        let method = if session.delayed { "sepa_debit" } else { "card" };
        let intent = Intent {
            id: intent_id.clone(),
            created: self.now,
            amount: session.total,
            currency: session.currency.clone(),
            customer: session.customer.clone(),
            status,
            metadata: metadata.clone(),
            description: description.clone(),
            method,
            charge: Some(charge_id.clone()),
            session: session.id.clone(),
        };
        let charge = Charge {
            id: charge_id.clone(),
            created: self.now,
            amount: session.total,
            refunded: 0,
            currency: session.currency.clone(),
            customer: session.customer.clone(),
            status: charge_status,
            metadata,
            description,
            method,
            intent: intent_id.clone(),
            invoice,
            email: session.payer_email.clone(),
            name: session.payer_name.clone(),
        };
        self.intents.put(&intent_id, intent);
        self.charges.put(&charge_id, charge);
        (intent_id, charge_id)
    }

    fn subscribe(&mut self, session: &Session, invoice: Option<&str>, paid: bool) -> String {
        let id = self.dice.id("sub_1", 23);
        let start = self.now;
        let recurring = session.lines.iter().filter_map(|line| Some((line, line.recurring?)));
        let items = recurring.map(|(line, every)| Item {
            id: self.dice.id("si_", 14),
            line: line.clone(),
            start,
            end: session.trial_end.unwrap_or_else(|| every.after(start)),
        });
        let subscription = Subscription {
            id: id.clone(),
            created: start,
            customer: session.customer.clone().unwrap_or_default(),
            currency: session.currency.clone(),
            status: match (session.trial_end, paid) {
                (Some(_), _) => "trialing",
                (None, true) => "active",
                (None, false) => "incomplete",
            },
            items: items.collect(),
            metadata: session.object("/subscription_data/metadata"),
            description: session.text("/subscription_data/description").map(str::to_owned),
            trial_end: session.trial_end,
            latest_invoice: invoice.map(str::to_owned),
            payment_method: session.needs_payment().then(|| "pm_1Sandbox".to_owned()),
            discount: session.coupon.as_ref().map(|_| self.dice.id("di_1", 23)),
            flexible: session.text("/subscription_data/billing_mode/type") != Some("classic"),
            ends: false,
            canceled_at: None,
            ended_at: None,
        };
        self.subscriptions.put(&id, subscription);
        id
    }

    fn invoice(&mut self, session: &Session, id: &str, charge: Option<&str>, paid: bool) {
        self.invoices_made += 1;
        let subscription = session.subscription.as_deref().and_then(|id| self.subscriptions.get(id));
        let lines = session.lines.iter().map(|line| {
            let item = subscription.and_then(|owner| owner.items.iter().find(|item| item.line.id == line.id));
            InvoiceLine {
                line: line.clone(),
                item: item.map(|item| item.id.clone()),
                start: self.now,
                end: item.map_or(self.now, |item| item.end),
            }
        });
        let invoice = Invoice {
            id: id.to_owned(),
            number: format!("SANDBOX-{:04}", self.invoices_made),
            created: self.now,
            customer: session.customer.clone(),
            customer_email: session.payer_email.clone(),
            customer_name: session.payer_name.clone(),
            subscription: session.subscription.clone(),
            subscription_metadata: subscription.map(|owner| owner.metadata.clone()).unwrap_or_default(),
            lines: lines.collect(),
            currency: session.currency.clone(),
            subtotal: session.subtotal,
            discount: session.discount,
            discount_id: (session.discount > 0).then(|| {
                subscription.and_then(|owner| owner.discount.clone()).unwrap_or_else(|| self.dice.id("di_1", 23))
            }),
            total: session.total,
            paid_at: paid.then_some(self.now),
            attempts: 1,
            intent: session.payment_intent.clone(),
            charge: charge.map(str::to_owned),
        };
        self.invoices.put(id, invoice);
        if let Some(intent) = &session.payment_intent {
            self.invoice_payment(session, id, intent, paid);
        }
    }

    fn invoice_payment(&mut self, session: &Session, invoice: &str, intent: &str, paid: bool) {
        let id = self.dice.id("inpay_1", 23);
        let payment = InvoicePayment {
            id: id.clone(),
            created: self.now,
            invoice: invoice.to_owned(),
            intent: intent.to_owned(),
            amount: session.total,
            currency: session.currency.clone(),
            paid_at: paid.then_some(self.now),
        };
        self.invoice_payments.put(&id, payment);
    }

    fn finish_intent(&mut self, id: &str, succeeded: bool) {
        let Some(intent) = self.intents.get_mut(id) else { return };
        intent.status = if succeeded { "succeeded" } else { "requires_payment_method" };
        if let Some(charge) = intent.charge.as_deref().and_then(|id| self.charges.get_mut(id)) {
            charge.status = if succeeded { "succeeded" } else { "failed" };
        }
    }

    fn finish_invoice(&mut self, session: &Session, succeeded: bool) {
        let (now, shape) = (self.now, self.shape());
        let Some(invoice) = session.invoice.as_deref().and_then(|id| self.invoices.get_mut(id)) else { return };
        invoice.paid_at = succeeded.then_some(now);
        let (id, object) = (invoice.id.clone(), invoice.render(shape));
        let payment = self
            .invoice_payments
            .oldest_first()
            .find(|payment| payment.invoice == id)
            .map(|payment| payment.id.clone());
        if let Some(payment) = payment.and_then(|id| self.invoice_payments.get_mut(&id)) {
            payment.paid_at = succeeded.then_some(now);
        }
        self.emit(if succeeded { "invoice.paid" } else { "invoice.payment_failed" }, object, None);
    }

    fn finish_subscription(&mut self, session: &Session, succeeded: bool) {
        let shape = self.shape();
        let Some(subscription) = session.subscription.as_deref().and_then(|id| self.subscriptions.get_mut(id)) else {
            return;
        };
        let before = subscription.status;
        if before == "incomplete" {
            subscription.status = if succeeded { "active" } else { "incomplete_expired" };
        }
        let object = subscription.render(shape);
        self.emit("customer.subscription.updated", object, Some(json!({ "status": before })));
    }
}
