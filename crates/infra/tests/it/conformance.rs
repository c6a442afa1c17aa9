//! PostgreSQL's stores pass the suites that the memory stores pass.

use infra::db::PgTx;
use kernel::{Env, StoreError, Transact};
use testkit::fixed_env;

use crate::shop::{Shop, apply_catalog};

/// Ends every suite: nothing of it is kept, and a suite may end with a statement that the database refuses.
#[derive(Debug)]
enum Undone {
    OnPurpose,
    Store(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn undone(suite: impl AsyncFnOnce(&mut PgTx, &mut Env)) {
    let shop = Shop::bare().await;
    let mut env = fixed_env(1);
    let work = async |tx: &mut PgTx| {
        suite(tx, &mut env).await;
        Err::<(), _>(Undone::OnPurpose)
    };
    let result = shop.db.transaction(work).await;
    match result.unwrap_err() {
        Undone::OnPurpose => {}
        Undone::Store(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_account_store_conforms() {
    undone(async |tx, env| accounts::testing::store_conforms(tx, env).await).await;
}

#[tokio::test]
async fn the_store_of_factors_conforms() {
    undone(async |tx, env| accounts::testing::factors_conform(tx, env).await).await;
}

#[tokio::test]
async fn the_catalogue_store_conforms() {
    undone(async |tx, _| catalog::testing::store_conforms(tx).await).await;
}

#[tokio::test]
async fn the_mail_store_conforms() {
    undone(async |tx, env| notify::testing::store_conforms(tx, env).await).await;
}

#[tokio::test]
async fn the_order_store_conforms() {
    undone(async |tx, env| {
        apply_catalog(tx, env).await.unwrap();
        orders::testing::store_conforms(tx, env).await;
    })
    .await;
}

#[tokio::test]
async fn the_stock_store_conforms() {
    undone(async |tx, env| {
        apply_catalog(tx, env).await.unwrap();
        orders::testing::stock_conforms(tx, env).await;
    })
    .await;
}

#[tokio::test]
async fn the_service_store_conforms() {
    undone(async |tx, env| {
        apply_catalog(tx, env).await.unwrap();
        let new = orders::testing::new_order(tx, env, "starter", "monthly").await;
        let (order, _) = orders::place(tx, env, new).await.unwrap();
        let guest = accounts::GuestAccount { email: order.buyer.email.clone(), name: order.buyer.name.clone() };
        let access = orders::testing::access(env);
        let account = accounts::open_account(tx, env, &guest, Some(&access)).await.unwrap();
        let service = provisioning::testing::sample_service(env, order.id, account.customer().id);
        let id = service.id;
        provisioning::testing::store_conforms(tx, env, service).await;
        provisioning::testing::operations_conform(tx, env, id).await;
    })
    .await;
}

/// What a suite writes must also survive a COMMIT: constraints that are checked late would show here.
#[tokio::test]
async fn the_order_suite_commits() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let work = async |tx: &mut PgTx| {
        orders::testing::store_conforms(tx, &mut env).await;
        Ok::<_, StoreError>(())
    };
    shop.db.transaction(work).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 1);
}
