//! Mails that are in the log and not out.

use cases::{CaseKind, NewCase};
use chrono::Duration;
use kernel::{Enqueued, JobContext, JobFailure, JobQueue, Recorded, StoreError, Timestamp, Transact, planted};
use notify::{Mail, MailStatus, MailStore, SendMail};

use super::{BATCH, SweepMails, Tally, finish};
use crate::Shop;

/// A mail is usually out within a second.
const PATIENCE: Duration = Duration::minutes(2);
/// After this a person should know.
const LONG: Duration = Duration::minutes(15);

/// Handles [`SweepMails`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_mails<W: Shop>(world: &W, _: SweepMails, context: JobContext) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-mails") {
        return crate::settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let before = now - PATIENCE;
    let waiting = world.db().transaction(async |tx| tx.waiting_mails(before, BATCH).await).await?;
    for mail in waiting {
        tally.seen += 1;
        if look_after(world, &mail, now).await? == Enqueued::Added {
            tally.find::<SweepMails>("a mail that nobody was sending", &mail.id.to_string());
        }
    }
    finish::<SweepMails, _>(world, context, tally).await
}

async fn look_after<W: Shop>(world: &W, mail: &Mail, now: Timestamp) -> Result<Enqueued, StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some(mail) = tx.mail(mail.id).await?.filter(|mail| mail.status == MailStatus::Queued) else {
            return Ok(Enqueued::AlreadyThere);
        };
        if now - mail.queued_at > LONG {
            cases::open(tx, env, late(now, &mail)).await?;
        }
        tx.enqueue(&SendMail { mail: mail.id, order: mail.order }).await
    };
    world.db().transaction(work).await
}

fn late(now: Timestamp, mail: &Mail) -> NewCase {
    let minutes = (now - mail.queued_at).num_minutes();
    let why = mail.last_error.as_deref().unwrap_or("no try has ended yet");
    NewCase {
        kind: CaseKind::MailFailed,
        subject: mail.id.to_string(),
        order: mail.order,
        reason: format!("the mail {} has waited for {minutes} minutes: {why}", mail.template),
        next_step: "see that the mail server takes mails; it is tried again by itself".to_owned(),
    }
}
