//! What pages read through the stores, each in one short transaction.

use cases::{CaseKind, CaseStore};
use catalog::{CatalogStore, Product, Quote, QuoteError, QuoteRequest};
use flows::Shop;
use kernel::{Id, Slug, StoreError, Transact, entity};
use orders::{Order, OrderSession, OrderStore, TimelineEntry, left_of};
use provisioning::{Service, ServiceStore};

/// Everything about one order that its page may need.
#[derive(Debug, Clone)]
pub(crate) struct OrderFacts {
    pub(crate) order: Order,
    pub(crate) timeline: Vec<TimelineEntry>,
    pub(crate) session: Option<OrderSession>,
    pub(crate) service: Option<Service>,
    /// What of it needs one of us.
    pub(crate) cases: Vec<CaseKind>,
}

/// An order with its history, payment page and service; `None` when there is no such order.
pub(crate) async fn order_facts<W: Shop>(world: &W, id: Id<entity::Order>) -> Result<Option<OrderFacts>, StoreError> {
    let work = async |tx: &mut W::Tx| {
        let Some(order) = tx.order(id).await? else { return Ok(None) };
        let timeline = tx.timeline(id).await?;
        let session = tx.session_of(id).await?;
        let service = tx.service_of(id).await?;
        let cases = tx.open_cases_of(id).await?.iter().map(|case| case.kind).collect();
        Ok::<_, StoreError>(Some(OrderFacts { order, timeline, session, service, cases }))
    };
    world.db().transaction(work).await
}

/// A product on sale.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) product: Product,
    /// How many can be had; `None` when there is no end to it.
    pub(crate) left: Option<u32>,
}

/// What is on sale, in the order shown.
pub(crate) async fn offers<W: Shop>(world: &W) -> Result<Vec<Offer>, StoreError> {
    let now = world.env().now();
    let work = async |tx: &mut W::Tx| {
        let products = tx.active_products().await?;
        let left = left_of(tx, &products, now).await?;
        let offer = |product: Product| Offer { left: left.get(&product.id).copied(), product };
        Ok::<_, StoreError>(products.into_iter().map(offer).collect())
    };
    world.db().transaction(work).await
}

/// How many of a product can be had now; `None` when there is no end to it.
pub(crate) async fn left<W: Shop>(world: &W, product: &Product) -> Result<Option<u32>, StoreError> {
    let now = world.env().now();
    let work = async |tx: &mut W::Tx| left_of(tx, std::slice::from_ref(product), now).await;
    Ok(world.db().transaction(work).await?.get(&product.id).copied())
}

/// A product on sale. A text that can be no code is not asked for.
pub(crate) async fn product<W: Shop>(world: &W, code: &str) -> Result<Option<Product>, StoreError> {
    let Ok(code) = code.parse::<Slug>() else { return Ok(None) };
    world.db().transaction(async |tx| tx.active_product(code.as_str()).await).await
}

/// What it costs today.
pub(crate) async fn quote<W: Shop>(world: &W, request: &QuoteRequest) -> Result<Quote, QuoteError> {
    let now = world.env().now();
    let work = async |tx: &mut W::Tx| catalog::quote(tx, request, now).await.map(|(_, quote)| quote);
    world.db().transaction(work).await
}
