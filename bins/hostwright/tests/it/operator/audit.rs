//! `hostwright audit`: what the command changes is on record, and what is done to the record is found.

use std::collections::BTreeSet;

use audit::{Act, Actor, AuditStore, Entry, Facts, Origin, Subject, extend};
use clap::CommandFactory;
use infra::{
    db::{Db, PgTx},
    secrets::SecretBox,
};
use kernel::{Env, Transact};
use serde_json::json;
use testkit::TestDb;
use tokio_postgres::Client;

use super::{Environment, hostwright, only, refused, told};
use crate::ground::{Ask, Goods, Ground, catalog, rows, run, until};

const KEY: &str = "a key of the tests that is long enough";

fn with_key(url: &str) -> Environment {
    let mut env = only(url);
    env.insert("SECRETS_KEY", KEY.to_owned());
    env
}

/// What the commands below are done to.
const THINGS: &str = "\
    INSERT INTO stripe_events_log (id, type, payload, received_at) VALUES ('evt_1', 'invoice.paid', '{}', now()); \
    INSERT INTO cases (id, kind, subject, reason, next_step, opened_at, last_seen_at) VALUES \
        ('00000000-0000-7000-8000-000000000001', 'event-delayed', 'evt_1', 'why', 'next', now(), now()); \
    INSERT INTO job_dead (job_id, lease, queue, kind, priority, attempt, max_attempts, rescues, budget_ms, payload, \
        payload_version, reason, code, detail, created_at, died_at) VALUES \
        (77, 1, 3, 'mail.send', 1, 9, 9, 0, 1000, '{}', 1, 'exhausted', 'x', 'x', now(), now());";

const CASE: &str = "case_00000000000070008000000000000001";

/// Commands that change something, in an order in which all of them can; the act, its subject, and what it says of it.
const CHANGES: [(&str, Act, &str, &str); 16] = [
    ("catalog apply CATALOG", Act::CatalogSeeded, "catalog catalog", "changes: "),
    ("queues pause mail", Act::QueuePaused, "queue mail", "paused: no → paused: yes"),
    ("queues limit mail --running 3", Act::QueueLimited, "queue mail", "paused: yes → most_running: 3, paused: yes"),
    ("queues limit mail", Act::QueueLimited, "queue mail", "most_running: 3, paused: yes → paused: yes"),
    ("queues resume mail", Act::QueueResumed, "queue mail", "paused: yes → paused: no"),
    ("secrets set some_secret", Act::SecretAdded, "secret some_secret", "version: 1"),
    ("secrets retire some_secret 1", Act::SecretRetired, "secret some_secret", "version: 1"),
    ("jobs retry 1", Act::JobRetried, "job 1", ""),
    ("events replay evt_1", Act::EventReplayed, "event evt_1", ""),
    ("cases take CASE", Act::CaseTaken, "case CASE", "owner: Ada"),
    ("cases release CASE", Act::CaseReleased, "case CASE", "owner: Ada →"),
    ("cases retry CASE", Act::CaseRetried, "case CASE", "kind: event-delayed"),
    ("cases close CASE --resolution told-ada@example.com", Act::CaseClosed, "case CASE", "resolution: (address)"),
    ("maintenance on --message Soon", Act::MaintenanceBegun, "shop maintenance", "message: Soon"),
    ("maintenance off", Act::MaintenanceEnded, "shop maintenance", "message: Soon →"),
    ("migrate", Act::MigrationRun, "database schema", "applied: "),
];

/// Changes that need more than a row: shown in other tests here.
const CHANGES_ELSEWHERE: [&str; 12] = [
    "adopt server",
    "orders retry",
    "orders refund",
    "services suspend",
    "services resume",
    "services terminate",
    "services done",
    "secrets rotate",
    "staff role",
    "accounts drop-factors",
    "accounts sign-out",
    "database grant",
];
/// Commands that only look, or that run others.
const READS: [&str; 24] = [
    "adopt list",
    "drift",
    "catalog check",
    "orders list",
    "orders show",
    "services list",
    "services show",
    "cases list",
    "cases show",
    "cases sweeps",
    "events list",
    "events show",
    "jobs list",
    "queues list",
    "secrets list",
    "staff list",
    "audit list",
    "audit verify",
    "audit head",
    "maintenance status",
    "doctor",
    "demo",
    "help",
    "",
];

fn filled(text: &str) -> String {
    text.replace("CASE", CASE).replace("CATALOG", &catalog())
}

/// A new subcommand must be told apart: either it is on record, or it only looks.
#[test]
fn every_subcommand_is_known_to_change_something_or_not() {
    hostwright_cli::Cli::command().debug_assert();
    let mut commands = BTreeSet::new();
    for command in hostwright_cli::Cli::command().get_subcommands() {
        let inner: Vec<_> =
            command.get_subcommands().map(|sub| format!("{} {}", command.get_name(), sub.get_name())).collect();
        if inner.is_empty() {
            commands.insert(command.get_name().to_owned());
        }
        commands.extend(inner);
    }
    let changes = CHANGES.iter().map(|(words, ..)| *words);
    let known: Vec<&str> = changes.chain(CHANGES_ELSEWHERE).chain(READS).collect();
    let unknown: Vec<_> =
        commands.iter().filter(|command| !known.iter().any(|known| known.starts_with(command.as_str()))).collect();
    assert!(unknown.is_empty() && commands.len() > 20, "neither on record nor known to look only: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_command_changes_is_on_record_with_who_did_it() {
    let (database, empty) = (TestDb::new().await, TestDb::empty().await);
    let sql = database.sql().await;
    sql.batch_execute(THINGS).await.unwrap();
    for (number, (words, act, subject, what)) in CHANGES.into_iter().enumerate() {
        // With the key, migrating keeps the password pepper besides, which is an entry of its own.
        let env = if words == "migrate" { only(empty.url()) } else { with_key(database.url()) };
        let words = format!("{} --as Ada", filled(words));
        let ended = run("hostwright", &words.split(' ').collect::<Vec<_>>(), &env, "whsec_canary");
        assert!(ended.success, "{words}: {ended:?}");
        let list = told(&env, "audit list");
        let count = if words.starts_with("migrate") { 1 } else { number + 1 };
        assert_eq!(list.lines().count(), count + 1, "{words} is one entry: {list}");
        let newest = list.lines().nth(1).unwrap();
        for part in ["operator Ada", act.as_str(), &filled(subject), what] {
            assert!(newest.contains(part), "{words}: nothing about {part}: {newest}");
        }
    }
    let stored = format!("{:?}", rows(&sql, "SELECT *, encode(encoding, 'escape') FROM audit_log").await);
    assert!(stored.contains("some_secret"), "{stored}");
    for secret in ["canary", "ada@", "@example.com"] {
        assert!(!stored.contains(secret), "{secret} is in the trail: {stored}");
    }
    let env = only(database.url());
    assert_eq!(told(&env, "audit list --subject mail").lines().count(), 5);
    assert_eq!(told(&env, "audit list --act case-taken --since 1h --actor Ada").lines().count(), 2);
    assert!(told(&env, "audit list --actor Eve").contains("(none)"));
    assert!(told(&env, "audit list --since 2096-01-01T00:00:00Z").contains("(none)"));
    assert_eq!(told(&env, "audit list --limit 3").lines().count(), 4);
    assert!(refused(&env, "audit list --act nonsense").contains("expected one of"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_done_is_not_on_record() {
    let database = TestDb::new().await;
    let env = with_key(database.url());
    for words in ["jobs retry 1", "events replay evt_1", "cases take CASE", "cases retry CASE", "secrets retire x 1"] {
        refused(&env, &format!("{} --as Ada", filled(words)));
    }
    told(&env, &format!("catalog apply {} --dry-run", catalog()));
    assert!(told(&only(database.url()), "migrate").contains("up to date"));
    assert!(told(&env, "audit list").contains("(none)"));
    assert!(refused(&env, "audit head").contains("nothing is in the chain"));
    assert!(told(&env, "audit verify").contains("✓ 0 entries"));
}

const ENTRIES: usize = 6;

/// A chain of six, all rights to it, and its triggers switched off.
async fn open_chain(database: &TestDb) -> Client {
    let db = database.connect().await;
    let mut env = Env::system();
    for number in 0..ENTRIES {
        let entry = Entry::new(&mut env, Actor::operator("Ada"), Act::CaseTaken, Subject::new("case", number));
        let origin = Origin::new("2001:db8::1".parse().ok(), Some("curl/8"));
        let entry = entry.from(&origin).after(Facts::none().text("owner", "Ada").number("n", -3));
        db.transaction(async |tx: &mut PgTx| tx.append(&entry).await).await.unwrap();
    }
    chain_all(&db).await;
    let sql = database.sql().await;
    sql.batch_execute(
        "GRANT ALL ON audit_log, audit_chain TO CURRENT_USER; \
         ALTER TABLE audit_log DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER; \
         CREATE TABLE kept_log AS TABLE audit_log; CREATE TABLE kept_chain AS TABLE audit_chain;",
    )
    .await
    .unwrap();
    sql
}

async fn chain_all(db: &Db) {
    let sealer = SecretBox::new(&KEY.into()).unwrap();
    let mut chained = 0;
    while chained < i64::try_from(ENTRIES).unwrap() {
        chained += db.transaction(async |tx: &mut PgTx| extend(tx, sealer.chain_key()).await).await.unwrap();
    }
}

/// What is done to the chain, and what `verify` says of it.
const TAMPERING: [(&str, &str); 13] = [
    ("UPDATE audit_log SET actor = 'Eve' WHERE subject = '2'", "position 3 was changed: its columns"),
    (
        "UPDATE audit_log SET after = '{\"owner\": \"Eve\", \"n\": -3}' WHERE subject = '2'",
        "position 3 was changed: its columns",
    ),
    (
        "UPDATE audit_log SET after = '{\"owner\": \"Ada\", \"n\": -3.5}' WHERE subject = '2'",
        "position 3 was changed: its columns",
    ),
    (
        "UPDATE audit_log SET at = at + interval '1 microsecond' WHERE subject = '2'",
        "position 3 was changed: its columns",
    ),
    ("UPDATE audit_log SET ip = NULL WHERE subject = '0'", "position 1 was changed: its columns"),
    (
        "UPDATE audit_log SET actor = 'Eve', encoding = decode(replace(encode(encoding, 'hex'), '416461', '457665'), 'hex'), \
            after = '{\"owner\": \"Eve\", \"n\": -3}' WHERE subject = '2'",
        "position 3 was changed: it does not follow",
    ),
    ("UPDATE audit_chain SET hash = sha256('x') WHERE position = 6", "position 6 was changed: it does not follow"),
    ("DELETE FROM audit_log WHERE subject = '2'", "position 3 is missing its entry"),
    ("DELETE FROM audit_chain WHERE position = 3", "position 3 is missing; the next that is there is 4"),
    (
        "DELETE FROM audit_log WHERE subject = '2'; DELETE FROM audit_chain WHERE position = 3; \
         UPDATE audit_chain SET position = position - 1 WHERE position > 3",
        "position 3 was changed: it does not follow",
    ),
    (
        "UPDATE audit_chain SET entry_id = '00000000-0000-7000-8000-000000000009' WHERE position = 3; \
         UPDATE audit_chain SET entry_id = (SELECT entry_id FROM kept_chain WHERE position = 3) WHERE position = 5; \
         UPDATE audit_chain SET entry_id = (SELECT entry_id FROM kept_chain WHERE position = 5) WHERE position = 3",
        "stands at 5",
    ),
    ("DELETE FROM audit_chain WHERE position > 4", "2 entries are in no chain"),
    (
        "INSERT INTO audit_log SELECT gen_random_uuid(), at, actor_kind, actor, act, subject_kind, subject, ip, user_agent, \
            before, after, encoding FROM audit_log WHERE subject = '2'",
        "1 entries are in no chain",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_done_to_the_record_is_found() {
    let database = TestDb::new().await;
    let sql = open_chain(&database).await;
    let env = with_key(database.url());
    let restore = "DELETE FROM audit_log; DELETE FROM audit_chain; \
        INSERT INTO audit_log TABLE kept_log; INSERT INTO audit_chain TABLE kept_chain";
    for (tampering, said) in TAMPERING {
        sql.batch_execute(tampering).await.unwrap();
        let found = refused(&env, "audit verify --patience 0");
        assert!(found.contains(said), "{tampering}: {found}");
        sql.batch_execute(restore).await.unwrap();
        assert!(told(&env, "audit verify --patience 0").contains("✓ 6 entries"), "restored after {tampering}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_was_cut_off_is_found_by_a_head_that_was_noted() {
    let database = TestDb::new().await;
    let sql = open_chain(&database).await;
    let env = with_key(database.url());
    let head = told(&env, "audit head").trim().to_owned();
    assert!(head.starts_with("6:"), "{head}");
    let noted = format!("audit verify --head {head}");
    assert!(told(&env, &noted).contains("goes through the head that was noted at position 6"));
    let other = format!("audit verify --head 5:{}", head.split(':').nth(1).unwrap());
    assert!(refused(&env, &other).contains("position 5 has another hash"));
    assert!(refused(&env, "audit verify --head nonsense").contains("POSITION:HASH"));

    sql.batch_execute(
        "DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM audit_chain WHERE position > 4); \
         DELETE FROM audit_chain WHERE position > 4",
    )
    .await
    .unwrap();
    let unseen = told(&env, "audit verify");
    assert!(unseen.contains("✓ 4 entries") && unseen.contains("nobody can tell"), "{unseen}");
    let found = refused(&env, &noted);
    assert!(found.contains("the end is missing: the chain ends at position 4"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_is_proven_with_the_keys_that_it_was_made_with() {
    let database = TestDb::new().await;
    let _sql = open_chain(&database).await;
    let mut env = with_key(database.url());
    env.insert("SECRETS_KEY", format!("another {KEY}"));
    assert!(refused(&env, "audit verify").contains("which was not given"));
    env.insert("SECRETS_KEYS_BEFORE", KEY.to_owned());
    assert!(told(&env, "audit verify").contains("✓ 6 entries"));
}

/// The whole shop: a customer's acts through the API, an operator's, the worker's chaining, the head in its log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_shop_keeps_its_trail() {
    let ground = Ground::open().await;
    ground
        .fault(json!({
            "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/application/servers",
        }))
        .await;
    let sold = ground.sell(Goods::Game).await;
    for email in [sold.email.as_str(), "nobody@example.com"] {
        let login = json!({ "email": email, "password": "not the password" });
        let ask = Ask { path: "/api/auth/login", body: Some(&login), ..Ask::default() };
        assert_eq!(ground.desk.insist(&ask).await.status, 401);
    }
    super::cases::becomes(&ground, &sold.order, "needs_attention").await;
    ground.heal().await;
    ground.told(&format!("orders retry {} --as Ada", sold.order));
    super::cases::becomes(&ground, &sold.order, "provisioned").await;

    let list = ground.told("audit list");
    for act in ["register", "sign-in"] {
        let line =
            list.lines().find(|line| line.contains(&format!(" {act} "))).unwrap_or_else(|| panic!("{act}: {list}"));
        assert!(line.contains("customer usr_") && line.contains("user usr_") && line.contains("127.0.0.1"), "{line}");
    }
    let refusals: Vec<&str> = list.lines().filter(|line| line.contains("sign-in-refused")).collect();
    assert!(refusals.len() == 2 && refusals.iter().all(|line| line.contains("visitor")), "{list}");
    assert!(refusals[0].contains("address ") && refusals[1].contains("user usr_"), "{refusals:?}");
    let retried = list.lines().find(|line| line.contains("order-retried")).unwrap();
    assert!(retried.contains("operator Ada") && retried.contains(&sold.order), "{retried}");
    assert!(!list.contains('@'), "no address is in it: {list}");

    let count = list.lines().count() - 1;
    let now = async |job: &str| {
        let schedule = format!("UPDATE schedules SET next_at = now() WHERE name = '{job}'");
        ground.sql.batch_execute(&schedule).await.unwrap();
    };
    until("the worker has chained all of it", async || {
        now("audit.chain").await;
        let proven = hostwright(ground.env(), "audit verify --patience 0");
        (proven.success && proven.out.contains(&format!("✓ {count} entries"))).then_some(())
    })
    .await;
    now("audit.note_head").await;
    let head = ground.told("audit head").trim().to_owned();
    until("the head is in the log", async || (ground.worker_said(&head) > 0).then_some(())).await;
}
