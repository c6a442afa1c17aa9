//! Writing a mail into the log and asking for it to be sent, in the caller's transaction.

use kernel::{EmailAddress, Env, Id, JobQueue, StoreError, entity};

use crate::{MailStore, MailTemplate, NewMail, SendMail};

/// Whom a mail is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: EmailAddress,
    /// How the mail greets them; without a name it greets nobody in particular.
    pub name: Option<String>,
}

/// What a mail may refer to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailExtras {
    /// The order that caused it: the mail appears with it, and a mail that cannot be sent becomes its case.
    pub order: Option<Id<entity::Order>>,
    /// The sealed value that the templates print; exactly for mails with [`MailTemplate::NEEDS_SECRET`].
    pub secret: Option<Id<entity::SealedSecret>>,
}

/// Logs a mail and enqueues [`SendMail`], both in the caller's transaction: the mail exists exactly if that commits.
///
/// # Errors
/// The store's, and [`StoreError::Bug`] when the mail needs a secret and is given none, or the other way round.
pub async fn queue_mail<S: MailStore + JobQueue, T: MailTemplate>(
    store: &mut S,
    env: &mut Env,
    to: Recipient,
    template: &T,
    extras: MailExtras,
) -> Result<Id<entity::Mail>, StoreError> {
    if T::NEEDS_SECRET != extras.secret.is_some() {
        let rule = if T::NEEDS_SECRET { "needs a secret" } else { "takes no secret" };
        return Err(StoreError::bug(format!("the mail {} {rule}", T::NAME)));
    }
    let context = serde_json::to_value(template).map_err(|source| StoreError::Bug {
        context: format!("the context of the mail {} cannot be serialised", T::NAME),
        source: Some(Box::new(source)),
    })?;
    let mail = NewMail {
        id: env.id(),
        to: to.email,
        to_name: to.name,
        template: T::NAME.to_owned(),
        department: T::DEPARTMENT,
        context,
        secret: extras.secret,
        order: extras.order,
        queued_at: env.now(),
    };
    store.insert_mail(&mail).await?;
    store.enqueue(&SendMail { mail: mail.id, order: mail.order }).await?;
    Ok(mail.id)
}
