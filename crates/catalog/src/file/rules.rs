//! What a catalogue must be, beyond being well-formed.

use std::collections::BTreeMap;

use kernel::{BillingCycle, Currency, Money, Percent, Slug, Timestamp};

use super::{
    CatalogFile, Checked, Problem, SettingsCheck, WantedPrice, WantedProduct,
    coupons::{CouponEntry, Given},
    entries::{PriceEntry, ProductEntry},
    reader::{At, Place},
};
use crate::{
    coupon::{Coupon, CouponCode, Discount},
    product::Region,
    quote::taken_off,
};

/// The most that the gateway takes in one payment: eight digits (docs.stripe.com/api/payment_intents, `amount`).
const LARGEST: i64 = 99_999_999;
/// The longest trial that the gateway takes: two years (docs.stripe.com/api/checkout/sessions, `trial_period_days`).
const LONGEST_TRIAL: i64 = 730;

/// The largest stock: what is counted at every look into the shop has an end.
const LARGEST_STOCK: u32 = 100_000;

/// The least that the gateway takes in one payment (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts);
/// where we do not know it, one minor unit.
fn smallest(currency: Currency) -> i64 {
    if [Currency::USD, Currency::EUR].contains(&currency) { 50 } else { 1 }
}

/// Checks products, prices and coupons together and asks the providers about the settings. All problems are reported,
/// in the order of the file.
pub fn check(file: &CatalogFile, settings: &impl SettingsCheck) -> Result<Checked, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut products = Vec::new();
    if file.products.is_empty() {
        let place = Place { line: 1, path: "products".to_owned() };
        problems.push(place.problem("expected at least one product; without any, everything on sale would be retired"));
    }
    let known = settings.providers();
    for (index, entry) in file.products.iter().enumerate() {
        check_settings(entry, &known, settings, &mut problems);
        let regions = regions(entry, &mut problems);
        let prices = prices(file, entry, &mut problems);
        let stock = entry.stock.as_ref().and_then(|stock| stock_of(stock, &mut problems));
        let position = i32::try_from(index + 1).unwrap_or(i32::MAX);
        products.extend(wanted_product(entry, regions, (prices, stock), position));
    }
    refuse_orphans(file, &mut problems);
    let coupons = coupons(file, &products, &mut problems);
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() { Ok(Checked { products, coupons }) } else { Err(problems) }
}

fn check_settings(entry: &ProductEntry, known: &[Slug], settings: &impl SettingsCheck, problems: &mut Vec<Problem>) {
    let Some(provider) = &entry.provider else { return };
    if !known.contains(&provider.value) {
        let names: Vec<&str> = known.iter().map(Slug::as_str).collect();
        let message = format!("unknown provider '{}'; there are {}", provider.value, names.join(", "));
        problems.push(provider.place.problem(message));
        return;
    }
    let Some(kind) = entry.kind else { return };
    for found in settings.check(&provider.value, kind, &entry.settings.value) {
        problems.push(entry.settings.place_of(&found.path).problem(found.message));
    }
}

fn regions(entry: &ProductEntry, problems: &mut Vec<Problem>) -> Vec<Region> {
    let mut seen = BTreeMap::new();
    for region in &entry.regions {
        if let Some(line) = seen.insert(&region.value.code, region.place.line) {
            problems
                .push(region.place.problem(format!("region '{}' stands already on line {line}", region.value.code)));
        }
    }
    entry.regions.iter().map(|region| region.value.clone()).collect()
}

/// 0 is a plan of which there is none left to sell, and which goes on for who has it.
/// What is wrong with a stock.
pub(crate) fn stock_problem(stock: u32) -> Option<String> {
    (stock > LARGEST_STOCK).then(|| format!("expected 0 to {LARGEST_STOCK}; leave it out where there is no end"))
}

fn stock_of(stock: &At<i64>, problems: &mut Vec<Problem>) -> Option<u32> {
    // What fits nowhere is more than there can be.
    let whole = u32::try_from(stock.value).unwrap_or(u32::MAX);
    let problem = stock_problem(whole);
    problems.extend(problem.clone().map(|message| stock.place.problem(message)));
    problem.is_none().then_some(whole)
}

/// The product's own prices and those that stand apart, shortest cycle first.
fn prices(file: &CatalogFile, entry: &ProductEntry, problems: &mut Vec<Problem>) -> Vec<WantedPrice> {
    let belongs = |code: &At<Slug>| code.value.as_str() == entry.key;
    let loose = file.prices.iter().filter(|loose| loose.product.as_ref().is_some_and(belongs));
    let entries: Vec<&PriceEntry> = entry.prices.iter().chain(loose.map(|loose| &loose.price)).collect();
    if entries.is_empty() && !entry.names_prices {
        problems.push(entry.place.problem("this product has no price"));
    }
    let mut seen = BTreeMap::new();
    for cycle in entries.iter().filter_map(|price| price.cycle.as_ref()) {
        if let Some(line) = seen.insert(cycle.value, cycle.place.line) {
            problems.push(cycle.place.problem(format!("{} is already priced on line {line}", cycle.value)));
        }
    }
    let mut prices: Vec<_> = entries.iter().filter_map(|price| wanted_price(price, file.currency, problems)).collect();
    prices.sort_by_key(|price| price.cycle);
    prices
}

fn wanted_price(price: &PriceEntry, currency: Currency, problems: &mut Vec<Problem>) -> Option<WantedPrice> {
    if let Some(other) = price.currency.as_ref().filter(|stated| stated.value != currency) {
        let message = format!("{} in a catalogue in {currency}; one currency per catalogue for now", other.value);
        problems.push(other.place.problem(message));
    }
    let amount = price.amount.as_ref();
    if let Some(amount) = amount {
        check_amount(amount, currency, problems);
    }
    let cycle = price.cycle.as_ref().map(|cycle| cycle.value);
    let trial_days = price.trial_days.as_ref().map_or(Some(0), |days| trial(days, cycle, problems));
    Some(WantedPrice { cycle: cycle?, amount: Money::new(amount?.value, currency), trial_days: trial_days? })
}

fn check_amount(amount: &At<i64>, currency: Currency, problems: &mut Vec<Problem>) {
    problems.extend(amount_problem(amount.value, currency).map(|message| amount.place.problem(message)));
}

/// What is wrong with an amount in minor units as a price.
pub(crate) fn amount_problem(value: i64, currency: Currency) -> Option<String> {
    let smallest = smallest(currency);
    let money = |minor| Money::new(minor, currency);
    if value <= 0 {
        Some("must be more than 0 (in minor units: 799 is 7.99)".to_owned())
    } else if value < smallest {
        Some(format!("{} is below the least that can be charged, {}", money(value), money(smallest)))
    } else if value > LARGEST {
        Some(format!("{} is above the most that can be charged, {}", money(value), money(LARGEST)))
    } else {
        None
    }
}

fn trial(days: &At<i64>, cycle: Option<BillingCycle>, problems: &mut Vec<Problem>) -> Option<u16> {
    problems.extend(trial_problem(days.value, cycle).map(|message| days.place.problem(message)));
    u16::try_from(days.value).ok()
}

/// What is wrong with a price's days of trial.
pub(crate) fn trial_problem(days: i64, cycle: Option<BillingCycle>) -> Option<String> {
    if !(0..=LONGEST_TRIAL).contains(&days) {
        Some(format!("expected 0 to {LONGEST_TRIAL} days"))
    } else if days > 0 && cycle == Some(BillingCycle::OneTime) {
        Some("a one-time price cannot have a trial".to_owned())
    } else {
        None
    }
}

fn wanted_product(
    entry: &ProductEntry,
    regions: Vec<Region>,
    (prices, stock): (Vec<WantedPrice>, Option<u32>),
    position: i32,
) -> Option<WantedProduct> {
    Some(WantedProduct {
        code: entry.code.clone()?,
        name: entry.name.clone()?,
        description: entry.description.clone(),
        kind: entry.kind?,
        provider: entry.provider.as_ref()?.value.clone(),
        settings: entry.settings.value.clone(),
        regions,
        highlights: entry.highlights.clone(),
        features: entry.features.clone(),
        stock,
        prices,
        position,
    })
}

/// Prices that stand apart and belong to nothing; what they say is checked all the same.
fn refuse_orphans(file: &CatalogFile, problems: &mut Vec<Problem>) {
    for loose in &file.prices {
        let Some(code) = &loose.product else { continue };
        if !file.has_product(&code.value) {
            problems.push(code.place.problem(format!("there is no product '{}'", code.value)));
            wanted_price(&loose.price, file.currency, problems);
        }
    }
}

fn coupons(file: &CatalogFile, products: &[WantedProduct], problems: &mut Vec<Problem>) -> Vec<Coupon> {
    let mut seen: BTreeMap<&CouponCode, usize> = BTreeMap::new();
    let mut coupons = Vec::new();
    for entry in &file.coupons {
        if let Some(code) = &entry.code
            && let Some(line) = seen.insert(code, entry.place.line)
        {
            problems.push(entry.place.problem(format!("coupon {code} stands already on line {line}")));
        }
        check_window(entry, problems);
        let unknown = entry.products.iter().filter(|code| !file.has_product(&code.value));
        problems.extend(unknown.map(|code| code.place.problem(format!("there is no product '{}'", code.value))));
        let discount = discount(entry, file.currency, problems);
        let coupon = wanted_coupon(entry, discount);
        if let Some(coupon) = &coupon {
            check_remainders(entry, coupon, products, problems);
        }
        coupons.extend(coupon);
    }
    coupons
}

fn check_window(entry: &CouponEntry, problems: &mut Vec<Problem>) {
    if let (Some(from), Some(until)) = (&entry.valid_from, &entry.valid_until) {
        problems.extend(window_problem(from.value, until.value).map(|message| until.place.problem(message)));
    }
}

/// What is wrong with the time in which a coupon counts.
pub(crate) fn window_problem(from: Timestamp, until: Timestamp) -> Option<&'static str> {
    (until <= from).then_some("the coupon would end before it begins")
}

fn discount(entry: &CouponEntry, currency: Currency, problems: &mut Vec<Problem>) -> Option<Discount> {
    match (&entry.percent_off, &entry.amount_off) {
        (Given::No, Given::No) => problems.push(entry.place.problem("expected percent_off or amount_off")),
        (Given::Yes(percent), Given::No) => return percent_off(percent, problems),
        (Given::No, Given::Yes(amount)) => match amount_off(amount.value, currency) {
            Ok(discount) => return Some(discount),
            Err(message) => problems.push(amount.place.problem(message)),
        },
        (Given::Wrong, Given::No) | (Given::No, Given::Wrong) => {}
        (Given::Yes(_) | Given::Wrong, Given::Yes(_) | Given::Wrong) => {
            problems.push(entry.place.problem("expected percent_off or amount_off, not both"));
        }
    }
    None
}

/// A discount of so many minor units.
pub(crate) fn amount_off(minor: i64, currency: Currency) -> Result<Discount, String> {
    let fits = (1..=LARGEST).contains(&minor);
    if fits {
        Ok(Discount::Amount(Money::new(minor, currency)))
    } else {
        Err(format!("expected 1 to {LARGEST} minor units"))
    }
}

fn percent_off(percent: &At<i64>, problems: &mut Vec<Problem>) -> Option<Discount> {
    let discount = whole_percent(percent.value);
    if discount.is_none() {
        problems.push(percent.place.problem("expected a whole number of per cent from 1 to 100"));
    }
    discount
}

/// A discount of so many per cent.
pub(crate) fn whole_percent(percent: i64) -> Option<Discount> {
    let whole = u32::try_from(percent).ok().filter(|whole| (1..=100).contains(whole))?;
    Percent::from_basis_points(whole * 100).ok().map(Discount::Percent)
}

fn wanted_coupon(entry: &CouponEntry, discount: Option<Discount>) -> Option<Coupon> {
    let mut products: Vec<Slug> = entry.products.iter().map(|code| code.value.clone()).collect();
    products.sort();
    products.dedup();
    Some(Coupon {
        code: entry.code.clone()?,
        discount: discount?,
        duration: entry.duration,
        valid_from: entry.valid_from.as_ref().map(|at| at.value),
        valid_until: entry.valid_until.as_ref().map(|at| at.value),
        products,
        active: entry.active,
    })
}

fn check_remainders(entry: &CouponEntry, coupon: &Coupon, products: &[WantedProduct], problems: &mut Vec<Problem>) {
    for product in products {
        let prices = product.prices.iter().map(|price| (price.cycle, price.amount));
        problems.extend(remainders(coupon, &product.code, prices).map(|message| entry.place.problem(message)));
    }
}

/// A coupon may make something free, but what it leaves to pay must be an amount that the gateway takes; otherwise a
/// customer would find out at the checkout.
pub(crate) fn remainders<'a>(
    coupon: &'a Coupon,
    code: &'a Slug,
    prices: impl Iterator<Item = (BillingCycle, Money)> + 'a,
) -> impl Iterator<Item = String> + 'a {
    let covered = coupon.products.is_empty() || coupon.products.contains(code);
    prices.filter(move |_| covered).filter_map(move |(cycle, amount)| {
        let least = smallest(amount.currency());
        let left = taken_off(coupon.discount, amount).ok().and_then(|off| amount.checked_sub(off).ok());
        let left = left.filter(|left| (1..least).contains(&left.minor()))?;
        Some(format!("leaves {left} of {code} {cycle}, less than can be charged"))
    })
}
