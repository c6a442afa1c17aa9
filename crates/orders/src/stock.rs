//! How many of a product can still be had, where there is an end to it.
//!
//! Taken is what runs or is being made (its services that were begun and are not terminated) and what was ordered and may
//! become one: orders that wait for their payment, for their delivery or for a person. An order gives its place back when it
//! expires, is cancelled or refunded. A payment that comes after that is honoured all the same: the money is there, and one
//! more than planned is a smaller trouble than a customer who paid for nothing.

use std::{collections::BTreeMap, future::Future};

use catalog::Product;
use kernel::{Id, Slug, StoreError, Timestamp, entity};

use crate::{Place, RoomSeen};

/// A stock and what is taken of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// How many there are in all.
    pub total: u32,
    /// How many are taken; counted no further than one more than there are.
    pub taken: u32,
}

impl Stock {
    /// How many can still be had.
    pub const fn left(self) -> u32 {
        self.total.saturating_sub(self.taken)
    }

    /// Whether more are taken than there are.
    pub const fn is_oversold(self) -> bool {
        self.taken > self.total
    }
}

/// What is taken of each stock, inside the caller's transaction. `testing::stock_conforms` says what each implementation
/// must do.
pub trait StockStore {
    /// Keeps others from taking one of this product until the transaction ends.
    fn lock_stock(&mut self, product: Id<entity::Product>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The stocks of these products; of those without a stock there is nothing.
    fn stocks(
        &mut self,
        products: &[Id<entity::Product>],
    ) -> impl Future<Output = Result<BTreeMap<Id<entity::Product>, Stock>, StoreError>> + Send;

    /// How many are promised there and not made: orders that wait for their payment or their delivery, of which nothing stands
    /// at the provider.
    fn promised(&mut self, place: &Place) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// What was said of this place last.
    fn room_seen(&mut self, place: &Place) -> impl Future<Output = Result<Option<RoomSeen>, StoreError>> + Send;

    /// Everything that was said of these products' places last.
    fn rooms_of(
        &mut self,
        products: &[Id<entity::Product>],
    ) -> impl Future<Output = Result<Vec<RoomSeen>, StoreError>> + Send;

    /// Keeps what was said, in place of what was said before.
    fn save_room(&mut self, seen: &RoomSeen) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A product's stock; `None` when there is no end to it. Asks nothing of the store then.
///
/// # Errors
/// The store's.
pub async fn stock_of<S: StockStore>(store: &mut S, product: &Product) -> Result<Option<Stock>, StoreError> {
    if product.stock.is_none() {
        return Ok(None);
    }
    Ok(store.stocks(&[product.id]).await?.remove(&product.id))
}

/// How many can still be had of each of these to which there is an end: a stock, or no room at the provider any more.
///
/// # Errors
/// The store's.
pub async fn left_of<S: StockStore>(
    store: &mut S,
    products: &[Product],
    now: Timestamp,
) -> Result<BTreeMap<Id<entity::Product>, u32>, StoreError> {
    let ending: Vec<_> = products.iter().filter(|product| product.stock.is_some()).map(|product| product.id).collect();
    let stocks = store.stocks(&ending).await?;
    let mut left: BTreeMap<_, _> = stocks.into_iter().map(|(id, stock)| (id, stock.left())).collect();
    let all: Vec<_> = products.iter().map(|product| product.id).collect();
    let seen = store.rooms_of(&all).await?;
    left.extend(products.iter().filter(|product| is_full(product, &seen, now)).map(|product| (product.id, 0)));
    Ok(left)
}

/// Whether there is no room for it in any of its regions.
pub fn is_full(product: &Product, seen: &[RoomSeen], now: Timestamp) -> bool {
    let full = |region: Option<&Slug>| {
        let here = |room: &&RoomSeen| room.place.product == product.id && room.place.region.as_ref() == region;
        seen.iter().find(here).is_some_and(|room| room.is_full(now))
    };
    if product.regions.is_empty() {
        return full(None);
    }
    product.regions.iter().all(|region| full(Some(&region.code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_what_is_oversold() {
        let stock = |total, taken| Stock { total, taken };
        assert_eq!((stock(3, 1).left(), stock(3, 3).left(), stock(3, 4).left()), (2, 0, 0));
        assert_eq!((stock(1, 1).is_oversold(), stock(0, 1).is_oversold()), (false, true));
    }
}
