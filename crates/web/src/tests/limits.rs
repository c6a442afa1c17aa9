//! Who tries too often keeps what was entered and is told when to go on.

use actix_web::http::StatusCode;
use chrono::Duration;

use super::browser::{Answer, Browser, Form};

/// Sends a form until it is refused for its number.
async fn until_refused(browser: &Browser, path: &str, form: &Form<'_>) -> (Answer, u32) {
    for number in 0..200 {
        let answer = browser.post(path, form).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            answer.says("Too many tries. Please try again in").says("role=\"alert\"");
            assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
            return (answer, number);
        }
    }
    panic!("two hundred passed");
}

fn form(entries: &[(&'static str, &str)]) -> Form<'static> {
    entries.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

#[actix_web::test]
async fn a_sign_in_that_waits_as_long_as_told_goes_on() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let stranger = browser.stranger();
    let wrong = form(&[("email", "rita@example.com"), ("password", "wrong one"), ("next", "/orders/x")]);
    let (answer, passed) = until_refused(&stranger, "/login", &wrong).await;
    assert_eq!((passed, answer.value("email").as_str()), (100, "rita@example.com"));
    assert_eq!(answer.value("next"), "/orders/x");
    answer.hides("wrong one").says("in 30 seconds");
    let right = form(&[("email", "rita@example.com"), ("password", "long enough"), ("next", "/orders/x")]);
    assert_eq!(stranger.post("/login", &right).await.status, StatusCode::TOO_MANY_REQUESTS, "right or wrong");
    browser.shop.advance(Duration::seconds(30));
    assert_eq!(stranger.post("/login", &right).await.location(), "/orders/x");
}

#[actix_web::test]
async fn what_would_fill_a_mailbox_is_refused_with_what_was_entered() {
    let browser = Browser::new();
    let forgot = form(&[("email", "rita@example.com")]);
    let (answer, passed) = until_refused(&browser, "/forgot-password", &forgot).await;
    assert_eq!((passed, answer.value("email").as_str()), (5, "rita@example.com"));
    answer.says("in 10 minutes");
    let register = form(&[("email", "rita@example.com"), ("name", "Rita"), ("password", "long enough")]);
    let (answer, passed) = until_refused(&browser, "/register", &register).await;
    assert_eq!(
        (passed, answer.value("name").as_str(), answer.value("email").as_str()),
        (0, "Rita", "rita@example.com")
    );
    let orphan = form(&[("email", "other@example.com"), ("name", "Rita"), ("password", "long enough")]);
    browser.post("/register", &orphan).await.says("Look into your mail");
}

#[actix_web::test]
async fn an_open_screen_is_no_place_to_guess_its_password() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let address = form(&[("email", "eve@example.org"), ("password", "guess")]);
    let (answer, passed) = until_refused(&browser, "/account/address", &address).await;
    assert_eq!((passed, answer.value("email").as_str()), (5, "eve@example.org"));
    let password = form(&[("current", "guess"), ("new", "another one")]);
    let (answer, passed) = until_refused(&browser, "/account/password", &password).await;
    assert_eq!(passed, 5, "both count together");
    answer.hides("another one");
    let link = form(&[("token", "guess"), ("password", "another one")]);
    let (answer, _) = until_refused(&browser, "/reset-password", &link).await;
    assert_eq!(answer.value("token"), "guess");
    let confirm = form(&[("token", "guess")]);
    assert_eq!(until_refused(&browser, "/account/address/confirm", &confirm).await.1, 0, "one link, one count");
}

#[actix_web::test]
async fn an_order_too_many_keeps_its_form_and_its_key() {
    let browser = Browser::new();
    let mut order = browser.checkout("/order/starter").await;
    for number in 0..20 {
        order.insert("key", format!("{number:064x}"));
        assert_eq!(browser.post("/order/starter", &order).await.status, StatusCode::SEE_OTHER, "{number}");
    }
    let last = format!("{:064x}", 20);
    order.insert("key", last.clone());
    let (answer, passed) = until_refused(&browser, "/order/starter", &order).await;
    assert_eq!((passed, browser.count_orders()), (0, 20));
    assert_eq!((answer.value("email").as_str(), answer.value("key").as_str()), ("gerda@example.com", last.as_str()));
    browser.shop.advance(Duration::seconds(30));
    assert_eq!(browser.post("/order/starter", &order).await.status, StatusCode::SEE_OTHER);
}
