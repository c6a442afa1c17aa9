//! What makes a double click one order.

use checkout::{CheckoutStore, ClientKey, KeyClaim};
use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, entity};
use uuid::Uuid;

use crate::{db::PgTx, schema::checkout_keys};

#[derive(Insertable)]
#[diesel(table_name = checkout_keys, treat_none_as_default_value = false)]
struct KeyRow<'a> {
    scope: &'a str,
    key: &'a str,
    fingerprint: &'a str,
    order_id: Uuid,
    created_at: Timestamp,
}

impl CheckoutStore for PgTx {
    async fn claim_key(
        &mut self,
        key: &ClientKey,
        order: Id<entity::Order>,
        at: Timestamp,
    ) -> Result<KeyClaim, StoreError> {
        let row = KeyRow {
            scope: &key.scope,
            key: &key.key,
            fingerprint: &key.fingerprint,
            order_id: order.uuid(),
            created_at: at,
        };
        // PostgreSQL waits here for a claim that has not ended yet.
        let insert = diesel::insert_into(checkout_keys::table).values(row).on_conflict_do_nothing();
        if self.execute("claim a checkout key", insert).await? == 1 {
            return Ok(KeyClaim::New);
        }
        let known = checkout_keys::table.find((key.scope.clone(), key.key.clone()));
        let query = known.select((checkout_keys::fingerprint, checkout_keys::order_id));
        match self.first::<(String, Uuid), _>("a checkout key", query).await? {
            Some((fingerprint, order)) if fingerprint == key.fingerprint => Ok(KeyClaim::Replay(Id::from_uuid(order))),
            Some(_) => Ok(KeyClaim::Reused),
            None => Err(StoreError::bug("a taken checkout key vanished")),
        }
    }
}
