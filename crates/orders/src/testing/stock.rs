//! Stocks in memory, and what every [`StockStore`] must do.

use std::collections::BTreeMap;

use catalog::{CatalogStore, Product};
use kernel::{Env, Id, StoreError, entity};
use provisioning::{RemoteRef, Service, ServiceState};

use super::{MemoryStore, new_order};
use crate::{Order, OrderState, OrderTx, Place, Resume, RoomSeen, Stock, StockStore, place};

/// What runs, or is being made.
const fn is_begun(state: &ServiceState) -> bool {
    match state {
        ServiceState::Provisioning
        | ServiceState::Uncertain
        | ServiceState::Installing(_)
        | ServiceState::Active(_)
        | ServiceState::Suspended { .. }
        | ServiceState::Terminating(_) => true,
        ServiceState::Pending | ServiceState::FailedSetup { .. } | ServiceState::Terminated(_) => false,
    }
}

/// What may become a service.
const fn holds_a_place(state: &OrderState) -> bool {
    match state {
        OrderState::Pending
        | OrderState::Paid
        | OrderState::Provisioning
        | OrderState::NeedsAttention { .. }
        | OrderState::RefundPending => true,
        OrderState::Provisioned | OrderState::Expired | OrderState::Cancelled { .. } | OrderState::Refunded => false,
    }
}

fn taken(store: &MemoryStore, product: &Product) -> usize {
    let begun: Vec<&Service> = store.services.services.values().filter(|service| is_begun(&service.state)).collect();
    let running = begun.iter().filter(|service| service.plan == product.code).count();
    let waits = |order: &&Order| {
        order.line.product == product.id
            && holds_a_place(&order.state)
            && !begun.iter().any(|service| service.order == order.id)
    };
    running.saturating_add(store.orders.values().filter(waits).count())
}

impl StockStore for MemoryStore {
    /// Transactions in memory never overlap.
    async fn lock_stock(&mut self, _: Id<entity::Product>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn stocks(
        &mut self,
        products: &[Id<entity::Product>],
    ) -> Result<BTreeMap<Id<entity::Product>, Stock>, StoreError> {
        let all = self.all_products().await?;
        let asked = all.iter().filter(|product| products.contains(&product.id));
        let stock = |product: &Product| {
            let total = product.stock?;
            let taken = u32::try_from(taken(self, product)).unwrap_or(u32::MAX);
            Some((product.id, Stock { total, taken: taken.min(total.saturating_add(1)) }))
        };
        Ok(asked.filter_map(stock).collect())
    }

    async fn promised(&mut self, place: &Place) -> Result<u32, StoreError> {
        let services = &self.services.services;
        let stands = |order: &Order| {
            services.values().any(|service| service.order == order.id && service.state.remote().is_some())
        };
        let promised = self.orders.values().filter(|order| {
            order.line.product == place.product
                && order.delivery.region == place.region
                && is_promised(&order.state)
                && !stands(order)
        });
        Ok(u32::try_from(promised.count()).unwrap_or(u32::MAX))
    }

    async fn room_seen(&mut self, place: &Place) -> Result<Option<RoomSeen>, StoreError> {
        Ok(self.rooms.get(place).cloned())
    }

    async fn rooms_of(&mut self, products: &[Id<entity::Product>]) -> Result<Vec<RoomSeen>, StoreError> {
        Ok(self.rooms.values().filter(|seen| products.contains(&seen.place.product)).cloned().collect())
    }

    async fn save_room(&mut self, seen: &RoomSeen) -> Result<(), StoreError> {
        self.rooms.insert(seen.place.clone(), seen.clone());
        Ok(())
    }
}

/// What was promised: it is being paid for, or being made.
const fn is_promised(state: &OrderState) -> bool {
    match state {
        OrderState::Pending | OrderState::Paid | OrderState::Provisioning | OrderState::NeedsAttention { .. } => true,
        OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => false,
    }
}

/// Runs the suite; panics at the first rule that does not hold. The store must hold [`catalog::testing::sample_catalog`] and
/// nothing that was ordered.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite of tests fails by panicking")]
pub async fn stock_conforms<S: StockStore + CatalogStore + OrderTx>(store: &mut S, env: &mut Env) {
    let endless = store.active_product("vps-basic").await.unwrap().unwrap();
    let plan = Product { stock: Some(3), ..store.active_product("starter").await.unwrap().unwrap() };
    store.save_product(&plan).await.unwrap();
    store.lock_stock(plan.id).await.unwrap();
    store.lock_stock(plan.id).await.unwrap();
    let stocks = store.stocks(&[plan.id, endless.id]).await.unwrap();
    assert_eq!(stocks, BTreeMap::from([(plan.id, Stock { total: 3, taken: 0 })]), "no stock, no count");
    assert!(store.stocks(&[]).await.unwrap().is_empty());

    let mut first = ordered(store, env, "starter").await;
    ordered(store, env, "vps-basic").await;
    assert_eq!(taken_of(store, &plan).await, 1, "an order that waits for its payment holds a place");
    what_is_promised_is_counted(store, env, &plan, &mut first).await;
    what_was_said_of_the_room_is_kept(store, env, &plan).await;
    orders_hold_their_place(store, &plan, &mut first).await;
    services_hold_their_place(store, env, &plan, &mut first).await;
    for _ in 0..5 {
        ordered(store, env, "starter").await;
    }
    let counted = store.stocks(&[plan.id]).await.unwrap()[&plan.id];
    assert_eq!(counted, Stock { total: 3, taken: 4 }, "no further than one more than there are");
    store.save_product(&Product { stock: None, ..plan.clone() }).await.unwrap();
    assert!(store.stocks(&[plan.id]).await.unwrap().is_empty(), "the catalogue of now decides");
}

/// At the place that it was ordered for, until it stands or is not wanted.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn what_is_promised_is_counted<S: StockStore + CatalogStore + OrderTx>(
    store: &mut S,
    env: &mut Env,
    plan: &Product,
    first: &mut Order,
) {
    let here = Place { product: plan.id, region: first.delivery.region.clone() };
    let there = Place { region: Some("mars".parse().unwrap()), ..here.clone() };
    assert_eq!(store.promised(&here).await.unwrap(), 1);
    let mut second = ordered(store, env, "starter").await;
    assert_eq!((store.promised(&here).await.unwrap(), store.promised(&there).await.unwrap()), (2, 0));
    let attention =
        OrderState::NeedsAttention { from: Resume::Pending, reason: "no room".into(), next_step: "make some".into() };
    for (state, counts) in [
        (attention, 2),
        (OrderState::Expired, 1),
        (OrderState::Pending, 2),
        (OrderState::Cancelled { reason: "refused".to_owned() }, 1),
    ] {
        save(store, &mut second, state).await;
        assert_eq!(store.promised(&here).await.unwrap(), counts, "{:?}", second.state);
    }
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn what_was_said_of_the_room_is_kept<S: StockStore>(store: &mut S, env: &mut Env, plan: &Product) {
    let region: Option<kernel::Slug> = Some("mars".parse().unwrap());
    for place in [Place { product: plan.id, region }, Place { product: plan.id, region: None }] {
        assert_eq!(store.room_seen(&place).await.unwrap(), None);
        for (promised, fits, detail) in [(0, true, ""), (7, false, "every node is full")] {
            let (place, detail, seen_at) = (place.clone(), detail.to_owned(), env.now());
            let seen = RoomSeen { place, promised, fits, detail, seen_at };
            store.save_room(&seen).await.unwrap();
            assert_eq!(store.room_seen(&seen.place).await.unwrap(), Some(seen));
        }
    }
    assert_eq!(store.rooms_of(&[plan.id]).await.unwrap().len(), 2);
    assert_eq!(store.rooms_of(&[]).await.unwrap(), Vec::new());
}

/// Everything but what is over. A customer is named by the account that the order's service will have.
async fn orders_hold_their_place<S: StockStore + OrderTx>(store: &mut S, plan: &Product, order: &mut Order) {
    let attention =
        OrderState::NeedsAttention { from: Resume::Pending, reason: "no room".into(), next_step: "make some".into() };
    for (state, holds) in [
        (OrderState::Expired, 0),
        (attention, 1),
        (OrderState::Cancelled { reason: "refused".to_owned() }, 0),
        (OrderState::Pending, 1),
    ] {
        save(store, order, state).await;
        assert_eq!(taken_of(store, plan).await, holds, "{:?}", order.state);
    }
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn services_hold_their_place<S: StockStore + OrderTx>(
    store: &mut S,
    env: &mut Env,
    plan: &Product,
    order: &mut Order,
) {
    let guest = accounts::GuestAccount { email: order.buyer.email.clone(), name: order.buyer.name.clone() };
    let access = super::access(env);
    let account = accounts::open_account(store, env, &guest, Some(&access)).await.unwrap();
    order.buyer.customer = Some(account.customer().id);
    save(store, order, OrderState::Paid).await;
    let mut service = provisioning::testing::sample_service(env, order.id, account.customer().id);
    assert!(store.insert_service(&service).await.unwrap());
    let remote = RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() };
    let failed = ServiceState::FailedSetup { reason: "no room".to_owned(), remote: None };
    let here = Place { product: plan.id, region: order.delivery.region.clone() };
    // How many hold a place of the stock, and how many are promised and not made.
    for (state, order_state, holds, promised) in [
        (ServiceState::Pending, OrderState::Paid, 1, 1),
        (ServiceState::Pending, OrderState::RefundPending, 1, 0),
        (ServiceState::Pending, OrderState::Refunded, 0, 0),
        (ServiceState::Provisioning, OrderState::Provisioning, 1, 1),
        (ServiceState::Uncertain, OrderState::Provisioning, 1, 1),
        (failed.clone(), OrderState::Provisioning, 1, 1),
        (failed, OrderState::Refunded, 0, 0),
        (ServiceState::Installing(remote.clone()), OrderState::Provisioning, 1, 0),
        (ServiceState::Active(remote.clone()), OrderState::Refunded, 1, 0),
    ] {
        service.state = state;
        store.save_service(&service).await.unwrap();
        save(store, order, order_state).await;
        let counted = (taken_of(store, plan).await, store.promised(&here).await.unwrap());
        assert_eq!(counted, (holds, promised), "{:?} of {:?}", service.state, order.state);
    }
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn ordered<S: OrderTx + CatalogStore>(store: &mut S, env: &mut Env, plan: &str) -> Order {
    let new = new_order(store, env, plan, "monthly").await;
    place(store, env, new).await.unwrap().0
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn save<S: OrderTx>(store: &mut S, order: &mut Order, state: OrderState) {
    order.state = state;
    store.save_order(order).await.unwrap();
}

#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite of tests fails by panicking")]
async fn taken_of<S: StockStore>(store: &mut S, plan: &Product) -> u32 {
    store.stocks(&[plan.id]).await.unwrap()[&plan.id].taken
}
