//! Buying with nothing but a browser: from the list of plans over the payment page to the running service.

mod axe;
mod checkout;
mod chrome;
mod desk;
mod factors;
mod gallery;
mod keyboard;
mod money;
mod pages;
mod shelf;
mod stock;
mod storefront;

use serde_json::json;

use self::chrome::{Chrome, DESK, Look, PHONE};
use crate::ground::{Goods, Ground, PASSWORD, Purchase, Wishes, mailed_password, prove, text, until};

/// The purchase that the browser is at, as the record and the sandbox know it.
async fn purchase(ground: &Ground, address: &str, goods: Goods, email: &str) -> Purchase {
    let (_, rest) = address.split_once("/orders/").unwrap();
    let order = rest.split(['?', '/', '~']).next().unwrap().to_owned();
    let truth = ground.desk.truth().await;
    let sessions = truth["sessions"].as_array().unwrap();
    let session = sessions.iter().find(|session| session["metadata"]["order_id"] == json!(order)).unwrap();
    Purchase { goods, email: email.to_owned(), order, session: text(session, "id"), settled: true }
}

/// From the plans to the payment page.
async fn order_hosting(chrome: &mut Chrome, ground: &Ground, email: &str) {
    chrome.goto(&ground.desk.api).await;
    chrome.sees("Starter").await;
    chrome.shot("plans").await;
    chrome.click("a[href^='/order/starter']").await;
    chrome.arrives("/order/starter").await;
    chrome.fill("name", "Gerda Guest").await;
    chrome.fill("email", email).await;
    chrome.fill("subdomain", "gerdas-garden").await;
    chrome.fill("coupon", "WELCOME10").await;
    chrome.shot("form").await;
    chrome.press("Apply").await;
    chrome.sees("$7.19").await;
    chrome.shot("coupon").await;
    chrome.click("button.main[value='order']").await;
    chrome.arrives("/pay/").await;
    chrome.sees("Due today").await;
    assert!(chrome.text().await.contains("$7.19"), "both pages ask for the same");
    chrome.shot("payment").await;
}

/// With the password from the mail, which must be changed at once.
async fn sign_in_for_the_first_time(chrome: &mut Chrome, ground: &Ground, email: &str) {
    let temporary = mailed_password(ground, email).await;
    chrome.press("Sign in").await;
    chrome.arrives("/login").await;
    chrome.fill("email", email).await;
    chrome.fill("password", &temporary).await;
    chrome.shot("sign-in").await;
    chrome.press("Sign in").await;
    chrome.sees("Choose your own password").await;
    chrome.arrives("/account/password").await;
    // There is no way around it.
    chrome.goto(&format!("{}/account", ground.desk.api)).await;
    chrome.sees("Choose your own password").await;
    chrome.fill("current", &temporary).await;
    chrome.fill("new", PASSWORD).await;
    chrome.shot("password").await;
    chrome.press("Save the password").await;
    chrome.sees("Your account").await;
}

async fn a_guest_buys_hosting(story: &'static str, look: Look) {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open(story, look).await;
    let email = "gerda@example.com";
    order_hosting(&mut chrome, &ground, email).await;
    chrome.press("by card").await;
    let address = chrome.arrives("/orders/ord_").await;
    chrome.shot("back").await;
    // The page follows the order by itself, with JavaScript or without.
    chrome.sees("Ready to use").await;
    chrome.shot("ready").await;
    // Only a script renames the tab: proof that it ran, or that it did not.
    let tab = if look.javascript { "Starter: Ready to use" } else { "Order of Starter" };
    assert!(chrome.title().await.starts_with(tab), "{}", chrome.title().await);
    let seen = chrome.text().await;
    assert!(
        !seen.contains(email) && !seen.contains("gerdas-garden"),
        "an order's page tells strangers too much: {seen}"
    );
    sign_in_for_the_first_time(&mut chrome, &ground, email).await;
    let account = chrome.sees("Running").await;
    assert!(account.contains("gerdas-garden"), "{account}");
    chrome.shot("account").await;
    let bought = purchase(&ground, &address, Goods::Hosting, email).await;
    prove(&ground, &[bought]).await;
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_buys_hosting_in_a_browser() {
    a_guest_buys_hosting("guest", DESK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_buys_hosting_in_a_browser_without_javascript() {
    a_guest_buys_hosting("plain", Look { javascript: false, ..PHONE }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_registers_and_buys_a_game_server_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open("customer", Look { dark: true, ..DESK }).await;
    let email = "petra@example.com";
    chrome.goto(&format!("{}/register", ground.desk.api)).await;
    chrome.fill("name", "Petra Player").await;
    chrome.fill("email", email).await;
    chrome.fill("password", PASSWORD).await;
    chrome.shot("register").await;
    chrome.press("Open the account").await;
    chrome.sees("Your account").await;
    chrome.shot("empty-account").await;
    chrome.goto(&ground.desk.api).await;
    chrome.click("a[href^='/order/paper-4gb']").await;
    chrome.fill("server_name", "Block Party").await;
    chrome.click("input[name='region'][value='us-central']").await;
    chrome.shot("form").await;
    chrome.click("button.main[value='order']").await;
    chrome.arrives("/pay/").await;
    chrome.press("Card is declined").await;
    chrome.sees("Your card was declined").await;
    chrome.shot("declined").await;
    chrome.press("by card").await;
    let address = chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    // The owner sees at once how to get in.
    chrome.sees("How to reach it").await;
    chrome.shot("ready").await;
    chrome.goto(&format!("{}/account", ground.desk.api)).await;
    let account = chrome.sees("Running").await;
    assert!(account.contains("Block Party"), "{account}");
    chrome.shot("account").await;
    its_owner_stops_and_starts_it(&mut chrome).await;
    let bought = purchase(&ground, &address, Goods::Game, email).await;
    prove(&ground, &[bought]).await;
    chrome.close().await;
}

/// From the account to the service's own page; what is seen there is the panel's word.
async fn its_owner_stops_and_starts_it(chrome: &mut Chrome) {
    chrome.press("Use and manage").await;
    chrome.arrives("/account/services/svc_").await;
    let page = chrome.sees("What it uses").await;
    assert!(page.contains("12 % of one core") && page.contains("1.1 GiB") && page.contains("700 MiB"), "{page}");
    chrome.shot("service").await;
    chrome.click("button[value='stop']").await;
    chrome.sees("It was told to stop").await;
    chrome.sees("Stopped").await;
    chrome.shot("service-stopped").await;
    chrome.click("button[value='start']").await;
    chrome.sees("It was told to start").await;
    chrome.sees("12 % of one core").await;
}

/// Nothing is claimed that did not happen; and the way back to paying is open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_the_payment_page_in_a_browser_sees_the_truth() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open("leaver", PHONE).await;
    order_hosting(&mut chrome, &ground, "linus@example.com").await;
    chrome.press("Cancel").await;
    let address = chrome.arrives("/orders/ord_").await;
    chrome.sees("Nothing was charged").await;
    let seen = chrome.text().await;
    assert!(!seen.contains("Ready to use") && !seen.contains("Payment received"), "{seen}");
    chrome.shot("left").await;
    chrome.press("Go to the payment page").await;
    chrome.arrives("/pay/").await;
    chrome.press("by card").await;
    chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    chrome.shot("ready").await;
    let bought = purchase(&ground, &address, Goods::Hosting, "linus@example.com").await;
    prove(&ground, &[Purchase { settled: false, ..bought }]).await;
    chrome.close().await;
}

/// register → confirm → sign out → forgotten password → sign in → sign out everywhere, as a person does it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_opens_an_account_by_mail_and_comes_back_to_it_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open_with(Wishes { registration: "confirmed", ..Wishes::default() }).await;
    let mut chrome = Chrome::open("doors", PHONE).await;
    let (email, desk) = ("petra@example.com", &ground.desk);
    chrome.goto(&format!("{}/register", desk.api)).await;
    chrome.fill("name", "Petra Player").await;
    chrome.fill("email", email).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Open the account").await;
    chrome.sees("Look into your mail").await;
    chrome.shot("mailed").await;
    chrome.goto(&mailed_link(&ground, email, 0).await).await;
    chrome.fill("password", PASSWORD).await;
    chrome.shot("confirm").await;
    chrome.press("Open my account").await;
    chrome.sees("Where you are signed in").await;
    chrome.shot("account").await;
    chrome.press("Sign out").await;
    // The plans: only then is the form's answer there, and the cookie gone.
    chrome.sees("Starter").await;
    chrome.goto(&format!("{}/login", desk.api)).await;
    chrome.click("a[href='/forgot-password']").await;
    chrome.fill("email", email).await;
    chrome.shot("forgot").await;
    chrome.press("Send me the link").await;
    chrome.sees("Look into your mail").await;
    chrome.goto(&mailed_link(&ground, email, 1).await).await;
    chrome.fill("password", "another long password").await;
    chrome.press("Save the password").await;
    chrome.sees("Your password is changed").await;
    chrome.shot("changed").await;
    chrome.goto(&format!("{}/login", desk.api)).await;
    chrome.fill("email", email).await;
    chrome.fill("password", "another long password").await;
    chrome.press("Sign in").await;
    chrome.sees("Where you are signed in").await;
    chrome.press("Sign out everywhere").await;
    chrome.arrives("/login").await;
    let subjects: Vec<String> = desk.inbox(email).await.iter().map(|mail| text(mail, "subject")).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    chrome.close().await;
}

/// A guest buys, follows the link of the welcome mail, chooses a password and sees what they bought.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_gets_into_the_account_by_the_link_of_the_welcome_mail_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("WELCOME", "link".to_owned())];
    let ground = Ground::open_with(Wishes { settings, ..Wishes::default() }).await;
    let bought = ground.buyer(Goods::Hosting).buy().await;
    let welcome = until("the welcome is there", async || {
        let mails = ground.desk.inbox(&bought.email).await;
        mails.iter().map(|mail| text(mail, "text")).find(|text| text.contains("token="))
    })
    .await;
    assert!(!welcome.contains("Temporary password"), "{welcome}");
    let link = welcome.split_whitespace().find(|word| word.contains("token=")).unwrap();
    let mut chrome = Chrome::open("welcome", PHONE).await;
    chrome.goto(link).await;
    chrome.fill("password", PASSWORD).await;
    chrome.shot("choose").await;
    chrome.press("Save the password").await;
    chrome.sees("Your password is changed").await;
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", &bought.email).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.sees("Where you are signed in").await;
    chrome.goto(link).await;
    chrome.fill("password", "somebody who found the mail").await;
    chrome.press("Save the password").await;
    chrome.sees("does not count any more").await;
    chrome.close().await;
}

/// The link in the mail with this number to an address.
async fn mailed_link(ground: &Ground, email: &str, number: usize) -> String {
    until("the mail is there", async || {
        let mails = ground.desk.inbox(email).await;
        let words = text(mails.get(number)?, "text");
        words.split_whitespace().find(|word| word.contains("token=")).map(str::to_owned)
    })
    .await
}
