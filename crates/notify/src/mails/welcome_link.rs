//! The account of somebody who bought without signing in, behind a link.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Gives a guest the link behind which they choose a password. The link is the mail's secret and never part of this context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WelcomeLink {
    /// The name on the account.
    pub customer_name: String,
    /// The address to sign in with.
    pub login_email: EmailAddress,
    /// Where a new link can be asked for when this one has passed.
    pub forgot_url: String,
    /// How many hours the link works.
    pub link_valid_hours: u32,
}

impl MailTemplate for WelcomeLink {
    const NAME: &'static str = "welcome_link";
    const DEPARTMENT: Department = Department::Sales;
    const NEEDS_SECRET: bool = true;

    fn samples() -> Vec<Self> {
        vec![Self {
            customer_name: "Jan Novák".to_owned(),
            login_email: sample::address(),
            forgot_url: "https://shop.example/forgot-password".to_owned(),
            link_valid_hours: 72,
        }]
    }
}
