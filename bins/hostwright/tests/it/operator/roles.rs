//! `hostwright database grant`: the programs run under roles that own nothing.

use testkit::{API_ROLE, TestDb, WORKER_ROLE};

use super::{Environment, only, refused, told};
use crate::ground::{Goods, Ground, Purchase, Wishes, prove, rows};

/// Both programs sell and deliver without owning anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_sells_and_delivers_under_roles_that_own_nothing() {
    let ground = Ground::open_with(Wishes { roles: true, ..Wishes::default() }).await;
    let mut sold: Vec<Purchase> = Vec::new();
    for goods in [Goods::Hosting, Goods::Game] {
        sold.push(ground.sell(goods).await);
    }
    prove(&ground, &sold).await;
    let connected = "SELECT DISTINCT application_name, usename FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name LIKE 'hostwright-%' ORDER BY 1";
    let wanted = [["hostwright-api", API_ROLE], ["hostwright-worker", WORKER_ROLE]];
    assert_eq!(rows(&ground.sql, connected).await, wanted);
    let owned =
        format!("SELECT relname FROM pg_class WHERE relowner::regrole::text IN ('{API_ROLE}', '{WORKER_ROLE}')");
    assert!(rows(&ground.sql, &owned).await.is_empty(), "the programs own something");
    for said in ["permission denied", "could not be looked after", "could not be tidied"] {
        assert_eq!(ground.worker_said(said), 0, "the worker says: {said}");
        assert!(!ground.api_log().contains(said), "the API says: {said}");
    }
}

fn with_roles(api: &str, worker: &str) -> String {
    format!("database grant --as Ada --api-role {api} --worker-role {worker}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn granting_is_on_record_and_says_what_is_wrong() {
    let database = TestDb::new().await;
    let env: Environment = only(database.url());
    let granted = told(&env, &with_roles(API_ROLE, WORKER_ROLE));
    assert!(granted.contains("hostwright-api needs") && granted.contains("hostwright-worker needs"), "{granted}");
    let list = told(&env, "audit list --act database-granted");
    assert!(list.contains("operator Ada") && list.contains(API_ROLE) && list.contains("database roles"), "{list}");

    let wrong = [
        (with_roles(API_ROLE, API_ROLE), "need a role each"),
        (with_roles("hostwright_test_nobody", WORKER_ROLE), "--create"),
        (with_roles("postgres;drop", WORKER_ROLE), "a role's name"),
        (with_roles("pg_monitor", WORKER_ROLE), "a role's name"),
    ];
    for (words, said) in wrong {
        let complaint = refused(&env, &words);
        assert!(complaint.contains(said), "{words}: {complaint}");
    }
    let program = only(&database.url_as(API_ROLE));
    assert!(refused(&program, &with_roles(API_ROLE, WORKER_ROLE)).contains("connect as their owner"));
    let bare = TestDb::empty().await;
    let empty = only(bare.url());
    let unmigrated = refused(&empty, &with_roles(API_ROLE, WORKER_ROLE));
    assert!(unmigrated.contains("hostwright migrate") || unmigrated.contains("does not exist"), "{unmigrated}");
    assert_eq!(told(&env, "audit list --act database-granted").lines().count(), 2, "what was refused is not on record");
}
