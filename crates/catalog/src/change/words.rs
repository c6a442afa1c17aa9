//! How changes are put into words.

use kernel::Timestamp;

use crate::{coupon::Coupon, file::WantedProduct, product::Product};

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
