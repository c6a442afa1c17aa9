//! The second factor over the API: half a sign-in, the app, recovery codes, proving anew, staff without a factor.

use accounts::TotpSecret;
use chrono::Duration;
use kernel::Env;
use serde_json::{Value, json};

use crate::shop::{Answer, Settings, Shop};

const VERIFY: &str = "/api/auth/second-factor/verify";
const PASSWORD: &str = "correct horse";

fn token(answer: &Answer) -> String {
    answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token in {answer:?}")).to_owned()
}

fn code_of(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

async fn login(shop: &Shop) -> Answer {
    shop.post("/api/auth/login", &json!({ "email": "ada@example.com", "password": PASSWORD })).await
}

/// Registers and sets up an app: the token, the app, the recovery codes.
async fn with_app(shop: &Shop) -> (String, TotpSecret, Vec<String>) {
    let who = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
    let token = token(&shop.post("/api/auth/register", &who).await);
    let (app, codes) = add_app(shop, &token).await;
    (token, app, codes)
}

async fn add_app(shop: &Shop, token: &str) -> (TotpSecret, Vec<String>) {
    let begun = shop.post_as(token, "/api/auth/second-factor/app", &json!({})).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    let app = TotpSecret::read(&begun.json()["secret"].as_str().unwrap().into()).unwrap();
    assert!(begun.json()["uri"].as_str().unwrap().starts_with("otpauth://totp/Hostwright:ada%40example.com?secret="));
    let confirm = "/api/auth/second-factor/app/confirm";
    let wrong = shop.post_as(token, confirm, &json!({ "code": "000000" })).await;
    assert_eq!((wrong.status, code_of(&wrong).as_str()), (400, "wrong-code"));
    let done = shop.post_as(token, confirm, &json!({ "code": now(&app, 0) })).await;
    assert_eq!(done.status, 200, "{done:?}");
    let codes = done.json()["recoveryCodes"].as_array().unwrap().clone();
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// What an app shows, or will show in so many steps: a neighbour of the present code counts too.
fn now(app: &TotpSecret, steps: i32) -> String {
    app.code_at(Env::system().now() + Duration::seconds(30) * steps)
}

#[actix_web::test]
async fn the_password_gives_half_a_sign_in_and_the_code_the_rest() {
    let shop = Shop::open().await;
    let (_, app, codes) = with_app(&shop).await;
    let half = login(&shop).await;
    assert_eq!((half.status, half.json()["secondFactorRequired"].as_bool()), (200, Some(true)), "{half:?}");
    assert!(half.header("set-cookie").contains("; Max-Age=600; HttpOnly"), "{half:?}");
    let half = token(&half);
    for path in ["/api/auth/me", "/api/auth/sessions", "/api/services", "/api/auth/second-factor"] {
        let refused = shop.get_as(&half, path).await;
        assert_eq!((refused.status, code_of(&refused).as_str()), (401, "second-factor-due"), "{path}: {refused:?}");
    }
    for path in ["/api/auth/second-factor/app/remove", "/api/auth/token", "/api/auth/change-password"] {
        assert_eq!(shop.post_as(&half, path, &json!({})).await.status, 401, "{path}");
    }
    for (body, field) in
        [(json!({}), "code"), (json!({ "challenge": "x" }), "challenge"), (json!({ "code": 1 }), "code")]
    {
        let refused = shop.post_as(&half, VERIFY, &body).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.json()["detail"].as_str().unwrap().contains(field), "{refused:?}");
    }
    let right = json!({ "code": now(&app, 1) });
    let whole = token(&shop.post_as(&half, VERIFY, &right).await);
    assert_eq!(shop.get_as(&whole, "/api/auth/me").await.status, 200);
    assert_eq!(shop.post_as(&half, VERIFY, &right).await.status, 401, "the half is worth nothing any more");
    let again = token(&login(&shop).await);
    assert_eq!(shop.post_as(&again, VERIFY, &right).await.status, 400, "a code counts once");
    let recovered = shop.post_as(&again, VERIFY, &json!({ "code": codes[0].to_lowercase() })).await;
    assert_eq!(recovered.status, 200, "{recovered:?}");
    let list = shop.get_as(&token(&recovered), "/api/auth/second-factor").await.json();
    assert_eq!((list["app"].as_bool(), list["recoveryCodesLeft"].as_i64()), (Some(true), Some(9)), "{list}");
    assert_eq!(shop.post(VERIFY, &right).await.status, 401, "nobody");
    shop.close().await;
}

#[actix_web::test]
async fn what_can_lock_out_takes_a_fresh_proof() {
    let shop = Shop::open().await;
    let (who, app, _) = with_app(&shop).await;
    let stale = "WITH s AS (UPDATE sessions SET proven_at = now() - interval '11 minutes' RETURNING 1) \
                 SELECT count(*) FROM s";
    shop.sql::<i64>(stale).await;
    for path in [
        "/api/auth/second-factor/app",
        "/api/auth/second-factor/app/remove",
        "/api/auth/second-factor/recovery-codes",
        "/api/auth/passkeys",
        "/api/auth/passkeys/options",
        "/api/auth/passkeys/psk_00000000000070008000000000000001/remove",
    ] {
        let refused = shop.post_as(&who, path, &json!({})).await;
        assert_eq!((refused.status, code_of(&refused).as_str()), (403, "proof-required"), "{path}: {refused:?}");
    }
    let prove = async |body: Value| shop.post_as(&who, "/api/auth/prove", &body).await;
    for (body, code) in [
        (json!({ "password": "wrong" }), "wrong-password"),
        (json!({ "password": PASSWORD }), "wrong-code"),
        (json!({ "password": PASSWORD, "code": "000000" }), "wrong-code"),
    ] {
        let refused = prove(body).await;
        assert_eq!((refused.status, code_of(&refused).as_str()), (400, code), "{refused:?}");
    }
    let proven = prove(json!({ "password": PASSWORD, "code": now(&app, 1) })).await;
    assert_eq!(proven.status, 200, "{proven:?}");
    let codes = shop.post_as(&token(&proven), "/api/auth/second-factor/recovery-codes", &json!({})).await;
    assert_eq!(codes.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(shop.post_as(&who, "/api/auth/second-factor/app/remove", &json!({})).await.status, 200);
    assert_eq!(login(&shop).await.json()["secondFactorRequired"], Value::Null, "the password suffices again");
    shop.close().await;
}

#[actix_web::test]
async fn staff_without_a_second_factor_reach_nothing_but_adding_one() {
    let shop = Shop::open_with(Settings { staff_factor: true, ..Settings::default() }).await;
    let who = shop.register("ada@example.com").await;
    shop.sql::<i64>("WITH u AS (UPDATE users SET role = 'admin' RETURNING 1) SELECT count(*) FROM u").await;
    for path in ["/api/services", "/api/staff/cases"] {
        let refused = shop.get_as(&who, path).await;
        assert_eq!(
            (refused.status, code_of(&refused).as_str()),
            (403, "second-factor-required"),
            "{path}: {refused:?}"
        );
    }
    let list = shop.get_as(&who, "/api/auth/second-factor").await.json();
    assert_eq!((list["required"].as_bool(), list["enabled"].as_bool()), (Some(true), Some(false)));
    add_app(&shop, &who).await;
    assert_eq!(shop.get_as(&who, "/api/staff/cases").await.status, 200);
    shop.close().await;
}

/// Questions are asked over the API; what real devices answer is the browser's walk.
#[actix_web::test]
async fn passkeys_are_asked_for_the_shops_own_address() {
    let shop = Shop::open().await;
    let who = shop.register("ada@example.com").await;
    let asked = shop.post_as(&who, "/api/auth/passkeys/options", &json!({})).await.json();
    let options = &asked["publicKey"];
    assert_eq!(options["rp"]["id"], "shop.test", "{asked}");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert!(asked["challenge"].as_str().unwrap().starts_with("chl_"));
    let host = [("host", "evil.example"), ("content-type", "application/json")];
    let path = "/api/auth/passkeys/sign-in/options";
    let asked = shop.send(reqwest::Method::POST, path, &host, b"{}".to_vec()).await.json();
    assert_eq!(asked["publicKey"]["rpId"], "shop.test", "whatever the request calls it: {asked}");
    assert_eq!((&asked["mediation"], &asked["publicKey"]["allowCredentials"]), (&Value::Null, &json!([])));
    let body = json!({ "challenge": asked["challenge"], "credential": { "id": "x" } });
    let refused = shop.post("/api/auth/passkeys/sign-in", &body).await;
    assert_eq!((refused.status, code_of(&refused).as_str()), (400, "passkey-refused"), "{refused:?}");
    let spent = shop.post("/api/auth/passkeys/sign-in", &body).await;
    assert_eq!((spent.status, code_of(&spent).as_str()), (400, "challenge-spent"), "asked once");
    let none = shop.post_as(&who, "/api/auth/prove/options", &json!({})).await;
    assert_eq!(none.status, 404, "{none:?}");
    shop.close().await;
}
