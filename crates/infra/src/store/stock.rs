//! What is taken of each stock.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp, entity};
use orders::{Place, RoomSeen, Stock, StockStore};
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

/// Reads `orders_holding`. An order holds nothing once something of it stands at the provider, which has counted it then.
const PROMISED: &str = "\
    SELECT count(*) AS count FROM orders o \
    WHERE o.product_id = $1 AND coalesce(o.delivery->>'region', '') = $2 \
        AND o.status IN ('pending', 'paid', 'provisioning', 'needs_attention') \
        AND NOT EXISTS (SELECT FROM services s WHERE s.order_id = o.id AND s.remote_id IS NOT NULL)";

const SAVE_ROOM: &str = "\
    INSERT INTO room_seen (product_id, region, promised, fits, detail, seen_at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (product_id, region) DO UPDATE SET promised = excluded.promised, fits = excluded.fits, \
        detail = excluded.detail, seen_at = excluded.seen_at";

const ROOMS: &str =
    "SELECT product_id, region, promised, fits, detail, seen_at FROM room_seen WHERE product_id = ANY($1)";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct RoomRow {
    #[diesel(sql_type = SqlUuid)]
    product_id: Uuid,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Integer)]
    promised: i32,
    #[diesel(sql_type = Bool)]
    fits: bool,
    #[diesel(sql_type = Text)]
    detail: String,
    #[diesel(sql_type = Timestamptz)]
    seen_at: Timestamp,
}

impl RoomRow {
    fn seen(self) -> Result<RoomSeen, StoreError> {
        let impossible = || StoreError::bug(format!("the room of product {} is impossible", self.product_id));
        let region = (!self.region.is_empty()).then(|| self.region.parse()).transpose().map_err(|_| impossible())?;
        Ok(RoomSeen {
            place: Place { product: Id::from_uuid(self.product_id), region },
            promised: u32::try_from(self.promised).map_err(|_| impossible())?,
            fits: self.fits,
            detail: self.detail,
            seen_at: self.seen_at,
        })
    }
}

/// As the table has it.
fn region_of(place: &Place) -> String {
    place.region.as_ref().map(ToString::to_string).unwrap_or_default()
}

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

    async fn promised(&mut self, place: &Place) -> Result<u32, StoreError> {
        let query = Statement::new(PROMISED).bind::<SqlUuid, _>(place.product.uuid());
        let rows: Vec<Count> = self.load("promised", query.bind::<Text, _>(region_of(place))).await?;
        Ok(rows.first().map_or(0, |row| u32::try_from(row.count).unwrap_or(u32::MAX)))
    }

    async fn room_seen(&mut self, place: &Place) -> Result<Option<RoomSeen>, StoreError> {
        Ok(self.rooms_of(&[place.product]).await?.into_iter().find(|seen| seen.place == *place))
    }

    async fn rooms_of(&mut self, products: &[Id<entity::Product>]) -> Result<Vec<RoomSeen>, StoreError> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = products.iter().map(|id| id.uuid()).collect();
        let query = Statement::new(ROOMS).bind::<Array<SqlUuid>, _>(ids);
        let rows: Vec<RoomRow> = self.load("rooms", query).await?;
        rows.into_iter().map(RoomRow::seen).collect()
    }

    async fn save_room(&mut self, seen: &RoomSeen) -> Result<(), StoreError> {
        let save = Statement::new(SAVE_ROOM)
            .bind::<SqlUuid, _>(seen.place.product.uuid())
            .bind::<Text, _>(region_of(&seen.place))
            .bind::<Integer, _>(i32::try_from(seen.promised).unwrap_or(i32::MAX))
            .bind::<Bool, _>(seen.fits)
            .bind::<Text, _>(seen.detail.clone())
            .bind::<Timestamptz, _>(seen.seen_at);
        self.execute("save a room", save).await.map(|_| ())
    }
}
