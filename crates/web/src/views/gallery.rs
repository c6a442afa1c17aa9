//! One of each component, in each of its states, with what the shop sells.

use chrono::{Days, NaiveDate};
use kernel::BillingCycle;
use serde::Serialize;

use super::{
    comparison::Comparison,
    plans::{Card, card, nearest, plans},
    story::Mark,
};
use crate::{
    desk::chart::{Chart, Value, chart},
    field::{Field, Problem},
    reads::Offer,
    say::{Say, say},
    words::{Badge, order_badge, service_badge},
};

/// The page.
#[derive(Debug, Serialize)]
pub(crate) struct GalleryView {
    badges: Vec<Badge>,
    cards: Vec<Card>,
    comparison: Option<Comparison>,
    fields: Vec<Field>,
    problems: Vec<Problem>,
    form_error: Say,
    charts: Vec<Chart>,
    steps: Vec<Step>,
}

/// A step of an order; the same as `order_progress` shows.
#[derive(Debug, Serialize)]
struct Step {
    title: Say,
    mark: &'static str,
    word: Say,
    at: Option<()>,
}

/// What can be had of the three plans that are shown.
const LEFT: [Option<u32>; 3] = [None, Some(3), Some(0)];

/// With the shop's own plans, so that what looks wrong is wrong.
pub(crate) fn gallery(offers: &[Offer], cycle: BillingCycle, today: NaiveDate) -> GalleryView {
    let shown = offers.iter().zip(LEFT).map(|(offer, left)| Offer { left, ..offer.clone() });
    let cards = shown.filter_map(|offer| Some(card(&offer, nearest(&offer.product, cycle)?, cycle)));
    let fields = fields();
    GalleryView {
        badges: badges(),
        cards: cards.collect(),
        comparison: plans(offers, cycle).categories.into_iter().find_map(|category| category.comparison),
        problems: fields.iter().filter_map(Field::problem).collect(),
        fields,
        form_error: say("checkout-price-changed"),
        charts: vec![
            chart("full", say("chart-orders"), days(today, |day| day * 7 % 11)),
            chart("empty", say("chart-revenue"), days(today, |_| 0)),
        ],
        steps: steps(),
    }
}

/// Every tone.
fn badges() -> Vec<Badge> {
    let orders = ["pending", "paid", "provisioned", "needs_attention", "refunded"].map(order_badge);
    orders.into_iter().chain(["installing", "active", "failed_setup", "suspended"].map(service_badge)).collect()
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", say("field-your-name"), "Gerda Guest"),
        Field::email("plain", "email").hint(say("checkout-email-hint")).error(Some(&say("email-wrong"))),
        Field::text("domain", say("checkout-domain"), "").optional().hint(say("checkout-domain-hint")),
        Field::password("password", say("gallery-password"), "off"),
    ]
}

fn days(today: NaiveDate, amount: impl Fn(i64) -> i64) -> Vec<Value> {
    let value = |back: u64| {
        let day = today.checked_sub_days(Days::new(back))?;
        let amount = amount(i64::try_from(back).ok()?);
        Some(Value { day, amount, text: amount.into() })
    };
    (0..30).rev().filter_map(value).collect()
}

fn steps() -> Vec<Step> {
    let step = |(title, mark, word): (Say, Mark, Say)| Step { title, mark: mark.as_str(), word, at: None };
    let all = [
        (say("step-placed"), Mark::Done, say("step-done")),
        (say("step-payment"), Mark::Now, say("step-now")),
        (say("step-setup"), Mark::Stopped, say("step-stopped")),
        (say("step-ready"), Mark::Later, say("step-later")),
    ];
    all.into_iter().map(step).collect()
}
