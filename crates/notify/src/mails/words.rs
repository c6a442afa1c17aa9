//! How amounts and cycles are written in mails.

use kernel::{BillingCycle, Money};
use serde::{Serialize, Serializer};

/// `7.99 USD`.
pub(super) fn amount<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(money)
}

/// `7.99 USD` or null.
#[allow(clippy::ref_option, reason = "serde's serialize_with hands over a reference to the field")]
pub(super) fn amount_if_any<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    money.map(|money| money.to_string()).serialize(serializer)
}

/// `every month`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's serialize_with hands over a reference to the field")]
pub(super) fn cycle<S: Serializer>(cycle: &BillingCycle, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match cycle {
        BillingCycle::Monthly => "every month",
        BillingCycle::Quarterly => "every 3 months",
        BillingCycle::Semiannual => "every 6 months",
        BillingCycle::Yearly => "every year",
        BillingCycle::Biennial => "every 2 years",
        BillingCycle::Triennial => "every 3 years",
        BillingCycle::OneTime => "once",
    })
}
