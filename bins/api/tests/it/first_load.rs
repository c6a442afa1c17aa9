//! What a browser loads to see the shop for the first time.

use crate::shop::Shop;

/// Bytes, as they are sent, headers apart.
const BUDGET: usize = 100_000;

async fn sent(shop: &Shop, path: &str) -> Vec<u8> {
    let request = shop.http.get(format!("{}{path}", shop.base)).header("accept-encoding", "gzip, deflate, br, zstd");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

/// The page with the shipped catalogue, its style sheet, script and icon. The client of the tests reads no gzip, so that the
/// bytes are those that were sent.
#[actix_web::test]
async fn the_storefront_and_all_that_it_needs_are_less_than_a_hundred_kilobytes() {
    let shop = Shop::open().await;
    for page in ["/", "/?cycle=triennial", "/order/starter"] {
        let html = sent(&shop, page).await;
        let text = String::from_utf8(html.clone()).expect("pages are sent as they are");
        let mut parts = vec![(page, html.len())];
        for asset in text.split('"').filter(|part| part.starts_with("/assets/")) {
            let body = sent(&shop, asset).await;
            let gzipped = body.starts_with(&[0x1f, 0x8b]);
            assert!(gzipped, "{asset} is sent as it is");
            parts.push((asset, body.len()));
        }
        assert!(parts.len() >= 4, "style sheet, script, icon: {parts:?}");
        let sum: usize = parts.iter().map(|(_, size)| size).sum();
        println!("{sum} bytes: {parts:?}");
        assert!(sum < BUDGET, "{parts:?}");
    }
    shop.close().await;
}
