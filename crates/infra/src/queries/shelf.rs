//! What is sold, with how much of it runs, and coupons with how often they were used.

use std::collections::BTreeMap;

use ::catalog::{CatalogStore, Coupon, Product};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use kernel::{StoreError, Transact};

use crate::db::{Db, PgTx, Statement};

/// A service that was ended, or never came to be, is none.
const SERVICES: &str = "\
    SELECT plan_code AS word, count(*) AS count FROM services \
    WHERE status NOT IN ('failed_setup', 'terminated', 'terminating') GROUP BY plan_code";

const USES: &str = "\
    SELECT coupon_code AS word, count(*) AS count, count(*) FILTER (WHERE status NOT IN ('pending', 'expired', 'cancelled')) AS paid \
    FROM orders WHERE coupon_code IS NOT NULL GROUP BY coupon_code";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct UseCount {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    paid: i64,
}

/// A product, and how many services of it there are.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductLine {
    /// The product.
    pub product: Product,
    /// Services that are on their way, run or are suspended.
    pub services: i64,
}

/// A coupon, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CouponLine {
    /// The coupon.
    pub coupon: Coupon,
    /// Orders that were placed with it.
    pub placed: i64,
    /// Those of them that were paid.
    pub paid: i64,
}

/// Every product, retired ones too, in the order of lists.
///
/// # Errors
/// The store's.
pub async fn products_list(db: &Db) -> Result<Vec<ProductLine>, StoreError> {
    let work = async |tx: &mut PgTx| {
        let counts: Vec<Count> = tx.load("services by plan", Statement::new(SERVICES)).await?;
        let counts: BTreeMap<String, i64> = counts.into_iter().map(|row| (row.word, row.count)).collect();
        let services = |product: &Product| counts.get(product.code.as_str()).copied().unwrap_or_default();
        let products = tx.all_products().await?;
        Ok(products.into_iter().map(|product| ProductLine { services: services(&product), product }).collect())
    };
    db.transaction(work).await
}

/// Every coupon, ended ones too, by code.
///
/// # Errors
/// The store's.
pub async fn coupons_list(db: &Db) -> Result<Vec<CouponLine>, StoreError> {
    let work = async |tx: &mut PgTx| {
        let uses: Vec<UseCount> = tx.load("uses of coupons", Statement::new(USES)).await?;
        let uses: BTreeMap<String, (i64, i64)> =
            uses.into_iter().map(|row| (row.word, (row.count, row.paid))).collect();
        let line = |coupon: Coupon| {
            let (placed, paid) = uses.get(coupon.code.as_str()).copied().unwrap_or_default();
            CouponLine { coupon, placed, paid }
        };
        Ok(tx.all_coupons().await?.into_iter().map(line).collect())
    };
    db.transaction(work).await
}
