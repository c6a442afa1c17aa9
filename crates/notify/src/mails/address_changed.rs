//! An account has another address now.

use kernel::EmailAddress;
use serde::Serialize;

use super::sample;
use crate::{Department, MailTemplate};

/// Tells the former address of an account that it is not its address any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddressChanged {
    /// The address that it had, to which this goes.
    pub former_email: EmailAddress,
}

impl MailTemplate for AddressChanged {
    const NAME: &'static str = "address_changed";
    const DEPARTMENT: Department = Department::Support;

    fn samples() -> Vec<Self> {
        vec![Self { former_email: sample::address() }]
    }
}
