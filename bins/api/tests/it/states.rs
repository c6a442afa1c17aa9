//! Pages that are shown instead of others: the database is away, something broke, nobody may do this here.

use reqwest::{Method, Url};

use crate::{cable::Cable, desk::Desk, shop::Shop};

/// What no page may say of the inside.
const INSIDE: [&str; 8] =
    ["postgres", "Postgres", "SQL", "deadpool", "127.0.0.1", "connection", "panicked", "products"];

fn says_nothing_of_the_inside(text: &str) {
    let read = text.split('<').filter_map(|part| part.split_once('>')).map(|(_, read)| read).collect::<String>();
    for word in INSIDE {
        assert!(!read.contains(word), "{word}: {read}");
    }
}

#[actix_web::test]
async fn pages_say_that_the_database_is_away_and_come_back_with_it() {
    let (shop, cable) = Shop::open_on_a_cable().await;
    let desk = Desk::on(shop, "support").await;
    assert_eq!(desk.get("/desk").await.status, 200);
    let address = cable.address;
    cable.pull().await;
    for (path, cookie, on) in [
        ("/", "", "href=\"/\""),
        ("/order/starter", "", "href=\"/\""),
        ("/account", &*desk.cookie, "href=\"/account\""),
        ("/desk", &*desk.cookie, "href=\"/desk\""),
        ("/desk/health", &*desk.cookie, "href=\"/desk\""),
    ] {
        for (language, said) in [("en", "Nothing is lost"), ("de", "Nichts ist verloren")] {
            let headers = [("cookie", cookie), ("accept-language", language)];
            let page = desk.shop.send(Method::GET, path, &headers, Vec::new()).await;
            assert_eq!((page.status, page.header("retry-after")), (503, "10"), "{path}: {page:?}");
            assert!(page.text.contains(said) && page.text.contains("data-again=\"10\""), "{path}: {}", page.text);
            let button = page.text.split("<a class=\"button\" ").nth(1).unwrap();
            assert!(button.starts_with(on), "{path}: {button}");
            assert_eq!(page.header("cache-control"), "no-store");
            says_nothing_of_the_inside(&page.text);
        }
    }
    // What was sent is not sent again by itself.
    let sent = desk.post("/desk/cases/case_0198c0ffee00700080000000000000c1/take", "").await;
    assert!(sent.status == 503 && !sent.text.contains("data-again"), "{sent:?}");
    let plans = desk.shop.get("/api/plans").await;
    assert_eq!((plans.status, plans.header("retry-after")), (503, "5"), "{plans:?}");
    says_nothing_of_the_inside(&plans.error());
    let css = desk.shop.get("/").await.text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().to_owned();
    assert_eq!(desk.shop.get(css.split('"').next().unwrap()).await.status, 200, "the page is dressed");
    let url: Url = desk.shop.database.url().parse().unwrap();
    let back = Cable::at(address, format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))).await;
    let wait = async {
        while desk.get("/desk").await.status != 200 || desk.shop.get("/").await.status != 200 {
            actix_web::rt::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("it came back by itself");
    desk.shop.close().await;
    back.pull().await;
}

#[actix_web::test]
async fn a_mistake_of_ours_shows_a_number_and_nothing_else() {
    let desk = Desk::open("admin").await;
    desk.execute("ALTER TABLE products DROP CONSTRAINT products_kind_check; UPDATE products SET kind = 'riddle'").await;
    for (path, on) in [("/", "href=\"/\""), ("/desk/catalogue", "href=\"/desk\"")] {
        let page = desk.get(path).await;
        assert_eq!(page.status, 500, "{page:?}");
        assert!(
            page.text.contains("Something went wrong on our side") && page.text.contains("Number:"),
            "{}",
            page.text
        );
        assert!(
            page.text.contains(on) && !page.text.contains("data-again") && !page.text.contains("riddle"),
            "{}",
            page.text
        );
        says_nothing_of_the_inside(&page.text);
    }
    desk.shop.close().await;
}

#[actix_web::test]
async fn what_somebody_may_not_or_cannot_do_is_a_page_that_leads_on() {
    let desk = Desk::open("support").await;
    let forbidden = desk.get("/desk/audit").await;
    assert!(
        forbidden.status == 403 && forbidden.text.contains("Your role in the shop does not include it"),
        "{forbidden:?}"
    );
    assert!(forbidden.text.contains("To the desk"), "{}", forbidden.text);
    let missing = desk.get("/desk/orders/ord_0198c0ffee0070008000000000000099").await;
    assert!(missing.status == 404 && missing.text.contains("To the desk"), "{missing:?}");
    for (path, cookie) in [("/login", ""), ("/desk", &*desk.cookie), ("/", "")] {
        let headers = [("cookie", cookie), ("origin", "https://shop.test")];
        let page = desk.shop.send(Method::DELETE, path, &headers, Vec::new()).await;
        assert_eq!(page.status, 405, "{path}: {page:?}");
        assert!(page.header("allow").starts_with("GET, HEAD"), "{page:?}");
        assert!(page.text.contains("<!doctype html>") && page.text.contains("This address takes GET"), "{}", page.text);
    }
    desk.shop.close().await;
}
