//! The catalogue file: TOML in, [`Checked`] out, and every problem with its line.
//!
//! ```toml
//! currency = "USD"                      # of every amount; USD when left out
//!
//! [products.starter]                    # the key is the plan's code; the order in the file is the order in lists
//! name = "Starter"
//! description = "One site."             # may be left out
//! kind = "hosting"                      # game, hosting, wordpress, email, vps, cloud, storage
//! provider = "website"
//! highlights = ["1 site"]               # may be left out, as may regions = [{ code = "…", name = "…" }]
//! features = { Storage = "10 GB" }      # may be left out; rows of the table that compares plans of a kind
//! stock = 20                            # how many there are in all; no end when left out
//! settings = { php_version = "8.3" }    # what the provider asks for
//! prices = [{ cycle = "monthly", amount = 799, trial_days = 7 }] # minor units, for the whole period
//!
//! [[prices]]                            # a price may also stand apart
//! product = "starter"
//! cycle = "yearly"
//! amount = 7188
//!
//! [coupons.WELCOME10]
//! percent_off = 10                      # or amount_off = 500
//! duration = "once"                     # or "forever"; once when left out
//! valid_from = 2026-01-01T00:00:00Z     # may be left out, as may valid_until
//! products = ["starter"]                # all when left out
//! active = true                         # true when left out
//! ```
//!
//! Keys that mean nothing are refused: a misspelt `trial_day` must not be silently no trial.

mod coupons;
mod entries;
mod json;
mod reader;
mod rules;

use std::fmt;

use kernel::{BillingCycle, Id, Money, Slug, entity};

pub use entries::CatalogFile;
pub(crate) use entries::description_problem;
pub(crate) use reader::line_problem;
pub use rules::check;
pub(crate) use rules::{
    amount_off, amount_problem, remainders, stock_problem, trial_problem, whole_percent, window_problem,
};

use crate::{
    coupon::Coupon,
    product::{Feature, Price, Product, ProductKind, ProductStatus, Region},
};

/// Something that is wrong with the file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The place in the document, e.g. `products.paper-4gb.prices[1].cycle`; places in lists are counted from 0.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "line {}: {}", self.line, self.message)
        } else {
            write!(f, "line {}, {}: {}", self.line, self.path, self.message)
        }
    }
}

/// Something that a provider does not accept in a product's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The place within the settings: `memory`, `environment.SERVER_JARFILE`, `locations.eu-west[0]`; empty for all.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// What the providers have to say about a catalogue.
pub trait SettingsCheck {
    /// The keys of the providers that there are.
    fn providers(&self) -> Vec<Slug>;

    /// What this provider does not accept in the settings of a product of this kind; empty when all is well. Only
    /// called for providers that there are.
    fn check(&self, provider: &Slug, kind: ProductKind, settings: &serde_json::Value) -> Vec<SettingsProblem>;
}

/// A catalogue without problems, ready to be compared with what is on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The products, in the order of the file.
    pub products: Vec<WantedProduct>,
    /// The coupons, in the order of the file.
    pub coupons: Vec<Coupon>,
}

/// A product as the file has it: no id yet.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedProduct {
    /// The plan's code.
    pub code: Slug,
    /// What people read.
    pub name: String,
    /// A sentence or two.
    pub description: String,
    /// What sort of thing it is.
    pub kind: ProductKind,
    /// Who delivers it.
    pub provider: Slug,
    /// What the provider needs to know.
    pub settings: serde_json::Value,
    /// Where it can run.
    pub regions: Vec<Region>,
    /// Selling points.
    pub highlights: Vec<String>,
    /// What it delivers.
    pub features: Vec<Feature>,
    /// How many there are in all.
    pub stock: Option<u32>,
    /// The prices, shortest cycle first.
    pub prices: Vec<WantedPrice>,
    /// Place in lists, from 1.
    pub position: i32,
}

/// A price as the file has it: no id yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedPrice {
    /// The period.
    pub cycle: BillingCycle,
    /// What the whole period costs.
    pub amount: Money,
    /// Days of trial; 0 for none.
    pub trial_days: u16,
}

impl WantedProduct {
    /// The product on sale under `id`, without prices.
    pub(crate) fn to_product(&self, id: Id<entity::Product>) -> Product {
        Product {
            id,
            code: self.code.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            kind: self.kind,
            provider: self.provider.clone(),
            settings: self.settings.clone(),
            regions: self.regions.clone(),
            highlights: self.highlights.clone(),
            features: self.features.clone(),
            stock: self.stock,
            status: ProductStatus::Active,
            prices: Vec::new(),
            position: self.position,
        }
    }
}

impl WantedPrice {
    /// The price under `id`.
    pub(crate) fn to_price(self, id: Id<entity::Price>) -> Price {
        Price { id, cycle: self.cycle, amount: self.amount, trial_days: self.trial_days }
    }
}

/// Parses and checks at once, so that problems of form and of content are reported together, in the order of the file.
pub fn read(text: &str, settings: &impl SettingsCheck) -> Result<Checked, Vec<Problem>> {
    let (file, mut problems) = entries::read(text);
    let checked = match file {
        Some(file) => check(&file, settings),
        None => Err(Vec::new()),
    };
    match checked {
        Ok(checked) if problems.is_empty() => Ok(checked),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            problems.sort_by_key(|problem| problem.line);
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests;
