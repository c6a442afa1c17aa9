//! What a mail's context promises.

use serde::Serialize;

use crate::Department;

/// The typed context of one mail. Its fields are what the templates see under `mail`; they are stored in the log until the
/// mail is sent, so nothing secret may be among them (see [`MailTemplate::NEEDS_SECRET`]).
pub trait MailTemplate: Serialize + Send + Sync {
    /// Stable name: the folder of the templates and the `template` column of the log.
    const NAME: &'static str;
    /// Who signs it.
    const DEPARTMENT: Department;
    /// Whether the templates print `secret`, a value that is sealed at rest and opened only while rendering. Such a mail
    /// is not rendered without one, and every other mail is not rendered with one.
    const NEEDS_SECRET: bool = false;

    /// Contexts that between them reach every branch of the templates. Rendered strictly at start-up and in the tests.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}
