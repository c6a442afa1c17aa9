//! The catalogue in memory. A clone is a snapshot, which is how the memory stores roll back.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use kernel::{Id, StoreError, entity};

use crate::{
    change::Step,
    coupon::{Coupon, CouponCode},
    product::{Price, Product, ProductStatus},
    store::CatalogStore,
};

/// A catalogue in memory. Clones share it until one of them writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryCatalog(Arc<Shelf>);

#[derive(Debug, Clone, Default, PartialEq)]
#[doc(hidden)]
pub struct Shelf {
    /// Without their prices.
    products: Vec<Product>,
    prices: Vec<PriceRow>,
    coupons: BTreeMap<CouponCode, Coupon>,
}

#[derive(Debug, Clone, PartialEq)]
struct PriceRow {
    product: Id<entity::Product>,
    price: Price,
    active: bool,
}

impl Deref for MemoryCatalog {
    type Target = Shelf;

    fn deref(&self) -> &Shelf {
        &self.0
    }
}

impl DerefMut for MemoryCatalog {
    fn deref_mut(&mut self) -> &mut Shelf {
        Arc::make_mut(&mut self.0)
    }
}

impl MemoryCatalog {
    /// Does one step of a change set.
    pub fn perform(&mut self, step: &Step) -> Result<(), StoreError> {
        match step {
            Step::SaveProduct(product) => self.put_product(product),
            Step::RetirePrice(id) => self.set_price_inactive(*id),
            Step::SavePrice(product, price) => self.put_price(*product, price),
            Step::RetireProduct(id) => self.set_product_retired(*id),
            Step::SaveCoupon(coupon) => {
                self.coupons.insert(coupon.code.clone(), coupon.clone());
                Ok(())
            }
        }
    }

    /// A price by its id, on sale or retired, with whether it is on sale.
    pub fn price_row(&self, id: Id<entity::Price>) -> Option<(&Price, bool)> {
        self.prices.iter().find(|row| row.price.id == id).map(|row| (&row.price, row.active))
    }

    fn put_product(&mut self, product: &Product) -> Result<(), StoreError> {
        if self.products.iter().any(|other| other.code == product.code && other.id != product.id) {
            return Err(StoreError::bug(format!("a second product with the code {}", product.code)));
        }
        self.products.retain(|other| other.id != product.id);
        self.products.push(Product { prices: Vec::new(), ..product.clone() });
        Ok(())
    }

    fn put_price(&mut self, product: Id<entity::Product>, price: &Price) -> Result<(), StoreError> {
        if !self.products.iter().any(|known| known.id == product) {
            return Err(StoreError::bug(format!("a price of {product}, which is not there")));
        }
        let taken = |row: &PriceRow| {
            row.active && row.product == product && row.price.cycle == price.cycle && row.price.id != price.id
        };
        if self.prices.iter().any(taken) {
            return Err(StoreError::bug(format!("a second {} price of {product}", price.cycle)));
        }
        self.prices.retain(|row| row.price.id != price.id);
        self.prices.push(PriceRow { product, price: price.clone(), active: true });
        Ok(())
    }

    fn set_price_inactive(&mut self, id: Id<entity::Price>) -> Result<(), StoreError> {
        let row = self.prices.iter_mut().find(|row| row.price.id == id);
        row.ok_or_else(|| StoreError::bug(format!("{id} is not there")))?.active = false;
        Ok(())
    }

    fn set_product_retired(&mut self, id: Id<entity::Product>) -> Result<(), StoreError> {
        let product = self.products.iter_mut().find(|product| product.id == id);
        product.ok_or_else(|| StoreError::bug(format!("{id} is not there")))?.status = ProductStatus::Retired;
        Ok(())
    }

    fn listed(&self) -> Vec<Product> {
        let mut products: Vec<Product> = self.products.iter().map(|product| self.with_prices(product)).collect();
        products.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
        products
    }

    fn with_prices(&self, product: &Product) -> Product {
        let rows = self.prices.iter().filter(|row| row.active && row.product == product.id);
        let mut prices: Vec<Price> = rows.map(|row| row.price.clone()).collect();
        prices.sort_by_key(|price| price.cycle);
        Product { prices, ..product.clone() }
    }
}

impl CatalogStore for MemoryCatalog {
    async fn active_products(&mut self) -> Result<Vec<Product>, StoreError> {
        Ok(self.listed().into_iter().filter(|product| product.status == ProductStatus::Active).collect())
    }

    async fn all_products(&mut self) -> Result<Vec<Product>, StoreError> {
        Ok(self.listed())
    }

    async fn active_product(&mut self, code: &str) -> Result<Option<Product>, StoreError> {
        let found = self.products.iter().find(|product| product.code.as_str() == code);
        Ok(found.filter(|product| product.status == ProductStatus::Active).map(|product| self.with_prices(product)))
    }

    async fn coupon(&mut self, code: &CouponCode) -> Result<Option<Coupon>, StoreError> {
        Ok(self.coupons.get(code).cloned())
    }

    async fn all_coupons(&mut self) -> Result<Vec<Coupon>, StoreError> {
        Ok(self.coupons.values().cloned().collect())
    }

    async fn lock_catalog(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn save_product(&mut self, product: &Product) -> Result<(), StoreError> {
        self.put_product(product)
    }

    async fn save_price(&mut self, product: Id<entity::Product>, price: &Price) -> Result<(), StoreError> {
        self.put_price(product, price)
    }

    async fn retire_product(&mut self, id: Id<entity::Product>) -> Result<(), StoreError> {
        self.set_product_retired(id)
    }

    async fn retire_price(&mut self, id: Id<entity::Price>) -> Result<(), StoreError> {
        self.set_price_inactive(id)
    }

    async fn save_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError> {
        self.perform(&Step::SaveCoupon(coupon.clone()))
    }
}
