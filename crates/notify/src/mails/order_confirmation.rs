//! The order is paid, or begins with a trial.

use kernel::{BillingCycle, Id, Money, entity};
use serde::Serialize;

use super::{Fact, sample, words};
use crate::{Department, MailTemplate};

/// Confirms an order: what was bought, what it costs now and later, where to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderConfirmation {
    /// The order.
    pub order_id: Id<entity::Order>,
    /// The plan's name as the catalogue has it.
    pub plan_name: String,
    /// How often the price is due.
    #[serde(serialize_with = "words::cycle")]
    pub cycle: BillingCycle,
    /// The period's price before any discount.
    #[serde(serialize_with = "words::amount")]
    pub list: Money,
    /// What a coupon took off.
    pub discount: Option<Discount>,
    /// The first period's price after the discount.
    #[serde(serialize_with = "words::amount")]
    pub total: Money,
    /// What was charged today; less than the total during a trial.
    #[serde(serialize_with = "words::amount")]
    pub due_today: Money,
    /// The price at each renewal; `None` when nothing renews.
    #[serde(serialize_with = "words::amount_if_any")]
    pub renewal: Option<Money>,
    /// Days before the first charge; 0 for no trial.
    pub trial_days: u32,
    /// What was chosen: server name, region, domain.
    pub details: Vec<Fact>,
    /// The page that follows the order.
    pub status_url: String,
}

/// A coupon and what it took off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Discount {
    /// The coupon's code.
    pub coupon: String,
    /// The amount, positive.
    #[serde(serialize_with = "words::amount")]
    pub amount: Money,
}

impl MailTemplate for OrderConfirmation {
    const NAME: &'static str = "order_confirmation";
    const DEPARTMENT: Department = Department::Sales;

    fn samples() -> Vec<Self> {
        let plain = Self {
            order_id: sample::order_id(),
            plan_name: "Minecraft Paper 4 GB".to_owned(),
            cycle: BillingCycle::Monthly,
            list: sample::usd(1199),
            discount: None,
            total: sample::usd(1199),
            due_today: sample::usd(1199),
            renewal: Some(sample::usd(1199)),
            trial_days: 0,
            details: vec![Fact::new("Server name", "Block Party"), Fact::new("Region", "US Central")],
            status_url: "https://shop.example/orders/ord_0198c0ffee0070008000000000000001".to_owned(),
        };
        let discounted = Self {
            plan_name: "Starter hosting".to_owned(),
            cycle: BillingCycle::Triennial,
            list: sample::usd(5364),
            discount: Some(Discount { coupon: "WELCOME10".to_owned(), amount: sample::usd(536) }),
            total: sample::usd(4828),
            due_today: sample::usd(4828),
            renewal: Some(sample::usd(5364)),
            details: vec![Fact::new("Domain", "novak.example")],
            ..plain.clone()
        };
        let trial = Self {
            plan_name: "Starter hosting".to_owned(),
            list: sample::usd(799),
            total: sample::usd(799),
            due_today: sample::usd(0),
            renewal: Some(sample::usd(799)),
            trial_days: 7,
            details: Vec::new(),
            ..plain.clone()
        };
        let once = Self { cycle: BillingCycle::OneTime, renewal: None, details: Vec::new(), ..plain.clone() };
        vec![plain, discounted, trial, once]
    }
}
