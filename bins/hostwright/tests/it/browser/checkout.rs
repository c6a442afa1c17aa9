//! Filling in the checkout: mistakes, second thoughts, impatience. What was entered is never lost, and one purchase is one order.

use super::chrome::{self, Chrome, DESK, Look, PHONE};
use crate::ground::Ground;

async fn orders(ground: &Ground) -> i64 {
    ground.sql.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get(0)
}

/// The checkout of the plan, filled in by somebody without an account.
async fn filled_in(chrome: &Chrome, ground: &Ground, coupon: &str) {
    chrome.goto(&format!("{}/order/starter?cycle=monthly", ground.desk.api)).await;
    chrome.fill("name", "Gerda Guest").await;
    chrome.fill("email", "gerda@example.com").await;
    chrome.fill("subdomain", "gerdas-garden").await;
    chrome.fill("coupon", coupon).await;
}

async fn is_all_there(chrome: &Chrome, coupon: &str) {
    for (name, entered) in
        [("name", "Gerda Guest"), ("email", "gerda@example.com"), ("subdomain", "gerdas-garden"), ("coupon", coupon)]
    {
        assert_eq!(chrome.entered(name).await, entered, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistyped_coupon_is_said_beside_its_field_and_mended_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open("typo", PHONE).await;
    filled_in(&chrome, &ground, "WELCOM10").await;
    chrome.press("Apply").await;
    chrome.sees("Unknown coupon").await;
    assert_eq!(chrome.text_of(".coupon .field.wrong #coupon-error").await, "Unknown coupon 'WELCOM10'.");
    chrome.text_of("#coupon[aria-invalid='true'][aria-describedby~='coupon-error']").await;
    is_all_there(&chrome, "WELCOM10").await;
    chrome.shot("typo").await;
    // Nor can it be ordered with it.
    chrome.click("button.main[value='order']").await;
    chrome.sees("Unknown coupon").await;
    is_all_there(&chrome, "WELCOM10").await;
    assert_eq!(orders(&ground).await, 0);
    chrome.fill("coupon", "WELCOME10").await;
    chrome.click("button.main[value='order']").await;
    // The price is another one than was shown; it fell, so that nobody is asked again.
    chrome.arrives("/pay/").await;
    chrome.sees("$7.19").await;
    assert_eq!(orders(&ground).await, 1);
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reload_and_the_way_back_lose_nothing_and_order_nothing_twice_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let chrome = Chrome::open("reload", DESK).await;
    filled_in(&chrome, &ground, "WELCOME10").await;
    chrome.reload().await;
    is_all_there(&chrome, "WELCOME10").await;
    // After the price was asked for, the page is the answer to a form.
    chrome.press("Apply").await;
    chrome.sees("$7.19").await;
    chrome.reload().await;
    is_all_there(&chrome, "WELCOME10").await;
    assert_eq!(orders(&ground).await, 0);

    chrome.click("button.main[value='order']").await;
    let page = chrome.arrives("/pay/").await;
    chrome.reload().await;
    chrome.arrives("/pay/").await;
    chrome.back().await;
    chrome.arrives("/order/starter").await;
    is_all_there(&chrome, "WELCOME10").await;
    chrome.click("button.main[value='order']").await;
    assert_eq!(chrome.arrives("/pay/").await, page, "the same payment page");
    assert_eq!(orders(&ground).await, 1);
    chrome.press("by card").await;
    let order = chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    chrome.reload().await;
    chrome.sees("Ready to use").await;
    assert_eq!((chrome.address().await, orders(&ground).await), (order, 1));
    chrome.close().await;
}

async fn a_double_click_is_one_order(story: &'static str, look: Look) {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    // High enough for the whole page: a mouse reaches what is on the screen.
    let chrome = Chrome::open(story, Look { height: 2400, ..look }).await;
    filled_in(&chrome, &ground, "").await;
    chrome.double_click("button.main[value='order']").await;
    chrome.arrives("/pay/").await;
    chrome.press("by card").await;
    chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    assert_eq!(orders(&ground).await, 1);
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_on_the_order_button_is_one_order_in_a_browser() {
    a_double_click_is_one_order("double", DESK).await;
}

/// Then the browser does send the form twice, and the shop knows it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_without_javascript_is_one_order_in_a_browser() {
    a_double_click_is_one_order("double-plain", Look { javascript: false, ..DESK }).await;
}
