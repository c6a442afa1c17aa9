//! What must hold: safety at every commit and every effect, the rest at the end, against what truly happened outside.

mod end;
mod queue;
mod rules;
mod safety;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Id, entity};

use crate::core::{Micros, State};

pub use rules::{INVARIANTS, Rule};

/// What was found broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// What was seen.
    pub what: String,
    /// In microseconds of the world's time.
    pub at: u64,
}

/// What the checks remember.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) broken: Option<Broken>,
    /// Orders whose case has a cause in the world.
    excused: BTreeSet<Id<entity::Order>>,
    /// Mails that the world does not take.
    unsendable: BTreeSet<Id<entity::Mail>>,
    /// The valid lease of each job that is executing.
    valid: BTreeMap<i64, i64>,
    /// The highest lease of each job.
    highest: BTreeMap<i64, i64>,
    /// Tries of each job that failed or were lost.
    failures: BTreeMap<i64, i16>,
    claims: usize,
    given_back: usize,
    /// When an order was first right after it was paid.
    settled: BTreeMap<Id<entity::Order>, Micros>,
}

impl Checker {
    /// The world gave a reason for a case about this order.
    pub(crate) fn excuse(&mut self, order: Id<entity::Order>) {
        self.excused.insert(order);
    }

    /// The world will not take this mail.
    pub(crate) fn unsendable(&mut self, mail: Id<entity::Mail>) {
        self.unsendable.insert(mail);
    }
}

impl State {
    /// A rule is broken. The first one found is kept.
    pub(crate) fn broken(&mut self, rule: Rule, what: impl FnOnce() -> String) {
        if self.check.broken.is_none() {
            let broken = Broken { rule, what: what(), at: self.now };
            self.say(|_| format!("BROKEN {}: {}", broken.rule.name(), broken.what));
            self.check.broken = Some(broken);
        }
    }

    /// It holds, or the rule is broken.
    pub(crate) fn holds(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(rule, what);
        }
    }
}
