//! Bars by day, as SVG: drawn on the server, readable without a script, and a table for who cannot see them.

use chrono::NaiveDate;
use serde::Serialize;

use crate::say::{Fill, Say, say};

/// Width of a bar with its gap, and the height of the highest.
const STEP: i64 = 20;
const BAR: i64 = 14;
const HEIGHT: i64 = 120;

/// A chart of days.
#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    title: Say,
    id: &'static str,
    width: i64,
    height: i64,
    bars: Vec<Bar>,
    first: String,
    last: String,
    top: Fill,
    /// All are zero.
    empty: bool,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: i64,
    y: i64,
    height: i64,
    width: i64,
    day: String,
    value: Fill,
}

/// One day's value: how high, and how it is written.
pub(crate) struct Value {
    pub(crate) day: NaiveDate,
    pub(crate) amount: i64,
    pub(crate) text: Fill,
}

/// Draws them, the oldest first.
pub(crate) fn chart(id: &'static str, title: Say, values: Vec<Value>) -> Chart {
    let highest = values.iter().map(|value| value.amount).max().unwrap_or(0);
    let top = values.iter().find(|value| value.amount == highest).map(|value| value.text.clone());
    let day = |value: Option<&Value>| value.map(|value| value.day.to_string()).unwrap_or_default();
    let (first, last) = (day(values.first()), day(values.last()));
    let width = STEP.saturating_mul(i64::try_from(values.len()).unwrap_or_default());
    let bars = values.into_iter().zip(0..).map(|(value, index)| {
        let height = scaled(value.amount, highest);
        Bar {
            x: STEP.saturating_mul(index),
            y: HEIGHT.saturating_sub(height),
            height,
            width: BAR,
            day: value.day.to_string(),
            value: value.text,
        }
    });
    let bars = bars.collect();
    let top = top.unwrap_or_else(|| say("chart-nothing").into());
    Chart { title, id, width, height: HEIGHT, bars, first, last, top, empty: highest <= 0 }
}

/// Its share of the height; something is never drawn as nothing.
fn scaled(amount: i64, highest: i64) -> i64 {
    if amount <= 0 || highest <= 0 {
        return 0;
    }
    let share = i128::from(amount).saturating_mul(i128::from(HEIGHT)).checked_div(i128::from(highest));
    share.and_then(|share| i64::try_from(share).ok()).unwrap_or(HEIGHT).clamp(2, HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_is_full_and_a_small_one_is_seen() {
        assert_eq!((scaled(100, 100), scaled(50, 100), scaled(1, 1_000_000)), (HEIGHT, HEIGHT / 2, 2));
        assert_eq!((scaled(0, 100), scaled(-5, 100), scaled(0, 0)), (0, 0, 0));
        assert_eq!(scaled(i64::MAX, i64::MAX), HEIGHT);
    }

    #[test]
    fn days_without_anything_are_an_empty_chart() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let chart = chart("x", say("chart-orders"), vec![Value { day, amount: 0, text: 0_i64.into() }]);
        assert!(chart.empty && chart.bars[0].height == 0);
    }
}
