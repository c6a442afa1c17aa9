//! `GET /api/health`.

use serde_json::json;

use crate::shop::Shop;

#[actix_web::test]
async fn it_says_how_things_are() {
    let shop = Shop::open().await;
    let answer = shop.get("/api/health").await;
    assert_eq!(answer.status, 200);
    insta::assert_json_snapshot!("health", answer.json());
    shop.close().await;
}

#[actix_web::test]
async fn without_a_database_it_says_so_and_so_does_everything_else() {
    let (shop, cable) = Shop::open_on_a_cable().await;
    assert_eq!(shop.get("/api/health").await.status, 200);
    cable.pull().await;
    let health = shop.get("/api/health").await;
    assert_eq!(health.status, 503);
    assert_eq!((&health.json()["status"], &health.json()["database"]), (&json!("unavailable"), &json!("unavailable")));
    let plans = shop.get("/api/plans").await;
    assert_eq!((plans.status, plans.json()["code"].as_str()), (503, Some("database-unavailable")), "{plans:?}");
    let body = plans.json();
    let id = body["errorId"].as_str().unwrap();
    assert!(plans.error().contains(id), "an id, and no inner text: {plans:?}");
    assert_eq!((plans.header("x-request-id"), plans.header("retry-after")), (id, "5"));
    shop.close().await;
}
