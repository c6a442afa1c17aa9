//! How the demo speaks.

use std::time::Duration;

pub(crate) fn headline(text: &str) {
    println!("{text}\n{}", "─".repeat(text.chars().count()));
}

pub(crate) fn step(text: &str) {
    println!("• {text}");
}

/// One line of an order's history.
pub(crate) fn event(title: &str, since: Duration, event: &str, detail: &str) {
    println!("  {title:<14} {:>9}  {event:<20} {detail}", format!("+{} ms", since.as_millis()));
}

/// How long each order waited between being paid and its provider being asked.
pub(crate) fn summary(pickups: &[Option<Duration>]) {
    let mut known: Vec<Duration> = pickups.iter().flatten().copied().collect();
    known.sort();
    if let Some(median) = known.get(known.len() / 2) {
        println!("• Paid to provisioning start: median {:.1} ms over {} orders", millis(*median), known.len());
    }
}

#[allow(clippy::float_arithmetic, reason = "a duration for people, no money")]
fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
