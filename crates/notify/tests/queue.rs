//! Queueing a mail writes the log and the job together; the memory log and the fake mailer do what they promise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::time::Duration;

use kernel::{
    Enqueued, Env, Failure, FailureKind, Id, Job, JobQueue, Lease, Queue, Recorded, StoreError, Timestamp, entity,
};
use notify::{
    Mail, MailError, MailExtras, MailStatus, MailStore, MailTemplate, Mailer, Message, NewMail, Recipient, SendMail,
    ServiceReady, Welcome, queue_mail,
    testing::{FakeMailer, MemoryMails, store_conforms},
};

/// A mail log and the jobs beside it.
#[derive(Default)]
struct Tx {
    mails: MemoryMails,
    jobs: Vec<(&'static str, Queue, Option<String>, serde_json::Value)>,
}

impl MailStore for Tx {
    async fn insert_mail(&mut self, mail: &NewMail) -> Result<(), StoreError> {
        self.mails.insert_mail(mail).await
    }
    async fn mail(&mut self, id: Id<entity::Mail>) -> Result<Option<Mail>, StoreError> {
        self.mails.mail(id).await
    }
    async fn waiting_mails(&mut self, before: Timestamp, limit: i64) -> Result<Vec<notify::Mail>, StoreError> {
        self.mails.waiting_mails(before, limit).await
    }
    async fn mail_like(&mut self, mail: &Mail, since: Timestamp) -> Result<Option<Mail>, StoreError> {
        self.mails.mail_like(mail, since).await
    }
    async fn mark_sent(&mut self, id: Id<entity::Mail>, at: Timestamp, message_id: &str) -> Result<(), StoreError> {
        self.mails.mark_sent(id, at, message_id).await
    }
    async fn mark_failed(&mut self, id: Id<entity::Mail>, error: &str, finally: bool) -> Result<(), StoreError> {
        self.mails.mark_failed(id, error, finally).await
    }
}

impl JobQueue for Tx {
    async fn enqueue_in<J: Job>(&mut self, job: &J, _delay: Duration) -> Result<Enqueued, StoreError> {
        self.jobs.push((J::KIND, J::QUEUE, job.dedupe_key(), serde_json::to_value(job).unwrap()));
        Ok(Enqueued::Added)
    }
    async fn complete(&mut self, _lease: Lease) -> Result<Recorded, StoreError> {
        Err(StoreError::StaleLease)
    }
    async fn still_held(&mut self, _lease: Lease) -> Result<(), StoreError> {
        Err(StoreError::StaleLease)
    }
    async fn now(&mut self) -> Result<kernel::Timestamp, StoreError> {
        Ok(kernel::Timestamp::UNIX_EPOCH)
    }
    async fn snooze(&mut self, _lease: Lease, _delay: Duration) -> Result<Recorded, StoreError> {
        Err(StoreError::StaleLease)
    }
}

fn jan() -> Recipient {
    Recipient { email: "jan@example.com".parse().unwrap(), name: Some("Jan".to_owned()) }
}

#[tokio::test]
async fn the_memory_log_conforms() {
    store_conforms(&mut MemoryMails::default(), &mut Env::system()).await;
}

#[tokio::test]
async fn a_queued_mail_is_in_the_log_and_has_its_job() {
    let (mut tx, mut env) = (Tx::default(), Env::system());
    let order: Id<entity::Order> = env.id();
    let secret: Id<entity::SealedSecret> = env.id();
    let extras = MailExtras { order: Some(order), secret: Some(secret) };
    let id = queue_mail(&mut tx, &mut env, jan(), &Welcome::samples()[0], extras).await.unwrap();

    let logged = tx.mail(id).await.unwrap().unwrap();
    assert_eq!((logged.template.as_str(), logged.status), ("welcome", MailStatus::Queued));
    assert_eq!((logged.order, logged.secret), (Some(order), Some(secret)));
    assert_eq!(logged.context["login_email"], "jan.novak@example.com");
    let payload = serde_json::json!({ "mail": id.to_string(), "order": order.to_string() });
    assert_eq!(tx.jobs, [("mail.send", Queue::Mail, Some(id.to_string()), payload)]);
    assert_eq!(SendMail::MAX_ATTEMPTS, 10);
}

#[tokio::test]
async fn a_mail_is_not_queued_without_its_secret_or_with_one_too_many() {
    let (mut tx, mut env) = (Tx::default(), Env::system());
    let without = MailExtras::default();
    let missing = queue_mail(&mut tx, &mut env, jan(), &Welcome::samples()[0], without).await;
    assert_eq!(missing.unwrap_err().kind(), FailureKind::Bug);
    let with = MailExtras { secret: Some(env.id()), ..without };
    let unexpected = queue_mail(&mut tx, &mut env, jan(), &ServiceReady::samples()[0], with).await;
    assert_eq!(unexpected.unwrap_err().kind(), FailureKind::Bug);
    assert!(tx.mails.all().is_empty() && tx.jobs.is_empty());
}

#[test]
fn queueing_can_be_spawned() {
    fn spawnable<F: Future + Send>(_: F) {}
    let (mut tx, mut env) = (Tx::default(), Env::system());
    spawnable(queue_mail(&mut tx, &mut env, jan(), &ServiceReady::samples()[0], MailExtras::default()));
}

#[tokio::test]
async fn the_fake_mailer_fails_as_told_and_keeps_what_arrived() {
    let mailer = FakeMailer::default();
    mailer.fail_next(MailError::Unavailable { reason: "down".to_owned() });
    mailer.fail_next(MailError::Unknown { reason: "cut".to_owned() });
    let message = Message {
        id: Env::system().id(),
        to: jan().email,
        to_name: None,
        department: ServiceReady::DEPARTMENT,
        subject: "s".to_owned(),
        html: "h".to_owned(),
        text: "t".to_owned(),
    };
    assert_eq!(mailer.send(&message).await.unwrap_err().code(), "mail-server-unavailable");
    assert!(mailer.arrived().is_empty());
    assert_eq!(mailer.send(&message).await.unwrap_err().code(), "mail-outcome-unknown");
    let accepted = mailer.send(&message).await.unwrap();
    assert!(accepted.message_id.contains(&message.id.to_string()));
    assert_eq!((mailer.arrived().len(), mailer.tries()), (2, 3));
}

#[test]
fn only_a_refusal_is_final() {
    let reason = String::new;
    let kinds = [
        MailError::Unavailable { reason: reason() },
        MailError::Rejected { reason: reason() },
        MailError::Unknown { reason: reason() },
    ]
    .map(|error| error.kind());
    assert_eq!(kinds, [FailureKind::Unavailable, FailureKind::Invalid, FailureKind::Unavailable]);
}
