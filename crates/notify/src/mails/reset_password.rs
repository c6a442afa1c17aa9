//! Somebody forgot their password.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Hands over the link behind which a new password is chosen. The link is the mail's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResetPassword {
    /// The account's address.
    pub login_email: EmailAddress,
}

impl MailTemplate for ResetPassword {
    const NAME: &'static str = "reset_password";
    const DEPARTMENT: Department = Department::Support;
    const NEEDS_SECRET: bool = true;

    fn samples() -> Vec<Self> {
        vec![Self { login_email: sample::address() }]
    }
}
