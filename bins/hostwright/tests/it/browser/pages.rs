//! Every page that there is, by the list of the doors: it answers, fits its window, keeps to axe's rules in both themes, and has
//! its picture. A page that is added is in the list by itself; one with a new kind of place in its path is asked for here.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    chrome::{self, Chrome, DESK, PHONE},
    desk::staff,
};
use crate::ground::{Goods, Ground, PASSWORD, Wishes, until};

/// What every route lets in, as the API's own test writes it.
const DOORS: &str = include_str!("../../../../api/tests/it/snapshots/it__roles__doors.snap");

/// What is asked for by GET and is no page of ours: files, streams, and what leads on to somebody else's page. The second
/// factor is asked for on the way in alone; its walk has the picture.
const NO_PAGES: [&str; 7] = [
    "/assets/{name}",
    "/orders/{order}/events",
    "/orders/{order}/pay",
    "/account/billing/portal",
    "/account/services/{service}/console",
    "/account/privacy/export",
    "/login/second-factor",
];

/// The paths of all pages for these visitors.
fn paths(belongs: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let asked = DOORS.lines().filter_map(|line| line.strip_prefix("GET "));
    let pages = asked.filter(|path| !path.starts_with("/api") && !NO_PAGES.contains(path));
    pages.filter(|path| belongs(path)).collect()
}

fn of_account(path: &str) -> bool {
    path.starts_with("/account")
}

fn of_desk(path: &str) -> bool {
    path.starts_with("/desk")
}

/// Looks at each of them.
async fn visit(chrome: &mut Chrome, ground: &Ground, paths: &[&str], places: &BTreeMap<&str, String>) {
    assert!(paths.len() > 3, "{paths:?}");
    for path in paths {
        let filled = places.iter().fold((*path).to_owned(), |path, (place, value)| path.replace(place, value));
        assert!(!filled.contains('{'), "nobody says what stands in {path}");
        chrome.goto(&format!("{}{filled}", ground.desk.api)).await;
        let status = chrome.evaluate("performance.getEntriesByType('navigation')[0].responseStatus").await;
        assert_eq!(status, json!(200), "{path}: {}", chrome.text().await);
        let bare: String = path.split(['?', '{', '}']).collect();
        let name = bare.trim_matches('/').replace('/', "-");
        chrome.shot(if name.is_empty() { "start" } else { &name }).await;
    }
}

async fn one(ground: &Ground, sql: &str) -> String {
    ground.sql.query_one(sql, &[]).await.unwrap().get(0)
}

fn id(prefix: &str, column: &str, rest: &str) -> String {
    format!("SELECT '{prefix}_' || replace({column}::text, '-', '') FROM {rest} LIMIT 1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("STAFF_SECOND_FACTOR", "optional".to_owned())];
    let ground = Ground::open_with(Wishes { settings, roles: true, ..Wishes::default() }).await;
    let mut chrome = Chrome::open("pages", DESK).await;
    let order = bought(&mut chrome, &ground).await;
    let service = one(&ground, &id("svc", "id", "services")).await;
    let places = BTreeMap::from([("{service}", service)]);
    visit(&mut chrome, &ground, &paths(of_account), &places).await;
    chrome.close().await;

    let mut guest = Chrome::open("pages-guest", PHONE).await;
    let places = BTreeMap::from([("{plan}", "paper-4gb".to_owned()), ("{order}", order)]);
    visit(&mut guest, &ground, &paths(|path| !of_account(path) && !of_desk(path)), &places).await;
    guest.close().await;

    let mut desk = Chrome::open("pages-desk", DESK).await;
    staff(&ground, "anna@example.com", "admin").await;
    sign_in(&mut desk, &ground).await;
    let places = case(&ground).await;
    visit(&mut desk, &ground, &paths(of_desk), &places).await;
    desk.close().await;
}

/// Somebody with a game server; returns the name of their order's page.
async fn bought(chrome: &mut Chrome, ground: &Ground) -> String {
    chrome.goto(&format!("{}/register", ground.desk.api)).await;
    for (field, value) in [("name", "Petra Player"), ("email", "petra@example.com"), ("password", PASSWORD)] {
        chrome.fill(field, value).await;
    }
    chrome.press("Open the account").await;
    chrome.sees("Your account").await;
    chrome.goto(&format!("{}/order/paper-4gb", ground.desk.api)).await;
    chrome.fill("server_name", "Block Party").await;
    chrome.click("input[name='region'][value='us-central']").await;
    chrome.click("button.main[value='order']").await;
    chrome.arrives("/pay/").await;
    chrome.press("by card").await;
    let address = chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    let (_, name) = address.split_once("/orders/").unwrap();
    name.split(['?', '#']).next().unwrap().to_owned()
}

async fn sign_in(chrome: &mut Chrome, ground: &Ground) {
    chrome.goto(&format!("{}/login", ground.desk.api)).await;
    chrome.fill("email", "anna@example.com").await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.arrives("/account").await;
}

/// An order that needs somebody, and the names of everything that the desk shows one by one.
async fn case(ground: &Ground) -> BTreeMap<&'static str, String> {
    let rule = json!({
        "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/application/servers",
    });
    ground.fault(rule).await;
    ground.sell(Goods::Game).await;
    let cases = "SELECT count(*) FROM cases";
    let open = async || ground.sql.query_one(cases, &[]).await.unwrap().get::<_, i64>(0) > 0;
    until("the order needs somebody", async || open().await.then_some(())).await;
    let paid = "orders WHERE status = 'provisioned'";
    BTreeMap::from([
        ("{order}", one(ground, &id("ord", "id", paid)).await),
        ("{customer}", one(ground, &id("cus", "customer_id", paid)).await),
        ("{product}", one(ground, &id("prd", "id", "products")).await),
        ("{case}", one(ground, &id("case", "id", "cases")).await),
        ("{event}", one(ground, "SELECT id FROM stripe_events_log ORDER BY received_at LIMIT 1").await),
    ])
}
