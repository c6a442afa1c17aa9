//! Products, prices, coupons and quotes: what does this cost, today, with this coupon.
//!
//! The rules are pure functions ([`price_it`], [`changes`], [`file::check`]); what is on sale is read and written
//! through the port [`CatalogStore`]. Nothing here knows a database, a gateway or a provider.

mod change;
mod coupon;
mod edit;
pub mod file;
mod product;
mod quote;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;

pub use change::{ChangeSet, Step, apply, changes, coupon_changes, plan, product_changes};
pub use coupon::{Coupon, CouponCode, CouponDuration, Discount, InvalidCouponCode};
pub use edit::{
    EditProblem, NewCoupon, NewProduct, Off, ProductEdit, as_written, check_coupon, check_product, currency_of,
    minor_units, version,
};
pub use product::{Feature, Price, Product, ProductKind, ProductStatus, Region, UnknownWord};
pub use quote::{AppliedCoupon, Quote, QuoteError, QuoteRequest, price_it, quote};
pub use store::CatalogStore;
