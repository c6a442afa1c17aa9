//! A guest's account was made with the order.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Gives a guest their log-in. The temporary password is the mail's secret and never part of this context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Welcome {
    /// The name on the account.
    pub customer_name: String,
    /// The address to sign in with.
    pub login_email: EmailAddress,
    /// The sign-in page.
    pub sign_in_url: String,
    /// How many hours the temporary password works; after that, the mail says, support helps.
    pub password_valid_hours: u32,
}

impl MailTemplate for Welcome {
    const NAME: &'static str = "welcome";
    const DEPARTMENT: Department = Department::Sales;
    const NEEDS_SECRET: bool = true;

    fn samples() -> Vec<Self> {
        vec![Self {
            customer_name: "Jan Novák".to_owned(),
            login_email: sample::address(),
            sign_in_url: "https://shop.example/sign-in".to_owned(),
            password_valid_hours: 72,
        }]
    }
}
