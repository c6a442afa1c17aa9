//! The storefront and the checkout as they are looked at: at a desk, on a phone, in the dark; and nothing jumps while it loads.

use super::chrome::{self, Chrome, DESK, Look, PHONE};
use crate::ground::Ground;

/// How far things moved on the page without anybody having done something (the browser's own measure, 0 for nothing).
const SHIFTS: &str = "new Promise((done) => { \
    let sum = 0; \
    const add = (shifts) => { for (const shift of shifts) if (!shift.hadRecentInput) sum += shift.value; }; \
    const seen = new PerformanceObserver((list) => add(list.getEntries())); \
    seen.observe({ type: 'layout-shift', buffered: true }); \
    const end = () => { add(seen.takeRecords()); done(sum); }; \
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(end))); })";

/// Makes things move, at the top of the page: below it, browsers move the view along.
const PUSH: &str = "(async () => { scrollTo(0, 0); await new Promise(requestAnimationFrame); const block = document.createElement('div'); block.textContent = 'x'; \
    block.setAttribute('class', 'card'); document.querySelector('main').prepend(block); })()";

impl Chrome {
    async fn shifts(&self) -> f64 {
        self.evaluate(SHIFTS).await.as_f64().expect("the browser measures")
    }
}

async fn looked_at(story: &'static str, look: Look) {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open(story, look).await;
    let mut shifts = Vec::new();
    for (page, word, step) in [
        ("/?cycle=yearly", "Starter", "plans"),
        ("/order/starter?cycle=yearly&coupon=WELCOME10", "Continue to payment", "checkout"),
        ("/order/paper-4gb", "EU West", "game"),
    ] {
        chrome.goto(&format!("{}{page}", ground.desk.api)).await;
        chrome.sees(word).await;
        shifts.push(chrome.shifts().await);
        chrome.shot(step).await;
    }
    assert!(shifts.iter().sum::<f64>() < 0.01, "things jump while the pages load: {shifts:?}");
    // Taking a picture counts as input, after which a jump is not one for half a second.
    chrome.reload().await;
    chrome.sees("EU West").await;
    chrome.evaluate(PUSH).await;
    assert!(chrome.shifts().await > 0.0, "a jump would not have been noticed");
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storefront_and_checkout_stand_still_at_a_desk_in_a_browser() {
    looked_at("look", DESK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storefront_and_checkout_are_seen_on_a_phone_in_the_dark_in_a_browser() {
    looked_at("look-dark", Look { dark: true, ..PHONE }).await;
}
