//! One memory store for everything that an order touches, builders and the conformance suite.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use orders::{Links, Receipt, testing};
//!
//! let mut store = testing::shop();
//! let mut env = testing::env(1);
//! let (mut order, mut payment) = testing::placed(&mut store, &mut env, "starter", "monthly").await;
//! let links = Links::new("https://shop.example");
//! let receipt = Receipt { access: Some(testing::access(&mut env)), ..Receipt::default() };
//! orders::pay(&mut store, &mut env, &links, (&mut order, &mut payment), &receipt).await.unwrap();
//! assert_eq!(order.state.as_str(), "paid");
//! # });
//! ```

mod conformance;
mod jobs;
mod memory;
mod stock;

use std::sync::Arc;

use accounts::PreparedAccess;
use catalog::QuoteRequest;
use kernel::{Clock, Env, Timestamp};
use provisioning::{DeliveryRequest, DomainChoice};

use crate::{Buyer, NewOrder, Order, OrderLine, Payment, place};

pub use conformance::store_conforms;
pub use jobs::{DeadJob, Ended, Fate, Holder, MemoryJob, MemoryJobs, Rescued};
pub use memory::{MemoryEvent, MemoryStore, MemorySweep};
pub use stock::stock_conforms;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        catalog::testing::now()
    }
}

/// A fixed clock (2026-01-15, noon) and a seed.
pub fn env(seed: u64) -> Env {
    Env::with(Arc::new(Noon), seed)
}

/// A memory store with the sample catalogue.
pub fn shop() -> MemoryStore {
    MemoryStore { catalog: catalog::testing::sample_catalog(), ..MemoryStore::default() }
}

/// A guest's order of a sample plan, as checkout writes it.
#[allow(clippy::unwrap_used, reason = "a builder for tests")]
pub async fn new_order<S: catalog::CatalogStore>(store: &mut S, env: &mut Env, plan: &str, cycle: &str) -> NewOrder {
    let request = QuoteRequest { plan: plan.to_owned(), cycle: cycle.to_owned(), coupon: None, trial: false };
    let (product, quote) = catalog::quote(store, &request, env.now()).await.unwrap();
    NewOrder {
        id: env.id(),
        buyer: Buyer {
            email: "guest@example.com".parse().unwrap(),
            name: "Gerda Guest".to_owned(),
            customer: None,
            guest: true,
        },
        line: OrderLine::new(&product, quote),
        delivery: DeliveryRequest { domain: DomainChoice::subdomain("my-site").ok(), ..DeliveryRequest::default() },
    }
}

/// The same, placed.
#[allow(clippy::unwrap_used, reason = "a builder for tests")]
pub async fn placed(store: &mut MemoryStore, env: &mut Env, plan: &str, cycle: &str) -> (Order, Payment) {
    let new = new_order(store, env, plan, cycle).await;
    place(store, env, new).await.unwrap()
}

/// A temporary password that was prepared.
pub fn access(env: &mut Env) -> PreparedAccess {
    PreparedAccess {
        id: env.id(),
        hash: accounts::PasswordHash::new("fake:temporary".to_owned()),
        sealed: accounts::Sealed("sealed".to_owned()),
        link: None,
    }
}
