//! A product or a coupon as somebody changes it by hand: what was entered, held against the same rules as the catalogue file.

use kernel::{Currency, Id, Money, Slug, Timestamp, entity};
use serde_json::Value;

use crate::{
    ChangeSet,
    coupon::{Coupon, CouponCode, CouponDuration, Discount},
    file::{
        SettingsCheck, WantedPrice, amount_off, amount_problem, description_problem, line_problem, remainders,
        stock_problem, trial_problem, whole_percent, window_problem,
    },
    product::{Product, ProductKind, ProductStatus},
};

/// The longest name, as in the file.
const NAME: usize = 100;
/// The longest selling point, as in the file.
const HIGHLIGHT: usize = 200;

/// What somebody entered about a product. Whatever else a product has stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductEdit {
    /// What people read.
    pub name: String,
    /// A sentence or two.
    pub description: String,
    /// Selling points.
    pub highlights: Vec<String>,
    /// Place in lists.
    pub position: i32,
    /// How many there are in all; `None` where there is no end to it.
    pub stock: Option<u32>,
    /// Whether it is on sale.
    pub status: ProductStatus,
    /// What the provider needs to know.
    pub settings: Value,
    /// What it costs, at most one price per cycle.
    pub prices: Vec<WantedPrice>,
}

/// What is chosen once, when a product is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProduct {
    /// The plan's code.
    pub code: Slug,
    /// What sort of thing it is.
    pub kind: ProductKind,
    /// Who delivers it.
    pub provider: Slug,
}

impl ProductEdit {
    /// The product as it would be. Its prices stay those on record: they change in steps of their own.
    #[must_use]
    pub fn onto(&self, have: &Product) -> Product {
        Product {
            name: self.name.clone(),
            description: self.description.clone(),
            highlights: self.highlights.clone(),
            position: self.position,
            stock: self.stock,
            status: self.status,
            settings: self.settings.clone(),
            ..have.clone()
        }
    }

    /// A product that was not there before.
    pub fn of(&self, new: &NewProduct, id: Id<entity::Product>) -> Product {
        let blank = Product {
            id,
            code: new.code.clone(),
            name: String::new(),
            description: String::new(),
            kind: new.kind,
            provider: new.provider.clone(),
            settings: Value::Null,
            regions: Vec::new(),
            highlights: Vec::new(),
            features: Vec::new(),
            stock: None,
            status: ProductStatus::Active,
            prices: Vec::new(),
            position: 0,
        };
        self.onto(&blank)
    }
}

/// By how much a new coupon makes something cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// Whole per cent.
    Percent(i64),
    /// Minor units of the catalogue's currency.
    Amount(i64),
}

/// A coupon as somebody entered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCoupon {
    /// What the customer types.
    pub code: CouponCode,
    /// By how much.
    pub off: Off,
    /// On which payments.
    pub duration: CouponDuration,
    /// Not before this instant.
    pub valid_from: Option<Timestamp>,
    /// Not at or after this instant.
    pub valid_until: Option<Timestamp>,
    /// The codes of the products it is for; empty for all.
    pub products: Vec<Slug>,
}

/// Something that was entered and cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditProblem {
    /// Where: `name`, `settings.memory`, `prices.monthly`, `trial.monthly`, `valid_until`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl EditProblem {
    /// A problem at this place.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// The catalogue's one currency; USD while nothing has a price.
pub fn currency_of(products: &[Product]) -> Currency {
    products.iter().flat_map(|product| &product.prices).next().map_or(Currency::USD, |price| price.amount.currency())
}

/// A number that differs when somebody else has changed, meanwhile, what can be changed by hand. What else a product has may
/// move without being in anybody's way.
pub fn version(product: &Product) -> String {
    let prices: Vec<_> =
        product.prices.iter().map(|price| (price.id, price.cycle, price.amount, price.trial_days)).collect();
    let shown =
        (&product.name, &product.description, &product.highlights, product.position, product.stock, product.status);
    digest(&format!("{shown:?}{prices:?}{}", product.settings))
}

impl ChangeSet {
    /// A number that differs when the changes do: whoever saves says with it which ones they were shown.
    pub fn digest(&self) -> String {
        digest(&self.to_string())
    }
}

/// FNV-1a: the same in every process and version. It tells accidents apart, not attacks.
fn digest(text: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// What is wrong with a product as it would be with these prices, beside these coupons.
pub fn check_product(
    want: &Product,
    prices: &[WantedPrice],
    coupons: &[Coupon],
    settings: &impl SettingsCheck,
) -> Vec<EditProblem> {
    let mut problems: Vec<EditProblem> = Vec::new();
    problems.extend(line_problem(&want.name, NAME).map(|message| EditProblem::new("name", message)));
    problems.extend(description_problem(&want.description).map(|message| EditProblem::new("description", message)));
    let highlights = want.highlights.iter().filter_map(|line| line_problem(line, HIGHLIGHT));
    problems.extend(highlights.take(1).map(|message| EditProblem::new("highlights", message)));
    problems.extend(want.stock.and_then(stock_problem).map(|message| EditProblem::new("stock", message)));
    check_settings(want, settings, &mut problems);
    check_prices(want, prices, &mut problems);
    for coupon in coupons.iter().filter(|coupon| coupon.active) {
        let left = remainders(coupon, &want.code, prices.iter().map(|price| (price.cycle, price.amount)));
        problems.extend(left.map(|message| EditProblem::new("prices", format!("coupon {} {message}", coupon.code))));
    }
    problems
}

fn check_prices(want: &Product, prices: &[WantedPrice], problems: &mut Vec<EditProblem>) {
    if prices.is_empty() && want.status == ProductStatus::Active {
        problems.push(EditProblem::new("prices", "a product on sale needs a price"));
    }
    for price in prices {
        let amount = amount_problem(price.amount.minor(), price.amount.currency());
        problems.extend(amount.map(|message| EditProblem::new(format!("prices.{}", price.cycle), message)));
        let trial = trial_problem(price.trial_days.into(), Some(price.cycle));
        problems.extend(trial.map(|message| EditProblem::new(format!("trial.{}", price.cycle), message)));
    }
}

fn check_settings(want: &Product, settings: &impl SettingsCheck, problems: &mut Vec<EditProblem>) {
    let known = settings.providers();
    if !known.contains(&want.provider) {
        let names: Vec<&str> = known.iter().map(Slug::as_str).collect();
        let message = format!("unknown provider '{}'; there are {}", want.provider, names.join(", "));
        problems.push(EditProblem::new("provider", message));
        return;
    }
    if has_nul(&want.settings) {
        problems.push(EditProblem::new("settings", "must not contain the character NUL"));
        return;
    }
    for found in settings.check(&want.provider, want.kind, &want.settings) {
        let dot = if found.path.is_empty() || found.path.starts_with('[') { "" } else { "." };
        problems.push(EditProblem::new(format!("settings{dot}{}", found.path), found.message));
    }
}

/// PostgreSQL keeps no NUL in JSON.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The coupon, in the catalogue's currency.
///
/// # Errors
/// What is wrong with it beside these products.
pub fn check_coupon(new: &NewCoupon, products: &[Product]) -> Result<Coupon, Vec<EditProblem>> {
    let mut problems = Vec::new();
    let discount = match new.off {
        Off::Percent(percent) => whole_percent(percent)
            .ok_or_else(|| EditProblem::new("percent_off", "expected a whole number of per cent from 1 to 100")),
        Off::Amount(minor) => {
            amount_off(minor, currency_of(products)).map_err(|message| EditProblem::new("amount_off", message))
        }
    };
    if let Some((from, until)) = new.valid_from.zip(new.valid_until) {
        problems.extend(window_problem(from, until).map(|message| EditProblem::new("valid_until", message)));
    }
    let known = |code: &&Slug| products.iter().any(|product| product.code == **code);
    let unknown = new.products.iter().filter(|code| !known(code));
    problems.extend(unknown.map(|code| EditProblem::new("products", format!("there is no product '{code}'"))));
    let coupon = discount.map(|discount| coupon(new, discount)).map_err(|problem| problems.push(problem)).ok();
    let Some(coupon) = coupon else { return Err(problems) };
    let on_sale = products.iter().filter(|product| product.status == ProductStatus::Active);
    for product in on_sale {
        let prices = product.prices.iter().map(|price| (price.cycle, price.amount));
        problems.extend(
            remainders(&coupon, &product.code, prices).map(|message| EditProblem::new(place(&coupon), message)),
        );
    }
    if problems.is_empty() { Ok(coupon) } else { Err(problems) }
}

const fn place(coupon: &Coupon) -> &'static str {
    match coupon.discount {
        Discount::Percent(_) => "percent_off",
        Discount::Amount(_) => "amount_off",
    }
}

fn coupon(new: &NewCoupon, discount: Discount) -> Coupon {
    let mut products = new.products.clone();
    products.sort();
    products.dedup();
    Coupon {
        code: new.code.clone(),
        discount,
        duration: new.duration,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        products,
        active: true,
    }
}

/// An amount as people write it, `7.99`, `7,99` or `8`, in minor units.
pub fn minor_units(text: &str, currency: Currency) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = usize::try_from(currency.decimals()).ok()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > decimals {
        return None;
    }
    format!("{whole}{part:0<decimals$}").parse().ok()
}

/// The same the other way round: `7.99`.
pub fn as_written(amount: Money) -> String {
    amount.to_string().split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let read = |text| minor_units(text, Currency::USD);
        assert_eq!(
            [read("7.99"), read("7,99"), read(" 8 "), read("8.5")],
            [Some(799), Some(799), Some(800), Some(850)]
        );
        for bad in ["", ".5", "7.999", "-1", "1e3", "7.9.9", "1 000", "99999999999999999999", "٣"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(minor_units("800", "JPY".parse().unwrap()), Some(800));
        assert_eq!(minor_units("800.5", "JPY".parse().unwrap()), None);
        assert_eq!(as_written(Money::new(799, Currency::USD)), "7.99");
    }

    #[test]
    fn a_digest_is_the_same_everywhere() {
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_eq!(digest("a"), "af63dc4c8601ec8c");
    }
}
