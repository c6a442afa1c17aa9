//! The port to wherever the catalogue is kept.

use std::future::Future;

use kernel::{Id, StoreError, entity};

use crate::{
    coupon::{Coupon, CouponCode},
    product::{Price, Product},
};

/// Reads and writes the catalogue inside the caller's transaction. `testing::store_conforms` says what each
/// implementation must do.
///
/// Products come with the prices on sale, shortest cycle first; lists of products are ordered by position, then code.
pub trait CatalogStore {
    /// The products on sale.
    fn active_products(&mut self) -> impl Future<Output = Result<Vec<Product>, StoreError>> + Send;

    /// All products, retired ones too.
    fn all_products(&mut self) -> impl Future<Output = Result<Vec<Product>, StoreError>> + Send;

    /// The product with this code, if it is on sale.
    fn active_product(&mut self, code: &str) -> impl Future<Output = Result<Option<Product>, StoreError>> + Send;

    /// The coupon with this code, active or not.
    fn coupon(&mut self, code: &CouponCode) -> impl Future<Output = Result<Option<Coupon>, StoreError>> + Send;

    /// All coupons, inactive ones too, by code.
    fn all_coupons(&mut self) -> impl Future<Output = Result<Vec<Coupon>, StoreError>> + Send;

    /// Keeps others from changing the catalogue until the transaction ends. Asking again inside it does nothing.
    fn lock_catalog(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Inserts the product or overwrites the one with its id: everything but `prices`, which have their own calls.
    fn save_product(&mut self, product: &Product) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Inserts the price, or overwrites the one with its id and puts it on sale. A second price on sale for the same
    /// product and cycle is an error.
    fn save_price(
        &mut self,
        product: Id<entity::Product>,
        price: &Price,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the product off sale; it and its prices stay on record.
    fn retire_product(&mut self, id: Id<entity::Product>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the price off sale; its row stays, because orders point at what they bought.
    fn retire_price(&mut self, id: Id<entity::Price>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Inserts the coupon or overwrites the one with its code.
    fn save_coupon(&mut self, coupon: &Coupon) -> impl Future<Output = Result<(), StoreError>> + Send;
}
