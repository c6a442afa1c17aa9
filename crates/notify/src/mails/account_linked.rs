//! Somebody bought as a guest with the address of an account that exists.

use kernel::{EmailAddress, Id, entity};
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Says that an order was added to an account. Never holds credentials: whoever typed the address may not be its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountLinked {
    /// The order.
    pub order_id: Id<entity::Order>,
    /// The plan's name as the catalogue has it.
    pub plan_name: String,
    /// The account's address.
    pub login_email: EmailAddress,
    /// The page of the account's services, behind sign-in.
    pub dashboard_url: String,
}

impl MailTemplate for AccountLinked {
    const NAME: &'static str = "account_linked";
    const DEPARTMENT: Department = Department::Sales;

    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: sample::order_id(),
            plan_name: "Premium hosting".to_owned(),
            login_email: sample::address(),
            dashboard_url: "https://shop.example/dashboard".to_owned(),
        }]
    }
}
