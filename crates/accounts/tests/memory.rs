//! The memory store passes the suite that PostgreSQL's passes.

use std::sync::Arc;

use kernel::{Clock, Env, Timestamp};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_000)
    }
}

#[tokio::test]
async fn the_memory_store_conforms() {
    let mut env = Env::with(Arc::new(Fixed), 1);
    accounts::testing::store_conforms(&mut accounts::testing::MemoryAccounts::default(), &mut env).await;
}

#[tokio::test]
async fn the_memory_store_of_factors_conforms() {
    let mut env = Env::with(Arc::new(Fixed), 1);
    accounts::testing::factors_conform(&mut accounts::testing::MemoryAccounts::default(), &mut env).await;
}
