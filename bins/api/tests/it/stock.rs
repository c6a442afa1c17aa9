//! The last one over HTTP: counted, sold once, refused before any payment.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::shop::{Shop, guest_order};

const PATH: &str = "/api/checkout/create-session";

async fn limit(shop: &Shop, stock: i32) {
    let sql = shop.database.sql().await;
    sql.execute("UPDATE products SET stock = $1 WHERE code = 'starter'", &[&stock]).await.unwrap();
}

async fn available(shop: &Shop, plan: &str) -> Value {
    let plans = shop.get("/api/plans").await.json();
    plans["plans"].as_array().unwrap().iter().find(|one| one["id"] == plan).unwrap()["available"].clone()
}

fn order_of(number: usize) -> Value {
    let mut order = guest_order();
    order["customer"]["email"] = json!(format!("guest-{number}@example.com"));
    order
}

#[actix_web::test]
async fn what_is_left_is_listed_and_what_is_not_left_is_refused() {
    let shop = Shop::open().await;
    assert_eq!(available(&shop, "starter").await, Value::Null);
    limit(&shop, 2).await;
    assert_eq!(available(&shop, "starter").await, 2);
    for _ in 0..2 {
        assert_eq!(shop.post(PATH, &guest_order()).await.status, 200);
    }
    assert_eq!((available(&shop, "starter").await, available(&shop, "premium").await), (json!(0), Value::Null));
    let refused = shop.post(PATH, &guest_order()).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(
        refused.json(),
        json!({ "error": "Starter is sold out; nothing was ordered and nothing was charged", "code": "sold-out" })
    );
    assert_eq!((shop.count("orders").await, shop.stripe_sessions().await.len()), (2, 2));
    shop.close().await;
}

#[actix_web::test]
async fn of_twelve_buyers_at_once_three_get_the_last_three() {
    let shop = Shop::open().await;
    limit(&shop, 3).await;
    let orders: Vec<Value> = (0..12).map(order_of).collect();
    let answers = join_all(orders.iter().map(|order| shop.post(PATH, order))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 409, 409, 409, 409, 409, 409, 409, 409, 409], "{answers:?}");
    assert_eq!((shop.count("orders").await, shop.stripe_sessions().await.len()), (3, 3));
    shop.close().await;
}
