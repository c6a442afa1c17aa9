//! A mail of the log, sent once more because somebody asked for it.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use kernel::{Enqueued, Env, Failure, FailureKind, Id, StoreError, Transact, entity};
use notify::{Mail, MailStatus, MailStore, NewMail, SendMail, mails};

use crate::Stores;

/// A second click of the same button comes sooner.
const TOGETHER: chrono::Duration = chrono::Duration::minutes(1);
/// Where mails of somebody who was erased would go.
const ERASED: &str = "erased@erased.invalid";

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// This mail is on its way.
    Queued(Id<entity::Mail>),
    /// It was asked for a moment ago, and is on its way already.
    AlreadyOnItsWay,
}

/// Why a mail is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    /// It was not sent yet.
    #[error("this mail is still on its way")]
    OnItsWay,
    /// It hands over a password or a link that is kept nowhere once the mail is out.
    #[error("this mail hands over a password or a link, which is kept nowhere once the mail is out")]
    HeldSecret,
    /// Whoever it went to was erased.
    #[error("whoever this mail went to was erased")]
    Erased,
}

/// Why a mail is not sent again, or something failed.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// There is no such mail.
    #[error("there is no such mail")]
    NotFound,
    /// It may not.
    #[error(transparent)]
    NotAgain(#[from] NotAgain),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ResendError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound => FailureKind::NotFound,
            Self::NotAgain(_) => FailureKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "mail-not-found",
            Self::NotAgain(_) => "mail-not-sent-again",
            Self::Store(error) => error.code(),
        }
    }
}

/// Whether a mail may be sent again, as far as the log alone says.
///
/// # Errors
/// Why not.
pub fn may_be_resent(mail: &Mail) -> Result<(), NotAgain> {
    match mail.status {
        _ if mail.to.as_str() == ERASED => Err(NotAgain::Erased),
        MailStatus::Queued => Err(NotAgain::OnItsWay),
        MailStatus::Sent if holds_secret(mail) => Err(NotAgain::HeldSecret),
        MailStatus::Sent | MailStatus::Failed => Ok(()),
    }
}

/// A template that there is no more may have printed anything.
fn holds_secret(mail: &Mail) -> bool {
    let known = mails::ALL.iter().find(|known| known.name == mail.template);
    mail.secret.is_some() || known.is_none_or(|known| known.needs_secret)
}

/// Sends a mail once more: one that was given up gets another row of tries, one that was sent is written anew with the same words.
/// Asked for twice within a minute, it goes once.
///
/// # Errors
/// [`ResendError`]; nothing is sent then.
pub async fn resend_mail<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    id: Id<entity::Mail>,
    by: &Actor,
) -> Result<Resent, ResendError> {
    let work = async |tx: &mut D::Tx| {
        let mail = tx.mail(id).await?.ok_or(ResendError::NotFound)?;
        may_be_resent(&mail)?;
        let again = match mail.status {
            MailStatus::Sent => write_anew(tx, env, &mail).await?,
            MailStatus::Queued | MailStatus::Failed => try_again(tx, env, &mail).await?,
        };
        if let Resent::Queued(new) = again {
            let after = Facts::none().text("template", &mail.template).text("mail", &new.to_string());
            tx.append(&Entry::new(env, by.clone(), Act::MailResent, Subject::new("mail", id)).after(after)).await?;
        }
        Ok(again)
    };
    db.transaction(work).await
}

/// The row of the old mail is locked: who comes second sees what the first has written.
async fn write_anew<S: Stores>(tx: &mut S, env: &mut Env, mail: &Mail) -> Result<Resent, StoreError> {
    if tx.mail_like(mail, env.now() - TOGETHER).await?.is_some() {
        return Ok(Resent::AlreadyOnItsWay);
    }
    let new = NewMail {
        id: env.id(),
        to: mail.to.clone(),
        to_name: mail.to_name.clone(),
        template: mail.template.clone(),
        department: mail.department,
        context: mail.context.clone(),
        secret: None,
        order: mail.order,
        queued_at: env.now(),
    };
    tx.insert_mail(&new).await?;
    tx.enqueue(&SendMail { mail: new.id, order: new.order }).await?;
    Ok(Resent::Queued(new.id))
}

async fn try_again<S: Stores>(tx: &mut S, env: &mut Env, mail: &Mail) -> Result<Resent, ResendError> {
    if holds_secret(mail) {
        let sealed = match mail.secret {
            Some(secret) => tx.sealed(secret).await?,
            None => None,
        };
        if sealed.is_none_or(|sealed| sealed.expires_at <= env.now()) {
            return Err(NotAgain::HeldSecret.into());
        }
    }
    match tx.enqueue(&SendMail { mail: mail.id, order: mail.order }).await? {
        Enqueued::Added => Ok(Resent::Queued(mail.id)),
        Enqueued::AlreadyThere => Ok(Resent::AlreadyOnItsWay),
    }
}
