//! Whether the promise was kept: a pure function over the facts.

mod delivery;
mod jobs;
mod mails;
mod money;
mod orders;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::facts::{Facts, OrderRow, ServiceRow};

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Every confirmed order is on record.
    Lost,
    /// One purchase is one order; none was made of nothing.
    Doubled,
    /// Whoever paid has their service, or a person is looking at it.
    Undelivered,
    /// One service an order.
    Twice,
    /// Nothing for those who did not pay.
    Unpaid,
    /// No order is left on its way.
    Stuck,
    /// States only go forward.
    Backwards,
    /// Stripe's money is ours.
    Money,
    /// Each mail once; a repetition is the same mail.
    Mail,
    /// Each job is done once, and none is left.
    Job,
    /// A worker that was taken for dead records nothing.
    Stale,
    /// Every event that was acknowledged is stored and processed.
    Event,
    /// Programs do not fall over by themselves.
    Fell,
    /// The panel is asked no more often than it bears.
    Spared,
}

impl Rule {
    pub(crate) const ALL: [Self; 14] = [
        Self::Lost,
        Self::Doubled,
        Self::Undelivered,
        Self::Twice,
        Self::Unpaid,
        Self::Stuck,
        Self::Backwards,
        Self::Money,
        Self::Mail,
        Self::Job,
        Self::Stale,
        Self::Event,
        Self::Fell,
        Self::Spared,
    ];

    /// What must hold, for the table.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Lost => "every confirmed order is on record",
            Self::Doubled => "one purchase is at most one order",
            Self::Undelivered => "what was paid is delivered, or a visible case",
            Self::Twice => "one service an order, none besides",
            Self::Unpaid => "nothing for those who did not pay",
            Self::Stuck => "no order is left on its way",
            Self::Backwards => "states only go forward",
            Self::Money => "Stripe's money is what we recorded",
            Self::Mail => "each mail once; a repetition is the same mail",
            Self::Job => "each job is done once, and none is left",
            Self::Stale => "late workers recorded nothing",
            Self::Event => "acknowledged events are stored and processed",
            Self::Fell => "no program fell by itself",
            Self::Spared => "the panel was asked no more often than it bears",
        }
    }
}

/// A rule that was broken, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) evidence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.evidence)
    }
}

/// The facts with their indexes, and what was found.
struct Inquiry<'a> {
    facts: &'a Facts,
    orders: BTreeMap<&'a str, &'a OrderRow>,
    services: BTreeMap<&'a str, Vec<&'a ServiceRow>>,
    /// Orders whose money Stripe has, and how often.
    paid: BTreeMap<&'a str, usize>,
    found: Vec<Violation>,
}

impl<'a> Inquiry<'a> {
    fn new(facts: &'a Facts) -> Self {
        let orders = facts.orders.iter().map(|order| (order.id.as_str(), order)).collect();
        let mut services: BTreeMap<&str, Vec<&ServiceRow>> = BTreeMap::new();
        for service in &facts.services {
            services.entry(&service.order).or_default().push(service);
        }
        let mut paid: BTreeMap<&str, usize> = BTreeMap::new();
        for session in facts.sessions.iter().filter(|session| session.paid) {
            *paid.entry(&session.order).or_default() += 1;
        }
        Self { facts, orders, services, paid, found: Vec::new() }
    }

    fn accuse(&mut self, rule: Rule, evidence: impl Into<String>) {
        self.found.push(Violation { rule, evidence: evidence.into() });
    }

    fn is_paid(&self, order: &str) -> bool {
        self.paid.contains_key(order)
    }

    fn is_case(&self, order: &str) -> bool {
        self.facts.cases.contains_key(order)
    }
}

/// Everything that is wrong.
pub(crate) fn check(facts: &Facts) -> Vec<Violation> {
    let mut inquiry = Inquiry::new(facts);
    orders::check(&mut inquiry);
    delivery::check(&mut inquiry);
    money::check(&mut inquiry);
    mails::check(&mut inquiry);
    jobs::check(&mut inquiry);
    inquiry.found
}

/// What the table says besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) confirmed: usize,
    pub(crate) unknown: usize,
    pub(crate) refused: usize,
    pub(crate) paid: usize,
    pub(crate) delivered: usize,
    pub(crate) cases: usize,
    /// Mails that arrived more than once.
    pub(crate) repeated_mails: usize,
}

/// Counts.
pub(crate) fn sum(facts: &Facts) -> Sums {
    use crate::facts::Word;
    let words = |wanted: fn(&Word) -> bool| facts.purchases.iter().filter(|purchase| wanted(&purchase.word)).count();
    let paid: BTreeSet<&str> =
        facts.sessions.iter().filter(|session| session.paid).map(|session| session.order.as_str()).collect();
    let ids: BTreeSet<&str> = facts.arrived.iter().map(|mail| mail.message_id.as_str()).collect();
    Sums {
        confirmed: words(|word| matches!(word, Word::Confirmed(_))),
        unknown: words(|word| matches!(word, Word::Unknown)),
        refused: words(|word| matches!(word, Word::Refused)),
        paid: paid.len(),
        delivered: facts.orders.iter().filter(|order| order.status == "provisioned").count(),
        cases: facts.cases.len(),
        repeated_mails: facts.arrived.len() - ids.len(),
    }
}
