//! A checkout session as the web-hosting shop's clients know it.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, entity};
use uuid::Uuid;

use crate::db::{Db, Statement};

/// A checkout session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSessionView {
    /// The payment attempt behind it.
    pub id: Id<entity::Payment>,
    /// The order.
    pub order_id: Id<entity::Order>,
    /// Stripe's id.
    pub stripe_session_id: String,
    /// Whose, once that is known.
    pub customer: Option<Id<entity::Customer>>,
    /// Who.
    pub email: String,
    /// The plan's code.
    pub product_code: String,
    /// The billing cycle's word.
    pub billing_cycle: String,
    /// What is charged at once, in minor units.
    pub amount: i64,
    /// Their currency.
    pub currency: String,
    /// `created`, `completed` or `expired`.
    pub status: String,
    /// The order's state.
    pub order_status: String,
}

const BY_STRIPE_ID: &str = "\
    SELECT s.id, s.order_id, s.stripe_session_id, s.email, s.product_code, s.billing_cycle, s.amount, s.currency, \
        s.status, o.status AS order_status, o.customer_id \
    FROM checkout_sessions s JOIN orders o ON o.id = s.order_id WHERE s.stripe_session_id = $1";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    customer_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    stripe_session_id: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    product_code: String,
    #[diesel(sql_type = Text)]
    billing_cycle: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    order_status: String,
}

impl From<Row> for CheckoutSessionView {
    fn from(row: Row) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            order_id: Id::from_uuid(row.order_id),
            customer: row.customer_id.map(Id::from_uuid),
            stripe_session_id: row.stripe_session_id,
            email: row.email,
            product_code: row.product_code,
            billing_cycle: row.billing_cycle,
            amount: row.amount,
            currency: row.currency,
            status: row.status,
            order_status: row.order_status,
        }
    }
}

/// The session with this Stripe id, if it is one of ours.
pub async fn checkout_session(db: &Db, stripe_id: &str) -> Result<Option<CheckoutSessionView>, StoreError> {
    let statement = Statement::new(BY_STRIPE_ID).bind::<Text, _>(stripe_id.to_owned());
    let rows: Vec<Row> = db.load("a checkout session", statement).await?;
    Ok(rows.into_iter().next().map(CheckoutSessionView::from))
}
