//! Customers in a list, and the mails of one.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp, Transact, entity};
use notify::Mail;
use uuid::Uuid;

use crate::db::{Db, Statement};

/// Orders of those who are shown alone are counted.
const COLUMNS: &str = "\
    SELECT c.id, c.name, c.email, c.created_at, o.orders, o.last_order \
    FROM (SELECT * FROM customers WHERE {which} LIMIT $2) c, \
        LATERAL (SELECT count(*) AS orders, max(created_at) AS last_order FROM orders WHERE customer_id = c.id) o \
    ORDER BY {order}";

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct CustomerLine {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// What they are called.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Their address.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// When they came.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
    /// Orders, whatever became of them.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    /// The latest of them.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_order: Option<Timestamp>,
}

impl CustomerLine {
    /// Their id.
    pub const fn id(&self) -> Id<entity::Customer> {
        Id::from_uuid(self.id)
    }
}

/// Which customers, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerFilter {
    /// The newest first, older than this one.
    Newest(Option<Id<entity::Customer>>),
    /// By address, after this one, those that begin with this text.
    ByAddress {
        /// The last of the page before.
        after: String,
        /// The address's beginning; empty for all.
        begins: String,
    },
}

/// A page of customers.
///
/// # Errors
/// The store's.
pub async fn customers_list(db: &Db, filter: &CustomerFilter, limit: i64) -> Result<Vec<CustomerLine>, StoreError> {
    let composed = |which: &str, order: &str| {
        Statement::composed(
            COLUMNS.replace("{which}", &format!("{which} ORDER BY {order}")).replace("{order}", &format!("c.{order}")),
        )
    };
    let statement = match filter {
        CustomerFilter::Newest(before) => composed("($1::uuid IS NULL OR id < $1)", "id DESC")
            .bind::<Nullable<SqlUuid>, _>(before.map(Id::uuid))
            .bind::<BigInt, _>(limit),
        CustomerFilter::ByAddress { after, begins } => composed("email > $1 AND email LIKE $3", "email")
            .bind::<Text, _>(after.clone())
            .bind::<BigInt, _>(limit)
            .bind::<Text, _>(super::search::pattern(begins)),
    };
    db.load("a list of customers", statement).await
}

/// The latest mails to a customer or about their orders, the newest first.
///
/// # Errors
/// The store's.
pub async fn mails_of_customer(
    db: &Db,
    (customer, email): (Id<entity::Customer>, &str),
    limit: i64,
) -> Result<Vec<Mail>, StoreError> {
    db.transaction(async |tx| tx.mails_to((customer, email), limit).await).await
}
