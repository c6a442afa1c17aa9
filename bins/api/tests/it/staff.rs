//! What people of the shop do, and what keys for machines do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Shop, game_order};

/// Somebody with a role; their token.
async fn with_role(shop: &Shop, name: &str, role: &str) -> String {
    let email = format!("{name}@example.com");
    let token = shop.register(&email).await;
    let change = "UPDATE users SET role = $1 WHERE email = $2";
    shop.database.sql().await.execute(change, &[&role, &email]).await.unwrap();
    token
}

async fn acts(shop: &Shop, act: &str) -> Vec<(String, String, String)> {
    let query = "SELECT actor_kind, actor, subject FROM audit_log WHERE act = $1 ORDER BY at";
    let rows = shop.database.sql().await.query(query, &[&act]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[actix_web::test]
async fn staff_act_for_a_customer_visibly_and_on_record() {
    let shop = Shop::open().await;
    let ada = shop.register("ada@example.com").await;
    let made = shop.post_as(&ada, "/api/checkout/create-session", &game_order()).await.json();
    let sam = with_role(&shop, "sam", "support").await;
    let sams_id = shop.get_as(&sam, "/api/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    let found = shop.get_as(&sam, "/api/staff/customers?email=Ada@example.com").await.json();
    assert_eq!(found["orders"][0]["id"], made["orderId"]);
    let customer = found["id"].as_str().unwrap();
    let acting = shop.post_as(&sam, &format!("/api/staff/customers/{customer}/act"), &json!({})).await;
    assert_eq!((acting.status, &acting.json()["user"]["actedFor"]), (200, &json!(true)), "{acting:?}");
    let token = acting.json()["token"].as_str().unwrap().to_owned();
    let cookie = acting.header("set-cookie").split(';').next().unwrap().to_owned();

    // As she sees it, and said on every page; but her account is hers.
    let page = shop.send(Method::GET, "/account", &[("cookie", &cookie)], Vec::new()).await;
    assert!(page.text.contains("You act for ada@example.com"), "{}", page.text);
    assert!(!page.text.contains("Where you are signed in"), "{}", page.text);
    assert_eq!(shop.get_as(&token, "/api/services").await.status, 200);
    let order = shop.get_as(&token, &format!("/api/orders/{}", made["orderId"].as_str().unwrap())).await;
    assert_eq!(order.status, 200);
    let change = json!({ "currentPassword": "correct horse", "newPassword": "battery staple" });
    let refused = shop.post_as(&token, "/api/auth/change-password", &change).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("acting")), "{refused:?}");

    let ordered = shop.post_as(&token, "/api/checkout/create-session", &game_order()).await.json();
    let on_record = acts(&shop, "acted-as").await;
    let (kind, actor, subject) = on_record.last().unwrap();
    assert_eq!((kind.as_str(), actor, subject.as_str()), ("staff", &sams_id, ordered["orderId"].as_str().unwrap()));

    // Who loses the right to it does not go on with it.
    shop.post_as(&token, "/api/auth/stop-acting", &json!({})).await;
    assert_eq!(shop.get_as(&token, "/api/services").await.status, 401);
    let again = shop.post_as(&sam, &format!("/api/staff/customers/{customer}/act"), &json!({})).await.json();
    let all = shop.post_as(&sam, "/api/auth/logout-everywhere", &json!({})).await;
    assert_eq!(all.status, 200, "{all:?}");
    let ended = shop.get_as(again["token"].as_str().unwrap(), "/api/services").await;
    assert_eq!(ended.status, 401, "who signs out everywhere stops acting, too");
    let sam = shop.post("/api/auth/login", &json!({ "email": "sam@example.com", "password": "correct horse" })).await;
    let sam = sam.json()["token"].as_str().unwrap().to_owned();
    let again = shop.post_as(&sam, &format!("/api/staff/customers/{customer}/act"), &json!({})).await.json();
    let demoted = "UPDATE users SET role = 'billing' WHERE email = 'sam@example.com'";
    shop.database.sql().await.execute(demoted, &[]).await.unwrap();
    assert_eq!(shop.get_as(again["token"].as_str().unwrap(), "/api/services").await.status, 401);

    let acted = acts(&shop, "acted-as").await;
    assert_eq!(acted.len(), 4, "three times for her, and one order");
    assert!(acted.iter().all(|(kind, actor, _)| kind == "staff" && *actor == sams_id), "{acted:?}");
    assert!(acts(&shop, "sign-out").await.iter().any(|(_, actor, _)| *actor == sams_id), "ended by whom");
    shop.close().await;
}

#[actix_web::test]
async fn a_role_is_given_by_another_admin_with_a_fresh_proof_and_ends_sign_ins() {
    let shop = Shop::open().await;
    let (root, sam) = (with_role(&shop, "root", "admin").await, shop.register("sam@example.com").await);
    let give = |email: &str, role: &str| json!({ "email": email, "role": role });
    let at = "/api/staff/members/role";
    let own = shop.post_as(&root, at, &give("root@example.com", "customer")).await;
    assert_eq!((own.status, own.json()["code"].as_str()), (403, Some("own-role")));
    let odd = shop.post_as(&root, at, &give("sam@example.com", "king")).await;
    assert_eq!(odd.status, 400, "{odd:?}");
    assert_eq!(shop.post_as(&root, at, &give("nobody@example.com", "admin")).await.status, 404);
    let given = shop.post_as(&root, at, &give("sam@example.com", "admin")).await;
    assert_eq!((given.status, given.json()["role"].as_str()), (200, Some("admin")), "{given:?}");
    assert_eq!(shop.get_as(&sam, "/api/auth/me").await.status, 401, "signs in again, with the new rights");
    let old = "UPDATE sessions SET proven_at = now() - interval '11 minutes'";
    shop.database.sql().await.execute(old, &[]).await.unwrap();
    let stale = shop.post_as(&root, at, &give("sam@example.com", "support")).await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (403, Some("proof-required")));
    assert_eq!(acts(&shop, "role-changed").await.len(), 1);
    shop.close().await;
}

#[actix_web::test]
async fn a_key_does_what_it_is_for_until_it_is_ended() {
    let shop = Shop::open().await;
    let ada = shop.register("ada@example.com").await;
    let wish = |scopes: &str| json!({ "name": "monitoring", "scopes": scopes, "days": "30" });
    for (bad, field) in
        [("", "scopes"), ("everything", "scopes"), ("account:manage", "scopes"), ("orders:read", "scopes")]
    {
        let refused = shop.post_as(&ada, "/api/auth/keys/make", &wish(bad)).await;
        assert!(matches!(refused.status, 400 | 403) && refused.text.contains(field), "{bad}: {refused:?}");
    }
    let made = shop.post_as(&ada, "/api/auth/keys/make", &wish("services:read")).await.json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("hwk_") && secret.len() == 68, "{secret}");
    assert_eq!(shop.get_as(&secret, "/api/services").await.status, 200);
    let order = shop.post_as(&secret, "/api/checkout/create-session", &game_order()).await;
    assert_eq!((order.status, order.json()["code"].as_str()), (403, Some("out-of-scope")), "{order:?}");
    assert_eq!(shop.get_as(&secret, "/api/auth/me").await.json()["code"], "sign-in-required");
    assert_eq!(shop.get_as("hwk_0000", "/api/services").await.status, 401);
    let listed = shop.get_as(&ada, "/api/auth/keys").await;
    assert!(!listed.text.contains(&secret), "shown once");
    assert_ne!(listed.json()["keys"][0]["lastUsedAt"], Value::Null);
    let stored: i64 = shop.sql(&format!("SELECT count(*) FROM api_keys WHERE token_hash = sha256('{secret}')")).await;
    assert_eq!(stored, 1, "its hash alone");
    let end = format!("/api/auth/keys/{}/end", made["key"]["id"].as_str().unwrap());
    assert_eq!(shop.post_as(&ada, &end, &json!({})).await.status, 200);
    assert_eq!(shop.get_as(&secret, "/api/services").await.status, 401);
    assert_eq!((acts(&shop, "api-key-made").await.len(), acts(&shop, "api-key-revoked").await.len()), (1, 1));
    shop.close().await;
}
