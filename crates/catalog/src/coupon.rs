//! Coupons: who gets less to pay, by how much, and for how long.

use std::{fmt, str::FromStr};

use kernel::{Money, Percent, Slug, Timestamp};

use crate::product::UnknownWord;

/// A word that makes something cheaper.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupon {
    /// What the customer types.
    pub code: CouponCode,
    /// By how much.
    pub discount: Discount,
    /// On which payments.
    pub duration: CouponDuration,
    /// Not before this instant.
    pub valid_from: Option<Timestamp>,
    /// Not at or after this instant.
    pub valid_until: Option<Timestamp>,
    /// The codes of the products it is for, in alphabetical order; empty for all.
    pub products: Vec<Slug>,
    /// Whether it can be used at all.
    pub active: bool,
}

/// A coupon's code: 3–40 characters of `A-Z`, `0-9`, `_`, `-`; small letters are taken as capitals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CouponCode(String);

/// A text that is no [`CouponCode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 3 to 40 letters, digits, '_' or '-'")]
pub struct InvalidCouponCode;

impl CouponCode {
    /// The text, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CouponCode {
    type Err = InvalidCouponCode;

    fn from_str(text: &str) -> Result<Self, InvalidCouponCode> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if (3..=40).contains(&text.len()) && text.chars().all(allowed) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(InvalidCouponCode)
        }
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// A share of the list price, rounded half up to a whole minor unit.
    Percent(Percent),
    /// A fixed amount, at most the list price.
    Amount(Money),
}

impl fmt::Display for Discount {
    /// `10 %` or `2.00 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => percent.fmt(f),
            Self::Amount(amount) => amount.fmt(f),
        }
    }
}

/// On which payments a coupon takes something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CouponDuration {
    /// On the first.
    Once,
    /// On every one, renewals included.
    Forever,
}

impl CouponDuration {
    /// The stable word, as stored and as the gateway knows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Forever => "forever",
        }
    }
}

impl FromStr for CouponDuration {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "once" => Ok(Self::Once),
            "forever" => Ok(Self::Forever),
            _ => Err(UnknownWord::new("coupon duration", text, "once, forever")),
        }
    }
}

impl fmt::Display for CouponDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_raised_to_capitals_and_bad_ones_are_refused() {
        assert_eq!("welcome10".parse::<CouponCode>().map(|code| code.to_string()), Ok("WELCOME10".to_owned()));
        let long = "A".repeat(41);
        for bad in ["", "AB", "A B", "SLEVA\u{10d}", "X;DROP", " WELCOME10", long.as_str()] {
            assert_eq!(bad.parse::<CouponCode>(), Err(InvalidCouponCode), "{bad:?}");
        }
        assert!("A".repeat(40).parse::<CouponCode>().is_ok());
    }

    #[test]
    fn durations_read_back() {
        for duration in [CouponDuration::Once, CouponDuration::Forever] {
            assert_eq!(duration.as_str().parse(), Ok(duration));
        }
        assert!("twice".parse::<CouponDuration>().is_err());
    }
}
