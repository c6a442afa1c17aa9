//! Whoever tries too often is told when to come back, and what they try is not looked at.

use std::{collections::BTreeMap, time::Instant};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::shop::{Answer, Settings, Shop, guest_order};

const LOGIN: &str = "/api/auth/login";
const PROXY: &str = "--trusted-proxies=127.0.0.0/8";

fn guess(password: &str) -> Value {
    json!({ "email": "ada@example.com", "password": password })
}

async fn open(arguments: &[&str]) -> Shop {
    let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
    Shop::open_with(Settings { arguments, ..Settings::default() }).await
}

/// Guesses one account's password from addresses of the caller's choice, many at the same time; how often each status came,
/// and how many seconds it took.
async fn attack(shop: &Shop, count: u32, from: impl Fn(u32) -> String) -> (BTreeMap<u16, i64>, u64) {
    let began = Instant::now();
    let from = &from;
    let tries = stream::iter(0..count).map(|number| async move {
        let headers = [("x-forwarded-for", &*from(number))];
        shop.post_with(LOGIN, &headers, &guess(&format!("guess number {number}"))).await.status
    });
    let mut statuses = BTreeMap::new();
    let mut tries = tries.buffer_unordered(24);
    while let Some(status) = tries.next().await {
        *statuses.entry(status).or_insert(0) += 1;
    }
    (statuses, began.elapsed().as_secs())
}

/// What reached bcrypt is what is on record as refused.
async fn guesses_that_counted(shop: &Shop) -> i64 {
    shop.sql("SELECT count(*) FROM audit_log WHERE act = 'sign-in-refused'").await
}

async fn told_of(shop: &Shop) -> i64 {
    shop.sql("SELECT count(*) FROM audit_log WHERE act = 'limited'").await
}

fn is_wait(answer: &Answer) -> u32 {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.json()["code"], "too-many-tries", "{answer:?}");
    assert!(!answer.text.contains("example."), "nobody's address: {answer:?}");
    let wait = answer.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&wait), "{answer:?}");
    wait
}

/// As if this time had passed.
async fn let_pass(shop: &Shop, seconds: u32) {
    let earlier = format!(
        "WITH u AS (UPDATE limit_buckets SET full_at = full_at - interval '{seconds} s' RETURNING 1) SELECT count(*) FROM u"
    );
    assert!(shop.sql::<i64>(&earlier).await > 0);
}

#[actix_web::test]
async fn ten_thousand_guesses_under_forged_addresses_are_ten() {
    let shop = open(&[]).await;
    shop.register("ada@example.com").await;
    let forged = |number: u32| format!("203.0.{}.{}", number / 256, number % 256);
    let (statuses, seconds) = attack(&shop, 10_000, forged).await;
    let most = 10 + 1 + i64::try_from(seconds / 30).unwrap();
    let counted = guesses_that_counted(&shop).await;
    assert!((10..=most).contains(&counted), "{counted} of {most} in {seconds} s");
    assert_eq!(statuses.keys().copied().collect::<Vec<_>>(), [401, 429], "{statuses:?}");
    assert_eq!(statuses[&401], counted);
    assert!((1..=2).contains(&told_of(&shop).await), "it is on record, once for all of them");
    let right = shop.post(LOGIN, &guess("correct horse")).await;
    is_wait(&right);
    shop.close().await;
}

#[actix_web::test]
async fn an_army_of_real_addresses_shares_what_one_account_may_have() {
    let shop = open(&[PROXY]).await;
    shop.register("ada@example.com").await;
    let real = |number: u32| format!("1.1.1.1, 2001:db8:{number:x}::1");
    let (statuses, seconds) = attack(&shop, 2_000, real).await;
    let most = 100 + 1 + i64::try_from(seconds / 30).unwrap();
    let counted = guesses_that_counted(&shop).await;
    assert!((100..=most).contains(&counted), "{counted} of {most} in {seconds} s: {statuses:?}");
    assert_eq!(statuses[&401], counted);
    assert!((1..=2).contains(&told_of(&shop).await));
    shop.close().await;
}

#[actix_web::test]
async fn clients_behind_a_trusted_proxy_do_not_stand_in_for_each_other() {
    let shop = open(&[PROXY]).await;
    shop.register("ada@example.com").await;
    let attacker = [("x-forwarded-for", "203.0.113.7")];
    for _ in 0..10 {
        assert_eq!(shop.post_with(LOGIN, &attacker, &guess("wrong horse")).await.status, 401);
    }
    is_wait(&shop.post_with(LOGIN, &attacker, &guess("correct horse")).await);
    let forged = [("x-forwarded-for", "198.51.100.1, 203.0.113.7")];
    is_wait(&shop.post_with(LOGIN, &forged, &guess("correct horse")).await);
    let owner = shop.post_with(LOGIN, &[("x-forwarded-for", "198.51.100.1")], &guess("correct horse")).await;
    assert_eq!(owner.status, 200, "{owner:?}");
    let token = owner.json()["token"].as_str().unwrap().to_owned();
    let sessions = shop.get_as(&token, "/api/auth/sessions").await.json();
    let current = sessions["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(current["ip"], "198.51.100.1", "the list of sign-ins says where they came from");
    shop.close().await;
}

#[actix_web::test]
async fn two_instances_count_together() {
    let one = open(&[]).await;
    one.register("ada@example.com").await;
    let url = Some(one.database.url().to_owned());
    let two = Shop::open_with(Settings { database_url: url, ..Settings::default() }).await;
    for number in 0..10 {
        let shop = if number % 2 == 0 { &one } else { &two };
        assert_eq!(shop.post(LOGIN, &guess("wrong horse")).await.status, 401, "{number}");
    }
    is_wait(&one.post(LOGIN, &guess("wrong horse")).await);
    is_wait(&two.post(LOGIN, &guess("wrong horse")).await);
    assert_eq!(guesses_that_counted(&one).await, 10);
    two.close().await;
    one.close().await;
}

#[actix_web::test]
async fn whoever_waits_as_long_as_told_gets_in() {
    let shop = open(&[]).await;
    shop.register("ada@example.com").await;
    for _ in 0..10 {
        assert_eq!(shop.post(LOGIN, &guess("wrong horse")).await.status, 401);
    }
    for _ in 0..3 {
        let wait = is_wait(&shop.post(LOGIN, &guess("correct horse")).await);
        assert!(wait <= 30, "{wait}");
        let_pass(&shop, wait).await;
        assert_eq!(shop.post(LOGIN, &guess("correct horse")).await.status, 200);
    }
    shop.close().await;
}

/// Sends the same request until it is refused for its number; the wait, and how many passed.
async fn until_refused(mut send: impl AsyncFnMut(u32) -> Answer) -> (Answer, u32) {
    for number in 0..100 {
        let answer = send(number).await;
        assert!(answer.status < 500, "{answer:?}");
        if answer.status == 429 {
            is_wait(&answer);
            return (answer, number);
        }
    }
    panic!("a hundred passed");
}

#[actix_web::test]
async fn every_door_has_its_limit() {
    let shop = Shop::open_with(Settings { confirmed: true, ..Settings::default() }).await;
    let seed = |answer: &Answer| answer.json()["error"].is_string() && answer.header("content-type").ends_with("/json");
    let problem = |answer: &Answer| answer.header("content-type") == "application/problem+json";
    let forgot = json!({ "email": "ada@example.com" });
    let (answer, passed) = until_refused(async |_| shop.post("/api/auth/forgot-password", &forgot).await).await;
    assert!(problem(&answer) && passed == 5, "{passed}: {answer:?}");
    let register = |email: &str| json!({ "email": email, "password": "correct horse", "name": "A" });
    is_wait(&shop.post("/api/auth/register", &register("ada@example.com")).await);
    let others =
        async |number| shop.post("/api/auth/register", &register(&format!("somebody{number}@example.com"))).await;
    let (answer, passed) = until_refused(others).await;
    assert!(seed(&answer) && passed == 15, "the network's twenty: {passed}: {answer:?}");
    let link = async |number| {
        let body = json!({ "token": format!("guess {number}"), "newPassword": "correct horse" });
        shop.post("/api/auth/reset-password", &body).await
    };
    let (answer, passed) = until_refused(link).await;
    assert!(problem(&answer) && passed == 20, "{passed}: {answer:?}");
    let confirm = json!({ "token": "guess", "password": "correct horse" });
    is_wait(&shop.post("/api/auth/register/confirm", &confirm).await);
    let order = guest_order();
    let (answer, passed) = until_refused(async |_| shop.post("/api/checkout/create-session", &order).await).await;
    assert!(seed(&answer) && passed == 20, "{passed}: {answer:?}");
    assert_eq!(shop.count("orders").await, 20);
    shop.close().await;
}

#[actix_web::test]
async fn a_password_is_not_guessed_at_an_open_screen() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    let address = async |number: u32| {
        let body = json!({ "newEmail": format!("eve{number}@example.org"), "password": "wrong horse" });
        shop.post_as(&token, "/api/auth/change-address", &body).await
    };
    assert_eq!(until_refused(address).await.1, 5);
    let password = async |_: u32| {
        let body = json!({ "currentPassword": "wrong horse", "newPassword": "battery staple" });
        shop.post_as(&token, "/api/auth/change-password", &body).await
    };
    assert_eq!(until_refused(password).await.1, 5, "one count for both");
    let right = json!({ "currentPassword": "correct horse", "newPassword": "battery staple" });
    is_wait(&shop.post_as(&token, "/api/auth/change-password", &right).await);
    let by_owner = "SELECT count(*) FROM audit_log WHERE act = 'limited' AND actor_kind = 'customer' \
        AND subject_kind = 'user' AND after ->> 'rule' = 'recheck/account'";
    assert_eq!(shop.sql::<i64>(by_owner).await, 1);
    shop.close().await;
}

#[actix_web::test]
async fn a_refusal_does_not_tell_who_has_an_account() {
    let shop = open(&[]).await;
    shop.register("ada@example.com").await;
    let mut answers = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let body = json!({ "email": email, "password": "wrong horse" });
        let (answer, passed) = until_refused(async |_| shop.post(LOGIN, &body).await).await;
        // The seconds are what is left of half a minute.
        let wait = answer.header("retry-after").to_owned();
        answers.push((passed, answer.text.replace(&wait, "n"), answer.headers.keys().cloned().collect::<Vec<_>>()));
    }
    assert_eq!(answers[0], answers[1]);
    let entries = "SELECT count(DISTINCT subject_kind) FROM audit_log WHERE act = 'limited'";
    assert_eq!(shop.sql::<i64>(entries).await, 2, "the shop itself knows");
    shop.close().await;
}

#[actix_web::test]
async fn a_shop_can_be_without_limits() {
    let shop = open(&["--limits=off"]).await;
    for _ in 0..30 {
        assert_eq!(shop.post(LOGIN, &guess("wrong horse")).await.status, 401);
    }
    assert_eq!(shop.count("limit_buckets").await, 0);
    shop.close().await;
}
