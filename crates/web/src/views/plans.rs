//! The storefront: plans by category, with what they cost by the chosen period.

use catalog::{Price, Product, ProductKind};
use kernel::BillingCycle;
use serde::Serialize;

use super::comparison::{Compared, Comparison, compare};
use crate::{
    reads::Offer,
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
    /// Where there is more than one.
    pub(crate) comparison: Option<Comparison>,
}

/// A plan.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    code: String,
    name: String,
    description: String,
    pub(crate) price: PriceView,
    highlights: Vec<String>,
    /// Where it can run, where there is a choice.
    pub(crate) regions: Option<String>,
    /// None is left.
    pub(crate) sold_out: bool,
    /// Said when there are not many.
    few: Option<Say>,
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
    /// The figure is one month's.
    pub(crate) monthly: bool,
    /// The figure is rounded up.
    pub(crate) about: bool,
    /// `$53.64 charged every 3 years`
    pub(crate) charged: Say,
    pub(crate) saving: Option<Say>,
    pub(crate) trial: Option<Say>,
}

/// The storefront by the chosen period.
pub(crate) fn plans(offers: &[Offer], chosen: BillingCycle) -> PlansView {
    let sold = |cycle: &BillingCycle| offers.iter().any(|offer| offer.product.price(*cycle).is_some());
    let cycles = BillingCycle::ALL.into_iter().filter(sold);
    let link = |cycle: BillingCycle| CycleLink { label: period(cycle), word: cycle.as_str(), current: cycle == chosen };
    let mut kinds: Vec<ProductKind> = Vec::new();
    for offer in offers {
        if !kinds.contains(&offer.product.kind) {
            kinds.push(offer.product.kind);
        }
    }
    PlansView {
        cycles: cycles.map(link).collect(),
        categories: kinds.into_iter().map(|kind| category(offers, kind, chosen)).collect(),
    }
}

fn category(offers: &[Offer], kind: ProductKind, chosen: BillingCycle) -> Category {
    let (title, lead) = kind_heading(kind);
    let offers = offers.iter().filter(|offer| offer.product.kind == kind);
    let priced: Vec<_> = offers.filter_map(|offer| Some((offer, nearest(&offer.product, chosen)?))).collect();
    let plans: Vec<Card> = priced.iter().map(|(offer, price)| card(offer, price, chosen)).collect();
    let compared = priced.iter().zip(&plans);
    let compared = compared.map(|(&(Offer { product, .. }, price), card)| Compared { product, price, card });
    let comparison = compare(kind.as_str(), &title, &compared.collect::<Vec<_>>());
    Category { id: kind.as_str(), title, lead, plans, comparison }
}

/// So many are said to be left.
const FEW: u32 = 5;

/// «Only 3 left», when there are few.
pub(crate) fn few_left(left: Option<u32>) -> Option<Say> {
    left.filter(|left| (1..=FEW).contains(left)).map(|left| say("plan-few-left").with("left", left))
}

/// A plan's card.
pub(crate) fn card(Offer { product, left }: &Offer, price: &Price, chosen: BillingCycle) -> Card {
    let regions: Vec<&str> = product.regions.iter().map(|region| region.name.as_str()).collect();
    let note = (price.cycle != chosen).then(|| say("plan-other-cycle").with("cycle", period(price.cycle)));
    Card {
        code: product.code.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        price: price_view(product, price),
        highlights: product.highlights.clone(),
        regions: (!regions.is_empty()).then(|| regions.join(", ")),
        sold_out: *left == Some(0),
        few: few_left(*left),
        note,
    }
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
        monthly: months.is_some(),
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
            features: Vec::new(),
            stock: None,
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
        let view = plans(&[Offer { product, left: None }], BillingCycle::Yearly);
        assert!(view.categories[0].plans[0].note.is_some());
        assert_eq!(view.cycles.len(), 3);
    }
}
