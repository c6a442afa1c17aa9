//! `GET /api/plans`.

use crate::shop::Shop;

#[actix_web::test]
async fn the_catalogue_is_listed() {
    let shop = Shop::open().await;
    let answer = shop.get("/api/plans").await;
    assert_eq!(answer.status, 200);
    let plans = answer.json();
    let plan = |id: &str| plans["plans"].as_array().unwrap().iter().find(|plan| plan["id"] == id).unwrap().clone();
    insta::assert_json_snapshot!("plan_of_hosting", plan("starter"));
    insta::assert_json_snapshot!("plan_of_a_game", plan("paper-4gb"));
    shop.close().await;
}
