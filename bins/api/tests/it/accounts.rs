//! Registering, signing in and out, changing a password.

use serde_json::{Value, json};

use crate::shop::{Shop, game_order};

fn credentials(password: &str) -> Value {
    json!({ "email": "Ada@example.com", "password": password })
}

#[actix_web::test]
async fn somebody_registers_signs_in_and_out() {
    let shop = Shop::open().await;
    let who = json!({ "email": "Ada@Example.com", "password": "correct horse", "name": "Ada Lovelace" });
    let registered = shop.post("/api/auth/register", &who).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let cookie = registered.header("set-cookie").to_owned();
    for part in ["hw_session=", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let mut body = registered.json();
    body["token"] = json!("[token]");
    body["user"]["id"] = json!("[id]");
    insta::assert_json_snapshot!("registered", body);

    let login = shop.post("/api/auth/login", &credentials("correct horse")).await;
    assert_eq!(login.status, 200);
    let token = login.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(shop.get_as(&token, "/api/auth/me").await.json()["user"]["email"], "ada@example.com");
    let cookie = format!("hw_session={token}; theme=dark");
    let by_cookie = shop.send(reqwest::Method::GET, "/api/auth/me", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(by_cookie.status, 200);

    for _ in 0..2 {
        let out = shop.post_as(&token, "/api/auth/logout", &json!({})).await;
        assert_eq!(out.status, 200, "{out:?}");
        assert!(out.header("set-cookie").contains("hw_session=; Path=/; Max-Age=0"));
    }
    assert_eq!(shop.get_as(&token, "/api/auth/me").await.status, 401, "the token ended with its sign-in");
    shop.close().await;
}

#[actix_web::test]
async fn wrong_credentials_and_taken_addresses_are_told_apart_from_nothing_else() {
    let shop = Shop::open().await;
    shop.register("ada@example.com").await;
    let wrong = shop.post("/api/auth/login", &credentials("wrong horse")).await;
    let unknown = json!({ "email": "nobody@example.com", "password": "wrong horse" });
    let unknown = shop.post("/api/auth/login", &unknown).await;
    assert_eq!((wrong.status, &wrong.text), (401, &unknown.text), "nobody learns whether an address has an account");
    assert_eq!(wrong.error(), "e-mail address or password is wrong");
    let again = json!({ "email": "ADA@example.com", "password": "another horse", "name": "A" });
    let again = shop.post("/api/auth/register", &again).await;
    assert_eq!((again.status, again.json()["code"].as_str()), (409, Some("email-taken")));
    assert_eq!(shop.count("users").await, 1);
    shop.close().await;
}

#[actix_web::test]
async fn a_temporary_password_must_be_changed_before_anything_else() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    let must = "WITH u AS (UPDATE users SET must_change_password = true, password_expires_at = now() + interval '1 day' \
                RETURNING 1) SELECT count(*) FROM u";
    assert_eq!(shop.sql::<i64>(must).await, 1);
    let me = shop.get_as(&token, "/api/auth/me").await.json();
    assert_eq!(me["user"]["mustChangePassword"], true);
    for path in ["/api/servers", "/api/services"] {
        let answer = shop.get_as(&token, path).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("password-change-required")), "{path}");
    }
    let order = shop.post_as(&token, "/api/checkout/create-session", &game_order()).await;
    assert_eq!(order.status, 403, "{order:?}");

    let other = shop.post("/api/auth/login", &credentials("correct horse")).await.json();
    let change = json!({ "currentPassword": "correct horse", "newPassword": "battery staple" });
    assert_eq!(shop.post_as(&token, "/api/auth/change-password", &change).await.status, 200);
    assert_eq!(shop.get_as(&token, "/api/servers").await.status, 200);
    assert_eq!(shop.get_as(other["token"].as_str().unwrap(), "/api/auth/me").await.status, 401, "other sign-ins end");
    assert_eq!(shop.post("/api/auth/login", &credentials("correct horse")).await.status, 401);
    assert_eq!(shop.post("/api/auth/login", &credentials("battery staple")).await.status, 200);
    shop.close().await;
}

#[actix_web::test]
async fn a_password_is_changed_only_by_who_knows_it() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    for (current, new, code) in [
        ("wrong horse", "battery staple", "wrong-password"),
        ("correct horse", "correct horse", "same-password"),
        ("correct horse", "short", "invalid-password"),
    ] {
        let body = json!({ "currentPassword": current, "newPassword": new });
        let answer = shop.post_as(&token, "/api/auth/change-password", &body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some(code)), "{answer:?}");
    }
    let body = json!({ "currentPassword": "correct horse", "newPassword": "battery staple" });
    assert_eq!(shop.post("/api/auth/change-password", &body).await.status, 401);
    assert_eq!(shop.post("/api/auth/login", &credentials("correct horse")).await.status, 200);
    shop.close().await;
}
