//! What holds for every page: headers, methods, foreign forms, addresses that lead nowhere.

use actix_web::{http::StatusCode, test::TestRequest};

use super::browser::Browser;
use crate::CONTENT_SECURITY_POLICY;

const PAGES: [&str; 6] = ["/", "/order/starter", "/login", "/register", "/nowhere", "/orders/ord_0"];

#[actix_web::test]
async fn every_page_forbids_what_it_does_not_need() {
    let browser = Browser::new();
    for path in PAGES {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("content-security-policy"), CONTENT_SECURITY_POLICY, "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("cache-control").contains("no-"), "{path}");
    }
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
}

#[actix_web::test]
async fn addresses_that_lead_nowhere_are_pages_that_say_so() {
    let browser = Browser::new();
    let unknown = format!("/orders/ord_{}", "0".repeat(32));
    for path in [
        "/nowhere",
        "/orders/x",
        "/orders/svc_1",
        unknown.as_str(),
        "/order/nope",
        "/order/%00",
        "/order/STARTER",
        "/assets/site.css",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        answer.says("There is no such page");
    }
}

#[actix_web::test]
async fn other_methods_are_told_what_an_address_takes() {
    let browser = Browser::new();
    for (path, allowed) in [("/", "GET, HEAD"), ("/login", "GET, HEAD, POST"), ("/logout", "POST")] {
        let request = TestRequest::delete().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        let answer = browser.send(request).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allowed), "{path}");
    }
    let head = browser.send(TestRequest::default().method(actix_web::http::Method::HEAD).uri("/")).await;
    assert_eq!(head.status, StatusCode::OK);
}

#[actix_web::test]
async fn forms_of_other_sites_do_nothing() {
    let browser = Browser::new();
    let form = browser.checkout("/order/starter").await;
    let own = browser.site();
    let post = |name: &'static str, value: &str| {
        TestRequest::post().uri("/order/starter").insert_header((name, value.to_owned())).set_form(&form)
    };
    for request in
        [post("sec-fetch-site", "cross-site"), post("origin", "https://evil.example"), post("origin", "null")]
    {
        let answer = browser.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        answer.says("nothing was done");
    }
    assert_eq!(browser.count_orders(), 0);
    assert_eq!(browser.send(post("origin", &own)).await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn forms_that_cannot_be_read_are_refused_before_anything_is_done() {
    let browser = Browser::new();
    let large = format!("name={}", "x".repeat(64 * 1024));
    let request = |kind: &'static str, body: String| {
        TestRequest::post().uri("/order/starter").insert_header(("content-type", kind)).set_payload(body)
    };
    let form = "application/x-www-form-urlencoded";
    for (request, status) in [
        (request(form, large), StatusCode::PAYLOAD_TOO_LARGE),
        (request("application/json", "{}".to_owned()), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (request(form, "name=%ff%fe&email=%00".to_owned()), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(browser.send(request).await.status, status);
    }
    assert_eq!(browser.count_orders(), 0);
}

#[actix_web::test]
async fn assets_are_kept_for_good_under_their_digest() {
    let browser = Browser::new();
    let page = browser.get("/").await;
    let urls: Vec<&str> = page.body.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(urls.len(), 3);
    for url in urls {
        let answer = browser.get(url).await;
        assert_eq!(answer.status, StatusCode::OK, "{url}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(
            answer.header("content-security-policy").ends_with("; sandbox"),
            "opened alone, it runs nothing: {url}"
        );
    }
}

/// Pages are not: they hold what only one visitor may see, beside what others may choose (docs/decisions/0026).
#[actix_web::test]
async fn assets_are_gzipped_for_who_reads_that_and_pages_never() {
    let browser = Browser::new();
    let page = browser.get("/").await;
    let css = page.body.split('"').find(|part| part.starts_with("/assets/site.")).unwrap();
    for (accepted, encoding) in [
        (Some("gzip, deflate, br, zstd"), "gzip"),
        (Some("br;q=1.0, gzip;q=0.5"), "gzip"),
        (Some("gzip;q=0"), ""),
        (Some("br"), ""),
        (Some(""), ""),
        (None, ""),
    ] {
        let ask = |path: &str| {
            let request = TestRequest::get().uri(path);
            match accepted {
                Some(accepted) => request.insert_header(("accept-encoding", accepted)),
                None => request,
            }
        };
        let (_, headers, body) = browser.raw(ask(css)).await;
        let said = headers.get("content-encoding").map_or("", |value| value.to_str().unwrap());
        assert_eq!(
            (said, headers.get("vary").unwrap().to_str().unwrap()),
            (encoding, "Accept-Encoding"),
            "{accepted:?}"
        );
        assert_eq!(body.starts_with(&[0x1f, 0x8b]), encoding == "gzip", "{accepted:?}");
        assert!(browser.raw(ask("/login")).await.1.get("content-encoding").is_none(), "{accepted:?}");
    }
}

#[actix_web::test]
async fn live_streams_end_when_the_server_closes() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.state.close_streams();
    let answer = browser.get(&format!("{path}/events")).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
}
