//! The customer portal's page.

use super::{page, pay::closed, pay::day, text::money};
use crate::http::{Answer, percent_decode};
use crate::stripe::Portal;
use crate::world::World;
use serde_json::{Value, json};

fn open(world: &World, id: &str) -> Option<Portal> {
    world.stripe(|stripe| stripe.portals.get(id).filter(|portal| portal.is_open(stripe.now)).cloned())
}

/// Shows a customer's subscriptions and invoices.
pub(super) fn show(world: &World, id: &str, notice: &str) -> Answer {
    let Some(portal) = open(world, id) else {
        return closed(404, "This link has expired.", "Please go back to the shop and open the page again.", "/");
    };
    page(200, "portal", &details(world, id, &portal, notice))
}

fn details(world: &World, id: &str, portal: &Portal, notice: &str) -> Value {
    let (subscriptions, invoices): (Vec<Value>, Vec<Value>) = world.stripe(|stripe| {
        let own = stripe.subscriptions.newest_first().filter(|subscription| subscription.customer == portal.customer);
        let subscriptions = own.map(|subscription| {
            let item = subscription.items.first();
            json!({
                "id": subscription.id, "status": subscription.status.replace('_', " "),
                "name": item.map(|item| item.line.name.clone()).unwrap_or_default(),
                "amount": item.map(|item| money(item.line.full, &subscription.currency)).unwrap_or_default(),
                "until": item.map(|item| day(item.end)).unwrap_or_default(),
                "ends": subscription.ends, "open": subscription.status != "canceled" && !subscription.ends,
            })
        });
        let billed = stripe.invoices.newest_first();
        let billed = billed.filter(|invoice| invoice.customer.as_deref() == Some(portal.customer.as_str()));
        let invoices = billed.map(|invoice| {
            json!({
                "number": invoice.number, "total": money(invoice.total, &invoice.currency), "day": day(invoice.created),
                "state": if invoice.paid_at.is_some() { "paid" } else { "open" },
            })
        });
        (subscriptions.collect(), invoices.collect())
    });
    json!({
        "title": "Billing", "id": id, "notice": notice, "has_notice": !notice.is_empty(),
        "none": subscriptions.is_empty(), "subscriptions": subscriptions, "invoices": invoices,
        "back": portal.return_url.as_deref().unwrap_or("/"),
    })
}

/// The customer pressed a button.
pub(super) fn act(world: &World, id: &str, body: &[u8]) -> Answer {
    let form = std::str::from_utf8(body).unwrap_or_default();
    let field = |name: &str| {
        let pair = form.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.and_then(|(_, value)| percent_decode(value, true)).unwrap_or_default()
    };
    let Some(portal) = open(world, id) else { return show(world, id, "") };
    let subscription = field("subscription");
    let own = world.stripe(|stripe| {
        stripe.subscriptions.get(&subscription).is_some_and(|known| known.customer == portal.customer)
    });
    let notice = match (field("act").as_str(), own) {
        ("cancel", true) => {
            world.stripe(|stripe| stripe.cancel_at_period_end(&subscription, true));
            "Your subscription ends with the present period."
        }
        ("keep", true) => {
            world.stripe(|stripe| stripe.cancel_at_period_end(&subscription, false));
            "Your subscription goes on."
        }
        ("card", _) => "From now on the card ending in 4444 is charged.",
        _ => "Nothing was changed.",
    };
    show(world, id, notice)
}
