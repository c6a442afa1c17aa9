//! Transactions: what is kept, what is not, and what becomes of the connection.

use std::future::pending;

use accounts::AccountStore;
use infra::db::{ConnectError, Db, DbSettings, PgTx};
use kernel::{Failure, FailureKind, StoreError, Transact};
use notify::MailStore;
use secrecy::SecretString;
use testkit::{TestDb, fixed_env};
use tokio::sync::oneshot;
use tokio_postgres::Client;

use crate::shop::Shop;

async fn small_pool(database: &TestDb, size: usize) -> Db {
    let url = SecretString::from(database.url().to_owned());
    let settings = DbSettings { pool_size: size, application_name: "under test".to_owned(), ..DbSettings::new(url) };
    Db::connect(&settings).await.unwrap()
}

fn user(seed: u64, email: &str) -> accounts::User {
    let mut env = fixed_env(seed);
    accounts::User {
        id: env.id(),
        email: email.parse().unwrap(),
        password: accounts::PasswordHash::new("$2b$hash".to_owned()),
        must_change_password: false,
        password_expires_at: None,
        role: accounts::Role::Customer,
        created_at: env.now(),
    }
}

#[tokio::test]
async fn ok_commits_and_err_rolls_back() {
    let shop = Shop::bare().await;
    let (kept, lost) = (user(1, "kept@example.com"), user(2, "lost@example.com"));
    assert!(shop.db.transaction(async |tx| tx.insert_user(&kept).await).await.unwrap());
    let refused = shop
        .db
        .transaction(async |tx| {
            tx.insert_user(&lost).await?;
            Err::<(), _>(StoreError::bug("changed my mind"))
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(shop.count("SELECT count(*) FROM users").await, 1);
}

/// How many connections of the pool are in a transaction.
async fn in_transaction(sql: &Client) -> i64 {
    let asked = "SELECT count(*) FROM pg_stat_activity \
        WHERE application_name = 'under test' AND datname = current_database() AND xact_start IS NOT NULL";
    sql.query_one(asked, &[]).await.unwrap().get(0)
}

async fn until_nobody_is_in_a_transaction(sql: &Client) {
    while in_transaction(sql).await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_lets_go_of_its_locks_at_once() {
    let database = TestDb::new().await;
    let db = small_pool(&database, 1).await;
    let sql = database.sql().await;
    let user = user(1, "locked@example.com");
    let (inserted, waiting) = oneshot::channel();
    let dropped = async {
        let work = async |tx: &mut PgTx| {
            tx.insert_user(&user).await?;
            inserted.send(()).unwrap();
            pending::<Result<(), StoreError>>().await
        };
        db.transaction(work).await
    };
    tokio::select! {
        _ = dropped => panic!("it waits for ever"),
        result = waiting => result.unwrap(),
    }
    // The server notices a closed connection without being asked; the idle-in-transaction timeout would take 5 s more.
    until_nobody_is_in_a_transaction(&sql).await;
    assert_eq!(db.pool().status().size, 0, "the connection is gone from the pool");
    assert!(db.transaction(async |tx| tx.insert_user(&user).await).await.unwrap(), "its place is free again");
}

#[tokio::test]
async fn a_transaction_that_is_cancelled_inside_a_statement_is_not_reused() {
    let database = TestDb::new().await;
    let db = small_pool(&database, 1).await;
    let mut holder = database.sql().await;
    let user = user(1, "held@example.com");
    let holding = holder.transaction().await.unwrap();
    holding.batch_execute("LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
    let sql = database.sql().await;
    {
        let stuck = db.transaction(async |tx| tx.insert_user(&user).await);
        tokio::pin!(stuck);
        let waits = "SELECT count(*) FROM pg_stat_activity \
             WHERE wait_event_type = 'Lock' AND application_name = 'under test' AND datname = current_database()";
        loop {
            tokio::select! {
                biased;
                _ = &mut stuck => panic!("the table is locked"),
                row = sql.query_one(waits, &[]) => if row.unwrap().get::<_, i64>(0) == 1 { break },
            }
        }
    }
    holding.commit().await.unwrap();
    assert!(db.transaction(async |tx| tx.insert_user(&user).await).await.unwrap(), "nothing of the first was kept");
    until_nobody_is_in_a_transaction(&sql).await;
}

#[tokio::test]
async fn a_swallowed_error_does_not_pass_for_a_commit() {
    let shop = Shop::bare().await;
    let mut env = fixed_env(3);
    let user = user(1, "silent@example.com");
    let work = async |tx: &mut PgTx| {
        tx.insert_user(&user).await?;
        let unknown = tx.mark_sent(env.id(), env.now(), "<x@example.com>").await;
        assert!(unknown.is_err(), "there is no such mail");
        let twice = accounts::Customer {
            id: env.id(),
            user: env.id(),
            name: String::new(),
            email: user.email.clone(),
            gateway_id: None,
        };
        let refused = tx.insert_customer(&twice).await;
        assert!(refused.is_err(), "there is no such user");
        Ok::<_, StoreError>(())
    };
    let error = shop.db.transaction(work).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Bug);
    assert_eq!(shop.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn what_passes_by_itself_is_unavailable() {
    let database = TestDb::new().await;
    let url = SecretString::from(database.url().to_owned());
    let quick = std::time::Duration::from_millis(20);
    let settings = DbSettings { lock_timeout: quick, acquire_timeout: quick, pool_size: 1, ..DbSettings::new(url) };
    let db = Db::connect(&settings).await.unwrap();
    let mut holder = database.sql().await;
    let holding = holder.transaction().await.unwrap();
    holding.batch_execute("LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
    let user = user(1, "late@example.com");
    let locked = db.transaction(async |tx| tx.insert_user(&user).await).await.unwrap_err();
    assert_eq!(locked.kind(), FailureKind::Unavailable, "a lock timeout: {locked:?}");
    holding.rollback().await.unwrap();

    let starved =
        db.transaction(async |_| Ok::<_, StoreError>(db.transaction(async |_| Ok::<_, StoreError>(())).await));
    let starved = starved.await.unwrap().unwrap_err();
    assert_eq!(starved.kind(), FailureKind::Unavailable, "no connection is free: {starved:?}");
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let database = TestDb::new().await;
    let db = small_pool(&database, 1).await;
    let user = user(1, "after@example.com");
    db.transaction(async |tx| tx.user(user.id).await).await.unwrap();
    let sql = database.sql().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE application_name = 'under test' AND datname = current_database()";
    sql.query(end, &[]).await.unwrap();
    let mut tries = 0;
    while let Err(error) = db.transaction(async |tx| tx.insert_user(&user).await).await {
        assert_eq!(error.kind(), FailureKind::Unavailable, "{error:?}");
        tries += 1;
        assert!(tries < 100, "the pool does not recover");
    }
}

#[tokio::test]
async fn the_settings_reach_the_session() {
    let shop = Shop::bare().await;
    let sql = shop.sql().await;
    let database =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hostwright' AND datname = current_database()";
    shop.db.transaction(async |tx| tx.user(fixed_env(1).id()).await).await.unwrap();
    assert_eq!(sql.query_one(database, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn urls_that_cannot_work_are_refused_in_words() {
    let connect =
        async |url: &str| Db::connect(&DbSettings::new(SecretString::from(url.to_owned()))).await.unwrap_err();
    assert!(matches!(connect("not a url").await, ConnectError::Url(_)));
    assert!(matches!(connect("postgres://a@127.0.0.1/b?sslmode=require").await, ConnectError::Tls));
    let unreachable = connect("postgres://a:secretword@127.0.0.1:1/b").await;
    assert!(matches!(unreachable, ConnectError::Unreachable { .. }));
    let text = unreachable.to_string();
    assert!(text.contains("127.0.0.1:1/b") && !text.contains("secretword"), "{text}");
}
