//! A delayed payment, such as a bank debit, did not succeed.

use kernel::{Id, Money, entity};
use serde::Serialize;

use super::{sample, words};
use crate::{Department, MailTemplate};

/// Says that a payment did not succeed, that the order is cancelled and how to order again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentFailed {
    /// The order.
    pub order_id: Id<entity::Order>,
    /// The plan's name as the catalogue has it.
    pub plan_name: String,
    /// What was to be paid.
    #[serde(serialize_with = "words::amount")]
    pub amount: Money,
    /// The page of the plans.
    pub plans_url: String,
}

impl MailTemplate for PaymentFailed {
    const NAME: &'static str = "payment_failed";
    const DEPARTMENT: Department = Department::Billing;

    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: sample::order_id(),
            plan_name: "Business hosting".to_owned(),
            amount: sample::usd(999),
            plans_url: "https://shop.example/plans".to_owned(),
        }]
    }
}
