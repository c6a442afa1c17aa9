//! The last one is sold once, whoever asks for it at the same time; and counting reads no more than it must.

use catalog::{CatalogStore, Product};
use checkout::{CheckoutError, CheckoutRequest, Placed, place};
use futures_util::future::join_all;
use infra::{STOCKS, db::PgTx};
use kernel::{Env, StoreError, Transact};
use orders::{Buyer, DeliveryRequest, StockStore};
use testkit::fixed_env;
use tokio::sync::oneshot;

use crate::shop::Shop;

fn request() -> CheckoutRequest {
    let email = "gerda@example.com".parse().unwrap();
    CheckoutRequest {
        plan: "starter".to_owned(),
        cycle: "monthly".to_owned(),
        coupon: None,
        trial: false,
        buyer: Buyer { email, name: "Gerda".to_owned(), customer: None, guest: true },
        delivery: DeliveryRequest::default(),
        client_key: None,
    }
}

async fn limit_starter(shop: &Shop, stock: u32) -> Product {
    let work = async |tx: &mut PgTx| {
        let product = tx.active_product("starter").await?.unwrap();
        let product = Product { stock: Some(stock), ..product };
        tx.save_product(&product).await?;
        Ok::<_, StoreError>(product)
    };
    shop.db.transaction(work).await.unwrap()
}

async fn buy(shop: &Shop, seed: u64) -> Result<Placed, CheckoutError> {
    let mut env = fixed_env(seed);
    shop.db.transaction(async |tx| place(tx, &mut env, request()).await).await
}

fn is_sold_out(result: &Result<Placed, CheckoutError>) -> bool {
    match result {
        Ok(Placed::New(_)) => false,
        Err(CheckoutError::SoldOut { plan }) => plan == "Starter",
        other => panic!("{other:?}"),
    }
}

async fn shop(seed: u64) -> Shop {
    let mut env: Env = fixed_env(seed);
    Shop::open(&mut env).await
}

#[tokio::test]
async fn of_many_buyers_at_once_as_many_get_one_as_there_are() {
    let shop = shop(1).await;
    limit_starter(&shop, 3).await;
    let all = join_all((100..116).map(|seed| buy(&shop, seed))).await;
    assert_eq!(all.iter().filter(|result| !is_sold_out(result)).count(), 3);
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 3, "who got none has left nothing");
}

/// The first holds the last one in a transaction that has not ended; the second waits, and is told the truth.
async fn the_second_waits(first_commits: bool) -> bool {
    let shop = shop(1).await;
    limit_starter(&shop, 1).await;
    let (placed, is_placed) = oneshot::channel();
    let (end, ending) = oneshot::channel::<()>();
    let holder = async {
        let mut env = fixed_env(2);
        let work = async |tx: &mut PgTx| {
            place(tx, &mut env, request()).await.unwrap();
            placed.send(()).unwrap();
            ending.await.unwrap();
            if first_commits { Ok(()) } else { Err(StoreError::bug("rolled back")) }
        };
        assert_eq!(shop.db.transaction(work).await.is_ok(), first_commits);
    };
    let waiter = async {
        is_placed.await.unwrap();
        buy(&shop, 3).await
    };
    let referee = async {
        let sql = shop.sql().await;
        let waits = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sql.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        end.send(()).unwrap();
    };
    let ((), second, ()) = tokio::join!(holder, waiter, referee);
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 1);
    is_sold_out(&second)
}

#[tokio::test]
async fn two_buyers_at_once_do_not_both_get_the_last() {
    assert!(the_second_waits(true).await);
}

#[tokio::test]
async fn a_buyer_gets_the_one_that_another_let_go() {
    assert!(!the_second_waits(false).await);
}

/// Copies the one row of a table, with some columns otherwise.
fn copies(table: &str, otherwise: &[(&str, &str)], from: &str) -> String {
    let (names, values): (Vec<&str>, Vec<&str>) = otherwise.iter().copied().unzip();
    let (listed, names, values) = (names.join("', '"), names.join(", "), values.join(", ").replace('\'', "''"));
    format!(
        "DO $$ DECLARE others text; BEGIN \
         SELECT string_agg('one.' || quote_ident(column_name), ', ') INTO others FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER' \
             AND column_name NOT IN ('{listed}'); \
         EXECUTE 'INSERT INTO {table} ({names}, ' || replace(others, 'one.', '') || ') SELECT {values}, ' || others || \
             ' FROM {table} one, {from}'; END $$"
    )
}

/// With a hundred thousand orders and services behind it, a thousand of them waiting for their payment: both indexes are
/// used, and the rows that are read are as many as there are to sell, and one more.
#[tokio::test]
async fn counting_reads_no_further_than_the_stock() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let product = limit_starter(&shop, 20).await;
    shop.paid(&mut env, "starter").await;
    let sql = shop.sql().await;
    let status = "CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'expired' END";
    let orders = copies("orders", &[("id", "gen_random_uuid()"), ("status", status)], "generate_series(1, 100000) n");
    let services = copies(
        "services",
        &[("id", "gen_random_uuid()"), ("order_id", "o.id")],
        "orders o WHERE o.status = ''expired''",
    );
    sql.batch_execute(&orders).await.unwrap();
    sql.batch_execute(&services).await.unwrap();
    sql.batch_execute("VACUUM ANALYZE orders, services, products").await.unwrap();
    let stocks = shop.db.transaction(async |tx| tx.stocks(&[product.id]).await).await.unwrap();
    assert_eq!((stocks[&product.id].total, stocks[&product.id].taken), (20, 21));
    let count = STOCKS.replace("$1", "ARRAY(SELECT id FROM products)");
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) {count}");
    let plan: Vec<String> = sql.query(&explain, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    let reading = plan.lines().find(|line| line.contains("orders_holding")).expect(&plan);
    assert!(!plan.contains("Seq Scan on orders") && plan.contains("services_begun"), "{plan}");
    let rows = reading.rsplit("rows=").next().unwrap().split([' ', '.']).next().unwrap();
    assert!(rows.parse::<u32>().unwrap() <= 21, "{plan}");
}
