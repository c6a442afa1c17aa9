//! What a customer is charged, was charged and was written.

use infra::queries::{Billing, MailView, PaymentView, SubscriptionView};
use kernel::BillingCycle;
use serde::Serialize;

use crate::{
    say::{Fill, Say, say},
    words::{self, Badge, Instant, mail_badge, mail_name, payment_badge, subscription_badge},
};

/// The page of payments and subscriptions.
#[derive(Debug, Serialize)]
pub(crate) struct BillingPage {
    subscriptions: Vec<SubscriptionCard>,
    payments: Vec<PaymentLine>,
    /// There is a page of the gateway's to change how one pays.
    portal: bool,
    /// Why the gateway's page could not be opened.
    problem: Option<Say>,
}

#[derive(Debug, Serialize)]
struct SubscriptionCard {
    plan_name: String,
    order_url: String,
    status: Badge,
    price: Option<Say>,
    what_next: Option<Say>,
}

#[derive(Debug, Serialize)]
struct PaymentLine {
    plan_name: String,
    order_url: String,
    amount: Fill,
    refunded: Option<Fill>,
    status: Badge,
    at: Instant,
}

/// The page of mails.
#[derive(Debug, Serialize)]
pub(crate) struct MailsPage {
    pub(crate) email: String,
    mails: Vec<MailLine>,
}

#[derive(Debug, Serialize)]
struct MailLine {
    name: Fill,
    order_url: Option<String>,
    status: Badge,
    at: Instant,
}

/// What is charged and was charged. The portal is the owner's alone.
pub(crate) fn billing(billing: Billing, may_change: bool, problem: Option<Say>) -> BillingPage {
    let charged = billing.subscriptions.iter().any(|known| known.charged);
    let paid = billing.payments.iter().any(|payment| payment.status == "succeeded");
    BillingPage {
        portal: may_change && (charged || paid),
        subscriptions: billing.subscriptions.into_iter().map(SubscriptionCard::from).collect(),
        payments: billing.payments.into_iter().map(PaymentLine::from).collect(),
        problem,
    }
}

impl From<SubscriptionView> for SubscriptionCard {
    fn from(known: SubscriptionView) -> Self {
        let ended = known.status == "canceled";
        let cycle = known.cycle.parse::<BillingCycle>().ok();
        let price = known.renewal.zip(cycle).filter(|_| !ended);
        let end = known.period_end.filter(|_| !ended);
        let what_next = end.map(|end| {
            let text = if known.ends { say("billing-ends") } else { say("billing-renews") };
            text.with("at", end)
        });
        Self {
            plan_name: known.plan_name,
            order_url: format!("/orders/{}", known.order),
            status: subscription_badge(&known.status, known.ends),
            price: price
                .map(|(amount, cycle)| say("billing-price").with("amount", amount).with("every", words::every(cycle))),
            what_next,
        }
    }
}

impl From<PaymentView> for PaymentLine {
    fn from(payment: PaymentView) -> Self {
        Self {
            plan_name: payment.plan_name,
            order_url: format!("/orders/{}", payment.order),
            amount: payment.amount.into(),
            refunded: (!payment.refunded.is_zero()).then(|| payment.refunded.into()),
            status: payment_badge(&payment.status),
            at: payment.at.into(),
        }
    }
}

/// The mails that went to an address.
pub(crate) fn mails(email: &str, mails: Vec<MailView>) -> MailsPage {
    let line = |mail: MailView| MailLine {
        name: mail_name(&mail.template),
        order_url: mail.order.map(|order| format!("/orders/{order}")),
        status: mail_badge(&mail.status),
        at: mail.at.into(),
    };
    MailsPage { email: email.to_owned(), mails: mails.into_iter().map(line).collect() }
}
