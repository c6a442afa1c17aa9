//! Who may call what: every route as every role and as nobody, and every id with somebody else's.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Answer, Shop, game_order};

/// Every route there is, of the API and of the pages.
fn routes() -> impl Iterator<Item = (Method, &'static str)> {
    let all = api::ROUTES.iter().chain(web::ROUTES).chain(web::DESK_ROUTES);
    all.map(|(method, path, _)| (method.parse().unwrap(), *path))
}

/// The callers of the table. A sign-in is made for each call, since some calls end it.
const CALLERS: [(&str, &str); 10] = [
    ("nobody", ""),
    ("half", "customer"),
    ("temporary", "customer"),
    ("customer", "customer"),
    ("support", "support"),
    ("billing", "billing"),
    ("admin", "admin"),
    ("stale", "admin"),
    ("acting", "customer"),
    ("key", "admin"),
];

async fn people(shop: &Shop) {
    let sql = shop.database.sql().await;
    for (name, role) in CALLERS.iter().filter(|(_, role)| !role.is_empty()) {
        shop.register(&format!("{name}@example.com")).await;
        let change = "UPDATE users SET role = $1, must_change_password = $2 WHERE email = $3";
        sql.execute(change, &[role, &(*name == "temporary"), &format!("{name}@example.com")]).await.unwrap();
    }
    // Something that is not over, so that nobody is erased by being asked.
    let mails = "INSERT INTO email_log (id, to_email, template, department, context, status, queued_at) \
                 SELECT gen_random_uuid(), email, 'welcome', 'support', '{}', 'queued', now() FROM users";
    sql.execute(mails, &[]).await.unwrap();
    let scopes: Vec<_> = accounts::Permission::ALL.iter().filter(|scope| scope.is_for_keys()).collect();
    let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    let key = "INSERT INTO api_keys (id, user_id, name, token_hash, scopes, created_at, expires_at) \
               SELECT gen_random_uuid(), id, 'all', sha256('hwk_all'), $1, now(), now() + interval '1 day' \
               FROM users WHERE email = 'key@example.com'";
    sql.execute(key, &[&scopes]).await.unwrap();
}

/// The header by which a caller is known, in a sign-in of their own.
async fn known_by(shop: &Shop, caller: &str, number: usize) -> Vec<(&'static str, String)> {
    if caller == "nobody" {
        return Vec::new();
    }
    if caller == "key" {
        return vec![("authorization", "Bearer hwk_all".to_owned())];
    }
    let token = format!("{caller}{number}");
    let insert = "INSERT INTO sessions (id, user_id, created_at, expires_at, token_hash, last_seen_at, proven_at, acted_by, \
             factor_due) \
         SELECT gen_random_uuid(), u.id, now(), now() + interval '1 hour', sha256($1::text::bytea), now(), \
             now() - CASE WHEN $2 = 'stale' THEN interval '11 minutes' ELSE interval '0' END, \
             (SELECT s.id FROM users s WHERE s.email = 'support@example.com' AND $2 = 'acting'), $2 = 'half' \
         FROM users u WHERE u.email = $2 || '@example.com'";
    assert_eq!(shop.database.sql().await.execute(insert, &[&token, &caller]).await.unwrap(), 1);
    vec![("cookie", format!("__Host-hw_session={token}"))]
}

async fn call(shop: &Shop, method: &Method, path: &str, known: &[(&str, String)]) -> Answer {
    let body = match (method, path.starts_with("/api/")) {
        (&Method::GET, _) => (Vec::new(), "text/plain"),
        (_, true) => (b"{}".to_vec(), "application/json"),
        (_, false) => (Vec::new(), "application/x-www-form-urlencoded"),
    };
    let mut headers: Vec<_> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", body.1));
    shop.send(method.clone(), path, &headers, body.0).await
}

/// What the door said: `in`, or why not.
fn outcome(path: &str, answer: &Answer) -> String {
    if path.starts_with("/api/") {
        let code = || answer.json()["code"].as_str().unwrap_or_default().to_owned();
        return match answer.status {
            401 | 403 => code(),
            // An unknown id has a sentence of its own; this one is said of addresses.
            404 if answer.text.contains("nothing at this address") => "hidden".to_owned(),
            _ => "in".to_owned(),
        };
    }
    match (answer.status, answer.header("location")) {
        (303, to) if to.starts_with("/login?") => "signed-out".to_owned(),
        (303, "/account/password") => "password-change-required".to_owned(),
        (303, to) if to.starts_with("/account/prove") => "proof-required".to_owned(),
        (403, _) if answer.text.contains("Only the customer does this") => "acting".to_owned(),
        (403, _) => "forbidden".to_owned(),
        _ => "in".to_owned(),
    }
}

/// The headers that every answer has, whatever it is.
fn protected(path: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("strict-transport-security", "max-age=63072000"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {path}: {answer:?}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    assert_eq!(answer.header("server"), "", "{path}");
    if !path.starts_with("/assets") {
        assert!(answer.header("cache-control").contains("no-"), "{path}: {answer:?}");
    }
    for cookie in answer.headers.get("set-cookie").into_iter().flat_map(|all| all.lines()) {
        for part in ["__Host-", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(part), "{part} of {path}: {cookie}");
        }
    }
    if answer.text.contains("<html") {
        let text = answer.text.to_lowercase();
        for inline in ["<style", " style=", "<script>", " onclick=", " onload=", "javascript:"] {
            assert!(!text.contains(inline), "{inline} in {path}");
        }
    }
    if let Some(to) = answer.headers.get("location") {
        assert!(to.starts_with('/') && !to.starts_with("//"), "{path} leads to {to}");
    }
}

#[actix_web::test]
async fn every_route_lets_in_whom_it_declares_and_nobody_else() {
    let shop = Shop::open().await;
    people(&shop).await;
    let mut table = String::new();
    let mut number = 0;
    for (method, path) in routes() {
        let concrete = path.split('/').map(|part| if part.starts_with('{') { "unknown" } else { part });
        let concrete = concrete.collect::<Vec<_>>().join("/");
        let _ = writeln!(table, "{method} {path}");
        let mut said: Vec<(String, Vec<&str>)> = Vec::new();
        for (caller, _) in CALLERS {
            number += 1;
            let known = known_by(&shop, caller, number).await;
            let answer = call(&shop, &method, &concrete, &known).await;
            assert!(answer.status < 500, "{caller} {method} {path}: {answer:?}");
            protected(path, &answer);
            let outcome = outcome(path, &answer);
            match said.iter_mut().find(|(other, _)| *other == outcome) {
                Some((_, callers)) => callers.push(caller),
                None => said.push((outcome, vec![caller])),
            }
        }
        for (outcome, callers) in said {
            let _ = writeln!(table, "    {outcome}: {}", callers.join(", "));
        }
    }
    insta::assert_snapshot!("doors", table);
    shop.close().await;
}

/// The types ask for an access on the two ways to put something on a path. There is no third way.
#[test]
fn nothing_is_put_on_a_path_without_saying_who_may_call_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = BTreeSet::new();
    let mut directories = vec![root.join("bins/api/src"), root.join("crates/web/src")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let ways = ["web::resource(", "routes::resource(", ".route(\"", "web::scope(", "#[get(", "#[post("];
                let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
                found.extend(ways.iter().filter(|way| text.contains(**way)).map(|way| format!("{name} {way}")));
            }
        }
    }
    let strip = |name: &String| name.rsplit("/../../").next().unwrap_or(name).to_owned();
    let found: Vec<_> = found.iter().map(strip).collect();
    let known = [
        "bins/api/src/endpoints.rs web::scope(", // what answers that there is nothing
        "bins/api/src/route.rs web::resource(",
        "crates/web/src/pages.rs web::resource(",
    ];
    assert_eq!(found, known);
}

#[test]
fn every_endpoint_is_documented_and_the_other_way_round() {
    let document = serde_json::to_value(api::document()).unwrap();
    let documented = document["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let declared = api::ROUTES.iter().map(|(method, path, _)| format!("{method} {path}"));
    assert_eq!(documented.collect::<BTreeSet<_>>(), declared.collect::<BTreeSet<_>>());
}

/// What Ada has, by the parameter that names it.
struct Hers {
    order: String,
    checkout: String,
    sign_in: String,
    key: String,
    passkey: String,
    customer: String,
    case: String,
    product: String,
    mail: String,
}

impl Hers {
    /// `None` for what belongs to nobody.
    fn fill(&self, path: &str) -> Option<String> {
        let named = [
            ("/api/checkout/session/{sessionId}", &self.checkout),
            ("{sessionId}", &self.sign_in),
            ("{orderId}", &self.order),
            ("{order}", &self.order),
            ("{keyId}", &self.key),
            ("{passkeyId}", &self.passkey),
            ("{customerId}", &self.customer),
            ("{caseId}", &self.case),
            ("{eventId}", &self.checkout),
            ("{case}", &self.case),
            ("{customer}", &self.customer),
            ("{job}", &self.case),
            ("{event}", &self.checkout),
            ("{product}", &self.product),
            ("{mail}", &self.mail),
        ];
        // Plans and files are everybody's.
        if matches!(path, "/order/{plan}" | "/assets/{name}") {
            return None;
        }
        if path == "/api/checkout/session/{sessionId}" {
            return Some(path.replace("{sessionId}", &self.checkout));
        }
        let (name, id) = named.iter().find(|(name, _)| path.contains(name))?;
        Some(path.replace(name, id))
    }
}

async fn what_ada_has(shop: &Shop) -> (String, Hers) {
    let token = shop.register("ada@example.com").await;
    let order = shop.post_as(&token, "/api/checkout/create-session", &game_order()).await.json();
    let sessions = shop.get_as(&token, "/api/auth/sessions").await.json();
    let key = json!({ "name": "monitoring", "scopes": "services:read" });
    let key = shop.post_as(&token, "/api/auth/keys/make", &key).await;
    assert_eq!(key.status, 201, "{key:?}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let hers = Hers {
        order: text(&order["orderId"]),
        checkout: text(&order["sessionId"]),
        sign_in: text(&sessions["sessions"][0]["id"]),
        key: text(&key.json()["key"]["id"]),
        passkey: {
            let insert = "INSERT INTO passkeys (id, user_id, credential_id, key, name, created_at) \
                          SELECT '0198c0ff-ee00-7000-8000-000000000002', id, 'key1', '{}', 'Phone', now() FROM users";
            assert_eq!(shop.database.sql().await.execute(insert, &[]).await.unwrap(), 1);
            "psk_0198c0ffee0070008000000000000002".to_owned()
        },
        customer: shop.sql("SELECT 'cus_' || replace(id::text, '-', '') FROM customers").await,
        case: "case_0198c0ffee0070008000000000000001".to_owned(),
        product: shop.sql("SELECT 'prd_' || replace(product_id::text, '-', '') FROM orders").await,
        mail: {
            let insert = "INSERT INTO email_log (id, to_email, template, department, context, status, queued_at, sent_at, message_id) \
                          VALUES ('0198c0ff-ee00-7000-8000-000000000003', 'ada@example.com', 'password_changed', 'support', '{}', \
                                  'sent', now(), now(), '<1@shop.test>')";
            assert_eq!(shop.database.sql().await.execute(insert, &[]).await.unwrap(), 1);
            "mail_0198c0ffee0070008000000000000003".to_owned()
        },
    };
    (token, hers)
}

#[actix_web::test]
async fn somebody_elses_id_is_an_unknown_one() {
    let shop = Shop::open().await;
    let (ada, hers) = what_ada_has(&shop).await;
    let eve = shop.register("eve@example.com").await;
    let eves_cookie = shop.cookie("eve@example.com").await;
    let mut walked = 0;
    for (method, path) in routes().filter(|(_, path)| path.contains('{')) {
        let Some(concrete) = hers.fill(path) else { continue };
        assert!(!concrete.contains('{'), "{path}: say whose this id is");
        let known = if path.starts_with("/api/") {
            vec![("authorization", format!("Bearer {eve}"))]
        } else {
            vec![("cookie", eves_cookie.clone())]
        };
        let foreign = call(&shop, &method, &concrete, &known).await;
        assert_eq!(foreign.status, 404, "{method} {path}: {foreign:?}");
        // The same words as for an id that there is not.
        let nothing = |part: &str| match part.split_once('_') {
            _ if part == hers.checkout => "cs_test_nothing".to_owned(),
            Some((prefix, id)) if id.len() == 32 => format!("{prefix}_0198c0ffee0070008000000000000099"),
            _ => part.to_owned(),
        };
        let unknown = concrete.split('/').map(nothing).collect::<Vec<_>>().join("/");
        assert_ne!(unknown, concrete);
        let unknown = call(&shop, &method, &unknown, &known).await;
        assert_eq!((unknown.status, unknown.text), (404, foreign.text), "{method} {path}");
        walked += 1;
    }
    assert!(walked >= 10, "{walked} routes");
    // Nothing of hers was touched, and she reaches it.
    let sessions = shop.get_as(&ada, "/api/auth/sessions").await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get_as(&ada, "/api/auth/keys").await.json()["keys"].as_array().unwrap().len(), 1);
    let order = format!("/api/orders/{}", hers.order);
    assert_eq!(shop.get_as(&ada, &order).await.status, 200);
    let checkout = format!("/api/checkout/session/{}", hers.checkout);
    assert_eq!(shop.get_as(&ada, &checkout).await.status, 200);
    shop.close().await;
}
