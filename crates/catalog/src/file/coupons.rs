//! The file's coupons as they were written.

use chrono::DateTime;
use kernel::{Slug, Timestamp};
use toml::de::DeValue;

use super::reader::{At, Node, Place, Reader, Section};
use crate::coupon::{CouponCode, CouponDuration};

/// A coupon as written. What is `None` was left out, or was wrong and is reported.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CouponEntry {
    pub(super) place: Place,
    pub(super) code: Option<CouponCode>,
    pub(super) percent_off: Given<i64>,
    pub(super) amount_off: Given<i64>,
    pub(super) duration: CouponDuration,
    pub(super) valid_from: Option<At<Timestamp>>,
    pub(super) valid_until: Option<At<Timestamp>>,
    pub(super) products: Vec<At<Slug>>,
    pub(super) active: bool,
}

/// A value that may be left out, where left out and wrong are not the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given<T> {
    /// Left out.
    No,
    /// There, but wrong; reported.
    Wrong,
    /// There.
    Yes(At<T>),
}

const COUPON: [&str; 7] = ["percent_off", "amount_off", "duration", "valid_from", "valid_until", "products", "active"];

pub(super) fn coupon(reader: &mut Reader, key: &str, node: Node<'_>) -> Option<CouponEntry> {
    let section = reader.section(node, &COUPON)?;
    let place = section.place.clone();
    let code = key.parse().map_err(|error: crate::InvalidCouponCode| reader.report(&place, error.to_string())).ok();
    Some(CouponEntry {
        code,
        percent_off: given_integer(reader, &section, "percent_off"),
        amount_off: given_integer(reader, &section, "amount_off"),
        duration: reader.optional_word(&section, "duration").map_or(CouponDuration::Once, |duration| duration.value),
        valid_from: instant(reader, &section, "valid_from"),
        valid_until: instant(reader, &section, "valid_until"),
        products: reader.list(&section, "products").into_iter().filter_map(|node| reader.word(node)).collect(),
        active: active(reader, &section),
        place,
    })
}

fn given_integer(reader: &mut Reader, section: &Section<'_>, key: &str) -> Given<i64> {
    if reader.get(section, key).is_none() {
        return Given::No;
    }
    reader.optional_integer(section, key).map_or(Given::Wrong, Given::Yes)
}

fn active(reader: &mut Reader, section: &Section<'_>) -> bool {
    let Some(node) = reader.get(section, "active") else { return true };
    let active = node.value.as_bool();
    if active.is_none() {
        reader.wrong_type(&node, "true or false");
    }
    active.unwrap_or(true)
}

/// An instant with its offset. A bare date or local time is refused: it would be a different instant to each reader.
fn instant(reader: &mut Reader, section: &Section<'_>, key: &str) -> Option<At<Timestamp>> {
    let node = reader.get(section, key)?;
    let at = match node.value {
        DeValue::Datetime(at) => DateTime::parse_from_rfc3339(&at.to_string()).ok(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    };
    // Microseconds are what the database keeps; more would seem changed at every apply.
    let at = at.and_then(|at| DateTime::from_timestamp_micros(at.timestamp_micros()));
    if at.is_none() {
        reader.report(&node.place, "expected an instant with its offset, such as 2026-01-31T00:00:00Z");
    }
    at.map(|value| At { value, place: node.place })
}
