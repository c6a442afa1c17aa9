//! The memory store passes the suite that PostgreSQL's passes.

use orders::testing;

#[tokio::test]
async fn the_memory_store_conforms() {
    testing::store_conforms(&mut testing::shop(), &mut testing::env(1)).await;
}

#[tokio::test]
async fn the_stock_of_the_memory_store_conforms() {
    testing::stock_conforms(&mut testing::shop(), &mut testing::env(1)).await;
}
