//! What is taken of each stock.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Text, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, entity};
use orders::{Stock, StockStore};
use uuid::Uuid;

use crate::db::{PgTx, Statement};

/// A lock of its own and not the product's row: that one is read by every order's foreign key, and only the operator may
/// change it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('stock ' || $1, 0))";

/// Reads no more rows than one more than there are: those of `services_begun` first, then those of `orders_holding` whose
/// service is not among them.
pub const STOCKS: &str = "\
    SELECT p.id, p.stock, count(held.one) AS taken FROM products p LEFT JOIN LATERAL ( \
        SELECT 1 AS one FROM ( \
            SELECT 1 FROM services s \
            WHERE s.plan_code = p.code AND s.status NOT IN ('pending', 'failed_setup', 'terminated') \
            UNION ALL \
            SELECT 1 FROM orders o \
            WHERE o.product_id = p.id \
                AND o.status IN ('pending', 'paid', 'provisioning', 'needs_attention', 'refund_pending') \
                AND NOT EXISTS (SELECT FROM services s WHERE s.order_id = o.id \
                    AND s.status NOT IN ('pending', 'failed_setup', 'terminated')) \
        ) every_one LIMIT p.stock + 1 \
    ) held ON true \
    WHERE p.id = ANY($1) AND p.stock IS NOT NULL GROUP BY p.id, p.stock";

#[derive(QueryableByName)]
struct StockRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    stock: i32,
    #[diesel(sql_type = BigInt)]
    taken: i64,
}

impl StockStore for PgTx {
    async fn lock_stock(&mut self, product: Id<entity::Product>) -> Result<(), StoreError> {
        let lock = Statement::new(LOCK).bind::<Text, _>(product.uuid().to_string());
        self.execute("lock a stock", lock).await.map(|_| ())
    }

    async fn stocks(
        &mut self,
        products: &[Id<entity::Product>],
    ) -> Result<BTreeMap<Id<entity::Product>, Stock>, StoreError> {
        if products.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<Uuid> = products.iter().map(|id| id.uuid()).collect();
        let query = Statement::new(STOCKS).bind::<Array<SqlUuid>, _>(ids);
        let rows: Vec<StockRow> = self.load("stocks", query).await?;
        let whole = |row: StockRow| {
            let impossible = |_| StoreError::bug(format!("product {} has an impossible stock", row.id));
            let total = u32::try_from(row.stock).map_err(impossible)?;
            let taken = u32::try_from(row.taken).map_err(impossible)?;
            Ok((Id::from_uuid(row.id), Stock { total, taken }))
        };
        rows.into_iter().map(whole).collect()
    }
}
