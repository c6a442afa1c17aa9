//! The customer's services and orders.

use flows::SignedIn;
use infra::queries::{OrderLineView, ServiceView};
use kernel::BillingCycle;
use serde::Serialize;

use crate::words::{Access, Badge, Instant, amount, cycle_label, order_badge, service_badge};

/// The account page.
#[derive(Debug, Serialize)]
pub(crate) struct AccountView {
    name: String,
    email: String,
    services: Vec<ServiceCard>,
    orders: Vec<OrderLine>,
}

#[derive(Debug, Serialize)]
struct ServiceCard {
    label: String,
    /// Where it says more than the label.
    plan_name: Option<String>,
    status: Badge,
    access: Vec<Access>,
    order_url: String,
}

#[derive(Debug, Serialize)]
struct OrderLine {
    url: String,
    plan_name: String,
    period: &'static str,
    total: String,
    status: Badge,
    placed: Instant,
}

/// The account page.
pub(crate) fn account(who: &SignedIn, services: &[ServiceView], orders: &[OrderLineView]) -> AccountView {
    AccountView {
        name: who.customer.name.clone(),
        email: who.user.email.to_string(),
        services: services.iter().map(service).collect(),
        orders: orders.iter().map(order).collect(),
    }
}

fn service(row: &ServiceView) -> ServiceCard {
    ServiceCard {
        label: row.label.clone(),
        plan_name: Some(row.plan_name.clone()).filter(|name| *name != row.label),
        status: service_badge(&row.status),
        access: row.access.iter().map(Access::from).collect(),
        order_url: format!("/orders/{}", row.order),
    }
}

fn order(row: &OrderLineView) -> OrderLine {
    OrderLine {
        url: format!("/orders/{}", row.id),
        plan_name: row.plan_name.clone(),
        period: row.cycle.parse::<BillingCycle>().map_or("", cycle_label),
        total: amount(row.total),
        status: order_badge(&row.status),
        placed: row.created_at.into(),
    }
}
