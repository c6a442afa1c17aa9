//! The file's products, prices and coupons as they were written: well-formed one by one, not yet checked together.

use std::ops::Range;

use kernel::{BillingCycle, Currency, Slug};
use toml::de::DeTable;

use super::{
    Problem,
    coupons::{CouponEntry, coupon},
    json::{self, Settings},
    reader::{At, Node, Place, Reader, Section},
};
use crate::product::{Feature, ProductKind, Region};

/// A catalogue file that is well-formed; [`super::check`] says whether it makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogFile {
    pub(super) currency: Currency,
    pub(super) products: Vec<ProductEntry>,
    pub(super) prices: Vec<LoosePrice>,
    pub(super) coupons: Vec<CouponEntry>,
}

/// A product as written. What is `None` was missing or wrong, and is reported.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProductEntry {
    pub(super) place: Place,
    /// The key as written, to which prices and coupons refer.
    pub(super) key: String,
    pub(super) code: Option<Slug>,
    pub(super) name: Option<String>,
    pub(super) description: String,
    pub(super) kind: Option<ProductKind>,
    pub(super) provider: Option<At<Slug>>,
    pub(super) settings: Settings,
    pub(super) regions: Vec<At<Region>>,
    pub(super) highlights: Vec<String>,
    pub(super) features: Vec<Feature>,
    pub(super) stock: Option<At<i64>>,
    pub(super) prices: Vec<PriceEntry>,
    /// Whether it names any price, be it one that could not be read.
    pub(super) names_prices: bool,
}

/// A price as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PriceEntry {
    pub(super) cycle: Option<At<BillingCycle>>,
    pub(super) amount: Option<At<i64>>,
    pub(super) currency: Option<At<Currency>>,
    pub(super) trial_days: Option<At<i64>>,
}

/// A price that stands apart from its product.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LoosePrice {
    pub(super) product: Option<At<Slug>>,
    pub(super) price: PriceEntry,
}

const ROOT: [&str; 4] = ["currency", "products", "prices", "coupons"];
const PRODUCT: [&str; 10] =
    ["name", "description", "kind", "provider", "settings", "regions", "highlights", "features", "stock", "prices"];
const PRICE: [&str; 4] = ["cycle", "amount", "currency", "trial_days"];
const LOOSE_PRICE: [&str; 5] = ["product", "cycle", "amount", "currency", "trial_days"];
const REGION: [&str; 2] = ["code", "name"];

impl CatalogFile {
    /// Parses a file. All problems of form are reported together; [`super::read`] adds those of content.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        match read(text) {
            (Some(file), problems) if problems.is_empty() => Ok(file),
            (_, problems) => Err(problems),
        }
    }

    /// Whether a product stands under this code, be it one with problems.
    pub(super) fn has_product(&self, code: &Slug) -> bool {
        self.products.iter().any(|product| product.key == code.as_str())
    }
}

/// Reads as much as can be read. No file at all when the text is not TOML.
pub(super) fn read(text: &str) -> (Option<CatalogFile>, Vec<Problem>) {
    let mut reader = Reader::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let line = reader.line(&error.span().unwrap_or(Range { start: 0, end: 0 }));
            reader.problems.push(Problem { line, path: String::new(), message: error.message().to_owned() });
        }
        return (None, reader.problems);
    }
    let file = catalog(&mut reader, document.get_ref());
    reader.problems.sort_by_key(|problem| problem.line);
    (Some(file), reader.problems)
}

fn catalog<'a>(reader: &mut Reader, document: &'a DeTable<'a>) -> CatalogFile {
    let root = reader.root(document, &ROOT);
    let currency = reader.optional_word(&root, "currency").map_or(Currency::USD, |currency| currency.value);
    let products = reader.named(&root, "products");
    let products = products.into_iter().filter_map(|(key, node)| product(reader, key, node)).collect();
    let prices = reader.list(&root, "prices").into_iter().filter_map(|node| loose_price(reader, node)).collect();
    let coupons = reader.named(&root, "coupons");
    let coupons = coupons.into_iter().filter_map(|(key, node)| coupon(reader, key, node)).collect();
    CatalogFile { currency, products, prices, coupons }
}

fn product(reader: &mut Reader, key: &str, node: Node<'_>) -> Option<ProductEntry> {
    let section = reader.section(node, &PRODUCT)?;
    let place = section.place.clone();
    let code = key.parse().map_err(|error: kernel::InvalidName| reader.report(&place, error.to_string())).ok();
    let settings = match reader.get(&section, "settings") {
        Some(node) => json::settings(reader, node),
        None => Settings::none(&place),
    };
    let names_prices =
        reader.get(&section, "prices").is_some_and(|node| node.value.as_array().is_none_or(|list| !list.is_empty()));
    Some(ProductEntry {
        names_prices,
        key: key.to_owned(),
        code,
        name: reader.needed_line(&section, "name", 100),
        description: description(reader, &section),
        kind: reader.needed_word(&section, "kind").map(|kind| kind.value),
        provider: reader.needed_word(&section, "provider"),
        settings,
        regions: reader.list(&section, "regions").into_iter().filter_map(|node| region(reader, node)).collect(),
        highlights: highlights(reader, &section),
        features: features(reader, &section),
        stock: reader.optional_integer(&section, "stock"),
        prices: reader.list(&section, "prices").into_iter().filter_map(|node| inner_price(reader, node)).collect(),
        place,
    })
}

/// Free text of up to 1000 characters; line breaks are allowed.
fn description(reader: &mut Reader, section: &Section<'_>) -> String {
    let Some(node) = reader.get(section, "description") else { return String::new() };
    let text = reader.text(&node).unwrap_or_default();
    if let Some(problem) = description_problem(text) {
        reader.report(&node.place, problem);
    }
    text.to_owned()
}

/// What is wrong with a description.
pub(crate) fn description_problem(text: &str) -> Option<&'static str> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        Some("must not contain control characters other than line breaks")
    } else if text.chars().count() > 1000 {
        Some("longer than 1000 characters")
    } else {
        None
    }
}

fn highlights(reader: &mut Reader, section: &Section<'_>) -> Vec<String> {
    let nodes = reader.list(section, "highlights");
    nodes.iter().filter_map(|node| reader.line_of_text(node, 200)).collect()
}

/// A table of the operator's own words; its order is the order shown.
fn features(reader: &mut Reader, section: &Section<'_>) -> Vec<Feature> {
    let mut features = Vec::new();
    for (name, node) in reader.named(section, "features") {
        if name.trim().is_empty() || name.chars().any(char::is_control) || name.chars().count() > 60 {
            reader.report(&node.place, "a feature's name is one line of 1 to 60 characters");
        }
        let value = reader.line_of_text(&node, 60);
        features.extend(value.map(|value| Feature { name: name.to_owned(), value }));
    }
    features
}

fn region(reader: &mut Reader, node: Node<'_>) -> Option<At<Region>> {
    let section = reader.section(node, &REGION)?;
    let code = reader.needed_word(&section, "code");
    let name = reader.needed_line(&section, "name", 100);
    let code: At<Slug> = code?;
    Some(At { value: Region { code: code.value, name: name? }, place: code.place })
}

fn inner_price(reader: &mut Reader, node: Node<'_>) -> Option<PriceEntry> {
    let section = reader.section(node, &PRICE)?;
    Some(price(reader, &section))
}

fn loose_price(reader: &mut Reader, node: Node<'_>) -> Option<LoosePrice> {
    let section = reader.section(node, &LOOSE_PRICE)?;
    Some(LoosePrice { product: reader.needed_word(&section, "product"), price: price(reader, &section) })
}

fn price(reader: &mut Reader, section: &Section<'_>) -> PriceEntry {
    PriceEntry {
        cycle: reader.needed_word(section, "cycle"),
        amount: reader.needed_integer(section, "amount"),
        currency: reader.optional_word(section, "currency"),
        trial_days: reader.optional_integer(section, "trial_days"),
    }
}
