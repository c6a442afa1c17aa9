//! Registering, signing in and out, changing a password.

use serde_json::{Value, json};

use crate::shop::{Settings, Shop, game_order};

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
    for part in ["__Host-hw_session=", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=7776000"] {
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
    let cookie = format!("{}; theme=dark", login.header("set-cookie").split(';').next().unwrap());
    let by_cookie = shop.send(reqwest::Method::GET, "/api/auth/me", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(by_cookie.status, 200);
    let bearer_as_cookie = format!("__Host-hw_session={token}");
    let headers = [("cookie", bearer_as_cookie.as_str())];
    let by_bearer = shop.send(reqwest::Method::GET, "/api/auth/me", &headers, Vec::new()).await;
    assert_eq!(by_bearer.status, 401, "a bearer token is no cookie");

    for _ in 0..2 {
        let out = shop.post_as(&token, "/api/auth/logout", &json!({})).await;
        assert_eq!(out.status, 200, "{out:?}");
        assert!(out.header("set-cookie").contains("__Host-hw_session=; Path=/; Max-Age=0"));
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
    let changed = shop.post_as(&token, "/api/auth/change-password", &change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(changed.header("set-cookie").starts_with("__Host-hw_session="), "the cookie is replaced: {changed:?}");
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
        ("correct horse", "Password123", "common-password"),
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

#[actix_web::test]
async fn a_password_that_is_tried_first_is_refused() {
    let shop = Shop::open().await;
    let who = json!({ "email": "ada@example.com", "password": "iloveyou", "name": "Ada" });
    let answer = shop.post("/api/auth/register", &who).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("common-password")), "{answer:?}");
    assert!(answer.text.contains("password: this password is on lists"), "{answer:?}");
    let who = json!({ "email": "ada@example.com", "password": "Lovelace1815", "name": "Ada Lovelace" });
    let answer = shop.post("/api/auth/register", &who).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("guessable-password")), "{answer:?}");
    shop.close().await;
}

#[actix_web::test]
async fn signing_in_makes_a_weaker_hash_as_strong_as_new_ones() {
    let dearer = Settings { bcrypt_cost: Some(5), ..Settings::default() };
    let shop = Shop::open().await;
    shop.register("ada@example.com").await;
    let cost = "SELECT left(password_hash, 7) FROM users";
    assert_eq!(shop.sql::<String>(cost).await, "$2b$04$");
    // Both shops have one key, and so one pepper.
    let cheap: String = shop.sql("SELECT password_hash FROM users").await;
    let other = Shop::open_with(dearer).await;
    other.register("ada@example.com").await;
    let sql = other.database.sql().await;
    sql.execute("UPDATE users SET password_hash = $1", &[&cheap]).await.unwrap();
    for (password, status, expected) in [("wrong horse", 401, "$2b$04$"), ("correct horse", 200, "$2b$05$")] {
        assert_eq!(other.post("/api/auth/login", &credentials(password)).await.status, status);
        assert_eq!(other.sql::<String>(cost).await, expected, "{password}");
    }
    assert_eq!(other.post("/api/auth/login", &credentials("correct horse")).await.status, 200, "and it is still right");
    shop.close().await;
    other.close().await;
}

#[actix_web::test]
async fn an_answer_by_mail_tells_nobody_who_has_an_account() {
    let shop = Shop::open_with(Settings { confirmed: true, ..Settings::default() }).await;
    let known = "WITH u AS (INSERT INTO users VALUES (gen_random_uuid(), 'ada@example.com', '$2b$04$x', false, NULL, \
        'customer', now()) RETURNING 1) SELECT count(*) FROM u";
    assert_eq!(shop.sql::<i64>(known).await, 1);
    let mut answers = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let who = json!({ "email": email, "password": "correct horse", "name": "Ada" });
        let registered = shop.post("/api/auth/register", &who).await;
        let forgot = shop.post("/api/auth/forgot-password", &json!({ "email": email })).await;
        answers.push([registered, forgot].map(|answer| (answer.status, answer.text)));
        // What is written is alike too; the worker tells them apart, where nobody waits for an answer.
        let requests = format!("SELECT count(*) FROM account_requests WHERE email = '{email}' AND user_id IS NULL");
        assert_eq!(shop.sql::<i64>(&requests).await, 2);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].each_ref().map(|(status, _)| *status), [202, 202]);
    assert_eq!(shop.sql::<i64>("SELECT count(*) FROM jobs WHERE kind = 'account.answer'").await, 4);
    assert_eq!((shop.count("users").await, shop.count("email_log").await), (1, 0));
    for (path, body) in [
        ("/api/auth/register/confirm", json!({ "token": "0".repeat(64), "password": "correct horse" })),
        ("/api/auth/reset-password", json!({ "token": "guess", "newPassword": "correct horse" })),
    ] {
        let answer = shop.post(path, &body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("link-spent")), "{answer:?}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn sign_ins_are_listed_renewed_and_ended() {
    let shop = Shop::open().await;
    let (ada, eve) = (shop.register("ada@example.com").await, shop.register("eve@example.com").await);
    let second = shop.post("/api/auth/login", &credentials("correct horse")).await.json();
    let second = second["token"].as_str().unwrap().to_owned();
    let list = shop.get_as(&ada, "/api/auth/sessions").await.json();
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{list}");
    assert!(sessions.iter().all(|session| session["ip"] == "127.0.0.1"), "{list}");
    let others = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/auth/sessions/{}/end", others["id"].as_str().unwrap());
    for (token, path, status) in [
        (&eve, path.as_str(), 404),
        (&ada, "/api/auth/sessions/nonsense/end", 404),
        (&ada, path.as_str(), 200),
        (&second, path.as_str(), 401),
    ] {
        assert_eq!(shop.post_as(token, path, &json!({})).await.status, status, "{path}");
    }
    let next = shop.post_as(&ada, "/api/auth/token", &json!({})).await.json();
    assert_eq!(next["expiresIn"], 3600);
    let next = next["token"].as_str().unwrap().to_owned();
    assert_eq!(shop.get_as(&next, "/api/auth/me").await.status, 200);
    assert_eq!(shop.post_as(&next, "/api/auth/logout-everywhere", &json!({})).await.status, 200);
    for token in [&ada, &next] {
        assert_eq!(shop.get_as(token, "/api/auth/me").await.status, 401);
    }
    assert_eq!(shop.get_as(&eve, "/api/auth/me").await.status, 200);
    let stored = "SELECT count(*) FROM sessions WHERE octet_length(token_hash) = 32";
    assert_eq!(shop.sql::<i64>(stored).await, 3);
    shop.close().await;
}
