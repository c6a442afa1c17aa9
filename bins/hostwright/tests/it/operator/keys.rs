//! A new `SECRETS_KEY`: programs with both keys, `secrets rotate`, programs with the new one alone.

use serde_json::json;
use testkit::TestDb;

use super::{Environment, hostwright, only, refused, told};
use crate::ground::{Ask, Goods, Ground, rows, run, until};

const OLD: &str = "a key of the tests that is long enough";
const NEW: &str = "another key of the tests, long enough too";
const MAIL: &str = "grace@example.com";
const PASSWORD: &str = "tide-harbour-violin";

async fn signs_in(ground: &Ground) {
    let login = json!({ "email": MAIL, "password": PASSWORD });
    let ask = Ask { path: "/api/auth/login", body: Some(&login), ..Ask::default() };
    assert_eq!(ground.desk.insist(&ask).await.status, 200);
}

fn keep(env: &Environment, name: &str, value: &str) {
    let kept = run("hostwright", &["secrets", "set", name], env, value);
    assert!(kept.success, "{kept:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_takes_over_while_the_shop_runs() {
    let mut ground = Ground::open().await;
    let who = json!({ "email": MAIL, "password": PASSWORD, "name": "Grace Hopper" });
    let ask = Ask { path: "/api/auth/register", body: Some(&who), ..Ask::default() };
    assert_eq!(ground.desk.insist(&ask).await.status, 201);
    keep(ground.env(), "stripe_webhook_secret", "whsec_kept");
    until("something is chained under the old key", async || {
        ground.sql.batch_execute("UPDATE schedules SET next_at = now() WHERE name = 'audit.chain'").await.unwrap();
        (!rows(&ground.sql, "SELECT 1 FROM audit_chain").await.is_empty()).then_some(())
    })
    .await;

    ground.configure(&[("SECRETS_KEY", Some(NEW)), ("SECRETS_KEYS_OLD", Some(OLD))]).await;
    signs_in(&ground).await;
    let report = hostwright(ground.env(), "doctor").out;
    assert!(report.contains("✗ Keys") && report.contains("2 values are sealed under an earlier key"), "{report}");
    let rotated = ground.told("secrets rotate --as Ada");
    // The webhook's secret and the pepper; what the audit trail was hashed with is kept under the new key from the start.
    assert!(rotated.contains("secrets: 2 sealed anew") && rotated.contains("SECRETS_KEYS_OLD can go"), "{rotated}");
    let again = ground.told("secrets rotate");
    assert!(again.contains("secrets: 0 sealed anew"), "{again}");
    assert!(hostwright(ground.env(), "doctor").out.contains("SECRETS_KEYS_OLD can go"));
    let acts = ground.told("audit list --act secrets-rotated");
    assert!(acts.lines().count() == 2 && acts.contains("operator Ada"), "{acts}");

    ground.configure(&[("SECRETS_KEYS_OLD", None)]).await;
    signs_in(&ground).await;
    let sold = ground.sell(Goods::Game).await;
    super::cases::becomes(&ground, &sold.order, "provisioned").await;
    until("the chain goes on under the new key", async || {
        ground.sql.batch_execute("UPDATE schedules SET next_at = now() WHERE name = 'audit.chain'").await.unwrap();
        let keys = rows(&ground.sql, "SELECT DISTINCT key_id FROM audit_chain").await;
        (keys.len() == 2).then_some(())
    })
    .await;
    assert!(ground.told("audit verify").contains("each as it was written"), "with the new key alone");
    assert!(hostwright(ground.env(), "doctor").out.contains("everything is sealed under SECRETS_KEY"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_do_not_start_with_a_key_that_does_not_open_what_is_kept() {
    let mut ground = Ground::open().await;
    keep(ground.env(), "stripe_webhook_secret", "whsec_canary");
    let mut env = ground.env().clone();
    env.insert("SECRETS_KEY", NEW.to_owned());
    env.insert("API_LISTEN", "127.0.0.1:0".to_owned());
    for program in ["hostwright-api", "hostwright-worker"] {
        let ended = run(program, &[], &env, "");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(!ended.success, "{program}: {ended:?}");
        for words in ["stripe_webhook_secret version 1 (key ", "password_pepper version 1", "SECRETS_KEYS_OLD"] {
            assert!(said.contains(words), "{program}: {words}: {said}");
        }
        assert!(!said.contains("whsec_canary") && !said.contains(NEW), "{program}: {said}");
    }
    assert!(refused(&env, "secrets rotate").contains("2 do not open with the keys given"));
    let report = hostwright(&env, "doctor").out;
    assert!(report.contains("✗ Keys") && report.contains("password_pepper version 1"), "{report}");
    ground.configure(&[("LOG_FORMAT", Some("text"))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_shop_made_for_itself_is_not_set_by_hand_and_not_lost_by_mistake() {
    let database = TestDb::new().await;
    let mut env = only(database.url());
    env.insert("SECRETS_KEY", OLD.to_owned());
    told(&env, "migrate");
    assert!(told(&env, "secrets list").contains("password_pepper"), "kept by migrate");
    told(&env, "migrate");
    assert_eq!(told(&env, "secrets list").matches("password_pepper").count(), 1);
    let set = run("hostwright", &["secrets", "set", "password_pepper"], &env, "x");
    assert!(!set.success && set.err.contains("nobody sets it by hand"), "{set:?}");
    assert!(refused(&env, "secrets retire password_pepper 1").contains("--and-lose-it"));
    assert!(told(&env, "secrets retire password_pepper 1 --and-lose-it").contains("no longer counts"));
}
