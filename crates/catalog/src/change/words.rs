//! How changes are put into words.

use kernel::Timestamp;

use crate::{coupon::Coupon, file::WantedProduct, product::Product};

/// The longest text of a field that a line shows whole.
const LONGEST: usize = 300;

/// The names of the fields that differ, in the order of the file.
pub(super) fn changed_fields(have: &Product, want: &WantedProduct) -> Vec<&'static str> {
    let fields = [
        ("name", have.name == want.name),
        ("description", have.description == want.description),
        ("kind", have.kind == want.kind),
        ("provider", have.provider == want.provider),
        ("regions", have.regions == want.regions),
        ("highlights", have.highlights == want.highlights),
        ("features", have.features == want.features),
        ("stock", have.stock == want.stock),
        ("settings", have.settings == want.settings),
        ("position", have.position == want.position),
    ];
    fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

/// What a person changes of a product by hand, a line for each field that differs, with what it was and what it becomes.
pub(super) fn differences(have: &Product, want: &Product) -> Vec<String> {
    let texts = |product: &Product| {
        [
            ("name", product.name.clone()),
            ("description", product.description.clone()),
            ("highlights", product.highlights.join("; ")),
            ("position", product.position.to_string()),
            ("stock", product.stock.map_or_else(|| "without end".to_owned(), |stock| stock.to_string())),
            ("settings", product.settings.to_string()),
        ]
    };
    let both = texts(have).into_iter().zip(texts(want)).filter(|(old, new)| old != new);
    both.map(|((name, old), (_, new))| format!("~ product {}: {name}: {} → {}", want.code, shown(&old), shown(&new)))
        .collect()
}

/// A text in a line: on one line and not too long.
fn shown(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    if text.chars().count() > LONGEST { format!("«{line}…»") } else { format!("«{line}»") }
}

/// `, 7 days of trial`, or nothing.
pub(super) fn with_trial(days: u16) -> String {
    match days {
        0 => String::new(),
        1 => ", 1 day of trial".to_owned(),
        days => format!(", {days} days of trial"),
    }
}

/// `10 % once, from 2026-01-01 00:00 UTC, for starter, premium, inactive`.
pub(super) fn coupon(coupon: &Coupon) -> String {
    let mut parts = vec![format!("{} {}", coupon.discount, coupon.duration)];
    parts.extend(coupon.valid_from.map(|from| format!("from {}", instant(from))));
    parts.extend(coupon.valid_until.map(|until| format!("until {}", instant(until))));
    if !coupon.products.is_empty() {
        let codes: Vec<&str> = coupon.products.iter().map(kernel::Slug::as_str).collect();
        parts.push(format!("for {}", codes.join(", ")));
    }
    if !coupon.active {
        parts.push("inactive".to_owned());
    }
    parts.join(", ")
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
