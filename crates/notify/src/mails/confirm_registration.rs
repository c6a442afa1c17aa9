//! Somebody asked for an account with this address.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Asks the owner of an address to confirm it. The link is the mail's secret and never part of this context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmRegistration {
    /// The address that was entered.
    pub login_email: EmailAddress,
}

impl MailTemplate for ConfirmRegistration {
    const NAME: &'static str = "confirm_registration";
    const DEPARTMENT: Department = Department::Support;
    const NEEDS_SECRET: bool = true;

    fn samples() -> Vec<Self> {
        vec![Self { login_email: sample::address() }]
    }
}
