//! What browsers of other sites may and may not do, and the headers of every answer.

use reqwest::Method;
use serde_json::json;

use crate::shop::{Answer, Settings, Shop, guest_order};

const PATH: &str = "/api/checkout/create-session";

async fn open() -> Shop {
    let arguments = vec!["--cors-allowed-origins=https://front.test,http://localhost:3000".to_owned()];
    Shop::open_with(Settings { arguments, ..Settings::default() }).await
}

async fn preflight(shop: &Shop, origin: &str) -> Answer {
    let headers = [("origin", origin), ("access-control-request-method", "POST")];
    shop.send(Method::OPTIONS, PATH, &headers, Vec::new()).await
}

#[actix_web::test]
async fn sites_on_the_list_may_call_and_others_may_not() {
    let shop = open().await;
    let allowed = preflight(&shop, "https://front.test").await;
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://front.test");
    assert_eq!(allowed.header("access-control-allow-credentials"), "true");
    assert!(allowed.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!(allowed.header("vary"), "Origin");
    let called = shop.post_with(PATH, &[("origin", "https://front.test")], &guest_order()).await;
    assert_eq!((called.status, called.header("access-control-allow-origin")), (200, "https://front.test"));
    for other in ["https://evil.test", "https://front.test.evil.test", "http://front.test", "null"] {
        let refused = preflight(&shop, other).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (405, ""), "{other}");
        let read = shop.send(Method::GET, "/api/plans", &[("origin", other)], Vec::new()).await;
        assert_eq!(read.header("access-control-allow-origin"), "", "{other}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn another_sites_page_cannot_use_our_cookie() {
    let shop = open().await;
    let token = shop.register("ada@example.com").await;
    let cookie = shop.cookie("ada@example.com").await;
    let post = async |headers: &[(&str, &str)]| {
        let all = [&[("cookie", cookie.as_str())], headers].concat();
        shop.post_with(PATH, &all, &guest_order()).await.status
    };
    let host = shop.base.trim_start_matches("http://").to_owned();
    assert_eq!(post(&[("origin", "https://evil.test")]).await, 403);
    assert_eq!(post(&[("origin", "null")]).await, 403);
    assert_eq!(post(&[("sec-fetch-site", "cross-site")]).await, 403);
    assert_eq!(post(&[("sec-fetch-site", "same-site"), ("origin", "https://evil.shop.test")]).await, 403);
    assert_eq!(shop.count("orders").await, 0);
    assert_eq!(post(&[("origin", "https://shop.test")]).await, 200, "the shop's own pages");
    assert_eq!(post(&[("origin", &format!("http://{host}"))]).await, 200, "by the address that was called");
    assert_eq!(post(&[("origin", "https://front.test"), ("sec-fetch-site", "cross-site")]).await, 200, "on the list");
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(post(&[]).await, 200, "no browser");
    let headers = [("authorization", &*format!("Bearer {token}")), ("origin", "https://evil.test")];
    assert_eq!(shop.post_with(PATH, &headers, &guest_order()).await.status, 200, "a bearer token is sent on purpose");
    let form = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(shop.send(Method::POST, PATH, &form, b"planId=starter".to_vec()).await.status, 415);
    shop.close().await;
}

#[actix_web::test]
async fn every_answer_has_its_headers() {
    let shop = open().await;
    for path in ["/api/plans", "/api/nothing", "/api/health", "/", "/nothing"] {
        let answer = shop.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
    assert_eq!(shop.get("/api/plans").await.header("cache-control"), "no-store");
    shop.close().await;
}

#[actix_web::test]
async fn the_pages_are_served_beside_the_api() {
    let shop = open().await;
    let front = shop.get("/").await;
    assert_eq!(front.status, 200);
    assert!(front.header("content-type").starts_with("text/html"), "{front:?}");
    let missing = shop.get("/nothing").await;
    assert_eq!(missing.status, 404);
    assert!(missing.header("content-type").starts_with("text/html"), "people get a page: {missing:?}");
    let refused = shop.post_with("/api/auth/login", &[], &json!({})).await;
    assert_eq!(refused.header("content-type"), "application/json");
    shop.close().await;
}
