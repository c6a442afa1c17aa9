//! Money is on its way back.

use kernel::{Id, Money, entity};
use serde::Serialize;

use super::{sample, words};
use crate::{Department, MailTemplate};

/// Says how much went back and what that means for the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refunded {
    /// The order.
    pub order_id: Id<entity::Order>,
    /// The plan's name as the catalogue has it.
    pub plan_name: String,
    /// What went back this time.
    #[serde(serialize_with = "words::amount")]
    pub amount: Money,
    /// Nothing of the payment is left, so the order ends.
    pub everything: bool,
    /// The page of the order.
    pub status_url: String,
}

impl MailTemplate for Refunded {
    const NAME: &'static str = "refunded";
    const DEPARTMENT: Department = Department::Billing;

    fn samples() -> Vec<Self> {
        [true, false]
            .map(|everything| Self {
                order_id: sample::order_id(),
                plan_name: "Business hosting".to_owned(),
                amount: sample::usd(if everything { 999 } else { 250 }),
                everything,
                status_url: "https://shop.example/orders/ord_1".to_owned(),
            })
            .into()
    }
}
