//! Every mail: its typed context, samples, templates and department; the mail log's store and the mailer as ports.
//!
//! A mail is written into the log in the transaction that causes it ([`queue_mail`]), rendered when it is sent
//! ([`Renderer`]) and handed to a [`Mailer`]. What causes which mail is decided in the domains above; SMTP lives in infra.
//!
//! A new mail is a context file in `mails/`, a folder in `templates/` and one line in the list of [`mails`].

mod colours;
mod department;
mod jobs;
mod mail;
mod mailer;
pub mod mails;
mod queue;
mod render;
mod store;
mod template;
#[cfg(feature = "testing")]
pub mod testing;

pub use colours::{Colour, Colours, NoColour, Tone, Unreadable};
pub use department::{Department, UnknownDepartment};
pub use jobs::SendMail;
pub use mail::{Brand, Mail, MailStatus, Message, NewMail, UnknownMailStatus};
pub use mailer::{Accepted, MailError, Mailer};
pub use mails::{
    AccountLinked, AddressChanged, AlreadyRegistered, ConfirmAddress, ConfirmRegistration, Discount, Fact,
    FactorChange, OrderConfirmation, OrderNeedsAttention, PasswordChanged, PaymentFailed, Refunded, ResetPassword,
    SecondFactorChanged, ServiceReady, Welcome, WelcomeLink,
};
pub use queue::{MailExtras, Recipient, queue_mail};
pub use render::{RenderError, Renderer};
pub use store::MailStore;
pub use template::MailTemplate;
