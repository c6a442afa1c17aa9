//! What is done before the shop opens: `migrate`, `secrets`, `doctor`.

use testkit::TestDb;

use super::{Environment, hostwright, only, refused, told};
use crate::ground::{Ground, rows, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_again_changes_nothing() {
    let database = TestDb::empty().await;
    let env = only(database.url());
    let first = told(&env, "migrate");
    let applied = first.lines().filter(|line| line.contains("applied")).count();
    let wanted = std::fs::read_dir(format!("{}/../../migrations", env!("CARGO_MANIFEST_DIR"))).unwrap().count();
    assert_eq!(applied, wanted, "every migration is named: {first}");
    let second = told(&env, "migrate");
    assert!(second.contains("up to date") && !second.contains("applied"), "{second}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_to_be() {
    let env = only("postgres://nobody@127.0.0.1:1/nothing");
    for words in ["migrate", "orders list", "events list", "jobs list", "secrets list"] {
        let said = refused(&env, words);
        assert!(said.contains("not available") || said.contains("database"), "{words}: {said}");
        assert!(said.contains("refused"), "the cause is named: {words}: {said}");
    }
}

fn with_key(url: &str) -> Environment {
    let mut env = only(url);
    env.insert("SECRETS_KEY", "a key of the tests that is long enough".to_owned());
    env
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_kept_and_listed_but_never_shown() {
    let database = TestDb::new().await;
    let env = with_key(database.url());
    let value = "whsec_that_nobody_may_read";
    for version in 1..=2 {
        let kept = run("hostwright", &["secrets", "set", "stripe_webhook_secret"], &env, &format!("{value}\n"));
        assert!(kept.success && kept.out.contains(&format!("version {version}")), "{kept:?}");
    }
    let list = told(&env, "secrets list");
    assert_eq!(list.lines().filter(|line| line.starts_with("stripe_webhook_secret")).count(), 2, "{list}");
    assert_eq!(list.matches("open").count(), 2, "both count: {list}");
    assert!(!list.contains(value), "{list}");
    let sql = database.sql().await;
    let stored = format!("{:?}", rows(&sql, "SELECT * FROM secrets").await);
    assert!(stored.contains("stripe_webhook_secret") && !stored.contains(value), "{stored}");

    assert!(told(&env, "secrets retire stripe_webhook_secret 1").contains("no longer counts"));
    assert_eq!(told(&env, "secrets list").matches("open").count(), 1);
    assert!(refused(&env, "secrets retire stripe_webhook_secret 7").contains("no such version"));
    let empty = run("hostwright", &["secrets", "set", "x"], &env, "\n");
    assert!(!empty.success && empty.err.contains("standard input is empty"), "{empty:?}");
    let keyless = run("hostwright", &["secrets", "set", "x"], &only(database.url()), "y");
    assert!(!keyless.success && keyless.err.contains("SECRETS_KEY"), "{keyless:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_finds_a_healthy_shop_healthy() {
    let ground = Ground::open().await;
    let mut env = ground.env().clone();
    env.remove("LIMITS");
    let report = told(&env, "doctor");
    assert_eq!(report.matches('✓').count(), 9, "{report}");
    assert!(!report.contains('✗'), "{report}");
    assert!(report.contains("Pterodactyl") && report.contains("no hosting helper"), "{report}");
    env.insert("LOCAL_SOCKET", "/nowhere/hosting.sock".to_owned());
    let report = hostwright(&env, "doctor").out;
    assert!(report.lines().any(|line| line.starts_with("✗ Hosting")), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_are_kept_go_before_the_environments() {
    let ground = Ground::open().await;
    let mut env = ground.env().clone();
    let key = env.insert("PTERODACTYL_API_KEY", "ptla_wrong".to_owned()).unwrap();
    let panel = |report: &str| report.lines().find(|line| line.contains("Panel")).unwrap().to_owned();
    assert!(panel(&hostwright(&env, "doctor").out).starts_with('✗'));
    let kept = run("hostwright", &["secrets", "set", "pterodactyl_api_key"], &env, &format!("{key}\n"));
    assert!(kept.success, "{kept:?}");
    assert!(panel(&hostwright(&env, "doctor").out).starts_with('✓'));
    env.remove("PTERODACTYL_API_KEY");
    assert!(panel(&hostwright(&env, "doctor").out).starts_with('✓'), "it need not be in the environment at all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metadata_service_is_not_called() {
    let ground = Ground::open().await;
    let mut env = ground.env().clone();
    env.insert("PTERODACTYL_URL", "http://169.254.169.254".to_owned());
    env.insert("SMTP_HOST", "169.254.169.254".to_owned());
    env.insert("STRIPE_API_BASE", "http://[::ffff:169.254.169.254]".to_owned());
    let report = hostwright(&env, "doctor").out;
    for what in ["Stripe", "Panel", "Mail server"] {
        let line = report.lines().find(|line| line.contains(what) && line.contains("OUTBOUND_ALLOW"));
        assert!(line.is_some_and(|line| line.starts_with('✗')), "nothing about {what}:\n{report}");
    }
    env.insert("OUTBOUND_ALLOW", "169.254.0.0/33".to_owned());
    assert!(hostwright(&env, "doctor").out.contains("OUTBOUND_ALLOW: '169.254.0.0/33' is no network"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_everything_that_is_wrong() {
    let ground = Ground::open().await;
    let empty = TestDb::empty().await;
    let mut env = ground.env().clone();
    env.insert("DATABASE_URL", empty.url().to_owned());
    env.insert("STRIPE_SECRET_KEY", "sk_test_of_somebody_else".to_owned());
    env.insert("STRIPE_WEBHOOK_SECRET", String::new());
    env.insert("PTERODACTYL_API_KEY", "ptla_wrong".to_owned());
    env.insert("SMTP_PORT", "1".to_owned());
    env.remove("EMAIL_FROM");
    let ended = hostwright(&env, "doctor");
    assert!(!ended.success, "{ended:?}");
    let report = &ended.out;
    for words in ["EMAIL_FROM", "hostwright migrate", "Stripe", "Panel", "Mail server", "LIMITS=off"] {
        let line = report.lines().any(|line| line.contains(words) && !line.starts_with('✓'));
        assert!(line, "nothing about {words}:\n{report}");
    }
    assert_eq!(report.matches('✗').count(), 8, "{report}");
    assert!(!report.contains("sk_test_of_somebody_else") && !report.contains("ptla_wrong"), "{report}");
}
