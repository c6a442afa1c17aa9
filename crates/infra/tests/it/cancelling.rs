//! A transaction that is dropped at any of its awaits leaves nothing behind: no open transaction, no changed row, and no
//! connection that the next user would be surprised by.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use accounts::AccountStore;
use diesel_async::SimpleAsyncConnection;
use infra::db::{Db, DbSettings, PgTx};
use kernel::{JobQueue, StoreError, Transact};
use secrecy::SecretString;
use testkit::{TestDb, fixed_env};
use tokio::time::timeout;

use crate::probe::Probe;

/// Polls what is inside so many times, and is done then, whether that is or not.
struct Polled<F> {
    inside: F,
    left: usize,
}

impl<F: Future + Unpin> Future for Polled<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match Pin::new(&mut self.inside).poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Cut off at once, while the statement is on its way.
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

async fn one_connection(database: &TestDb) -> Db {
    let url = SecretString::from(database.url().to_owned());
    let settings = DbSettings {
        pool_size: 1,
        application_name: "cancelled".to_owned(),
        // The server must not clean up for us.
        idle_in_transaction_timeout: Duration::from_hours(1),
        ..DbSettings::new(url)
    };
    Db::connect(&settings).await.unwrap()
}

/// As when a payment is recorded: an account, jobs, and a job that ends.
async fn money(db: &Db, round: usize) -> Result<(), StoreError> {
    let mut env = fixed_env(u64::try_from(round).unwrap());
    let user = accounts::User {
        id: env.id(),
        email: format!("buyer{round}@example.com").parse().unwrap(),
        password: accounts::PasswordHash::new("$2b$hash".to_owned()),
        must_change_password: false,
        password_expires_at: None,
        role: accounts::Role::Customer,
        created_at: env.now(),
    };
    let work = async |tx: &mut PgTx| {
        tx.insert_user(&user).await?;
        tx.user(user.id).await?;
        tx.enqueue(&Probe { key: format!("first {round}") }).await?;
        tx.enqueue(&Probe { key: format!("second {round}") }).await.map(|_| ())
    };
    db.transaction(work).await
}

#[tokio::test]
async fn a_money_transaction_may_be_cancelled_at_every_await() {
    let database = TestDb::new().await;
    let db = one_connection(&database).await;
    let sql = database.sql().await;
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cancelled' \
        AND datname = current_database() AND xact_start IS NOT NULL";
    let whole = "SELECT count(*) FROM users u WHERE 2 = (SELECT count(*) FROM jobs j WHERE j.dedupe_key \
        IN ('first ' || substring(u.email FROM '\\d+'), 'second ' || substring(u.email FROM '\\d+')))";
    let number = async |text: &str| sql.query_one(text, &[]).await.unwrap().get::<_, i64>(0);
    let clean = async || db.transaction(async |tx: &mut PgTx| tx.user(fixed_env(1).id()).await.map(|_| ())).await;
    // The connection is there, so that the first poll sends BEGIN.
    clean().await.unwrap();
    let (mut polls, mut finished) = (0, 0);
    // Until it went through to its end a few times, however often it is woken on the way.
    while finished < 3 {
        polls += 1;
        let ended = Polled { inside: pin!(money(&db, polls)), left: polls }.await;
        finished += usize::from(ended.is_some());
        // What a cancelled statement was doing, the server may still end.
        let quiet = async {
            // What was on its way when it was cut off arrives before these are answered.
            for _ in 0..5 {
                number(busy).await;
            }
            while number(busy).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        let left = timeout(Duration::from_secs(20), quiet).await;
        assert!(left.is_ok(), "a transaction stays open after {polls} polls");
        clean().await.unwrap_or_else(|error| panic!("after {polls} polls: {error:?}"));
        assert_eq!(number("SELECT count(*) FROM users").await, number(whole).await, "all or nothing, {polls} polls");
    }
    assert!(polls > 8, "a transaction of six statements has more awaits than {polls}");
}

#[tokio::test]
async fn the_pool_refuses_a_connection_that_is_inside_a_transaction() {
    use diesel_async::{AnsiTransactionManager, TransactionManager};

    let database = TestDb::new().await;
    let db = one_connection(&database).await;
    let pool = db.pool();
    let pid = async |connection: &mut diesel_async::AsyncPgConnection| {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Pid {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            pid: i32,
        }
        let asked: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(connection).await.unwrap();
        asked.pid
    };
    let mut first = pool.get().await.unwrap();
    let before = pid(&mut first).await;
    AnsiTransactionManager::begin_transaction(&mut *first).await.unwrap();
    first.batch_execute("CREATE TEMPORARY TABLE left_behind (n int)").await.unwrap();
    drop(first);
    let mut second = pool.get().await.unwrap();
    assert_ne!(pid(&mut second).await, before, "another connection was made");
    second.batch_execute("SELECT 1 / (txid_current_if_assigned() IS NULL)::int").await.unwrap();
}

#[tokio::test]
async fn every_role_has_its_limits() {
    let limits = |settings: &DbSettings| {
        (
            settings.statement_timeout.as_secs(),
            settings.lock_timeout.as_secs(),
            settings.idle_in_transaction_timeout.as_secs(),
        )
    };
    let worker = DbSettings::new(SecretString::from("postgres://a@127.0.0.1/b"));
    assert_eq!(limits(&worker), (5, 1, 5));
    assert_eq!(limits(&worker.clone().answering()), (2, 1, 5));
    let database = TestDb::new().await;
    let settings = DbSettings::new(SecretString::from(database.url().to_owned())).answering();
    let db = Db::connect(&settings).await.unwrap();
    let mut connection = db.pool().get().await.unwrap();
    let as_set = "SELECT 1 / (current_setting('statement_timeout') = '2s' AND current_setting('lock_timeout') = '1s' \
        AND current_setting('idle_in_transaction_session_timeout') = '5s')::int";
    connection.batch_execute(as_set).await.unwrap();
}
