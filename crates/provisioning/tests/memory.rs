//! The memory store and the fake provider pass the suites that the real ones pass.
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use kernel::{Clock, Env, Timestamp};
use provisioning::testing::{self, FakeProvider, FakeStage, MemoryServices};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().expect("an instant")
    }
}

#[tokio::test]
async fn the_memory_store_conforms() {
    let mut env = Env::with(Arc::new(Fixed), 1);
    let (order, customer) = (env.id(), env.id());
    let service = testing::sample_service(&mut env, order, customer);
    testing::store_conforms(&mut MemoryServices::default(), &mut env, service).await;
}

#[tokio::test]
async fn the_memory_store_of_operations_conforms() {
    let mut env = Env::with(Arc::new(Fixed), 1);
    let service = env.id();
    testing::operations_conform(&mut MemoryServices::default(), &mut env, service).await;
}

#[tokio::test]
async fn fake_providers_conform() {
    for fake in [FakeProvider::default(), FakeProvider::helpless(), FakeProvider::slow()] {
        testing::provider_conforms(&FakeStage(fake)).await;
    }
}
