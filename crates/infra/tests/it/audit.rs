//! The audit trail on PostgreSQL: only ever added to, and chained without gaps whatever runs beside.

use audit::{Act, Actor, AuditStore, ChainKey, ChainStore, Entry, Head, Question, Subject, extend, verify};
use infra::db::PgTx;
use kernel::{Env, StoreError, Timestamp, Transact};
use tokio::sync::oneshot;

use crate::shop::Shop;

fn key() -> ChainKey {
    ChainKey::new("k1", [3; 32])
}

fn entry(env: &mut Env, subject: usize) -> Entry {
    Entry::new(env, Actor::operator("Ada"), Act::QueuePaused, Subject::new("queue", subject))
}

async fn chain(shop: &Shop) -> i64 {
    shop.db.transaction(async |tx: &mut PgTx| extend(tx, &key()).await).await.unwrap()
}

/// The server's other databases have transactions too, for which an entry waits: looks until so many more are chained.
async fn chain_all(shop: &Shop, count: i64) {
    let mut chained = 0;
    while chained < count {
        chained += chain(shop).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(chained, count);
}

async fn end(shop: &Shop) -> Head {
    let keys = [key()];
    let question = Question { keys: &keys, head: None, chained_before: Timestamp::MAX_UTC };
    shop.db.transaction(async |tx: &mut PgTx| verify(tx, &question).await).await.unwrap().end
}

#[tokio::test]
async fn the_audit_store_conforms() {
    let shop = Shop::bare().await;
    audit::testing::store_conforms(&shop.db, &mut Env::system()).await;
}

#[tokio::test]
async fn nothing_can_be_changed_or_removed_by_anybody() {
    let shop = Shop::bare().await;
    let entry = entry(&mut Env::system(), 1);
    shop.db.transaction(async |tx: &mut PgTx| tx.append(&entry).await).await.unwrap();
    chain_all(&shop, 1).await;
    let sql = shop.sql().await;
    let refused = async |statement: &str| {
        let error = sql.batch_execute(statement).await.unwrap_err();
        error.as_db_error().unwrap_or_else(|| panic!("{statement}: {error}")).message().to_owned()
    };
    let statements = ["audit_log", "audit_chain"].into_iter().flat_map(|table| {
        let column = if table == "audit_log" { "actor" } else { "key_id" };
        let update = format!("UPDATE {table} SET {column} = 'Eve'");
        [update, format!("DELETE FROM {table}"), format!("TRUNCATE {table}")]
    });
    let statements: Vec<String> = statements.collect();
    for statement in &statements {
        let said = refused(statement).await;
        assert!(said.contains("permission denied") || said.contains("only ever added to"), "{statement}: {said}");
    }
    // Whoever owns the tables can give itself the right, and has to say that it switches the trigger off besides.
    sql.batch_execute("GRANT ALL ON audit_log, audit_chain TO CURRENT_USER").await.unwrap();
    for _ in ["as usual", "as a replica, where the role may say so"] {
        for statement in &statements {
            let said = refused(statement).await;
            assert!(said.contains("only ever added to"), "{statement}: {said}");
        }
        sql.batch_execute("SET session_replication_role = replica").await.ok();
    }
    assert_eq!(end(&shop).await.position, 1);
}

#[tokio::test]
async fn an_entry_waits_for_older_transactions_and_none_is_passed_over() {
    let shop = Shop::bare().await;
    let mut env = Env::system();
    let (old, young, lost) = (entry(&mut env, 1), entry(&mut env, 2), entry(&mut env, 3));
    let (written, until_written) = oneshot::channel();
    let (go, until_go) = oneshot::channel::<()>();
    let slow = async {
        let work = async |tx: &mut PgTx| {
            tx.append(&old).await?;
            written.send(()).unwrap();
            until_go.await.unwrap();
            Ok::<_, StoreError>(())
        };
        shop.db.transaction(work).await.unwrap();
    };
    let meanwhile = async {
        until_written.await.unwrap();
        shop.db.transaction(async |tx: &mut PgTx| tx.append(&young).await).await.unwrap();
        assert_eq!(chain(&shop).await, 0, "an older transaction may still write");
        let undone = async |tx: &mut PgTx| {
            tx.append(&lost).await?;
            Err::<(), _>(StoreError::bug("on purpose"))
        };
        shop.db.transaction(undone).await.unwrap_err();
        go.send(()).unwrap();
    };
    tokio::join!(slow, meanwhile);
    chain_all(&shop, 2).await;
    let rows = shop.db.transaction(async |tx: &mut PgTx| tx.chain_after(0, 9).await).await.unwrap();
    let order: Vec<_> = rows.iter().map(|row| row.link.entry).collect();
    assert_eq!(order, [old.id, young.id], "in the order of their transactions; what was rolled back is not there");
}

#[tokio::test]
async fn one_chains_at_a_time() {
    let shop = Shop::bare().await;
    let entry = entry(&mut Env::system(), 1);
    shop.db.transaction(async |tx: &mut PgTx| tx.append(&entry).await).await.unwrap();
    let work = async |tx: &mut PgTx| {
        assert!(tx.lock_chain().await?);
        assert_eq!(chain(&shop).await, 0, "somebody else is at it");
        Ok::<_, StoreError>(())
    };
    shop.db.transaction(work).await.unwrap();
    chain_all(&shop, 1).await;
    assert_eq!(end(&shop).await.position, 1);
}

/// Entries whose transaction has a number beyond this server's come from another one, e.g. by way of a dump.
#[tokio::test]
async fn what_was_restored_from_another_server_is_chained() {
    let shop = Shop::bare().await;
    let entry = entry(&mut Env::system(), 1);
    shop.db.transaction(async |tx: &mut PgTx| tx.append(&entry).await).await.unwrap();
    shop.sql().await.batch_execute("UPDATE audit_pending SET xid = xid + 1000000000").await.unwrap();
    assert_eq!(chain(&shop).await, 1);
}

const WRITERS: usize = 6;
const EACH: usize = 40;

/// Transactions of different length write while two chain: each entry is in the chain once, at places without a gap, in the
/// order of the transactions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_and_two_chainers_leave_no_gap() {
    let shop = Shop::bare().await;
    let db = &shop.db;
    let writer = async |writer: usize| {
        let mut env = Env::system();
        for number in 0..EACH {
            let entries: Vec<Entry> = (0..=number % 3).map(|part| entry(&mut env, writer * 1000 + part)).collect();
            let work = async |tx: &mut PgTx| {
                for entry in &entries {
                    tx.append(entry).await?;
                    tokio::task::yield_now().await;
                }
                if number % 7 == 6 { Err(StoreError::bug("on purpose")) } else { Ok(()) }
            };
            db.transaction(work).await.ok();
        }
    };
    let writers = futures_util::future::join_all((0..WRITERS).map(writer));
    let done = std::cell::Cell::new(false);
    let chainer = async || {
        while !done.get() {
            chain(&shop).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(
        async {
            writers.await;
            done.set(true);
        },
        chainer(),
        chainer()
    );
    let waiting = shop.count("SELECT count(*) FROM audit_pending").await;
    chain_all(&shop, waiting).await;
    let written = shop.count("SELECT count(*) FROM audit_log").await;
    assert!(written > i64::try_from(WRITERS * EACH).unwrap());
    assert_eq!(end(&shop).await.position, written);
    let disorder = "SELECT count(*) FROM (SELECT l.xmin::text::bigint AS xid, \
        lag(l.xmin::text::bigint) OVER (ORDER BY c.position) AS before \
        FROM audit_chain c JOIN audit_log l ON l.id = c.entry_id) pairs WHERE xid < before";
    assert_eq!(shop.count(disorder).await, 0, "in the order of their transactions");
    assert_eq!(shop.count("SELECT count(*) FROM audit_pending").await, 0);
}
