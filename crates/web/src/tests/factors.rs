//! The second factor, passkeys and fresh proofs, as somebody at a browser meets them.

use accounts::{FactorStore as _, PasskeyAnswer, StaffFactor, TotpSecret, testing::FakePasskeys};
use actix_web::http::StatusCode;
use chrono::Duration;
use flows::{PasskeyQuestion, Shop as _, SignedIn};
use kernel::Transact as _;

use super::browser::{Answer, Browser, Form};

fn form(pairs: &[(&'static str, &str)]) -> Form<'static> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

const CREDENTIALS: [(&str, &str); 2] = [("email", "rita@example.com"), ("password", "long enough")];

/// The code that Rita's app shows now.
pub(super) async fn code(browser: &Browser) -> String {
    let shop = &browser.shop;
    let user = shop.db.with(|store| store.accounts.users.values().next().unwrap().id);
    let totp = shop.db.transaction(async |tx| tx.totp(user).await).await.unwrap().unwrap();
    TotpSecret::open(shop.sealer(), &totp).unwrap().code_at(shop.env().now())
}

/// Sets up an app; the page with the recovery codes.
async fn add_app(browser: &Browser) -> Answer {
    assert_eq!(browser.post("/account/security/app", &Form::new()).await.location(), "/account/security/app");
    let page = browser.get("/account/security/app").await;
    page.says("<svg class=\"qr\"").says("id=\"app-secret\"");
    let page = browser.post("/account/security/app/confirm", &form(&[("code", "000000")])).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("This code does not count").says("<svg class=\"qr\"");
    let codes = browser.post("/account/security/app/confirm", &form(&[("code", &code(browser).await)])).await;
    assert_eq!(codes.status, StatusCode::OK, "{}", codes.body);
    browser.shop.advance(Duration::seconds(60));
    codes
}

fn who(browser: &Browser) -> SignedIn {
    let request = actix_web::test::TestRequest::default().insert_header(("cookie", browser.cookie())).to_http_request();
    let claim = browser.state.cookie.claim(&request).unwrap();
    let signed_in = flows::signed_in(&*browser.shop, claim);
    futures_util::future::FutureExt::now_or_never(signed_in).unwrap().unwrap()
}

/// What a script sends along when the device has signed.
fn signed(question: &PasskeyQuestion, counter: u32) -> Form<'static> {
    let PasskeyAnswer { challenge, answer } = PasskeyAnswer {
        challenge: question.challenge,
        answer: FakePasskeys::answer("phone", &question.options, counter),
    };
    form(&[("challenge", &challenge.to_string()), ("answer", &answer), ("name", "My phone"), ("next", "/account")])
}

#[actix_web::test]
async fn an_app_is_set_up_and_asked_for_without_any_script() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    browser.get("/account").await.says("/account/security");
    browser.get("/account/security").await.says("So far your password alone opens this account");
    let page = add_app(&browser).await;
    page.says("Your authenticator app is on").says("They are shown this once.");
    assert_eq!(page.header("cache-control"), "no-store");
    let recovery = page.body.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    browser.get("/account/security").await.says("10 left").hides(&recovery);

    let phone = browser.stranger();
    let answer = phone.post("/login", &form(&[&CREDENTIALS[..], &[("next", "/orders/x")]].concat())).await;
    assert_eq!(answer.location(), "/login/second-factor?next=/orders/x");
    assert!(answer.header("set-cookie").contains("; Max-Age=600;"), "{}", answer.header("set-cookie"));
    for path in ["/account", "/account/security", "/account/security/app", "/account/password", "/account/prove"] {
        let refused = phone.get(path).await;
        assert!(refused.location().starts_with("/login?next="), "half a sign-in opens no {path}");
    }
    assert_eq!(phone.get("/login?next=/orders/x").await.location(), "/login/second-factor?next=/orders/x");
    phone.get("/login/second-factor?next=/orders/x").await.says("Code from your app").hides("data-passkey");
    let step = |code: &str| form(&[("code", code), ("next", "/orders/x")]);
    let wrong = phone.post("/login/second-factor", &step("123456")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("This code does not count").hides("123456");
    let right = phone.post("/login/second-factor", &step(&code(&browser).await)).await;
    assert_eq!(right.location(), "/orders/x");
    phone.get("/account").await.says("rita@example.com");

    let lost = browser.stranger();
    lost.post("/login", &form(&CREDENTIALS)).await.location();
    assert_eq!(lost.post("/login/second-factor", &step(&recovery)).await.location(), "/orders/x");
    browser.get("/account/security").await.says("9 left");
}

#[actix_web::test]
async fn what_can_lock_out_takes_a_fresh_proof_and_leads_back() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    add_app(&browser).await;
    browser.shop.advance(Duration::minutes(11));
    for path in [
        "/account/security/app",
        "/account/security/app/remove",
        "/account/security/recovery-codes",
        "/account/security/passkeys",
        "/account/security/passkeys/remove",
    ] {
        let refused = browser.post(path, &Form::new()).await;
        assert_eq!(refused.location(), format!("/account/prove?next={path}"));
    }
    let page = browser.get("/account/prove?next=/account/security/app/remove").await;
    page.says("Your password").says("Code from your app");
    let proof = |password: &str, code: &str| {
        form(&[("password", password), ("code", code), ("next", "/account/security/app/remove")])
    };
    let wrong = browser.post("/account/prove", &proof("a guess", "")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("This is not your present password.").hides("a guess");
    browser.post("/account/prove", &proof("long enough", "")).await.says("This code does not count");
    let right = browser.post("/account/prove", &proof("long enough", &code(&browser).await)).await;
    assert_eq!(right.location(), "/account/security/app/remove");
    assert!(right.header("set-cookie").starts_with("__Host-hw_session="), "under another secret");
    assert_eq!(browser.get("/account/security/app/remove").await.location(), "/account/security");
    assert_eq!(browser.post("/account/security/app/remove", &Form::new()).await.location(), "/account/security");
    browser.get("/account/security").await.says("So far your password alone opens this account");
    assert_eq!(browser.stranger().post("/login", &form(&CREDENTIALS)).await.location(), "/account");
}

#[actix_web::test]
async fn passkeys_are_added_named_used_and_removed() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    browser.get("/account/security/passkeys").await.says("data-passkey=\"create\"").says("/api/auth/passkeys/options");
    let question = flows::ask_new_passkey(&*browser.shop, &who(&browser)).await.unwrap();
    let answer = signed(&question, 1);
    browser.post("/account/security/passkeys", &answer).await.says("Your passkey is added").says("shown this once");
    browser.post("/account/security/passkeys", &answer).await.says("done before");
    let page = browser.get("/account/security").await;
    page.says("My phone").says("not used yet");
    let key = page.value("passkey");

    let stranger = browser.stranger();
    stranger.get("/login").await.says("Sign in with a passkey").says("/api/auth/passkeys/sign-in/options");
    let question = flows::ask_sign_in(&*browser.shop, &audit::Origin::default()).await.unwrap();
    let answer = signed(&question, 2);
    assert_eq!(stranger.post("/login/passkey", &answer).await.location(), "/account");
    let again = browser.stranger().post("/login/passkey", &answer).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.says("done before");
    let half = browser.stranger();
    half.post("/login", &form(&CREDENTIALS)).await.location();
    half.get("/login/second-factor").await.says("data-passkey=\"get\"").says("/api/auth/second-factor/options");

    let rename = form(&[("passkey", &key), ("name", "Old phone")]);
    assert_eq!(browser.post("/account/security/passkeys/rename", &rename).await.location(), "/account/security");
    browser.get("/account/security").await.says("Old phone").hides("not used yet");
    let eve = browser.stranger();
    eve.register("eve@example.com").await;
    eve.post("/account/security/passkeys/remove", &form(&[("passkey", &key)])).await.location();
    browser.get("/account/security").await.says("Old phone");
    browser.post("/account/security/passkeys/remove", &form(&[("passkey", &key)])).await.location();
    browser.get("/account/security").await.hides("Old phone");
}

#[actix_web::test]
async fn staff_without_a_second_factor_are_led_to_adding_one() {
    let browser = Browser::with(|shop| shop.staff_factor = StaffFactor::Required);
    browser.register("rita@example.com").await;
    browser.shop.db.with(|store| store.accounts.users.for_each_mut(|_, user| user.role = accounts::Role::Admin));
    assert_eq!(browser.get("/account").await.location(), "/account/security");
    browser.get("/account/security").await.says("nothing else is open until then");
    add_app(&browser).await;
    browser.get("/account").await.says("rita@example.com");
    browser.get("/account/security").await.hides("nothing else is open until then");
}
