//! Whole purchases by form and link alone.

use std::fmt::Write;

use actix_web::{http::StatusCode, rt::task::yield_now};
use chrono::Duration;
use orders::SessionStatus;
use provisioning::{ProviderError, testing::Fault};

use super::browser::Browser;

#[actix_web::test]
async fn a_guest_buys_with_a_coupon_and_follows_the_order_until_it_runs() {
    let browser = Browser::new();
    browser.get("/").await.says("Starter").says("$7.99").says("/order/starter?cycle=monthly");
    let mut form = browser.checkout("/order/starter?cycle=monthly").await;
    form.insert("coupon", "welcome10".to_owned());
    form.insert("action", "show".to_owned());
    let shown = browser.post("/order/starter", &form).await;
    shown.says("−$0.80").says("$7.19").says("Gerda Guest").says("gerda@example.com");
    form.insert("seen", shown.value("seen"));
    form.insert("action", "order".to_owned());

    let answer = browser.post("/order/starter", &form).await;
    let path = answer.location().strip_suffix("/pay").unwrap().to_owned();
    let lead = browser.get(&format!("{path}/pay")).await;
    lead.says("http-equiv=\"refresh\" content=\"0; url=https://pay.example/cs_test_1\"").says("$7.19 due today");
    assert_eq!(browser.shop.gateway.requests()[0].discount.as_ref().unwrap().amount_off.minor(), 80);

    let waiting = browser.get(&path).await;
    waiting.says("Waiting for your payment").says("content=\"3\"").hides("Payment received").hides("Ready to use");
    browser.pay().await;
    let returned = browser.get(&format!("{path}?session_id=cs_test_1")).await;
    returned.says("We are checking your payment").hides("Payment received").hides("Go to the payment page");
    assert_eq!(browser.shop.work(1).await, 1);
    browser.get(&path).await.says("Payment received").hides("Ready to use");
    browser.shop.work(100).await;
    let ready = browser.get(&path).await;
    ready.says("Ready to use").hides("http-equiv=\"refresh\"").says("Sign in").hides("10.0.0.1");
    ready.hides("gerda@example.com").hides("Gerda");
    assert_eq!(browser.get(&format!("{path}/pay")).await.location(), path, "a paid order is not paid again");
}

#[actix_web::test]
async fn a_registered_customer_sees_access_on_the_order_and_in_the_account() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    browser.get("/account").await.says("You have no services yet").says("rita@example.com");
    let mut form = browser.checkout("/order/paper-4gb").await;
    form.insert("server_name", "Block Party".to_owned());
    form.insert("region", "eu-west".to_owned());
    // What a signed-in browser sends as somebody else's address does not count.
    form.insert("email", "other@example.com".to_owned());
    let path = browser.post("/order/paper-4gb", &form).await.location().strip_suffix("/pay").unwrap().to_owned();
    browser.get("/account").await.says("Not paid yet");
    browser.pay().await;
    browser.shop.work(100).await;
    browser.get(&path).await.says("10.0.0.1:1").says("rita@example.com");
    browser
        .get("/account")
        .await
        .says("Block Party")
        .says("Running")
        .says("10.0.0.1:1")
        .says(path.split('~').next().unwrap());
    browser.stranger().get(&path).await.says("Ready to use").hides("10.0.0.1").hides("rita@example.com");
    let other = browser.stranger();
    other.register("otto@example.com").await;
    other.get(&path).await.hides("10.0.0.1").hides("rita@example.com");
    other.get("/account").await.hides("Block Party");
    // The number alone, without our signature, tells how far it is and nothing else.
    let number = path.split('~').next().unwrap();
    let bare = browser.stranger().get(number).await;
    bare.says("Ready to use").says("open the link in the mail").hides("$").hides("rita@example.com");
    assert_eq!(browser.stranger().get(&format!("{number}~{:032x}", 7)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.stranger().get(&format!("{number}/pay")).await.location(), number, "nobody pays by number");
}

#[actix_web::test]
async fn a_form_sent_twice_is_one_order() {
    let browser = Browser::new();
    let form = browser.checkout("/order/starter").await;
    let (first, second) = (browser.post("/order/starter", &form).await, browser.post("/order/starter", &form).await);
    assert_eq!(first.location(), second.location());
    assert_eq!(browser.count_orders(), 1);
    let fresh = browser.checkout("/order/starter").await;
    assert_ne!(browser.post("/order/starter", &fresh).await.location(), first.location());
}

#[actix_web::test]
async fn a_lost_webhook_does_not_leave_the_buyer_in_the_dark() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.shop.gateway.pay("cs_test_1");
    let back = format!("{path}?session_id=cs_test_1");
    browser.get(&back).await.says("We are checking your payment");
    for _ in 0..20 {
        yield_now().await;
    }
    browser.get(&path).await.says("Waiting for your payment");
    browser.shop.advance(Duration::seconds(11));
    browser.get(&back).await;
    for _ in 0..20 {
        yield_now().await;
    }
    browser.get(&back).await.says("Payment received");
    browser.shop.work(100).await;
    browser.get(&back).await.says("Ready to use");
}

#[actix_web::test]
async fn a_payment_that_takes_days_is_said_and_the_gateway_is_left_alone() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.shop.gateway.edit("cs_test_1", |session| session.status = SessionStatus::Complete);
    flows::take_event(&*browser.shop, b"checkout.session.completed cs_test_1").await.unwrap();
    browser.shop.work(100).await;
    let back = format!("{path}?session_id=cs_test_1");
    browser.get(&back).await.says("Your bank is confirming the payment").hides("Payment received");
    browser.shop.advance(Duration::seconds(60));
    // A page that is left open does not ask: the gateway knows more by now, and we do not.
    browser.shop.gateway.pay("cs_test_1");
    browser.get(&back).await;
    for _ in 0..20 {
        yield_now().await;
    }
    browser.get(&back).await.says("Your bank is confirming the payment");
}

#[actix_web::test]
async fn somebody_who_left_the_payment_page_can_go_back_to_it() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    let left = browser.get(&format!("{path}?cancelled=1")).await;
    left.says("You left the payment page").says(&format!("href=\"{path}/pay\""));
}

#[actix_web::test]
async fn what_a_person_must_finish_is_said_without_the_operators_words() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.pay().await;
    let refused = ProviderError::Refused { detail: "egg 99 is unknown".to_owned() };
    browser.shop.providers.0.plan(Fault::Before(refused));
    browser.shop.work(100).await;
    let page = browser.get(&path).await;
    page.says("One of us is finishing your order").hides("egg 99").hides("hostwright").says("content=\"60\"");
}

#[actix_web::test]
async fn every_state_of_the_way_is_streamed_and_the_end_is_told() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.pay().await;
    browser.shop.work(100).await;
    let answer = browser.get(&format!("{path}/events?seen=old")).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let mut lines = String::new();
    for line in answer.body.lines().filter(|line| line.starts_with("event:")) {
        writeln!(lines, "{line}").unwrap();
    }
    assert_eq!(lines, "event: order\nevent: done\n");
    answer.says("data: ").says("Ready to use").hides("gerda@example.com");
    let page = browser.get(&path).await;
    page.says(&format!("data-events=\"{path}/events?seen&#x3D;"));
    let version = page.body.split("data-version=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let seen = browser.get(&format!("{path}/events?seen={version}")).await;
    seen.hides("event: order").says("event: done");
}

#[actix_web::test]
async fn a_free_trial_is_said_and_asked_for() {
    let browser = Browser::new();
    let mut form = browser.checkout("/order/starter?cycle=monthly").await;
    form.insert("trial", "1".to_owned());
    form.insert("action", "show".to_owned());
    browser
        .post("/order/starter", &form)
        .await
        .says("Start the free trial")
        .says("Free for 7 days, then $7.99 every month.");
    form.insert("action", "order".to_owned());
    assert_eq!(browser.post("/order/starter", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.shop.gateway.requests()[0].trial_days, 7);
}
