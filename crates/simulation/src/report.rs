//! Tables for people, and the same for other programs.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{fault::Fault, runner::Totals, seen::Sometimes};

/// `1234567` as `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows of two columns: words and numbers.
type Rows = Vec<(String, String)>;

fn summary(totals: &Totals) -> Rows {
    let millis = u64::try_from(totals.took.as_millis()).unwrap_or(u64::MAX).max(1);
    let row = |word: &str, number: u64| (word.to_owned(), thousands(number));
    vec![
        row("orders", totals.orders),
        row("  paid", totals.paid),
        row("worlds", totals.seeds),
        row("steps", totals.steps),
        row("faults", totals.seen.all_faults()),
        ("orders per second".to_owned(), thousands(totals.orders * 1000 / millis)),
        ("took".to_owned(), format!("{}.{:01} s", millis / 1000, millis % 1000 / 100)),
        ("slowest order after calm".to_owned(), format!("{} s", thousands(totals.slowest / 1_000_000))),
        ("slowest order after it was paid".to_owned(), format!("{} s", thousands(totals.longest / 1_000_000))),
    ]
}

/// How often a rule about lost, doubled or stuck orders was broken.
fn verdict(totals: &Totals) -> Rows {
    let count = |names: &[&str]| {
        let ours = totals.broken.iter().filter(|(_, broken)| names.contains(&broken.rule.name()));
        thousands(ours.count() as u64)
    };
    let named = ["E1", "S1", "S13", "E2", "E3", "E7", "E8"];
    let others = totals.broken.iter().filter(|(_, broken)| !named.contains(&broken.rule.name())).count();
    vec![
        ("lost".to_owned(), count(&["E1"])),
        ("doubled".to_owned(), count(&["S1", "S13", "E2"])),
        ("stuck".to_owned(), count(&["E3", "E7", "E8"])),
        ("any other rule broken".to_owned(), thousands(others as u64)),
    ]
}

fn faults(totals: &Totals) -> Rows {
    let row = |fault: &Fault| (fault.word().to_owned(), thousands(totals.seen.faults(*fault)));
    Fault::ALL.iter().map(row).collect()
}

fn sometimes(totals: &Totals) -> Rows {
    let row = |what: &Sometimes| (what.word().to_owned(), thousands(totals.seen.count(*what)));
    Sometimes::ALL.iter().map(row).collect()
}

fn write_rows(text: &mut String, title: &str, rows: &Rows) {
    let _ = writeln!(text, "{title}");
    for (word, number) in rows {
        let _ = writeln!(text, "  {word:<44}{number:>14}");
    }
}

/// The whole of it as an aligned table.
pub fn table(title: &str, totals: &Totals) -> String {
    let mut text = String::new();
    write_rows(&mut text, title, &summary(totals));
    write_rows(&mut text, "verdict", &verdict(totals));
    write_rows(&mut text, "faults", &faults(totals));
    write_rows(&mut text, "seen", &sometimes(totals));
    for (seed, broken) in &totals.broken {
        let _ = writeln!(text, "seed {seed}: {} {} — {}", broken.rule.name(), broken.rule.sentence(), broken.what);
    }
    text
}

/// The same as Markdown, for the documentation.
pub fn markdown(title: &str, totals: &Totals) -> String {
    let mut text = format!("### {title}\n");
    let parts =
        [("", summary(totals)), ("verdict", verdict(totals)), ("faults", faults(totals)), ("seen", sometimes(totals))];
    for (name, rows) in parts {
        let _ = writeln!(text, "\n| {name} | |\n| --- | ---: |");
        for (word, number) in rows {
            let _ = writeln!(text, "| {} | {number} |", word.trim());
        }
    }
    text
}

/// The same for other programs.
pub fn json(title: &str, totals: &Totals) -> Value {
    let object = |rows: Rows| {
        Value::Object(rows.into_iter().map(|(word, number)| (word.trim().to_owned(), json!(number))).collect())
    };
    let broken = totals
        .broken
        .iter()
        .map(|(seed, broken)| json!({ "seed": seed, "rule": broken.rule.name(), "what": broken.what }));
    json!({
        "title": title,
        "summary": object(summary(totals)),
        "verdict": object(verdict(totals)),
        "faults": object(faults(totals)),
        "seen": object(sometimes(totals)),
        "broken": broken.collect::<Vec<_>>(),
    })
}
