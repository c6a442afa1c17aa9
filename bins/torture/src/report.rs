//! What came out of it: a table for people, Markdown and JSON for whoever keeps figures.

mod figures;
mod table;

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

pub(crate) use self::{
    figures::{Figure, figures_of},
    table::summary,
};
use crate::{
    calm::Rest,
    check::{Rule, Sums, Violation},
    failed::{Because, Outcome},
};

/// What was done to the programs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) faults: u64,
    pub(crate) api_starts: u64,
    pub(crate) worker_starts: u64,
    /// Starts that came to nothing.
    pub(crate) stillborn: u64,
    /// Rounds in which lost jobs were taken back.
    pub(crate) rescues: u64,
    /// Results of late workers that were refused.
    pub(crate) refused: u64,
    /// Servers that were found instead of made again.
    pub(crate) adopted: u64,
    /// Connections that were broken on purpose, besides cuts.
    pub(crate) broken: u64,
}

/// One scenario's outcome.
pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) took: Duration,
    pub(crate) rest: Rest,
    pub(crate) sums: Sums,
    /// Why orders are before a person.
    pub(crate) cases: Vec<String>,
    /// Why orders were before a person for a while.
    pub(crate) passing: Vec<String>,
    pub(crate) totals: Totals,
    pub(crate) figures: Vec<Figure>,
    pub(crate) violations: Vec<Violation>,
    /// What was spoilt on purpose, and whether the checker saw it.
    pub(crate) spoilt: Vec<(String, bool)>,
    pub(crate) remarks: Vec<String>,
    pub(crate) recoveries: Vec<i64>,
}

impl Report {
    /// Whether everything is as it was promised.
    pub(crate) fn holds(&self) -> bool {
        self.violations.is_empty()
            && self.figures.iter().all(|figure| figure.holds || !figure.decides)
            && self.spoilt.iter().all(|(_, seen)| *seen)
    }

    /// Broken rules of a kind.
    pub(crate) fn broken(&self, rule: Rule) -> usize {
        self.violations.iter().filter(|violation| violation.rule == rule).count()
    }

    /// Writes both files.
    pub(crate) fn write(&self, directory: &Path) -> Outcome<()> {
        std::fs::create_dir_all(directory).because("make the figures' directory")?;
        let path = directory.join(format!("torture-{}", self.name));
        let text = serde_json::to_string_pretty(&self.json()).because("write the figures")?;
        std::fs::write(path.with_extension("json"), text + "\n").because("write the figures")?;
        std::fs::write(path.with_extension("md"), self.markdown()).because("write the figures")
    }

    fn json(&self) -> Value {
        let figure = |figure: &Figure| json!({ "what": figure.what, "want": figure.want, "got": figure.got, "holds": figure.holds });
        json!({
            "scenario": self.name, "what": self.what, "holds": self.holds(),
            "seconds": self.took.as_secs(), "calm_seconds": self.rest.took.as_secs(), "left": self.rest.left,
            "orders": {
                "confirmed": self.sums.confirmed, "unknown": self.sums.unknown, "refused": self.sums.refused,
                "paid": self.sums.paid, "delivered": self.sums.delivered, "cases": self.sums.cases,
            },
            "totals": {
                "faults": self.totals.faults, "api_starts": self.totals.api_starts,
                "worker_starts": self.totals.worker_starts, "failed_starts": self.totals.stillborn,
                "rescues": self.totals.rescues, "stale_refused": self.totals.refused, "adopted": self.totals.adopted,
                "connections_broken": self.totals.broken, "mails_repeated": self.sums.repeated_mails,
            },
            "figures": self.figures.iter().map(figure).collect::<Vec<_>>(),
            "violations": self.violations.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "sabotage": self.spoilt.iter().map(|(what, seen)| json!({ "what": what, "seen": seen })).collect::<Vec<_>>(),
            "recoveries_ms": self.recoveries, "cases": self.cases, "passing_cases": self.passing,
            "remarks": self.remarks,
        })
    }
}
