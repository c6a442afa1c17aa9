//! Somebody gives their account an app and a passkey, and signs in with each.

use accounts::TotpSecret;
use chrono::Duration;
use kernel::Env;

use super::{
    chrome::{self, Chrome, DESK, PHONE},
    mailed_link,
};
use crate::ground::{Ground, PASSWORD, Wishes, text};

const EMAIL: &str = "petra@example.com";

async fn register(chrome: &mut Chrome, ground: &Ground) {
    let desk = &ground.desk;
    chrome.goto(&format!("{}/register", desk.api)).await;
    chrome.fill("name", "Petra Player").await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Open the account").await;
    chrome.sees("Look into your mail").await;
    chrome.goto(&mailed_link(ground, EMAIL, 0).await).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Open my account").await;
    chrome.sees("Where you are signed in").await;
}

/// Reads the key from the page into an app of our own.
async fn set_up_app(chrome: &mut Chrome) -> TotpSecret {
    chrome.press("How you sign in").await;
    chrome.sees("your password alone opens this account").await;
    chrome.shot("security-empty").await;
    chrome.press("Set up an app").await;
    chrome.sees("Scan this").await;
    chrome.shot("app").await;
    let typed: String = chrome.text_of("#app-secret").await.split_whitespace().collect();
    let app = TotpSecret::read(&typed.into()).unwrap();
    chrome.fill("code", "000000").await;
    chrome.press("Turn it on").await;
    chrome.sees("This code does not count").await;
    chrome.shot("app-wrong").await;
    chrome.fill("code", &app.code_at(Env::system().now())).await;
    chrome.press("Turn it on").await;
    chrome.sees("They are shown this once").await;
    chrome.shot("codes").await;
    chrome.press("I have kept them").await;
    chrome.sees("10 left").await;
    app
}

async fn sign_out(chrome: &Chrome, ground: &Ground) {
    chrome.goto(&format!("{}/account", ground.desk.api)).await;
    chrome.press("Sign out").await;
    chrome.sees("Starter").await;
}

async fn sign_in_with_app(chrome: &mut Chrome, ground: &Ground, app: &TotpSecret) {
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.sees("The password is right").await;
    chrome.shot("second-factor").await;
    chrome.goto(&format!("{}/account", ground.desk.api)).await;
    chrome.arrives("/login/second-factor").await;
    // The code that turned it on is used up; the next one counts already.
    chrome.fill("code", &app.code_at(Env::system().now() + Duration::seconds(30))).await;
    chrome.press("Sign in").await;
    chrome.sees("Where you are signed in").await;
}

async fn add_passkey(chrome: &mut Chrome, ground: &Ground) {
    chrome.goto(&format!("{}/account/security", ground.desk.api)).await;
    chrome.press("Add a passkey").await;
    chrome.sees("The key stays on your device").await;
    chrome.fill("name", "My laptop").await;
    chrome.shot("passkey-new").await;
    chrome.press("Add a passkey").await;
    chrome.sees("not used yet").await;
    chrome.shot("security-full").await;
}

async fn sign_in_with_passkey(chrome: &mut Chrome, ground: &Ground) {
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.sees("Sign in with a passkey").await;
    chrome.shot("login").await;
    chrome.press("Sign in with a passkey").await;
    chrome.sees("Where you are signed in").await;
}

/// register → app → sign in with it → passkey → sign in with that → as second factor → buy → sign out everywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_signs_in_with_an_app_and_with_a_passkey_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let wishes = Wishes { registration: "confirmed", host: "localhost", ..Wishes::default() };
    let ground = Ground::open_with(wishes).await;
    let mut chrome = Chrome::open("factors", DESK).await;
    register(&mut chrome, &ground).await;
    let app = set_up_app(&mut chrome).await;
    sign_out(&chrome, &ground).await;
    sign_in_with_app(&mut chrome, &ground, &app).await;
    chrome.plug_in_authenticator().await;
    add_passkey(&mut chrome, &ground).await;
    sign_out(&chrome, &ground).await;
    sign_in_with_passkey(&mut chrome, &ground).await;
    sign_out(&chrome, &ground).await;
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.press("Use a passkey").await;
    chrome.sees("Where you are signed in").await;
    chrome.goto(&format!("{}/account/prove?next=/account/security", ground.desk.api)).await;
    chrome.sees("Show that it is you").await;
    chrome.shot("prove").await;
    chrome.press("Use a passkey").await;
    chrome.arrives("/account/security").await;
    chrome.sees("last used").await;

    chrome.goto(&ground.desk.api).await;
    chrome.click("a[href^='/order/paper-4gb']").await;
    chrome.fill("server_name", "Block Party").await;
    chrome.click("input[name='region'][value='us-central']").await;
    chrome.click("button.main[value='order']").await;
    chrome.arrives("/pay/").await;
    chrome.press("by card").await;
    chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    chrome.goto(&format!("{}/account", ground.desk.api)).await;
    chrome.press("Sign out everywhere").await;
    chrome.arrives("/login").await;
    let told = ground.desk.inbox(EMAIL).await;
    let told = told.iter().filter(|mail| text(mail, "subject").starts_with("How you sign in"));
    assert_eq!(told.count(), 2, "of the app and of the passkey");
    chrome.close().await;
}

/// Everything but passkeys works without a script, and on a phone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_set_up_and_used_without_javascript() {
    if !chrome::wanted() {
        return;
    }
    let wishes = Wishes { registration: "confirmed", host: "localhost", ..Wishes::default() };
    let ground = Ground::open_with(wishes).await;
    let mut chrome = Chrome::open("factors-plain", chrome::Look { javascript: false, ..PHONE }).await;
    register(&mut chrome, &ground).await;
    let app = set_up_app(&mut chrome).await;
    sign_out(&chrome, &ground).await;
    sign_in_with_app(&mut chrome, &ground, &app).await;
    let seen = chrome.text().await;
    assert!(!seen.contains("passkey"), "{seen}");
    chrome.close().await;
}
