//! The catalogue: products, prices, coupons.

use std::collections::HashMap;

use catalog::{
    CatalogStore, Coupon, CouponCode, CouponDuration, Discount, Feature, Price, Product, ProductStatus, Region,
};
use diesel::{prelude::*, sql_types::Timestamptz};
use kernel::{Id, Percent, StoreError, Timestamp, entity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Place, to_json};
use crate::{
    db::{PgTx, Statement},
    schema::{coupons, prices, products},
};

/// The advisory lock of whoever changes the catalogue.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4850417100000002)";

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ProductRow {
    id: Uuid,
    code: String,
    name: String,
    description: String,
    kind: String,
    provider: String,
    settings: Value,
    regions: Value,
    highlights: Value,
    features: Value,
    stock: Option<i32>,
    status: String,
    position: i32,
}

/// A region inside the JSON column.
#[derive(Serialize, Deserialize)]
struct RegionEntry {
    code: String,
    name: String,
}

/// A feature inside the JSON column.
#[derive(Serialize, Deserialize)]
struct FeatureEntry {
    name: String,
    value: String,
}

impl ProductRow {
    fn new(product: &Product) -> Result<Self, StoreError> {
        let entry = |region: &Region| RegionEntry { code: region.code.to_string(), name: region.name.clone() };
        let regions: Vec<RegionEntry> = product.regions.iter().map(entry).collect();
        let entry = |feature: &Feature| FeatureEntry { name: feature.name.clone(), value: feature.value.clone() };
        let features: Vec<FeatureEntry> = product.features.iter().map(entry).collect();
        let stock = product.stock.map(i32::try_from).transpose();
        Ok(Self {
            id: product.id.uuid(),
            code: product.code.to_string(),
            name: product.name.clone(),
            description: product.description.clone(),
            kind: product.kind.as_str().to_owned(),
            provider: product.provider.to_string(),
            settings: product.settings.clone(),
            regions: to_json("a product's regions", &regions)?,
            highlights: to_json("a product's highlights", &product.highlights)?,
            features: to_json("a product's features", &features)?,
            stock: stock.map_err(|_| StoreError::bug("a stock out of range"))?,
            status: product.status.as_str().to_owned(),
            position: product.position,
        })
    }

    fn into_product(self, prices: Vec<Price>) -> Result<Product, StoreError> {
        let place = Place::new("products", self.id);
        let region = |entry: RegionEntry| Ok(Region { code: place.parse("regions", &entry.code)?, name: entry.name });
        let regions: Vec<RegionEntry> = place.json("regions", self.regions)?;
        let feature = |entry: FeatureEntry| Feature { name: entry.name, value: entry.value };
        let features: Vec<FeatureEntry> = place.json("features", self.features)?;
        Ok(Product {
            id: Id::from_uuid(self.id),
            code: place.parse("code", &self.code)?,
            name: self.name,
            description: self.description,
            kind: place.parse("kind", &self.kind)?,
            provider: place.parse("provider", &self.provider)?,
            settings: self.settings,
            regions: regions.into_iter().map(region).collect::<Result<_, StoreError>>()?,
            highlights: place.json("highlights", self.highlights)?,
            features: features.into_iter().map(feature).collect(),
            stock: self.stock.map(|stock| place.number("stock", stock)).transpose()?,
            status: place.parse("status", &self.status)?,
            prices,
            position: self.position,
        })
    }
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = prices, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct PriceRow {
    id: Uuid,
    product_id: Uuid,
    billing_cycle: String,
    amount: i64,
    currency: String,
    trial_days: i32,
    active: bool,
    retired_at: Option<Timestamp>,
}

impl TryFrom<PriceRow> for Price {
    type Error = StoreError;

    fn try_from(row: PriceRow) -> Result<Self, StoreError> {
        let place = Place::new("prices", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            cycle: place.parse("billing_cycle", &row.billing_cycle)?,
            amount: place.money(row.amount, &row.currency)?,
            trial_days: place.number("trial_days", row.trial_days)?,
        })
    }
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = coupons, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct CouponRow {
    code: String,
    percent_bp: Option<i32>,
    amount_off: Option<i64>,
    currency: Option<String>,
    duration: String,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    products: Vec<String>,
    active: bool,
}

impl CouponRow {
    fn new(coupon: &Coupon) -> Result<Self, StoreError> {
        let (percent_bp, amount_off, currency) = match coupon.discount {
            Discount::Percent(percent) => {
                let points = i32::try_from(percent.basis_points());
                (Some(points.map_err(|_| StoreError::bug("a percentage out of range"))?), None, None)
            }
            Discount::Amount(amount) => (None, Some(amount.minor()), Some(amount.currency().code().to_owned())),
        };
        Ok(Self {
            code: coupon.code.as_str().to_owned(),
            percent_bp,
            amount_off,
            currency,
            duration: coupon.duration.as_str().to_owned(),
            valid_from: coupon.valid_from,
            valid_until: coupon.valid_until,
            products: coupon.products.iter().map(ToString::to_string).collect(),
            active: coupon.active,
        })
    }
}

impl TryFrom<CouponRow> for Coupon {
    type Error = StoreError;

    fn try_from(row: CouponRow) -> Result<Self, StoreError> {
        let impossible = |column: &str| crate::db::impossible("coupons", &row.code, column);
        let discount = match (row.percent_bp, row.amount_off, &row.currency) {
            (Some(points), None, None) => {
                let points = u32::try_from(points).ok().and_then(|points| Percent::from_basis_points(points).ok());
                Discount::Percent(points.ok_or_else(|| impossible("percent_bp"))?)
            }
            (None, Some(minor), Some(currency)) => {
                let currency = currency.parse().map_err(|_| impossible("currency"))?;
                Discount::Amount(kernel::Money::new(minor, currency))
            }
            _ => return Err(impossible("discount")),
        };
        let products = row.products.iter().map(|code| code.parse().map_err(|_| impossible("products")));
        Ok(Self {
            code: row.code.parse::<CouponCode>().map_err(|_| impossible("code"))?,
            discount,
            duration: row.duration.parse::<CouponDuration>().map_err(|_| impossible("duration"))?,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            products: products.collect::<Result<_, StoreError>>()?,
            active: row.active,
        })
    }
}

impl PgTx {
    async fn with_prices(&mut self, rows: Vec<ProductRow>) -> Result<Vec<Product>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let on_sale = prices::table.filter(prices::product_id.eq_any(ids)).filter(prices::active);
        let found: Vec<PriceRow> = self.load("prices on sale", on_sale.select(PriceRow::as_select())).await?;
        let mut by_product: HashMap<Uuid, Vec<Price>> = HashMap::new();
        for row in found {
            by_product.entry(row.product_id).or_default().push(Price::try_from(row)?);
        }
        let complete = |row: ProductRow| {
            let mut prices = by_product.remove(&row.id).unwrap_or_default();
            prices.sort_by_key(|price| price.cycle);
            row.into_product(prices)
        };
        rows.into_iter().map(complete).collect()
    }
}

impl CatalogStore for PgTx {
    async fn active_products(&mut self) -> Result<Vec<Product>, StoreError> {
        let on_sale = products::table.filter(products::status.eq(ProductStatus::Active.to_string()));
        let query = on_sale.order((products::position, products::code)).select(ProductRow::as_select());
        let rows = self.load("products on sale", query).await?;
        self.with_prices(rows).await
    }

    async fn all_products(&mut self) -> Result<Vec<Product>, StoreError> {
        let query = products::table.order((products::position, products::code)).select(ProductRow::as_select());
        let rows = self.load("all products", query).await?;
        self.with_prices(rows).await
    }

    async fn active_product(&mut self, code: &str) -> Result<Option<Product>, StoreError> {
        let on_sale = products::table.filter(products::status.eq(ProductStatus::Active.to_string()));
        let query = on_sale.filter(products::code.eq(code.to_owned())).select(ProductRow::as_select());
        let rows = self.load("a product on sale", query).await?;
        Ok(self.with_prices(rows).await?.pop())
    }

    async fn coupon(&mut self, code: &CouponCode) -> Result<Option<Coupon>, StoreError> {
        let query = coupons::table.filter(coupons::code.eq(code.as_str().to_owned())).select(CouponRow::as_select());
        self.first("a coupon", query).await?.map(Coupon::try_from).transpose()
    }

    async fn all_coupons(&mut self) -> Result<Vec<Coupon>, StoreError> {
        let query = coupons::table.order(coupons::code).select(CouponRow::as_select());
        self.load("all coupons", query).await?.into_iter().map(Coupon::try_from).collect()
    }

    async fn lock_catalog(&mut self) -> Result<(), StoreError> {
        self.execute("lock the catalogue", Statement::new(LOCK)).await.map(|_| ())
    }

    async fn save_product(&mut self, product: &Product) -> Result<(), StoreError> {
        let row = ProductRow::new(product)?;
        let insert = diesel::insert_into(products::table).values(&row).on_conflict(products::id);
        let changes = (&row, products::updated_at.eq(diesel::dsl::now));
        self.execute_one("save a product", insert.do_update().set(changes)).await
    }

    async fn save_price(&mut self, product: Id<entity::Product>, price: &Price) -> Result<(), StoreError> {
        let row = PriceRow {
            id: price.id.uuid(),
            product_id: product.uuid(),
            billing_cycle: price.cycle.as_str().to_owned(),
            amount: price.amount.minor(),
            currency: price.amount.currency().code().to_owned(),
            trial_days: i32::from(price.trial_days),
            active: true,
            retired_at: None,
        };
        let insert = diesel::insert_into(prices::table).values(&row).on_conflict(prices::id);
        self.execute_one("save a price", insert.do_update().set(&row)).await
    }

    async fn retire_product(&mut self, id: Id<entity::Product>) -> Result<(), StoreError> {
        let changes = (products::status.eq(ProductStatus::Retired.as_str()), products::updated_at.eq(diesel::dsl::now));
        let update = diesel::update(products::table.find(id.uuid())).set(changes);
        self.execute_one("retire a product", update).await
    }

    async fn retire_price(&mut self, id: Id<entity::Price>) -> Result<(), StoreError> {
        let changes =
            (prices::active.eq(false), prices::retired_at.eq(diesel::dsl::now.into_sql::<Timestamptz>().nullable()));
        let update = diesel::update(prices::table.find(id.uuid())).set(changes);
        self.execute_one("retire a price", update).await
    }

    async fn save_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError> {
        let row = CouponRow::new(coupon)?;
        let insert = diesel::insert_into(coupons::table).values(&row).on_conflict(coupons::code);
        let changes = (&row, coupons::updated_at.eq(diesel::dsl::now));
        self.execute_one("save a coupon", insert.do_update().set(changes)).await
    }
}
