//! `GET /api/orders/{id}`: honest, and nothing personal.

use serde_json::{Value, json};

use crate::shop::{Shop, game_order};

fn redact(order: &mut Value) {
    order["id"] = json!("[id]");
    order["createdAt"] = json!("[time]");
    for entry in order["timeline"].as_array_mut().unwrap() {
        entry["at"] = json!("[time]");
    }
}

#[actix_web::test]
async fn whoever_has_the_id_sees_how_it_stands_and_nothing_personal() {
    let shop = Shop::open().await;
    let made = shop.order().await;
    let answer = shop.get(&format!("/api/orders/{}", made["orderId"].as_str().unwrap())).await;
    assert_eq!(answer.status, 200);
    for personal in ["grace", "Grace", "Hopper", "example.com", "cs_"] {
        assert!(!answer.text.contains(personal), "{personal}: {}", answer.text);
    }
    let mut body = answer.json();
    redact(&mut body["order"]);
    insta::assert_json_snapshot!("order", body);
    shop.close().await;
}

#[actix_web::test]
async fn an_operators_reason_is_not_shown() {
    let shop = Shop::open().await;
    let made = shop.order().await;
    let raise = "WITH o AS (UPDATE orders SET status = 'needs_attention', attention_from = 'pending', \
                 attention_reason = 'INTERNAL REASON', attention_next_step = 'INTERNAL STEP' RETURNING id), \
                 t AS (INSERT INTO order_timeline (order_id, at, actor, event, detail) \
                 SELECT id, now(), 'worker', 'needs_attention', 'INTERNAL REASON. Next: INTERNAL STEP' FROM o RETURNING 1) \
                 SELECT count(*) FROM t";
    assert_eq!(shop.sql::<i64>(raise).await, 1);
    let answer = shop.get(&format!("/api/orders/{}", made["orderId"].as_str().unwrap())).await;
    assert_eq!(answer.json()["order"]["status"], "needs_attention");
    assert!(!answer.text.contains("INTERNAL"), "{}", answer.text);
    assert_eq!(answer.json()["order"]["timeline"].as_array().unwrap().last().unwrap()["event"], "needs_attention");
    shop.close().await;
}

#[actix_web::test]
async fn only_the_owner_sees_how_to_reach_the_service() {
    let shop = Shop::open().await;
    let (ada, bob) = (shop.register("ada@example.com").await, shop.register("bob@example.com").await);
    let mut free = game_order();
    free["coupon_code"] = json!("GIFT");
    let made = shop.post_as(&ada, "/api/checkout/create-session", &free).await.json();
    let path = format!("/api/orders/{}", made["orderId"].as_str().unwrap());
    let service = |order: Value| order["order"]["service"].clone();
    assert_eq!(
        service(shop.get_as(&ada, &path).await.json())["access"],
        json!([]),
        "the owner: nothing yet, but asked"
    );
    let anybody = service(shop.get(&path).await.json());
    assert_eq!(anybody["status"], "pending");
    assert!(anybody.get("access").is_none(), "{anybody}");
    assert_eq!(shop.get_as(&bob, &path).await.status, 404, "who is signed in reaches what is theirs");
    let servers = shop.get_as(&ada, "/api/servers").await.json();
    assert_eq!(servers["servers"][0]["name"], "My world");
    assert_eq!(servers["servers"][0]["region"], "us-central");
    assert_eq!(shop.get_as(&ada, "/api/services").await.json()["services"][0]["orderId"], made["orderId"]);
    for list in ["servers", "services"] {
        let others = shop.get_as(&bob, &format!("/api/{list}")).await.json();
        assert_eq!(others[list], json!([]));
        assert_eq!(shop.get(&format!("/api/{list}")).await.status, 401);
    }
    shop.close().await;
}

#[actix_web::test]
async fn what_is_no_order_is_not_found() {
    let shop = Shop::open().await;
    for id in ["ord_0198c0ffee0070008000000000000001", "x", "svc_0198c0ffee0070008000000000000001", "%00", "%ff", "1"] {
        let answer = shop.get(&format!("/api/orders/{id}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{id}: {answer:?}"
        );
        assert_eq!(answer.json()["status"], 404);
    }
    shop.close().await;
}
