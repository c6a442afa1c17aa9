//! The tables.

use std::{collections::BTreeMap, fmt::Write};

use super::Report;
use crate::{check::Rule, clock::minutes};

/// So many pieces of evidence are shown; the rest is counted.
const SHOWN: usize = 12;

const fn mark(holds: bool) -> &'static str {
    if holds { "✓" } else { "✗" }
}

impl Report {
    /// For the terminal. Writing to a String cannot fail.
    pub(crate) fn table(&self) -> String {
        let mut out = String::new();
        let sums = &self.sums;
        let _ = writeln!(
            out,
            "   {} orders confirmed, {} unknown to their customers, {} refused; {} paid: {} delivered, {} before a person",
            sums.confirmed, sums.unknown, sums.refused, sums.paid, sums.delivered, sums.cases
        );
        let _ = writeln!(
            out,
            "   {} in all, at rest after {}; {} starts of APIs, {} of workers; {} servers adopted, {} mails repeated, {} late results refused",
            minutes(self.took),
            minutes(self.rest.took),
            self.totals.api_starts,
            self.totals.worker_starts,
            self.totals.adopted,
            sums.repeated_mails,
            self.totals.refused
        );
        for (what, count) in self.reasons() {
            let _ = writeln!(out, "   case × {count}: {what}");
        }
        if let Some(first) = self.passing.first() {
            let _ = writeln!(out, "   {} cases passed by themselves, such as {first}", self.passing.len());
        }
        let width = self.figures.iter().map(|figure| figure.what.chars().count()).max().unwrap_or(0).max(48);
        for figure in &self.figures {
            let pad = " ".repeat(width - figure.what.chars().count());
            let _ = writeln!(out, " {} {}{pad}  {:<10} {}", mark(figure.holds), figure.what, figure.want, figure.got);
        }
        // What holds is said once; what does not, in its own words.
        let broken: Vec<Rule> = Rule::ALL.into_iter().filter(|rule| self.broken(*rule) > 0).collect();
        for rule in &broken {
            let pad = " ".repeat(width - rule.sentence().chars().count());
            let _ = writeln!(out, " ✗ {}{pad}  {:<10} {} violations", rule.sentence(), "0", self.broken(*rule));
        }
        if broken.len() < Rule::ALL.len() {
            let count = Rule::ALL.len() - broken.len();
            let which = if broken.is_empty() { "all" } else { "the other" };
            let _ = writeln!(
                out,
                " ✓ {which} {count} rules hold{}",
                if broken.is_empty() { ": 0 lost, 0 doubled, 0 silent" } else { "" }
            );
        }
        for (what, seen) in &self.spoilt {
            let _ =
                writeln!(out, " {} sabotage: {what}: {}", mark(*seen), if *seen { "noticed" } else { "NOT NOTICED" });
        }
        self.evidence(&mut out);
        out
    }

    fn evidence(&self, out: &mut String) {
        for violation in self.violations.iter().take(SHOWN) {
            let _ = writeln!(out, "   ! {violation}");
        }
        if self.violations.len() > SHOWN {
            let _ = writeln!(out, "   ! … and {} more, in the JSON", self.violations.len() - SHOWN);
        }
        for left in self.rest.left.iter().take(SHOWN) {
            let _ = writeln!(out, "   left: {left}");
        }
        let mut remarks: BTreeMap<&str, usize> = BTreeMap::new();
        for remark in &self.remarks {
            *remarks.entry(remark).or_default() += 1;
        }
        for (remark, count) in remarks {
            let _ =
                writeln!(out, "   note: {remark}{}", if count > 1 { format!(" (× {count})") } else { String::new() });
        }
    }

    /// Why orders are before a person, the most frequent first.
    fn reasons(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for reason in &self.cases {
            *counts.entry(reason.chars().take(100).collect()).or_default() += 1;
        }
        let mut all: Vec<(String, usize)> = counts.into_iter().collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all.truncate(5);
        all
    }

    pub(super) fn markdown(&self) -> String {
        let mut out =
            format!("### {}: {}\n\n| what | at least | got | |\n| --- | --- | --- | --- |\n", self.name, self.what);
        let sums = &self.sums;
        let _ = writeln!(
            out,
            "| orders confirmed / unknown / refused | | {} / {} / {} | |",
            sums.confirmed, sums.unknown, sums.refused
        );
        let _ = writeln!(
            out,
            "| paid / delivered / before a person | | {} / {} / {} | |",
            sums.paid, sums.delivered, sums.cases
        );
        for figure in &self.figures {
            let _ =
                writeln!(out, "| {} | {} | {} | {} |", figure.what.trim(), figure.want, figure.got, mark(figure.holds));
        }
        for rule in Rule::ALL {
            let broken = self.broken(rule);
            let _ = writeln!(out, "| {} | 0 | {broken} | {} |", rule.sentence(), mark(broken == 0));
        }
        out
    }
}

/// All scenarios, a line each.
pub(crate) fn summary(reports: &[Report]) -> String {
    let mut out = String::new();
    let head = ["scenario", "time", "orders", "paid", "delivered", "cases", "faults", "violations"];
    let [name, time, orders, paid, delivered, cases, faults, violations] = head;
    let _ = writeln!(
        out,
        "\n   {name:<13} {time:>6} {orders:>7} {paid:>6} {delivered:>9} {cases:>6} {faults:>7} {violations:>10}"
    );
    for report in reports {
        let sums = &report.sums;
        let _ = writeln!(
            out,
            " {} {:<13} {:>6} {:>7} {:>6} {:>9} {:>6} {:>7} {:>10}",
            mark(report.holds()),
            report.name,
            minutes(report.took),
            sums.confirmed,
            sums.paid,
            sums.delivered,
            sums.cases,
            report.totals.faults,
            report.violations.len()
        );
    }
    out
}
