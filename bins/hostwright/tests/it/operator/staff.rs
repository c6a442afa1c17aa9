//! `hostwright staff` and `hostwright accounts`: who works here, and who is let in again.

use testkit::TestDb;

use super::{only, refused, told};

const ADA: &str = "\
    INSERT INTO users (id, email, password_hash, must_change_password, role, created_at) VALUES \
        ('00000000-0000-7000-8000-00000000000a', 'ada@example.com', '$2b$04$x', false, 'customer', now()); \
    INSERT INTO customers (id, user_id, name, email) VALUES \
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-00000000000a', 'Ada', 'ada@example.com'); \
    INSERT INTO user_totp (user_id, sealed, created_at, confirmed_at, last_step) VALUES \
        ('00000000-0000-7000-8000-00000000000a', 'v1.x.x', now(), now(), 1);";

/// One of Ada, one of Bob.
const SIGN_INS: &str = "\
    INSERT INTO users (id, email, password_hash, must_change_password, role, created_at) VALUES \
        ('00000000-0000-7000-8000-00000000000c', 'bob@example.com', '$2b$04$x', false, 'customer', now()); \
    INSERT INTO sessions (id, user_id, created_at, expires_at, last_seen_at, proven_at, token_hash) \
        SELECT gen_random_uuid(), id, now(), now() + interval '1 day', now(), now(), sha256(email::bytea) FROM users;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_are_given_and_factors_are_dropped_on_record() {
    let database = TestDb::new().await;
    let sql = database.sql().await;
    sql.batch_execute(ADA).await.unwrap();
    let mut env = only(database.url());
    env.insert("PUBLIC_SITE_URL", "https://shop.example".to_owned());
    assert!(refused(&env, "staff role nobody@example.com support").contains("there is no such account"));
    assert!(refused(&env, "staff role ada@example.com king").contains("expected customer, support, billing or admin"));
    assert!(told(&env, "staff role ada@example.com admin --as Root").contains("ada@example.com is admin now"));
    assert!(told(&env, "staff list").contains("ada@example.com"));
    let last = refused(&env, "staff role ada@example.com customer --as Root");
    assert!(last.contains("this is the last admin"), "{last}");

    told(&env, "accounts drop-factors --email ada@example.com --as Root");
    let left: i64 = sql.query_one("SELECT count(*) FROM user_totp", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    sql.batch_execute(SIGN_INS).await.unwrap();
    assert!(refused(&env, "accounts sign-out --as Root").contains("--email"));
    assert!(refused(&env, "accounts sign-out --email nobody@example.com").contains("no account with this address"));
    let one = told(&env, "accounts sign-out --email ada@example.com --as Root");
    assert!(one.contains("ada@example.com is signed out; sign-ins ended: 1"), "{one}");
    assert!(told(&env, "accounts sign-out --everybody --as Root").contains("sign-ins ended: 1"), "the other one");
    let trail = told(&env, "audit list");
    for what in ["role-changed", "role: customer", "role: admin", "operator Root", "second-factor"] {
        assert!(trail.contains(what), "{what}: {trail}");
    }
}
