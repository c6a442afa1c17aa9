//! What customers do with their accounts is on record, with the act or not at all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use accounts::SessionClaim;
use audit::{Act, Actor, AuditStore, ChainEntries, Entry, NoteHead, Origin, Question, verify};
use flows::{
    AccountError, Shop, Workshop, change_password, end_session, register, sign_in, sign_out, sign_out_everywhere,
    testing::MemoryShop,
};
use kernel::{Id, Job, JobContext, JobFailure, JobQueue, Recorded, StoreError, Timestamp, Transact};
use secrecy::SecretString;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn origin() -> Origin {
    Origin::new("192.0.2.7".parse().ok(), Some("agent/1"))
}

fn trail(shop: &MemoryShop) -> Vec<Entry> {
    shop.db.with(|store| store.audit.entries())
}

#[tokio::test]
async fn each_act_of_a_customer_is_one_entry() {
    let shop = MemoryShop::new();
    let ada = ("ada@example.com".parse().unwrap(), "Ada".to_owned());
    let who = register(&shop, ada, &secret("long enough"), &origin()).await.unwrap().who;
    let email = "ada@example.com".parse().unwrap();
    let again = sign_in(&shop, &email, &secret("long enough"), &origin()).await.unwrap().whole().unwrap().who;
    sign_in(&shop, &email, &secret("wrong"), &origin()).await.unwrap_err();
    let wrong = change_password(&shop, &who, (&secret("wrong"), &secret("longer still")), &origin()).await;
    assert!(matches!(wrong, Err(AccountError::ChangePassword(_))));
    change_password(&shop, &who, (&secret("long enough"), &secret("longer still")), &origin()).await.unwrap();
    for session in [again.session().unwrap(), who.session().unwrap(), who.session().unwrap()] {
        sign_out(&shop, SessionClaim::Named(session), &origin()).await.unwrap();
    }
    let third = sign_in(&shop, &email, &secret("longer still"), &origin()).await.unwrap().whole().unwrap().who;
    assert!(!end_session(&shop, &third, Id::from_uuid(who.user.id.uuid()), &origin()).await.unwrap());
    assert!(end_session(&shop, &third, third.session().unwrap(), &origin()).await.unwrap());
    sign_out_everywhere(&shop, &third, &origin()).await.unwrap();

    let trail = trail(&shop);
    let acts: Vec<&str> = trail.iter().map(|entry| entry.act.as_str()).collect();
    let expected = [
        "register",
        "sign-in",
        "sign-in-refused",
        "password-change-refused",
        "password-changed",
        "sign-out",
        "sign-in",
        "sessions-ended",
        "sessions-ended",
    ];
    assert_eq!(acts, expected, "what had ended before, or is not theirs, is not ended again");
    let user = who.user.id.to_string();
    for entry in &trail {
        let visitor = entry.act == Act::SignInRefused;
        let actor = if visitor { Actor::Visitor } else { Actor::Customer(who.user.id) };
        assert_eq!((&entry.actor, &entry.subject.id, &entry.origin), (&actor, &user, &origin()));
    }
}

/// What a mailed link does is on record too; asking is not, since anybody can ask for anybody.
#[tokio::test]
async fn what_a_mailed_link_does_is_one_entry() {
    let shop = MemoryShop::new();
    let ada = ("ada@example.com".parse().unwrap(), "Ada".to_owned());
    flows::ask_to_register(&shop, ada, &secret("long enough"), &origin()).await.unwrap();
    let token = mailed_token(&shop).await;
    let opened = flows::confirm_registration(&shop, &token, &secret("long enough"), &origin()).await.unwrap().who;
    flows::ask_for_password(&shop, "ada@example.com".parse().unwrap(), &origin()).await.unwrap();
    let token = mailed_token(&shop).await;
    flows::reset_password(&shop, &token, &secret("another one"), &origin()).await.unwrap();
    let moved = "ada@example.org".parse().unwrap();
    let ada = "ada@example.com".parse().unwrap();
    let who = sign_in(&shop, &ada, &secret("another one"), &origin()).await.unwrap().whole().unwrap().who;
    flows::ask_for_address(&shop, &who, (moved, &secret("another one")), &origin()).await.unwrap();
    let token = mailed_token(&shop).await;
    flows::confirm_address(&shop, &who, &token, &origin()).await.unwrap();
    let trail = trail(&shop);
    let acts: Vec<&str> = trail.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["register", "password-reset", "sign-in", "address-changed"]);
    assert!(trail.iter().all(|entry| entry.actor == Actor::Customer(opened.user.id) && entry.origin == origin()));
}

/// Of the link in the latest mail that has one.
async fn mailed_token(shop: &MemoryShop) -> SecretString {
    shop.work(100).await;
    let mails = shop.mailer.arrived();
    let words = mails.iter().rev().find_map(|mail| mail.text.split_once("token=")).unwrap().1;
    secret(words.split_whitespace().next().unwrap())
}

#[tokio::test]
async fn an_unknown_address_is_told_apart_and_cannot_be_read() {
    let shop = MemoryShop::new();
    for email in ["eve@example.com", "eve@example.com", "mallory@example.com"] {
        sign_in(&shop, &email.parse().unwrap(), &secret("wrong"), &origin()).await.unwrap_err();
    }
    let subjects: Vec<_> = trail(&shop).into_iter().map(|entry| (entry.subject.kind, entry.subject.id)).collect();
    assert_eq!(subjects[0], subjects[1]);
    assert_ne!(subjects[0], subjects[2]);
    assert!(subjects.iter().all(|(kind, id)| kind == "address" && id.len() == 32 && !id.contains("eve")));
}

/// A store whose acts fail leaves no entry, and one that refuses the entry does not do the act.
#[tokio::test]
async fn an_act_that_is_undone_leaves_no_entry() {
    let shop = MemoryShop::new();
    let entry =
        Entry::new(&mut shop.env(), Actor::operator("Ada"), Act::QueuePaused, audit::Subject::new("queue", "mail"));
    let work = async |tx: &mut <MemoryShop as Shop>::Tx| {
        tx.append(&entry).await?;
        Err::<(), _>(StoreError::bug("on purpose"))
    };
    shop.db.transaction(work).await.unwrap_err();
    assert!(trail(&shop).is_empty());
}

async fn run<J: Job>(shop: &MemoryShop, job: &J, flow: impl AsyncFnOnce(JobContext) -> Result<Recorded, JobFailure>) {
    shop.db.transaction(async |tx| tx.enqueue(job).await).await.unwrap();
    let (context, _) = shop.db.with(|store| store.jobs.claim()).unwrap();
    let _ = flow(context).await.unwrap();
    assert!(shop.db.with(|store| store.jobs.live.is_empty()), "the job is done");
}

#[tokio::test]
async fn the_job_chains_more_than_a_batch_and_the_head_is_noted() {
    let shop = MemoryShop::new();
    let count = audit::BATCH + 1;
    let mut env = shop.env();
    let work = async |tx: &mut <MemoryShop as Shop>::Tx| {
        for number in 0..count {
            let user: Id<kernel::entity::User> = env.id();
            let subject = audit::Subject::new("case", number);
            tx.append(&Entry::new(&mut env, Actor::Staff(user), Act::CaseTaken, subject)).await?;
        }
        Ok::<_, StoreError>(())
    };
    shop.db.transaction(work).await.unwrap();
    run(&shop, &ChainEntries {}, async |context| flows::chain_entries(&shop, ChainEntries {}, context).await).await;
    let keys = [shop.chain_key().clone()];
    let question = Question { keys: &keys, head: None, chained_before: Timestamp::MAX_UTC };
    let proof = shop.db.transaction(async |tx| verify(tx, &question).await).await.unwrap();
    assert_eq!(proof.end.position, count);
    run(&shop, &NoteHead {}, async |context| flows::note_head(&shop, NoteHead {}, context).await).await;
}

/// Whoever is refused for the number of their tries is on record once, however often they go on.
#[tokio::test]
async fn a_flood_of_tries_is_one_entry() {
    let shop = MemoryShop::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let email: kernel::EmailAddress = email.parse().unwrap();
        for _ in 0..500 {
            sign_in(&shop, &email, &secret("a guess"), &origin()).await.unwrap_err();
        }
    }
    let trail = trail(&shop);
    let of = |act: Act| trail.iter().filter(|entry| entry.act == act).collect::<Vec<_>>();
    assert_eq!(of(Act::SignInRefused).len(), 20, "ten for each address from one place");
    let limited = of(Act::Limited);
    assert_eq!(limited.len(), 2);
    for entry in limited {
        assert_eq!((&entry.actor, &entry.origin), (&Actor::Visitor, &origin()));
        assert!(entry.after.to_string().contains("rule: sign-in/account-network"), "{}", entry.after);
        assert!(!entry.subject.id.contains('@'), "nobody's address");
    }
}
