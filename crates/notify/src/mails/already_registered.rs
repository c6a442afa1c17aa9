//! Somebody asked for an account with an address that has one.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Tells the owner of an address what the person who entered it is not told. Holds no credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlreadyRegistered {
    /// The account's address.
    pub login_email: EmailAddress,
    /// The sign-in page.
    pub sign_in_url: String,
    /// Where a new password is asked for.
    pub forgot_url: String,
}

impl MailTemplate for AlreadyRegistered {
    const NAME: &'static str = "already_registered";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        vec![Self {
            login_email: sample::address(),
            sign_in_url: "https://shop.example/login".to_owned(),
            forgot_url: "https://shop.example/forgot-password".to_owned(),
        }]
    }
}
