//! A database with the sample catalogue, and orders in it.

use catalog::testing::{SAMPLE, checked};
use infra::db::{Db, PgTx};
use kernel::{Env, StoreError, Transact};
use orders::{Links, Order, Payment, Receipt};
use testkit::TestDb;
use tokio_postgres::Client;

/// A database and a pool to it. Fields are dropped in order: the pool first.
pub(crate) struct Shop {
    pub(crate) db: Db,
    pub(crate) database: TestDb,
}

impl Shop {
    /// Empty but for the tables.
    pub(crate) async fn bare() -> Self {
        let database = TestDb::new().await;
        Self { db: database.connect().await, database }
    }

    /// With the sample catalogue.
    pub(crate) async fn open(env: &mut Env) -> Self {
        let shop = Self::bare().await;
        shop.db.transaction(async |tx| apply_catalog(tx, env).await).await.unwrap();
        shop
    }

    /// A connection for a test's own SQL.
    pub(crate) async fn sql(&self) -> Client {
        self.database.sql().await
    }

    /// A guest's order, written and not paid.
    pub(crate) async fn placed(&self, env: &mut Env, plan: &str) -> (Order, Payment) {
        let work = async |tx: &mut PgTx| {
            let new = orders::testing::new_order(tx, env, plan, "monthly").await;
            orders::place(tx, env, new).await
        };
        self.db.transaction(work).await.unwrap()
    }

    /// A guest's order, paid.
    pub(crate) async fn paid(&self, env: &mut Env, plan: &str) -> (Order, Payment) {
        let (mut order, mut payment) = self.placed(env, plan).await;
        let links = Links::new("https://shop.example");
        let access = Some(orders::testing::access(env));
        let receipt = Receipt { access, session: Some("cs_test_1".to_owned()), ..Receipt::default() };
        let work = async |tx: &mut PgTx| orders::pay(tx, env, &links, (&mut order, &mut payment), &receipt).await;
        self.db.transaction(work).await.unwrap();
        (order, payment)
    }

    /// One number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.sql().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

pub(crate) async fn apply_catalog(tx: &mut PgTx, env: &mut Env) -> Result<(), StoreError> {
    let changes = catalog::plan(tx, &checked(SAMPLE), env).await?;
    catalog::apply(tx, &changes).await
}
