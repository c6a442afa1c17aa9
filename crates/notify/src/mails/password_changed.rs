//! A password was changed.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Tells the owner of an account that its password is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PasswordChanged {
    /// The account's address.
    pub login_email: EmailAddress,
    /// Where a new password is asked for.
    pub forgot_url: String,
}

impl MailTemplate for PasswordChanged {
    const NAME: &'static str = "password_changed";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        vec![Self { login_email: sample::address(), forgot_url: "https://shop.example/forgot-password".to_owned() }]
    }
}
