//! The order, written before anybody is asked for money, and what the gateway will be asked for.

use catalog::{CatalogStore, Product, QuoteRequest};
use kernel::{Env, Id, entity};
use orders::{DeliveryRequest, Links, NewOrder, Order, OrderLine, OrderStore, Payment, Place, StockStore, stock_of};

use crate::{CheckoutError, CheckoutRequest, CheckoutStore, KeyClaim, SessionDiscount, SessionRequest};

/// What a request became.
#[derive(Debug, Clone, PartialEq)]
pub enum Placed {
    /// A new order and its first payment attempt.
    New(Box<(Order, Payment)>),
    /// The order that the same key and request made before.
    Replay(Id<entity::Order>),
}

/// Prices the request from the catalogue and writes the order, as long as there is one left to sell.
///
/// # Errors
/// What is wrong with the request, by its field; nothing is written then.
pub async fn place<S: CatalogStore + OrderStore + CheckoutStore + StockStore>(
    store: &mut S,
    env: &mut Env,
    request: CheckoutRequest,
) -> Result<Placed, CheckoutError> {
    place_within(store, env, request, None).await
}

/// The same where the provider said that so many may be promised in all at the order's place.
///
/// # Errors
/// As [`place`].
pub async fn place_within<S: CatalogStore + OrderStore + CheckoutStore + StockStore>(
    store: &mut S,
    env: &mut Env,
    request: CheckoutRequest,
    room: Option<u32>,
) -> Result<Placed, CheckoutError> {
    let asked = QuoteRequest { plan: request.plan, cycle: request.cycle, coupon: request.coupon, trial: request.trial };
    let (product, quote) = catalog::quote(store, &asked, env.now()).await?;
    let delivery = with_region(&product, request.delivery)?;
    let place = Place { product: product.id, region: delivery.region.clone() };
    let id = env.id();
    let new = NewOrder { id, buyer: request.buyer, line: OrderLine::new(&product, quote), delivery };
    let placed = orders::place(store, env, new).await?;
    if let Some(key) = &request.client_key {
        // After the order, because the key's row points at it; a key that is taken rolls the order back.
        match store.claim_key(key, id, env.now()).await? {
            KeyClaim::New => {}
            KeyClaim::Replay(order) => return Ok(Placed::Replay(order)),
            KeyClaim::Reused => return Err(CheckoutError::KeyReused),
        }
    }
    take_from_stock(store, &product).await?;
    if let Some(most) = room {
        take_from_room(store, &product, &place, most).await?;
    }
    Ok(Placed::New(Box::new(placed)))
}

/// Counts after the order is written, under a lock that every order of the product takes, so that whoever comes second sees
/// the first. Last of all, because the same request again must find its own order before it hears that nothing is left; and
/// an order of a product without a stock waits for nobody.
async fn take_from_stock<S: StockStore>(store: &mut S, product: &Product) -> Result<(), CheckoutError> {
    if product.stock.is_none() {
        return Ok(());
    }
    store.lock_stock(product.id).await?;
    match stock_of(store, product).await? {
        Some(stock) if stock.is_oversold() => Err(CheckoutError::SoldOut { plan: product.name.clone() }),
        Some(_) | None => Ok(()),
    }
}

/// As with a stock: counted after the order is written, under the product's lock.
async fn take_from_room<S: StockStore>(
    store: &mut S,
    product: &Product,
    place: &Place,
    most: u32,
) -> Result<(), CheckoutError> {
    store.lock_stock(product.id).await?;
    if store.promised(place).await? <= most {
        return Ok(());
    }
    let region = product.regions.iter().find(|region| Some(&region.code) == place.region.as_ref());
    Err(CheckoutError::NoRoom { plan: product.name.clone(), region: region.map(|region| region.name.clone()) })
}

/// Where an order of this product with these choices would run.
///
/// # Errors
/// [`CheckoutError::UnknownRegion`].
pub fn place_of(product: &Product, delivery: &DeliveryRequest) -> Result<Place, CheckoutError> {
    Ok(Place { product: product.id, region: with_region(product, delivery.clone())?.region })
}

/// The region that was asked for, if the plan has it; the plan's first where none was asked for.
fn with_region(product: &Product, mut delivery: DeliveryRequest) -> Result<DeliveryRequest, CheckoutError> {
    let known = |region: &kernel::Slug| product.regions.iter().any(|offered| offered.code == *region);
    match &delivery.region {
        Some(asked) if !known(asked) => Err(CheckoutError::UnknownRegion {
            asked: asked.to_string(),
            available: product.regions.iter().map(|region| region.code.to_string()).collect(),
        }),
        Some(_) => Ok(delivery),
        None => {
            delivery.region = product.regions.first().map(|region| region.code.clone());
            Ok(delivery)
        }
    }
}

/// What the gateway is asked for: made of the order alone, so that a repeated call is the same to the byte.
pub fn session_request(order: &Order, payment: &Payment, links: &Links) -> SessionRequest {
    let line = &order.line;
    let discount = line.discount.as_ref().filter(|discount| !discount.amount.is_zero());
    let discount = discount.map(|discount| SessionDiscount {
        code: discount.code.to_string(),
        amount_off: discount.amount,
        duration: discount.duration,
    });
    SessionRequest {
        order: order.id,
        attempt: payment.attempt,
        name: line.plan_name.clone(),
        description: None,
        list: line.list,
        cycle: line.cycle,
        discount,
        trial_days: line.trial_days,
        email: order.buyer.email.clone(),
        gateway_customer: None,
        success_url: format!("{}?session_id={{CHECKOUT_SESSION_ID}}", links.order(order.id)),
        cancel_url: format!("{}?cancelled=1", links.order(order.id)),
    }
}
