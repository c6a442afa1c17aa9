//! Which mail an order's step causes.

use accounts::{OpenedAccount, WELCOME_HOURS, WelcomeMail};
use catalog::ProductKind;
use kernel::{Env, Money, StoreError};
use notify::{
    AccountLinked, Discount, Fact, MailExtras, OrderConfirmation, OrderNeedsAttention, PaymentFailed, Recipient,
    Refunded, ServiceReady, Welcome, WelcomeLink, queue_mail,
};
use provisioning::{DomainChoice, Service};

use crate::{Links, Order, OrderTx};

fn buyer(order: &Order) -> Recipient {
    Recipient { email: order.buyer.email.clone(), name: Some(order.buyer.name.clone()) }
}

fn about(order: &Order) -> MailExtras {
    MailExtras { order: Some(order.id), secret: None }
}

/// Confirmation; for a guest also the welcome, or word that the order was added to their account.
pub(crate) async fn after_payment<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &Order,
    account: &OpenedAccount,
) -> Result<(), StoreError> {
    queue_mail(store, env, buyer(order), &confirmation(links, order), about(order)).await?;
    match account {
        OpenedAccount::New { customer, credential, welcome } => {
            let extras = MailExtras { order: Some(order.id), secret: Some(*credential) };
            let (customer_name, login_email) = (customer.name.clone(), customer.email.clone());
            let valid_hours = u32::try_from(WELCOME_HOURS).unwrap_or(72);
            match welcome {
                WelcomeMail::Link => {
                    let forgot_url = links.forgot_password();
                    let mail = WelcomeLink { customer_name, login_email, forgot_url, link_valid_hours: valid_hours };
                    queue_mail(store, env, buyer(order), &mail, extras).await?;
                }
                WelcomeMail::Password => {
                    let sign_in_url = links.sign_in();
                    let mail = Welcome { customer_name, login_email, sign_in_url, password_valid_hours: valid_hours };
                    queue_mail(store, env, buyer(order), &mail, extras).await?;
                }
            }
        }
        OpenedAccount::Existing(customer) if order.buyer.guest => {
            let linked = AccountLinked {
                order_id: order.id,
                plan_name: order.line.plan_name.clone(),
                login_email: customer.email.clone(),
                dashboard_url: links.dashboard(),
            };
            queue_mail(store, env, buyer(order), &linked, about(order)).await?;
        }
        OpenedAccount::Existing(_) => {}
    }
    Ok(())
}

fn confirmation(links: &Links, order: &Order) -> OrderConfirmation {
    let line = &order.line;
    let discount =
        line.discount.as_ref().map(|discount| Discount { coupon: discount.code.to_string(), amount: discount.amount });
    OrderConfirmation {
        order_id: order.id,
        plan_name: line.plan_name.clone(),
        cycle: line.cycle,
        list: line.list,
        discount,
        total: line.total,
        due_today: line.due_now,
        renewal: line.renewal,
        trial_days: u32::from(line.trial_days),
        details: choices(order),
        status_url: links.order(order.id),
    }
}

fn choices(order: &Order) -> Vec<Fact> {
    let delivery = &order.delivery;
    let name = delivery.server_name.as_ref().map(|name| Fact::new("Server name", name.as_str()));
    let region = delivery.region.as_ref().map(|region| Fact::new("Region", region.as_str()));
    let domain = delivery.domain.as_ref().map(|domain| match domain {
        DomainChoice::Own(domain) => Fact::new("Domain", domain.as_str()),
        DomainChoice::Subdomain(label) => Fact::new("Free subdomain", label.as_str()),
    });
    [name, region, domain].into_iter().flatten().collect()
}

const fn kind_words(kind: ProductKind) -> &'static str {
    match kind {
        ProductKind::Game => "game server",
        ProductKind::Hosting => "website",
        ProductKind::Wordpress => "WordPress site",
        ProductKind::Email => "mailbox",
        ProductKind::Vps => "virtual server",
        ProductKind::Cloud => "cloud server",
        ProductKind::Storage => "storage space",
    }
}

/// The service runs.
pub(crate) async fn ready<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &Order,
    service: &Service,
) -> Result<(), StoreError> {
    let mail = ServiceReady {
        service_name: service.label.clone(),
        kind: kind_words(order.line.kind).to_owned(),
        access: service.access.iter().map(|field| Fact::new(&field.label, &field.value)).collect(),
        dashboard_url: links.dashboard(),
    };
    queue_mail(store, env, buyer(order), &mail, about(order)).await?;
    Ok(())
}

/// A person must act: the customer's honest version.
pub(crate) async fn attention<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &Order,
    what_happened: &str,
) -> Result<(), StoreError> {
    let mail = OrderNeedsAttention {
        order_id: order.id,
        plan_name: order.line.plan_name.clone(),
        what_happened: what_happened.to_owned(),
        what_next: "Somebody of our team is told and will finish it by hand or refund you. You do not need to do \
                    anything."
            .to_owned(),
        status_url: links.order(order.id),
    };
    queue_mail(store, env, buyer(order), &mail, about(order)).await?;
    Ok(())
}

/// A delayed payment failed.
pub(crate) async fn payment_failed<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &Order,
) -> Result<(), StoreError> {
    let mail = PaymentFailed {
        order_id: order.id,
        plan_name: order.line.plan_name.clone(),
        amount: order.line.due_now,
        plans_url: links.plans(),
    };
    queue_mail(store, env, buyer(order), &mail, about(order)).await?;
    Ok(())
}

/// Money went back: how much this time, and whether it was all of it.
pub(crate) async fn refunded<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &Order,
    (amount, everything): (Money, bool),
) -> Result<(), StoreError> {
    let mail = Refunded {
        order_id: order.id,
        plan_name: order.line.plan_name.clone(),
        amount,
        everything,
        status_url: links.order(order.id),
    };
    queue_mail(store, env, buyer(order), &mail, about(order)).await?;
    Ok(())
}
