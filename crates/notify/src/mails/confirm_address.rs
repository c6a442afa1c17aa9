//! Somebody wants this address for their account.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Asks the owner of a new address to confirm it. The link is the mail's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmAddress {
    /// The new address.
    pub new_email: EmailAddress,
}

impl MailTemplate for ConfirmAddress {
    const NAME: &'static str = "confirm_address";
    const DEPARTMENT: Department = Department::Support;
    const NEEDS_SECRET: bool = true;

    fn samples() -> Vec<Self> {
        vec![Self { new_email: sample::address() }]
    }
}
