//! Sending one mail of the log.
//!
//! A mail with a secret opens its seal only here, between two transactions; the seal is deleted in the transaction that
//! records the mail as sent. A crash in between sends the mail again, with the same Message-ID and the same password.

use accounts::{AccountStore, SealedCredential, Sealer};
use cases::{CaseKind, NewCase};
use kernel::{
    Failure, FailureKind, Id, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError, Transact, entity,
    planted,
};
use notify::{Accepted, Mail, MailError, MailStatus, MailStore, Mailer, Message, SendMail};

use crate::{Shop, Workshop, password::seal_context, settle};

/// A mail that is out sooner, at the first try, never became a case.
const LATE: chrono::Duration = chrono::Duration::minutes(10);

/// Handles [`SendMail`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn send_mail<W: Workshop>(world: &W, job: SendMail, context: JobContext) -> Result<Recorded, JobFailure> {
    let Some((mail, credential)) = prepare(world, &job).await? else {
        return settle::end(world, context).await;
    };
    let message = match render(world, &mail, credential.as_ref()) {
        Ok(message) => message,
        Err(failure) => return Err(note(world, &job, failure.to_string(), failure).await?),
    };
    match world.mailer().send(&message).await {
        Ok(accepted) => record(world, &mail, context, &accepted).await,
        Err(error) => {
            let permanent = error.kind() == FailureKind::Invalid;
            let class = if permanent { RetryClass::Permanent } else { RetryClass::Retry };
            let text = error.to_string();
            Err(note(world, &job, text, JobFailure::new(class, MailError::code(&error), error)).await?)
        }
    }
}

async fn prepare<W: Workshop>(
    world: &W,
    job: &SendMail,
) -> Result<Option<(Mail, Option<SealedCredential>)>, JobFailure> {
    let work = async |tx: &mut W::Tx| {
        // A mail that was given up has a job again only when an operator wants it sent after all.
        let Some(mail) = tx.mail(job.mail).await?.filter(|mail| mail.status != MailStatus::Sent) else {
            return Ok(None);
        };
        if planted("mail-sent-before-sending") {
            tx.mark_sent(mail.id, mail.queued_at, "").await?;
        }
        let credential = match mail.secret {
            Some(id) => tx.sealed(id).await?,
            None => None,
        };
        if let Some(id) = mail.secret.filter(|_| planted("seal-deleted-early")) {
            tx.delete_sealed(id).await?;
        }
        Ok::<_, StoreError>(Some((mail, credential)))
    };
    Ok(world.db().transaction(work).await?)
}

fn render<W: Workshop>(world: &W, mail: &Mail, credential: Option<&SealedCredential>) -> Result<Message, JobFailure> {
    let permanent =
        |code, error: Box<dyn std::error::Error + Send + Sync>| JobFailure::new(RetryClass::Permanent, code, error);
    let secret = match credential {
        Some(credential) if world.env().now() >= credential.expires_at => {
            return Err(permanent(
                "secret-expired",
                "what the mail hands over, a temporary password or a link, expired before the mail was sent".into(),
            ));
        }
        Some(credential) => Some(
            world
                .sealer()
                .open(&seal_context(credential.id), &credential.sealed)
                .map_err(|error| permanent("seal-broken", error.into()))?,
        ),
        None => None,
    };
    world
        .renderer()
        .render(mail, world.brand(), secret.as_ref())
        .map_err(|error| permanent("mail-not-rendered", error.into()))
}

async fn record<W: Workshop>(
    world: &W,
    mail: &Mail,
    context: JobContext,
    accepted: &Accepted,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(context.lease).await?;
        tx.mark_sent(mail.id, env.now(), &accepted.message_id).await?;
        if let Some(secret) = mail.secret {
            tx.delete_sealed(secret).await?;
        }
        if mail.attempts > 0 || env.now() - mail.queued_at > LATE {
            cases::cause_gone(tx, env, (CaseKind::MailFailed, &mail.id.to_string()), "the mail is out").await?;
        }
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// Notes a failed try in the mail log and hands the failure on.
async fn note<W: Workshop>(
    world: &W,
    job: &SendMail,
    text: String,
    failure: JobFailure,
) -> Result<JobFailure, JobFailure> {
    let text = match std::error::Error::source(&failure) {
        Some(source) if source.to_string() != text => format!("{text}: {source}"),
        _ => text,
    };
    let work = async |tx: &mut W::Tx| tx.mark_failed(job.mail, &text, false).await;
    world.db().transaction(work).await?;
    Ok(failure)
}

/// The mail is out of tries: the log says so, and its order too.
pub async fn mail_is_dead<W: Shop>(world: &W, job: SendMail, reason: &str) -> Result<(), StoreError> {
    if planted("dead-mail-is-silent") {
        return Ok(());
    }
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        tx.mark_failed(job.mail, reason, true).await?;
        match job.order {
            Some(order) => orders::mail_failed(tx, env, (order, job.mail), reason).await,
            None => cases::open(tx, env, not_sent(job.mail, reason)).await.map(|_| ()),
        }
    };
    world.db().transaction(work).await
}

/// The case of a mail that is about no order.
fn not_sent(mail: Id<entity::Mail>, reason: &str) -> NewCase {
    NewCase {
        kind: CaseKind::MailFailed,
        subject: mail.to_string(),
        order: None,
        reason: format!("a mail was not delivered to any mail server: {reason}"),
        next_step: "mend the cause, then retry its job (`hostwright jobs list --dead`)".to_owned(),
    }
}
