//! Something about a paid order needs a person.

use kernel::{Id, entity};
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Tells the customer honestly what happened to their order and what happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderNeedsAttention {
    /// The order.
    pub order_id: Id<entity::Order>,
    /// The plan's name as the catalogue has it.
    pub plan_name: String,
    /// Whole sentences in plain words, nobody blamed.
    pub what_happened: String,
    /// Whole sentences: who does what, and whether the customer must do anything.
    pub what_next: String,
    /// The page that follows the order.
    pub status_url: String,
}

impl MailTemplate for OrderNeedsAttention {
    const NAME: &'static str = "order_needs_attention";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: sample::order_id(),
            plan_name: "Minecraft Paper 8 GB".to_owned(),
            what_happened: "Your payment arrived, but there is no free machine of this size in the region you chose."
                .to_owned(),
            what_next: "We are adding one and will set up your server on it. You do not need to do anything."
                .to_owned(),
            status_url: "https://shop.example/orders/ord_0198c0ffee0070008000000000000001".to_owned(),
        }]
    }
}
