//! An admin keeps the shop: changes a price, makes a coupon, finds a customer, sends a mail again, looks how everything does and
//! closes the shop for a while; at a desk, and on a phone without scripts.

use super::{
    chrome::{self, Chrome, DESK, Look, PHONE},
    desk::staff,
};
use crate::ground::{Goods, Ground, PASSWORD, Wishes, until};

async fn sign_in(chrome: &mut Chrome, ground: &Ground, email: &str) {
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", email).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.arrives("/account").await;
}

async fn amount(ground: &Ground, code: &str) -> i64 {
    let sql = "SELECT p.amount FROM prices p JOIN products d ON d.id = p.product_id \
               WHERE d.code = $1 AND p.active AND p.billing_cycle = 'monthly'";
    ground.sql.query_one(sql, &[&code]).await.unwrap().get(0)
}

/// Shows first, then saves.
async fn change_a_price(chrome: &mut Chrome, ground: &Ground, price: &str) {
    let old = amount(ground, "premium").await;
    chrome.goto(&format!("{}/desk/catalogue", ground.desk.api)).await;
    chrome.sees("New product").await;
    chrome.shot("catalogue").await;
    chrome.press("Premium").await;
    chrome.sees("Show what will change").await;
    chrome.shot("product").await;
    chrome.fill("price-monthly", "nothing").await;
    chrome.press("Show what will change").await;
    chrome.sees("expected an amount such as 7.99").await;
    chrome.shot("product-wrong").await;
    chrome.fill("price-monthly", price).await;
    chrome.press("Show what will change").await;
    chrome.sees("Nothing is saved yet").await;
    chrome.sees(&format!("→ {price} USD")).await;
    chrome.shot("product-changes").await;
    assert_eq!(amount(ground, "premium").await, old);
    chrome.press("Save these changes").await;
    chrome.sees("Saved.").await;
    assert_ne!(amount(ground, "premium").await, old);
}

async fn make_and_end_a_coupon(chrome: &mut Chrome, ground: &Ground, code: &str) {
    chrome.goto(&format!("{}/desk/coupons", ground.desk.api)).await;
    chrome.sees("WELCOME10").await;
    chrome.fill("code", code).await;
    chrome.fill("percent_off", "25").await;
    chrome.press("Make the coupon").await;
    chrome.sees("The coupon counts.").await;
    chrome.shot("coupons").await;
    chrome.press(&format!("End {code}")).await;
    chrome.sees("The coupon is ended.").await;
}

async fn close_and_open(chrome: &mut Chrome, ground: &Ground) {
    chrome.goto(&format!("{}/desk/maintenance", ground.desk.api)).await;
    chrome.sees("The shop is open").await;
    chrome.shot("maintenance").await;
    chrome.fill("message", "We move to a new machine.").await;
    chrome.press("Close the shop").await;
    chrome.sees("The shop is closed.").await;
    chrome.goto(&ground.desk.api).await;
    chrome.sees("We will be back soon").await;
    chrome.sees("We move to a new machine.").await;
    chrome.shot("closed").await;
    chrome.goto(&format!("{}/desk/maintenance", ground.desk.api)).await;
    chrome.press("Open the shop").await;
    chrome.sees("The shop is open.").await;
    chrome.goto(&ground.desk.api).await;
    chrome.sees("Starter").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_keeps_the_shop_in_a_browser_with_and_without_scripts() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("STAFF_SECOND_FACTOR", "optional".to_owned())];
    let ground = Ground::open_with(Wishes { settings, roles: true, ..Wishes::default() }).await;
    staff(&ground, "ava@example.com", "admin").await;
    let sold = ground.sell(Goods::Game).await;
    let sent = "SELECT count(*) FROM email_log WHERE template = 'order_confirmation' AND status = 'sent'";
    let mails = async || ground.sql.query_one(sent, &[]).await.unwrap().get::<_, i64>(0);
    until("the order is confirmed", async || (mails().await == 1).then_some(())).await;

    let mut chrome = Chrome::open("shelf", DESK).await;
    sign_in(&mut chrome, &ground, "ava@example.com").await;
    change_a_price(&mut chrome, &ground, "12.34").await;
    make_and_end_a_coupon(&mut chrome, &ground, "AUTUMN25").await;
    chrome.goto(&format!("{}/desk/customers?by=address", ground.desk.api)).await;
    chrome.sees(&sold.email).await;
    chrome.shot("customers").await;
    chrome.goto(&format!("{}/desk/orders/{}", ground.desk.api, sold.order)).await;
    chrome.click("form[action*='/desk/mails/'] button").await;
    chrome.sees("The mail is on its way again.").await;
    chrome.shot("mail-again").await;
    until("it went a second time", async || (mails().await >= 2).then_some(())).await;
    chrome.goto(&format!("{}/desk/health", ground.desk.api)).await;
    chrome.sees("API_MAX_CONNECTIONS").await;
    chrome.shot("health").await;
    close_and_open(&mut chrome, &ground).await;
    chrome.goto(&format!("{}/desk/orders/ord_0198c0ffee0070008000000000000099", ground.desk.api)).await;
    chrome.sees("There is no such page").await;
    chrome.shot("no-such-page").await;
    chrome.close().await;

    // The same with bare forms, where a phone has room for one column.
    let mut phone = Chrome::open("shelf-bare", Look { javascript: false, ..PHONE }).await;
    sign_in(&mut phone, &ground, "ava@example.com").await;
    change_a_price(&mut phone, &ground, "13.45").await;
    make_and_end_a_coupon(&mut phone, &ground, "WINTER25").await;
    close_and_open(&mut phone, &ground).await;
    phone.close().await;

    let mut phone = Chrome::open("shelf-phone", PHONE).await;
    sign_in(&mut phone, &ground, "ava@example.com").await;
    for page in ["catalogue", "coupons", "customers", "health", "maintenance", "catalogue/new"] {
        phone.goto(&format!("{}/desk/{page}", ground.desk.api)).await;
        phone.shot(page.rsplit('/').next().unwrap()).await;
    }
    phone.close().await;
}
