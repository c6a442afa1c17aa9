//! A person of the shop works on a case: found on the desk's first page, taken, tried again, gone.

use serde_json::json;

use super::chrome::{self, Chrome, DESK, PHONE};
use crate::ground::{Ask, Goods, Ground, PASSWORD, Wishes, until};

/// Somebody who works for the shop, with a password alone.
pub(super) async fn staff(ground: &Ground, email: &str, role: &str) {
    let who = json!({ "email": email, "password": PASSWORD, "name": "Olga Operator" });
    ground.desk.done(&Ask { path: "/api/auth/register", body: Some(&who), ..Ask::default() }).await;
    ground.told(&format!("staff role {email} {role} --as Root"));
}

async fn status(ground: &Ground, order: &str) -> String {
    let sql = "SELECT status FROM orders WHERE 'ord_' || replace(id::text, '-', '') = $1";
    ground.sql.query_one(sql, &[&order]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_delivery_is_found_and_put_right_from_its_case_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("STAFF_SECOND_FACTOR", "optional".to_owned())];
    // Under the roles of the database, since the desk reads more of it than the shop does.
    let ground = Ground::open_with(Wishes { settings, roles: true, ..Wishes::default() }).await;
    staff(&ground, "olga@example.com", "support").await;
    let rule = json!({
        "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/application/servers",
    });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Game).await;
    until("the order needs somebody", async || (status(&ground, &sold.order).await == "needs_attention").then_some(()))
        .await;

    let mut chrome = Chrome::open("desk", DESK).await;
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", "olga@example.com").await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.sees("Where you are signed in").await;
    chrome.click("a[href='/desk']").await;
    chrome.sees("The oldest is").await;
    chrome.shot("today").await;
    chrome.click(".tiles a[href='/desk/cases']").await;
    chrome.sees("Nobody yet").await;
    chrome.shot("cases").await;
    chrome.click(".case-list h2 a").await;
    chrome.press("Take it").await;
    chrome.sees("The case is yours.").await;
    chrome.shot("case").await;
    ground.heal().await;
    chrome.press("Try again").await;
    chrome.sees("is being delivered again").await;
    until("it is delivered", async || (status(&ground, &sold.order).await == "provisioned").then_some(())).await;
    chrome.goto(&format!("{}/desk/search?q={}", ground.desk.api, sold.email)).await;
    chrome.sees("Delivered").await;
    chrome.sees("delivery retried").await;
    chrome.shot("order").await;
    chrome.goto(&format!("{}/desk/cases", ground.desk.api)).await;
    chrome.sees("Nothing needs you").await;
    chrome.shot("no-cases").await;
    chrome.close().await;

    let mut phone = Chrome::open("desk-phone", PHONE).await;
    phone.goto(&format!("{}/login", ground.desk.api)).await;
    phone.fill("email", "olga@example.com").await;
    phone.fill("password", PASSWORD).await;
    phone.press("Sign in").await;
    for (page, word) in
        [("/desk", "Today"), ("/desk/cases", "Cases"), ("/desk/orders", "Orders"), ("/desk/system", "Queues")]
    {
        phone.goto(&format!("{}{page}", ground.desk.api)).await;
        phone.sees(word).await;
        phone.shot(page.rsplit('/').next().unwrap()).await;
    }
    phone.goto(&format!("{}/desk/orders/{}", ground.desk.api, sold.order)).await;
    phone.shot("order").await;
    phone.close().await;
}
