//! What every mail log does.

#![allow(clippy::expect_used, reason = "a failed expectation is how this suite reports")]

use kernel::{Env, Failure, FailureKind, Id, Timestamp, entity};
use serde_json::json;

use crate::{Department, Mail, MailStatus, MailStore, NewMail};

/// Checks a mail log, panicking at the first difference. `store` is one open transaction; roll it back afterwards, since
/// the last step makes the store refuse a statement.
pub async fn store_conforms<S: MailStore>(store: &mut S, env: &mut Env) {
    a_mail_reads_back_as_written(store, env).await;
    a_mail_is_sent_once(store, env).await;
    a_failed_mail_keeps_its_reason_and_may_still_be_sent(store, env).await;
    a_mail_that_says_the_same_is_found(store, env).await;
    unknown_mails_are_bugs(store, env).await;
    a_second_mail_with_an_id_is_a_bug(store, env).await;
}

fn new_mail(env: &mut Env) -> NewMail {
    NewMail {
        id: env.id(),
        to: "zoe@example.com".parse().expect("a valid address"),
        to_name: Some("Zoë \"Z\" <Q>".to_owned()),
        template: "service_ready".to_owned(),
        department: Department::Support,
        context: json!({ "name": "Ž", "rows": [{ "label": "A", "link": false }], "none": null, "count": 3 }),
        secret: None,
        order: None,
        queued_at: env.now(),
    }
}

async fn inserted<S: MailStore>(store: &mut S, env: &mut Env) -> Id<entity::Mail> {
    let mail = new_mail(env);
    store.insert_mail(&mail).await.expect("a new mail is written");
    mail.id
}

async fn read<S: MailStore>(store: &mut S, id: Id<entity::Mail>) -> Mail {
    store.mail(id).await.expect("the mail is readable").expect("the mail is there")
}

fn seconds_later(at: Timestamp, seconds: i64) -> Timestamp {
    at + chrono::Duration::seconds(seconds)
}

async fn a_mail_reads_back_as_written<S: MailStore>(store: &mut S, env: &mut Env) {
    for department in Department::ALL {
        let mail = NewMail { department, to_name: None, ..new_mail(env) };
        store.insert_mail(&mail).await.expect("a new mail is written");
        assert_eq!(read(store, mail.id).await, Mail::from(mail));
    }
    let mail = new_mail(env);
    store.insert_mail(&mail).await.expect("a new mail is written");
    assert_eq!(read(store, mail.id).await, Mail::from(mail));
    let unknown = store.mail(env.id()).await.expect("an unknown id is no error");
    assert_eq!(unknown, None, "an id that was never written");
}

async fn a_mail_is_sent_once<S: MailStore>(store: &mut S, env: &mut Env) {
    let id = inserted(store, env).await;
    let (first, second) = (env.now(), seconds_later(env.now(), 60));
    store.mark_sent(id, first, "<first@example.com>").await.expect("marked as sent");
    let sent = read(store, id).await;
    assert_eq!((sent.status, sent.attempts, sent.sent_at), (MailStatus::Sent, 1, Some(first)));
    assert_eq!((sent.message_id.as_deref(), &sent.last_error), (Some("<first@example.com>"), &None));
    store.mark_sent(id, second, "<second@example.com>").await.expect("marking again is no error");
    store.mark_failed(id, "late news", true).await.expect("a late failure is no error");
    assert_eq!(read(store, id).await, sent, "what was sent stays as it was recorded first");
}

async fn a_failed_mail_keeps_its_reason_and_may_still_be_sent<S: MailStore>(store: &mut S, env: &mut Env) {
    let id = inserted(store, env).await;
    store.mark_failed(id, "greylisted", false).await.expect("marked as failed");
    let waiting = read(store, id).await;
    let found = store.waiting_mails(seconds_later(env.now(), 1), 1000).await.expect("waiting mails are readable");
    assert!(found.contains(&waiting), "a mail that waits is found");
    let long = store.waiting_mails(waiting.queued_at, 1000).await.expect("waiting mails are readable");
    assert!(!long.iter().any(|mail| mail.id == id), "it does not wait for so long");
    assert_eq!((waiting.status, waiting.attempts), (MailStatus::Queued, 1));
    assert_eq!(waiting.last_error.as_deref(), Some("greylisted"));
    store.mark_failed(id, "no such mailbox", true).await.expect("marked as failed");
    let failed = read(store, id).await;
    let found = store.waiting_mails(seconds_later(env.now(), 1), 1000).await.expect("waiting mails are readable");
    assert!(!found.iter().any(|mail| mail.id == id), "a mail that was given up waits for nothing");
    assert_eq!((failed.status, failed.attempts, failed.sent_at), (MailStatus::Failed, 2, None));
    assert_eq!(failed.last_error.as_deref(), Some("no such mailbox"));
    let at = env.now();
    store.mark_sent(id, at, "<again@example.com>").await.expect("an operator sent it again");
    let sent = read(store, id).await;
    assert_eq!((sent.status, sent.attempts, sent.sent_at), (MailStatus::Sent, 3, Some(at)));
    assert_eq!(sent.last_error, None);
}

async fn a_mail_that_says_the_same_is_found<S: MailStore>(store: &mut S, env: &mut Env) {
    let to = |text: &str| text.parse().expect("a valid address");
    let alone = NewMail { to: to("alone@example.com"), ..new_mail(env) };
    store.insert_mail(&alone).await.expect("a new mail is written");
    let alone = Mail::from(alone);
    let since = alone.queued_at;
    let like = |found: Result<Option<Mail>, kernel::StoreError>| found.expect("readable").map(|mail| mail.id);
    assert_eq!(like(store.mail_like(&alone, since).await), None, "a mail is not like itself");
    let differs = NewMail { to: alone.to.clone(), context: json!({ "name": "Y" }), ..new_mail(env) };
    store.insert_mail(&differs).await.expect("a new mail is written");
    assert_eq!(like(store.mail_like(&alone, since).await), None, "other words are another mail");
    let twin = NewMail { to: alone.to.clone(), ..new_mail(env) };
    store.insert_mail(&twin).await.expect("a new mail is written");
    assert_eq!(like(store.mail_like(&alone, since).await), Some(twin.id));
    assert_eq!(like(store.mail_like(&alone, seconds_later(twin.queued_at, 1)).await), None, "that was before");
}

async fn unknown_mails_are_bugs<S: MailStore>(store: &mut S, env: &mut Env) {
    let sent = store.mark_sent(env.id(), env.now(), "<x@example.com>").await;
    assert_eq!(sent.map_err(|error| error.kind()), Err(FailureKind::Bug));
    let failed = store.mark_failed(env.id(), "reason", true).await;
    assert_eq!(failed.map_err(|error| error.kind()), Err(FailureKind::Bug));
}

async fn a_second_mail_with_an_id_is_a_bug<S: MailStore>(store: &mut S, env: &mut Env) {
    let mail = new_mail(env);
    store.insert_mail(&mail).await.expect("a new mail is written");
    let again = store.insert_mail(&mail).await;
    assert_eq!(again.map_err(|error| error.kind()), Err(FailureKind::Bug));
}
