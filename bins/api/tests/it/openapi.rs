//! The OpenAPI document is true.

use reqwest::Method;

use crate::shop::Shop;

#[actix_web::test]
async fn the_document_names_every_endpoint_and_each_of_them_is_there() {
    let shop = Shop::open().await;
    let document = shop.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap().clone();
    for (path, operations) in &paths {
        let real = path.replace("{sessionId}", "cs_x").replace("{orderId}", "x");
        let answer = shop.send(Method::PATCH, &real, &[], Vec::new()).await;
        assert_eq!(answer.status, 405, "{path} is served");
        for method in operations.as_object().unwrap().keys() {
            assert!(answer.header("allow").to_lowercase().contains(method), "{path} takes {method}");
        }
    }
    let mut document = document;
    document["info"]["version"] = "[version]".into();
    insta::assert_json_snapshot!("openapi", document);
    shop.close().await;
}
