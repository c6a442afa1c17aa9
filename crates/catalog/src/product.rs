//! What is sold: products, where they run, and what they cost per billing cycle.

use std::{fmt, str::FromStr};

use kernel::{BillingCycle, Id, Money, Slug, entity};

/// Something that customers can buy.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its id; stays the same for as long as its code does.
    pub id: Id<entity::Product>,
    /// The plan's code, by which clients ask for it: `paper-4gb`.
    pub code: Slug,
    /// What people read.
    pub name: String,
    /// A sentence or two for the storefront.
    pub description: String,
    /// What sort of thing it is.
    pub kind: ProductKind,
    /// The key of the provider that delivers it.
    pub provider: Slug,
    /// What the provider needs to know; validated by the provider when the catalogue is applied.
    pub settings: serde_json::Value,
    /// Where it can run, in the order shown; empty when the customer has no choice.
    pub regions: Vec<Region>,
    /// Short selling points for the storefront, in the order shown.
    pub highlights: Vec<String>,
    /// What it delivers, for comparing it with the others of its kind; in the order shown.
    pub features: Vec<Feature>,
    /// How many of it there are in all; `None` when there is no end to it.
    pub stock: Option<u32>,
    /// Whether it is on sale.
    pub status: ProductStatus,
    /// The prices now on sale, shortest cycle first, at most one per cycle.
    pub prices: Vec<Price>,
    /// Place in lists, smallest first.
    pub position: i32,
}

impl Product {
    /// The price for this cycle, if it is sold by that cycle.
    pub fn price(&self, cycle: BillingCycle) -> Option<&Price> {
        self.prices.iter().find(|price| price.cycle == cycle)
    }
}

/// A place where a product can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code: `us-central`.
    pub code: Slug,
    /// What people read.
    pub name: String,
}

/// One line of what a product delivers: `Storage`, `10 GB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// What is compared; the same words on every product that has it.
    pub name: String,
    /// How much of it, or how.
    pub value: String,
}

/// What a product costs for one billing cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Its id; an amount never changes under an id.
    pub id: Id<entity::Price>,
    /// The period it covers.
    pub cycle: BillingCycle,
    /// What the whole period costs.
    pub amount: Money,
    /// Days that can be had for free before the first payment; 0 for none.
    pub trial_days: u16,
}

/// A word that is not one of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} '{word}'; expected one of {expected}")]
pub struct UnknownWord {
    /// What was expected, e.g. `product kind`.
    pub what: &'static str,
    /// What came instead, shortened.
    pub word: String,
    /// The words that are known.
    pub expected: &'static str,
}

impl UnknownWord {
    pub(crate) fn new(what: &'static str, word: &str, expected: &'static str) -> Self {
        Self { what, word: crate::text::printable(word, 40), expected }
    }
}

/// What sort of thing a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProductKind {
    /// A game server.
    Game,
    /// Web hosting.
    Hosting,
    /// Web hosting with WordPress set up.
    Wordpress,
    /// Mailboxes.
    Email,
    /// A virtual private server.
    Vps,
    /// A managed cloud server.
    Cloud,
    /// Storage space.
    Storage,
}

impl ProductKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Game, Self::Hosting, Self::Wordpress, Self::Email, Self::Vps, Self::Cloud, Self::Storage];

    /// The stable word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Game => "game",
            Self::Hosting => "hosting",
            Self::Wordpress => "wordpress",
            Self::Email => "email",
            Self::Vps => "vps",
            Self::Cloud => "cloud",
            Self::Storage => "storage",
        }
    }
}

impl FromStr for ProductKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let unknown = || UnknownWord::new("product kind", text, "game, hosting, wordpress, email, vps, cloud, storage");
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for ProductKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a product is on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductStatus {
    /// On sale.
    Active,
    /// No longer sold; what was bought goes on.
    Retired,
}

impl ProductStatus {
    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

impl FromStr for ProductStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "active" => Ok(Self::Active),
            "retired" => Ok(Self::Retired),
            _ => Err(UnknownWord::new("product status", text, "active, retired")),
        }
    }
}

impl fmt::Display for ProductStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in ProductKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for status in [ProductStatus::Active, ProductStatus::Retired] {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    #[test]
    fn an_unknown_kind_is_named_with_what_was_expected() {
        let error = "Game".parse::<ProductKind>().map_err(|error| error.to_string());
        let expected =
            "unknown product kind 'Game'; expected one of game, hosting, wordpress, email, vps, cloud, storage";
        assert_eq!(error, Err(expected.to_owned()));
    }
}
