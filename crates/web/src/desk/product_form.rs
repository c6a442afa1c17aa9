//! A product's form: what it shows, and what was entered into it.

use std::collections::BTreeMap;

use catalog::{
    ChangeSet, EditProblem, NewProduct, ProductEdit, ProductKind, ProductStatus, as_written, file::WantedPrice,
    minor_units, version,
};
use infra::queries::ProductLine;
use kernel::{BillingCycle, Currency, Money, Slug};
use serde::Serialize;

use super::words::{Notice, State as Badge, product_state};
use crate::{
    field::{Field, Problem},
    say::{Fill, Say, say},
    visitor::{Parameters, value},
    words::{kind_heading, period},
};

/// The fields of a price, by its period.
const PRICES: [(BillingCycle, &str, &str); 7] = [
    (BillingCycle::Monthly, "price-monthly", "trial-monthly"),
    (BillingCycle::Quarterly, "price-quarterly", "trial-quarterly"),
    (BillingCycle::Semiannual, "price-semiannual", "trial-semiannual"),
    (BillingCycle::Yearly, "price-yearly", "trial-yearly"),
    (BillingCycle::Biennial, "price-biennial", "trial-biennial"),
    (BillingCycle::Triennial, "price-triennial", "trial-triennial"),
    (BillingCycle::OneTime, "price-one_time", "trial-one_time"),
];

/// The longest text of JSON that is taken.
const SETTINGS: u16 = 20_000;

#[derive(Debug, Serialize)]
struct PriceRow {
    cycle: Say,
    amount: Field,
    trial: Field,
}

/// One of a list.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    pub(super) word: String,
    pub(super) text: Fill,
    pub(super) current: bool,
}

/// What is chosen once.
#[derive(Debug, Serialize)]
struct NewFields {
    code: Field,
    kinds: Vec<Choice>,
    providers: Vec<Choice>,
    provider_error: Option<Say>,
}

/// What stands about a product that is there.
#[derive(Debug, Serialize)]
struct Facts {
    id: String,
    code: String,
    kind: Say,
    provider: String,
    state: Badge,
    services: i64,
}

/// The page, as its template reads it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    notice: Option<Notice>,
    title: Fill,
    action: String,
    may_edit: bool,
    facts: Option<Facts>,
    new: Option<NewFields>,
    name: Field,
    description: Field,
    highlights: Field,
    position: Field,
    stock: Field,
    settings: Field,
    states: Vec<Choice>,
    prices: Vec<PriceRow>,
    currency: String,
    problems: Vec<Problem>,
    version: String,
    lines: Vec<String>,
    shown: Option<String>,
}

/// What a page is made of.
pub(super) struct Page<'a> {
    /// The product; none for a new one.
    pub(super) line: Option<&'a ProductLine>,
    pub(super) currency: Currency,
    pub(super) may_edit: bool,
    pub(super) problems: &'a [EditProblem],
    pub(super) changes: Option<&'a ChangeSet>,
    pub(super) notice: Option<Notice>,
    pub(super) providers: Vec<Slug>,
    pub(super) entered: &'a Parameters,
}

/// The form's field in which a problem is shown, and where within it.
fn place(field: &str) -> (&'static str, &str) {
    let of_price = |cycle: &str| PRICES.iter().find(|(known, _, _)| known.as_str() == cycle);
    if let Some((_, price, _)) = field.strip_prefix("prices.").and_then(of_price) {
        return (*price, "");
    }
    if let Some((_, _, trial)) = field.strip_prefix("trial.").and_then(of_price) {
        return (*trial, "");
    }
    if let Some(within) = field.strip_prefix("settings") {
        return ("settings", within.trim_start_matches('.'));
    }
    let plain = ["name", "description", "highlights", "position", "stock", "code", "provider"];
    let known = plain.into_iter().find(|name| *name == field);
    (known.unwrap_or("price-monthly"), "")
}

/// What is wrong, by field.
fn by_field(problems: &[EditProblem]) -> BTreeMap<&'static str, Say> {
    let mut texts: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for problem in problems {
        let (name, within) = place(&problem.field);
        let at = if within.is_empty() { String::new() } else { format!("{within}: ") };
        texts.entry(name).or_default().push(format!("{at}{}", problem.message));
    }
    texts.into_iter().map(|(name, texts)| (name, plain(texts.join("; ")))).collect()
}

/// A text of the domain's own.
pub(super) fn plain(text: impl Into<Fill>) -> Say {
    say("desk-plain").with("text", text)
}

/// What the form holds of a product that is there.
pub(super) fn entered_of(product: &catalog::Product) -> Parameters {
    let settings = serde_json::to_string_pretty(&product.settings).unwrap_or_default();
    let mut entered = Parameters::from([
        ("name".to_owned(), product.name.clone()),
        ("description".to_owned(), product.description.clone()),
        ("highlights".to_owned(), product.highlights.join("\n")),
        ("position".to_owned(), product.position.to_string()),
        ("stock".to_owned(), product.stock.map(|stock| stock.to_string()).unwrap_or_default()),
        ("status".to_owned(), product.status.as_str().to_owned()),
        ("settings".to_owned(), settings),
        ("version".to_owned(), version(product)),
    ]);
    for (cycle, amount, trial) in PRICES {
        if let Some(price) = product.price(cycle) {
            entered.insert(amount.to_owned(), as_written(price.amount));
            entered.insert(trial.to_owned(), price.trial_days.to_string());
        }
    }
    entered
}

/// The page.
pub(super) fn view(page: &Page<'_>) -> Entry {
    let errors = by_field(page.problems);
    let field = |field: Field, name: &'static str| field.error(errors.get(name));
    let text = |name: &'static str, label: Say, max: u16| {
        field(Field::text(name, label, &value(page.entered, name)).max(max), name)
    };
    let action = page
        .line
        .map_or_else(|| "/desk/catalogue/new".to_owned(), |line| format!("/desk/catalogue/{}/save", line.product.id));
    let mut view = Entry {
        notice: page.notice.clone(),
        title: page.line.map_or_else(|| say("desk-product-new").into(), |line| line.product.name.clone().into()),
        action,
        may_edit: page.may_edit,
        facts: page.line.map(facts),
        new: page.line.is_none().then(|| new_fields(page, &errors)),
        name: text("name", say("desk-product-name"), 100),
        description: text("description", say("desk-product-description"), 1000).optional(),
        highlights: text("highlights", say("desk-product-highlights"), 4000)
            .hint(say("desk-product-highlights-hint"))
            .optional(),
        position: text("position", say("desk-product-position"), 6).hint(say("desk-product-position-hint")),
        stock: text("stock", say("desk-product-stock"), 6).hint(say("desk-product-stock-hint")).optional(),
        settings: text("settings", say("desk-product-settings"), SETTINGS).hint(say("desk-product-settings-hint")),
        states: states(&value(page.entered, "status")),
        prices: PRICES.into_iter().map(|price| price_row(price, page.entered, &errors)).collect(),
        currency: page.currency.code().to_owned(),
        problems: Vec::new(),
        version: value(page.entered, "version"),
        lines: page.changes.map(|set| set.lines().into_iter().map(str::to_owned).collect()).unwrap_or_default(),
        shown: page.changes.map(ChangeSet::digest),
    };
    view.problems = listed(&view);
    view
}

/// What is wrong, in the order of the form.
fn listed(view: &Entry) -> Vec<Problem> {
    let new = view.new.as_ref();
    let provider = new.and_then(|new| new.provider_error.clone()).map(|text| Problem { name: "provider", text });
    let fields = [&view.name, &view.description, &view.highlights, &view.position, &view.stock];
    let prices = view.prices.iter().flat_map(|price| [&price.amount, &price.trial]);
    let fields = new.map(|new| &new.code).into_iter().chain(fields).chain(prices).chain([&view.settings]);
    fields.filter_map(Field::problem).chain(provider).collect()
}

fn facts(line: &ProductLine) -> Facts {
    let product = &line.product;
    Facts {
        id: product.id.to_string(),
        code: product.code.to_string(),
        kind: kind_heading(product.kind).0,
        provider: product.provider.to_string(),
        state: product_state(product.status),
        services: line.services,
    }
}

fn states(current: &str) -> Vec<Choice> {
    let choice = |status: ProductStatus, text: Say| Choice {
        word: status.as_str().to_owned(),
        text: text.into(),
        current: status.as_str() == current || (current.is_empty() && status == ProductStatus::Active),
    };
    vec![
        choice(ProductStatus::Active, say("desk-product-active")),
        choice(ProductStatus::Retired, say("desk-product-retired")),
    ]
}

fn new_fields(page: &Page<'_>, errors: &BTreeMap<&'static str, Say>) -> NewFields {
    let (kind, provider) = (value(page.entered, "kind"), value(page.entered, "provider"));
    let kinds = ProductKind::ALL.into_iter().map(|known| Choice {
        word: known.as_str().to_owned(),
        text: kind_heading(known).0.into(),
        current: known.as_str() == kind,
    });
    let providers = page.providers.iter().map(|key| Choice {
        word: key.to_string(),
        text: key.to_string().into(),
        current: key.as_str() == provider,
    });
    let code = Field::text("code", say("desk-product-code"), &value(page.entered, "code")).max(64);
    NewFields {
        code: code.hint(say("desk-product-code-hint")).error(errors.get("code")),
        kinds: kinds.collect(),
        providers: providers.collect(),
        provider_error: errors.get("provider").cloned(),
    }
}

fn price_row(
    (cycle, amount, trial): (BillingCycle, &'static str, &'static str),
    entered: &Parameters,
    errors: &BTreeMap<&'static str, Say>,
) -> PriceRow {
    let field = |name: &'static str, label: Say| {
        Field::text(name, label.with("period", period(cycle)), &value(entered, name))
            .max(12)
            .error(errors.get(name))
            .depends()
    };
    PriceRow {
        cycle: period(cycle),
        amount: field(amount, say("desk-price-amount")),
        trial: field(trial, say("desk-price-trial")),
    }
}

/// What is chosen once, as it was entered.
pub(super) fn new_product(entered: &Parameters) -> Result<NewProduct, Vec<EditProblem>> {
    let mut problems = Vec::new();
    let code = value(entered, "code").parse::<Slug>();
    let code = code.map_err(|error| problems.push(EditProblem::new("code", error.to_string()))).ok();
    let kind = value(entered, "kind").parse::<ProductKind>();
    let kind = kind.map_err(|error| problems.push(EditProblem::new("code", error.to_string()))).ok();
    let provider = value(entered, "provider").parse::<Slug>();
    let provider = provider.map_err(|error| problems.push(EditProblem::new("provider", error.to_string()))).ok();
    match (code, kind, provider) {
        (Some(code), Some(kind), Some(provider)) => Ok(NewProduct { code, kind, provider }),
        _ => Err(problems),
    }
}

/// What was entered.
pub(super) fn read(entered: &Parameters, currency: Currency) -> Result<ProductEdit, Vec<EditProblem>> {
    let mut problems = Vec::new();
    let position = value(entered, "position").parse::<i32>().ok().filter(|position| (0..=99_999).contains(position));
    if position.is_none() {
        problems.push(EditProblem::new("position", "expected a whole number from 0 to 99999"));
    }
    let stock = match value(entered, "stock") {
        none if none.is_empty() => Some(None),
        some => some.parse::<u32>().ok().map(Some),
    };
    if stock.is_none() {
        problems.push(EditProblem::new("stock", "expected a whole number, or nothing where there is no end"));
    }
    let status = value(entered, "status").parse().unwrap_or(ProductStatus::Active);
    let settings = serde_json::from_str(&value(entered, "settings"));
    let settings =
        settings.map_err(|error| problems.push(EditProblem::new("settings", format!("no JSON: {error}")))).ok();
    let prices = prices(entered, currency, &mut problems);
    let lines = value(entered, "highlights").replace("\r\n", "\n");
    let edit = position.zip(stock).zip(settings).map(|((position, stock), settings)| ProductEdit {
        name: value(entered, "name"),
        description: value(entered, "description").replace("\r\n", "\n"),
        highlights: lines.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        position,
        stock,
        status,
        settings,
        prices,
    });
    edit.filter(|_| problems.is_empty()).ok_or(problems)
}

fn prices(entered: &Parameters, currency: Currency, problems: &mut Vec<EditProblem>) -> Vec<WantedPrice> {
    let mut prices = Vec::new();
    for (cycle, amount, trial) in PRICES {
        let (amount, trial) = (value(entered, amount), value(entered, trial));
        if amount.is_empty() {
            continue;
        }
        let minor = minor_units(&amount, currency);
        if minor.is_none() {
            problems.push(EditProblem::new(format!("prices.{cycle}"), "expected an amount such as 7.99"));
        }
        let days = if trial.is_empty() { Some(0) } else { trial.parse::<u16>().ok() };
        if days.is_none() {
            problems.push(EditProblem::new(format!("trial.{cycle}"), "expected a whole number of days"));
        }
        prices.extend(minor.zip(days).map(|(minor, trial_days)| WantedPrice {
            cycle,
            amount: Money::new(minor, currency),
            trial_days,
        }));
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_period_has_its_fields() {
        assert_eq!(PRICES.map(|(cycle, _, _)| cycle), BillingCycle::ALL);
        for (cycle, amount, trial) in PRICES {
            assert_eq!((amount, trial), (&*format!("price-{cycle}"), &*format!("trial-{cycle}")));
            assert_eq!((place(&format!("prices.{cycle}")).0, place(&format!("trial.{cycle}")).0), (amount, trial));
        }
    }

    #[test]
    fn problems_are_shown_where_they_are() {
        assert_eq!(place("settings.environment.X"), ("settings", "environment.X"));
        assert_eq!(place("settings[0]"), ("settings", "[0]"));
        assert_eq!((place("name").0, place("prices").0), ("name", "price-monthly"));
    }
}
