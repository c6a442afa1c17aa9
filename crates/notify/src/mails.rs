//! The list of all mails. A line here, a context file beside it and a folder of templates make a mail.

mod account_linked;
mod address_changed;
mod already_registered;
mod confirm_address;
mod confirm_registration;
mod fact;
mod order_confirmation;
mod order_needs_attention;
mod password_changed;
mod payment_failed;
mod refunded;
mod reset_password;
mod sample;
mod second_factor_changed;
mod service_ready;
mod welcome;
mod welcome_link;
mod words;

pub use account_linked::AccountLinked;
pub use address_changed::AddressChanged;
pub use already_registered::AlreadyRegistered;
pub use confirm_address::ConfirmAddress;
pub use confirm_registration::ConfirmRegistration;
pub use fact::Fact;
pub use order_confirmation::{Discount, OrderConfirmation};
pub use order_needs_attention::OrderNeedsAttention;
pub use password_changed::PasswordChanged;
pub use payment_failed::PaymentFailed;
pub use refunded::Refunded;
pub use reset_password::ResetPassword;
pub use second_factor_changed::{FactorChange, SecondFactorChanged};
pub use service_ready::ServiceReady;
pub use welcome::Welcome;
pub use welcome_link::WelcomeLink;

use crate::{Department, MailTemplate};

/// A mail of the list, with its templates and without its type.
#[derive(Debug, Clone, Copy)]
pub struct Registered {
    /// [`MailTemplate::NAME`].
    pub name: &'static str,
    /// [`MailTemplate::DEPARTMENT`].
    pub department: Department,
    /// [`MailTemplate::NEEDS_SECRET`].
    pub needs_secret: bool,
    /// The subject's template.
    pub subject: &'static str,
    /// The HTML part's template.
    pub html: &'static str,
    /// The text part's template.
    pub text: &'static str,
    samples: fn() -> Result<Vec<serde_json::Value>, serde_json::Error>,
}

impl Registered {
    /// The samples as the log would hold them.
    ///
    /// # Errors
    /// When a context cannot be serialised.
    pub fn samples(&self) -> Result<Vec<serde_json::Value>, serde_json::Error> {
        (self.samples)()
    }
}

fn samples_of<T: MailTemplate>() -> Result<Vec<serde_json::Value>, serde_json::Error> {
    T::samples().iter().map(serde_json::to_value).collect()
}

macro_rules! mails {
    ($($context:ident in $folder:literal,)*) => {
        /// Every mail there is.
        pub const ALL: &[Registered] = &[$(Registered {
            name: $context::NAME,
            department: $context::DEPARTMENT,
            needs_secret: $context::NEEDS_SECRET,
            subject: include_str!(concat!("templates/", $folder, "/subject.hbs")),
            html: include_str!(concat!("templates/", $folder, "/html.hbs")),
            text: include_str!(concat!("templates/", $folder, "/text.hbs")),
            samples: samples_of::<$context>,
        },)*];
    };
}

mails! {
    OrderConfirmation in "order_confirmation",
    Welcome in "welcome",
    WelcomeLink in "welcome_link",
    AccountLinked in "account_linked",
    ServiceReady in "service_ready",
    OrderNeedsAttention in "order_needs_attention",
    PaymentFailed in "payment_failed",
    Refunded in "refunded",
    ConfirmRegistration in "confirm_registration",
    AlreadyRegistered in "already_registered",
    ResetPassword in "reset_password",
    PasswordChanged in "password_changed",
    ConfirmAddress in "confirm_address",
    AddressChanged in "address_changed",
    SecondFactorChanged in "second_factor_changed",
}
