//! What is held on people, table by table: what is handed out, and what is left after erasure.

use accounts::{Customer, PersonStore};
use diesel::{
    QueryableByName,
    sql_types::{Jsonb, Text, Uuid as SqlUuid},
};
use kernel::StoreError;
use serde_json::{Map, Value};

use crate::db::{PgTx, Statement};

mod held;

pub use held::{Erased, HELD, Held, NOTHING};

/// Every statement is about this person.
const WHO: &str = "WITH who AS (SELECT $1::uuid AS customer_id, $2::uuid AS user_id, $3::text AS email), \
    theirs AS (SELECT o.id FROM orders o, who \
        WHERE o.customer_id = who.customer_id OR (o.customer_id IS NULL AND lower(o.email) = who.email)) ";

const LOCK: &str = "SELECT 1 FROM customers WHERE id = $1 FOR UPDATE";

/// What is not over: a sentence for each.
const NOT_OVER: &str = "\
    SELECT 'the service ' || s.label || ' is not ended' AS text FROM services s, who \
        WHERE s.customer_id = who.customer_id AND s.status NOT IN ('failed_setup', 'terminated') \
    UNION ALL SELECT 'the order of ' || o.plan_name || ' is ' || replace(o.status, '_', ' ') FROM orders o \
        WHERE o.id IN (SELECT id FROM theirs) AND o.status NOT IN ('expired', 'cancelled', 'refunded', 'provisioned') \
    UNION ALL SELECT 'a subscription renews' FROM subscriptions s, who \
        WHERE s.customer_id = who.customer_id AND s.status NOT IN ('canceled', 'cancelled', 'incomplete_expired', 'ended') \
    UNION ALL SELECT 'a mail is on its way; try again in some minutes' FROM email_log m, who \
        WHERE m.status = 'queued' AND (lower(m.to_email) = who.email OR m.order_id IN (SELECT id FROM theirs)) \
    LIMIT 20";

#[derive(QueryableByName)]
struct Json {
    #[diesel(sql_type = Jsonb)]
    held: Value,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    text: String,
}

fn about(customer: &Customer, statement: &str) -> Statement {
    Statement::composed(format!("{WHO}{statement}"))
        .bind::<SqlUuid, _>(customer.id.uuid())
        .bind::<SqlUuid, _>(customer.user.uuid())
        .bind::<Text, _>(customer.email.as_str().to_owned())
}

impl PersonStore for PgTx {
    async fn export_person(&mut self, customer: &Customer) -> Result<String, StoreError> {
        let mut all = Map::new();
        for held in HELD {
            let Held { table, whose, hidden, .. } = held;
            let without = hidden.join(",");
            let select = format!(
                "SELECT coalesce(jsonb_agg(to_jsonb(t) - '{{{without}}}'::text[]), '[]'::jsonb) AS held FROM {table} t, who WHERE {whose}"
            );
            let rows: Vec<Json> = self.load("what is held on a person", about(customer, &select)).await?;
            all.insert((*table).to_owned(), rows.into_iter().next().map_or(Value::Null, |row| row.held));
        }
        Ok(Value::Object(all).to_string())
    }

    async fn not_over(&mut self, customer: &Customer) -> Result<Vec<String>, StoreError> {
        // An order that is being written now holds its customer's row: it is waited for, and seen.
        let lock = Statement::new(LOCK).bind::<SqlUuid, _>(customer.id.uuid());
        self.execute("lock a customer", lock).await?;
        let rows: Vec<Words> = self.load("what is not over for a person", about(customer, NOT_OVER)).await?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    }

    async fn erase_person(&mut self, customer: &Customer) -> Result<(), StoreError> {
        // What finds the others by the address comes before the address goes: the list ends with customers and users.
        for Held { table, whose, erased, .. } in HELD {
            let statement = match erased {
                Erased::Kept(_) => continue,
                Erased::Deleted => format!("DELETE FROM {table} t USING who WHERE {whose}"),
                Erased::Reduced(set) => format!("UPDATE {table} t SET {set} FROM who WHERE {whose}"),
            };
            self.execute("erase a person", about(customer, &statement)).await?;
        }
        Ok(())
    }
}
