//! What is held on a person is handed out whole, and erased whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::shop::{SECRET, Shop, guest_order, now, signature};

/// Words that say who somebody is. They stand nowhere else.
const CANARIES: [&str; 4] = ["quetzal", "Zaphenath", "203.0.113.77", "xylophonist"];

/// Where one of the words still stands: every column of every table, as text.
async fn found(shop: &Shop) -> BTreeSet<String> {
    let sql = shop.database.sql().await;
    let columns = "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped";
    let mut found = BTreeSet::new();
    for row in sql.query(columns, &[]).await.unwrap() {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let text =
            if kind == "bytea" { format!("encode(\"{column}\", 'escape')") } else { format!("\"{column}\"::text") };
        for word in CANARIES {
            let count = format!("SELECT count(*) FROM \"{table}\" WHERE {text} ILIKE '%{word}%'");
            if sql.query_one(&count, &[]).await.unwrap().get::<_, i64>(0) > 0 {
                found.insert(format!("{table}.{column}"));
            }
        }
    }
    found
}

/// A customer who ordered and did not pay, with everything that leaves traces.
async fn a_life(shop: &Shop) -> String {
    let who = json!({ "email": "quetzal@example.com", "password": "correct horse", "name": "Zaphenath Paneah" });
    let token = shop.post("/api/auth/register", &who).await.json()["token"].as_str().unwrap().to_owned();
    let mut order = guest_order();
    order["domain"]["value"] = json!("xylophonist");
    let made = shop.post_as(&token, "/api/checkout/create-session", &order).await.json();
    let session = made["sessionId"].as_str().unwrap();
    let event = json!({
        "id": "evt_of_a_life", "object": "event", "type": "checkout.session.expired", "created": now(), "livemode": false,
        "api_version": "2025-01-01", "data": { "object": { "id": session, "customer_details": { "email": "quetzal@example.com" } } },
    });
    let header = signature(&event.to_string(), SECRET, now());
    let answer = shop
        .send(
            reqwest::Method::POST,
            "/api/webhooks/stripe",
            &[("stripe-signature", &header)],
            event.to_string().into_bytes(),
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let order = made["orderId"].as_str().unwrap().trim_start_matches("ord_");
    let sql = shop.database.sql().await;
    let more = format!(
        "UPDATE orders SET status = 'expired' WHERE id = '{order}';
         UPDATE stripe_events_log SET order_id = '{order}';
         UPDATE sessions SET ip = '203.0.113.77';
         INSERT INTO email_log (id, to_email, to_name, template, department, context, order_id, status, queued_at)
             VALUES (gen_random_uuid(), 'quetzal@example.com', 'Zaphenath', 'order_confirmation', 'sales', '{{\"name\": \"Zaphenath\"}}', '{order}', 'failed', now());
         INSERT INTO account_requests (id, purpose, email, created_at, expires_at) VALUES (gen_random_uuid(), 'reset-password', 'quetzal@example.com', now(), now());
         INSERT INTO cases (id, kind, subject, order_id, reason, next_step, opened_at, last_seen_at, times)
             VALUES (gen_random_uuid(), 'no-capacity', 'x', '{order}', 'no room for quetzal@example.com', 'write to Zaphenath', now(), now(), 1);"
    );
    sql.batch_execute(&more).await.unwrap();
    token
}

#[actix_web::test]
async fn after_erasure_no_table_says_who_it_was_and_the_money_is_still_there() {
    let shop = Shop::open().await;
    let token = a_life(&shop).await;
    assert!(found(&shop).await.len() >= 8, "{:?}", found(&shop).await);
    let held = shop.get_as(&token, "/api/auth/export").await;
    assert_eq!(held.status, 200, "{held:?}");
    for word in CANARIES {
        assert!(held.text.contains(word), "{word} is handed out");
    }
    for secret in ["password_hash", "token_hash", "$2b$"] {
        assert!(!held.text.contains(secret), "{secret} is not");
    }
    assert_eq!(held.json()["orders"].as_array().unwrap().len(), 1);

    let amounts = "SELECT sum(total_amount)::bigint FROM orders";
    let before: i64 = shop.sql(amounts).await;
    let erased = shop.post_as(&token, "/api/auth/erase", &json!({})).await;
    assert_eq!(erased.status, 200, "{erased:?}");
    assert_eq!(found(&shop).await, BTreeSet::new());
    assert_eq!((shop.sql::<i64>(amounts).await, shop.count("payments").await), (before, 1));
    assert_eq!(shop.get_as(&token, "/api/auth/me").await.status, 401);
    shop.register("quetzal@example.com").await;
    assert_eq!(shop.count("audit_log WHERE act IN ('person-exported', 'person-erased')").await, 2);
    shop.close().await;
}

#[actix_web::test]
async fn nobody_is_erased_while_something_is_promised_to_them() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    shop.post_as(&token, "/api/checkout/create-session", &guest_order()).await;
    let refused = shop.post_as(&token, "/api/auth/erase", &json!({})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("not-over")), "{refused:?}");
    assert!(refused.json()["detail"].as_str().unwrap().contains("is pending"), "{refused:?}");
    assert_eq!(shop.sql::<String>("SELECT email FROM users").await, "ada@example.com");
    let old = "UPDATE sessions SET proven_at = now() - interval '11 minutes'";
    shop.database.sql().await.execute(old, &[]).await.unwrap();
    let stale: Value = shop.get_as(&token, "/api/auth/export").await.json();
    assert_eq!(stale["code"], "proof-required");
    shop.close().await;
}

/// Whoever adds a table says what it holds on people.
#[actix_web::test]
async fn every_table_says_what_it_holds_on_people() {
    let shop = Shop::open().await;
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \
         AND NOT relispartition AND relname <> '__diesel_schema_migrations'";
    let rows = shop.database.sql().await.query(tables, &[]).await.unwrap();
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let said = infra::HELD.iter().map(|held| held.table).chain(infra::NOTHING.iter().copied()).map(str::to_owned);
    assert_eq!(said.collect::<BTreeSet<_>>(), there);
    shop.close().await;
}
