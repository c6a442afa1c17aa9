//! One box for everything: whatever somebody of the shop has in hand leads to its orders.

use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Nullable, Text, Uuid as SqlUuid},
};
use kernel::{StoreError, Transact};
use uuid::Uuid;

use super::orders::{OrderLineView, Row};
use crate::{
    db::{Db, PgTx, Statement},
    schema::orders,
};

/// Orders that one search shows.
pub const SEARCH_SHOWS: i64 = 25;

/// Every way is an index. `$1` is the text, `$2` the id in it, `$3` a pattern of the address's beginning. Which ways are gone
/// depends on what the text looks like: planning a way that leads nowhere takes longer than going it.
const BY_ID: &str = "SELECT id FROM orders WHERE id = $2 OR customer_id = $2 \
    UNION ALL SELECT order_id FROM services WHERE id = $2 \
    UNION ALL SELECT order_id FROM payments WHERE id = $2 \
    UNION ALL SELECT order_id FROM subscriptions WHERE id = $2 \
    UNION ALL SELECT order_id FROM email_log WHERE id = $2 \
    UNION ALL SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.user_id = $2";
const BY_GATEWAYS_ID: &str = "SELECT order_id FROM payments WHERE stripe_session_id = $1 \
    UNION ALL SELECT order_id FROM payments WHERE stripe_payment_intent_id = $1 \
    UNION ALL SELECT order_id FROM payments WHERE stripe_invoice_id = $1 \
    UNION ALL SELECT order_id FROM order_sessions WHERE stripe_session_id = $1 \
    UNION ALL SELECT order_id FROM subscriptions WHERE stripe_subscription_id = $1 \
    UNION ALL SELECT order_id FROM stripe_events_log WHERE id = $1 \
    UNION ALL SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.stripe_customer_id = $1";
const BY_DOMAIN: &str =
    "SELECT s.order_id FROM services s JOIN websites w ON w.service_id = s.id WHERE w.domain = lower($1)";
const BY_SERVER: &str = "SELECT id FROM orders WHERE remote_identifier = $1 OR remote_id = $1";
const BY_ADDRESS: &str = "SELECT id FROM \
    (SELECT id FROM orders WHERE email LIKE $3 ORDER BY email, id DESC LIMIT 100) AS by_address";

/// The ways that a text may lead. The gateway's ids have an underscore behind their kind, as ours have.
fn ways(text: &str, id: Option<Uuid>) -> String {
    let ways = [
        (true, BY_SERVER),
        (id.is_some(), BY_ID),
        (text.contains('_') && id.is_none(), BY_GATEWAYS_ID),
        (text.contains('.'), BY_DOMAIN),
        (!beginning(text).is_empty() && id.is_none(), BY_ADDRESS),
    ];
    let gone: Vec<&str> = ways.into_iter().filter(|(leads, _)| *leads).map(|(_, way)| way).collect();
    let all = gone.join(" UNION ALL ");
    format!("SELECT DISTINCT id FROM ({all}) AS found (id) WHERE id IS NOT NULL ORDER BY id DESC LIMIT {SEARCH_SHOWS}")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The orders that a text leads to, the newest first, at most [`SEARCH_SHOWS`]: an order's, service's, payment's, mail's,
/// customer's or login's id, an address or its beginning, a domain, a server's id or short name, any of Stripe's ids.
///
/// # Errors
/// The store's.
pub async fn search(db: &Db, text: &str) -> Result<Vec<OrderLineView>, StoreError> {
    let text = text.trim();
    let id = id_in(text);
    let statement = Statement::composed(ways(text, id))
        .bind::<Text, _>(text.to_owned())
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<Text, _>(beginning(text));
    let work = async |tx: &mut PgTx| {
        let found: Vec<Found> = tx.load("a search", statement).await?;
        let ids: Vec<Uuid> = found.into_iter().map(|found| found.id).collect();
        let query = orders::table.filter(orders::id.eq_any(ids)).select(Row::as_select()).order(orders::id.desc());
        tx.load::<Row, _>("orders of a search", query).await
    };
    let rows = db.transaction(work).await?;
    rows.into_iter().map(OrderLineView::try_from).collect()
}

/// The UUID in `ord_…`, `case_…` or a plain one.
fn id_in(text: &str) -> Option<Uuid> {
    let digits = text.split_once('_').map_or(text, |(_, digits)| digits);
    Uuid::parse_str(digits).ok()
}

/// A pattern that only addresses which begin so match; too short a text matches none.
fn beginning(text: &str) -> String {
    if text.chars().count() < 3 {
        return String::new();
    }
    pattern(text)
}

/// A pattern of what begins with this text, whatever characters are in it.
pub(super) fn pattern(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_text_are_characters() {
        assert_eq!(beginning("Ada_L%"), "ada\\_l\\%%");
        assert_eq!(beginning("ad"), "", "everybody would be found");
    }

    #[test]
    fn a_text_goes_the_ways_that_it_may_lead_and_no_others() {
        let gone = |text: &str| {
            let sql = ways(text, id_in(text));
            let all = [BY_SERVER, BY_ID, BY_GATEWAYS_ID, BY_DOMAIN, BY_ADDRESS];
            all.map(|way| if sql.contains(way) { 'x' } else { '.' }).iter().collect::<String>()
        };
        assert_eq!(gone("ord_0198c0ffee0070008000000000000001"), "xx...");
        assert_eq!(gone("cs_test_1"), "x.x.x", "an address may begin so");
        assert_eq!(gone("ada@example.com"), "x..xx");
        assert_eq!(gone("ada"), "x...x");
        assert_eq!(gone("7"), "x....");
    }

    #[test]
    fn ids_are_found_behind_their_prefix_and_alone() {
        let plain = "0198c0ff-ee00-7000-8000-000000000001";
        assert!(id_in("ord_0198c0ffee0070008000000000000001").is_some());
        assert_eq!(id_in(plain), id_in("case_0198c0ffee0070008000000000000001"));
        assert_eq!(id_in("cs_test_1"), None);
    }
}
