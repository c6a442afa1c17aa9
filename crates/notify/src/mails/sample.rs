//! Values that the samples share.

use kernel::{Currency, EmailAddress, Id, Money, entity};

/// The order of the samples.
#[allow(clippy::expect_used, reason = "a constant of this file, parsed at start-up and by every test")]
pub(super) fn order_id() -> Id<entity::Order> {
    "ord_0198c0ffee0070008000000000000001".parse().expect("the sample order id is well formed")
}

/// The customer of the samples.
#[allow(clippy::expect_used, reason = "a constant of this file, parsed at start-up and by every test")]
pub(super) fn address() -> EmailAddress {
    "jan.novak@example.com".parse().expect("the sample address is well formed")
}

/// So many cents.
pub(super) const fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}
