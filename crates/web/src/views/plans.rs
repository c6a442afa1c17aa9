//! The storefront: plans by category, with what they cost by the chosen period.

use catalog::{Price, Product, ProductKind};
use kernel::BillingCycle;
use serde::Serialize;

use crate::{
    say::{Fill, Say, say},
    words::{every, kind_heading, period},
};

/// The storefront.
#[derive(Debug, Serialize)]
pub(crate) struct PlansView {
    pub(crate) cycles: Vec<CycleLink>,
    pub(crate) categories: Vec<Category>,
}

/// One position of the period switch.
#[derive(Debug, Serialize)]
pub(crate) struct CycleLink {
    label: Say,
    word: &'static str,
    current: bool,
}

/// Plans of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Category {
    id: &'static str,
    title: Say,
    lead: Say,
    plans: Vec<Card>,
}

/// A plan.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    code: String,
    name: String,
    description: String,
    price: PriceView,
    highlights: Vec<String>,
    /// Said when the plan is not sold by the chosen period.
    note: Option<Say>,
}

/// A price as shown: by the month, and what is really charged and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PriceView {
    pub(crate) word: &'static str,
    pub(crate) label: Say,
    /// `$1.49`
    pub(crate) figure: Fill,
    /// `a month`
    pub(crate) unit: Say,
    /// The figure is rounded up.
    pub(crate) about: bool,
    /// `$53.64 charged every 3 years`
    pub(crate) charged: Say,
    pub(crate) saving: Option<Say>,
    pub(crate) trial: Option<Say>,
}

/// The storefront by the chosen period.
pub(crate) fn plans(products: &[Product], chosen: BillingCycle) -> PlansView {
    let sold = |cycle: &BillingCycle| products.iter().any(|product| product.price(*cycle).is_some());
    let cycles = BillingCycle::ALL.into_iter().filter(sold);
    let link = |cycle: BillingCycle| CycleLink { label: period(cycle), word: cycle.as_str(), current: cycle == chosen };
    let mut kinds: Vec<ProductKind> = Vec::new();
    for product in products {
        if !kinds.contains(&product.kind) {
            kinds.push(product.kind);
        }
    }
    PlansView {
        cycles: cycles.map(link).collect(),
        categories: kinds.into_iter().map(|kind| category(products, kind, chosen)).collect(),
    }
}

fn category(products: &[Product], kind: ProductKind, chosen: BillingCycle) -> Category {
    let (title, lead) = kind_heading(kind);
    let plans = products.iter().filter(|product| product.kind == kind);
    Category { id: kind.as_str(), title, lead, plans: plans.filter_map(|product| card(product, chosen)).collect() }
}

fn card(product: &Product, chosen: BillingCycle) -> Option<Card> {
    let price = nearest(product, chosen)?;
    let note = (price.cycle != chosen).then(|| say("plan-other-cycle").with("cycle", period(price.cycle)));
    Some(Card {
        code: product.code.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        price: price_view(product, price),
        highlights: product.highlights.clone(),
        note,
    })
}

/// The price by the chosen period, else by the longest that is shorter, else the first.
pub(crate) fn nearest(product: &Product, chosen: BillingCycle) -> Option<&Price> {
    let shorter = product.prices.iter().filter(|price| price.cycle <= chosen).max_by_key(|price| price.cycle);
    shorter.or_else(|| product.prices.first())
}

/// How a price is shown.
pub(crate) fn price_view(product: &Product, price: &Price) -> PriceView {
    let months = price.cycle.months();
    let shares = price.amount.allocate(months.unwrap_or(1));
    // The largest share, so that the figure never promises less than what is charged.
    let figure = shares.first().copied().unwrap_or(price.amount);
    let about = shares.last().is_some_and(|least| *least != figure);
    let (unit, charged) = match months {
        None => (say("plan-once"), say("plan-paid-once")),
        Some(1) => (say("plan-month"), say("plan-charged-monthly")),
        Some(_) => {
            let whole = say("plan-charged").with("amount", price.amount).with("every", every(price.cycle));
            (say("plan-month"), whole)
        }
    };
    PriceView {
        word: price.cycle.as_str(),
        label: period(price.cycle),
        figure: figure.into(),
        unit,
        about,
        charged,
        saving: saving(product, price).map(|percent| say("plan-save").with("percent", percent)),
        trial: (price.trial_days > 0).then(|| say("plan-trial").with("days", price.trial_days)),
    }
}

/// Whole per cent saved against paying by the month; rounded down.
fn saving(product: &Product, price: &Price) -> Option<i64> {
    let monthly = product.price(BillingCycle::Monthly)?.amount;
    let months = i64::from(price.cycle.months()?);
    let by_month = monthly.minor().checked_mul(months)?;
    let saved = by_month.checked_sub(price.amount.minor())?.checked_mul(100)?;
    let percent = saved.checked_div(by_month)?;
    (monthly.currency() == price.amount.currency() && percent > 0).then_some(percent)
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::*;
    use crate::languages::spoken_in_english as spoken;

    fn starter() -> Product {
        let mut env = orders::testing::env(1);
        let mut price = |cycle, amount, trial_days| Price {
            id: env.id(),
            cycle,
            amount: Money::new(amount, Currency::USD),
            trial_days,
        };
        let prices = vec![
            price(BillingCycle::Monthly, 799, 7),
            price(BillingCycle::Quarterly, 2000, 0),
            price(BillingCycle::Triennial, 5364, 0),
        ];
        Product {
            id: orders::testing::env(2).id(),
            code: "starter".parse().unwrap(),
            name: "Starter".to_owned(),
            description: "One website.".to_owned(),
            kind: ProductKind::Hosting,
            provider: "website".parse().unwrap(),
            settings: serde_json::Value::Null,
            regions: Vec::new(),
            highlights: Vec::new(),
            status: catalog::ProductStatus::Active,
            prices,
            position: 1,
        }
    }

    #[test]
    fn a_long_period_shows_the_month_the_whole_and_the_saving() {
        let product = starter();
        let view = price_view(&product, product.price(BillingCycle::Triennial).unwrap());
        assert_eq!((spoken(&view.figure), spoken(&view.unit), view.about), ("$1.49".into(), "a month".into(), false));
        assert_eq!(spoken(&view.charged), "$53.64 charged every 3 years");
        assert_eq!(spoken(&view.saving.unwrap()), "Save 81 %");
    }

    #[test]
    fn a_month_that_does_not_divide_is_rounded_up_and_says_so() {
        let product = starter();
        let view = price_view(&product, product.price(BillingCycle::Quarterly).unwrap());
        assert_eq!((spoken(&view.figure), view.about), ("$6.67".into(), true));
    }

    #[test]
    fn a_month_saves_nothing_against_itself() {
        let product = starter();
        let view = price_view(&product, product.price(BillingCycle::Monthly).unwrap());
        assert_eq!((spoken(&view.charged), view.saving), ("Charged every month".into(), None));
        assert_eq!(spoken(&view.trial.unwrap()), "7 days free");
    }

    #[test]
    fn a_plan_not_sold_by_the_period_shows_the_next_shorter_one_and_says_so() {
        let product = starter();
        assert_eq!(nearest(&product, BillingCycle::Yearly).unwrap().cycle, BillingCycle::Quarterly);
        let view = plans(&[product], BillingCycle::Yearly);
        assert!(view.categories[0].plans[0].note.is_some());
        assert_eq!(view.cycles.len(), 3);
    }
}
