//! The customer cancels at the payment provider and thinks better of it; the shop sends the money back; an order is called
//! off before it is paid.

use serde_json::json;

use super::{
    chrome::{self, Chrome, DESK, Look, PHONE},
    desk::staff,
    order_hosting, purchase, sign_in_for_the_first_time,
};
use crate::ground::{Ask, Goods, Ground, PASSWORD, Wishes, text, until};

async fn sign_in(chrome: &mut Chrome, ground: &Ground, email: &str) {
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", email).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.arrives("/account").await;
}

async fn status(ground: &Ground, order: &str) -> String {
    let sql = "SELECT status FROM orders WHERE 'ord_' || replace(id::text, '-', '') = $1";
    ground.sql.query_one(sql, &[&order]).await.unwrap().get(0)
}

async fn ends(ground: &Ground) -> bool {
    ground.sql.query_one("SELECT bool_or(cancel_at_period_end) FROM subscriptions", &[]).await.unwrap().get(0)
}

/// There and back: what was changed at the payment provider is known here once its event came.
async fn at_the_provider(chrome: &mut Chrome, ground: &Ground, button: &str, ended: bool) {
    chrome.goto(&format!("{}/account/billing", ground.desk.api)).await;
    chrome.press("Change payment method, cancel").await;
    chrome.sees("Customer portal").await;
    chrome.press(button).await;
    until("the subscription's change is known", async || (ends(ground).await == ended).then_some(())).await;
    chrome.press("Back to the shop").await;
    chrome.arrives("/account").await;
    chrome.goto(&format!("{}/account/billing", ground.desk.api)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_cancels_and_comes_back_and_gets_the_money_back_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("STAFF_SECOND_FACTOR", "optional".to_owned())];
    let ground = Ground::open_with(Wishes { settings, roles: true, ..Wishes::default() }).await;
    staff(&ground, "bella@example.com", "billing").await;
    let email = "gerda@example.com";
    let mut chrome = Chrome::open("money", DESK).await;
    order_hosting(&mut chrome, &ground, email).await;
    chrome.press("by card").await;
    let address = chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    let bought = purchase(&ground, &address, Goods::Hosting, email).await;
    sign_in_for_the_first_time(&mut chrome, &ground, email).await;
    at_the_provider(&mut chrome, &ground, "Cancel this subscription", true).await;
    chrome.sees("nothing more is charged").await;
    chrome.shot("billing-ends").await;
    at_the_provider(&mut chrome, &ground, "Keep it after all", false).await;
    chrome.sees("Renews on").await;
    chrome.shot("billing").await;
    chrome.goto(&format!("{}/account/mails", ground.desk.api)).await;
    chrome.sees("Order confirmation").await;
    chrome.shot("mails").await;
    chrome.close().await;

    // The shop sends everything back, on a phone and without scripts.
    let mut phone = Chrome::open("refund", Look { javascript: false, ..PHONE }).await;
    sign_in(&mut phone, &ground, "bella@example.com").await;
    phone.goto(&format!("{}/desk/orders/{}", ground.desk.api, bought.order)).await;
    phone.press("Send money back").await;
    phone.sees("its service runs on until somebody ends it").await;
    phone.press("Send money back").await;
    phone.sees("Say in a few words").await;
    phone.fill("reason", "it was too slow for her").await;
    phone.shot("refund").await;
    phone.press("Send money back").await;
    phone.sees("The money is being sent back").await;
    until("the money is gone", async || (status(&ground, &bought.order).await == "refunded").then_some(())).await;
    phone.goto(&format!("{}/desk/orders/{}", ground.desk.api, bought.order)).await;
    phone.sees("it was too slow for her").await;
    phone.shot("order").await;
    phone.close().await;

    let truth = ground.desk.truth().await;
    let refunds = truth["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), 1, "{truth}");
    assert_eq!(refunds[0]["amount"], truth["payments"][0]["amount"], "everything went back");
    assert_eq!(text(&truth["subscriptions"][0], "status"), "canceled", "nothing more is charged");
    until("she is told by mail", async || {
        let mails = ground.desk.inbox(email).await;
        mails.iter().any(|mail| text(mail, "subject").contains("on its way back to you")).then_some(())
    })
    .await;
    let cases: String = ground.sql.query_one("SELECT string_agg(kind, ' ') FROM cases", &[]).await.unwrap().get(0);
    assert_eq!(cases, "refunded-running", "somebody is asked what becomes of her website");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unpaid_order_is_called_off_and_its_page_says_so_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("STAFF_SECOND_FACTOR", "optional".to_owned())];
    let ground = Ground::open_with(Wishes { settings, roles: true, ..Wishes::default() }).await;
    staff(&ground, "olga@example.com", "support").await;
    let body = json!({
        "planId": "starter", "billingCycle": "monthly", "trialActive": false,
        "customer": { "name": "Gerda", "email": "gerda@example.com" }, "domain": { "mode": "subdomain", "value": "gerdas" },
    });
    let ask = Ask { path: "/api/checkout/create-session", body: Some(&body), ..Ask::default() };
    let made = ground.desk.done(&ask).await;
    let order = text(&made, "orderId");
    let mut chrome = Chrome::open("calloff", DESK).await;
    sign_in(&mut chrome, &ground, "olga@example.com").await;
    chrome.goto(&format!("{}/desk/orders/{order}", ground.desk.api)).await;
    chrome.press("Call off").await;
    chrome.sees("The order is called off").await;
    chrome.shot("called-off").await;
    chrome.goto(&text(&made, "url")).await;
    chrome.sees("This payment page has expired").await;
    assert_eq!(status(&ground, &order).await, "cancelled");
    chrome.close().await;
}
