//! What is left of a plan, on its card and at its checkout; and plans side by side.

use actix_web::http::StatusCode;
use catalog::{CatalogStore, Feature, Product};
use flows::Shop;
use kernel::{StoreError, Transact};

use super::browser::Browser;

async fn change(browser: &Browser, change: impl Fn(Product) -> Product) {
    let work = async |tx: &mut orders::testing::MemoryStore| {
        let product = tx.active_product("starter").await?.unwrap();
        tx.save_product(&change(product)).await
    };
    browser.shop.db().transaction::<_, StoreError>(work).await.unwrap();
}

async fn limited(stock: u32) -> Browser {
    let browser = Browser::new();
    change(&browser, |product| Product { stock: Some(stock), ..product }).await;
    browser
}

#[actix_web::test]
async fn few_are_said_to_be_left_and_many_are_not() {
    limited(6).await.get("/").await.hides(" left").hides("Sold out");
    let browser = limited(3).await;
    browser.get("/").await.says("Only 3 left");
    browser.get("/order/starter").await.says("Only 3 left");
    browser.order("/order/starter").await;
    browser.get("/").await.says("Only 2 left");
    Browser::new().get("/").await.hides(" left");
}

#[actix_web::test]
async fn a_plan_that_is_sold_out_cannot_be_chosen_and_its_checkout_says_so() {
    let browser = limited(0).await;
    browser.get("/").await.says("Sold out").hides("/order/starter").says("/order/paper-4gb");
    let page = browser.get("/order/starter").await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("Starter is sold out").says("See the other plans").hides("value=\"order\"");
}

#[actix_web::test]
async fn who_comes_too_late_is_told_before_any_payment_and_keeps_what_was_entered() {
    let browser = limited(1).await;
    let mut late = browser.checkout("/order/starter").await;
    late.insert("subdomain", "gerdas-garden".to_owned());
    let mut first = browser.checkout("/order/starter").await;
    first.insert("email", "first@example.com".to_owned());
    let path = browser.post("/order/starter", &first).await.location().to_owned();
    let answer = browser.post("/order/starter", &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("Starter is sold out; nothing was ordered and nothing was charged.").says("role=\"alert\"");
    answer.says("value=\"gerdas-garden\"").says("value=\"gerda@example.com\"");
    assert_eq!((browser.count_orders(), browser.shop.gateway.requests().len()), (1, 1));
    assert_eq!(browser.post("/order/starter", &first).await.location(), path, "the one who has it goes on");
    assert_eq!(answer.value("key"), late["key"], "should one come free, the same form orders it");
}

#[actix_web::test]
async fn a_region_that_was_chosen_stays_chosen() {
    let browser = Browser::new();
    browser.get("/").await.says("Regions: US Central, EU West");
    let mut form = browser.checkout("/order/paper-4gb").await;
    form.insert("region", "eu-west".to_owned());
    form.insert("coupon", "NOPE".to_owned());
    let answer = browser.post("/order/paper-4gb", &form).await;
    answer.says("value=\"eu-west\" checked").hides("value=\"us-central\" checked");
    form.remove("coupon");
    browser.post("/order/paper-4gb", &form).await.location();
    let kept = browser.shop.db.with(|store| store.orders.values().next().unwrap().delivery.region.clone());
    assert_eq!(kept.unwrap().as_str(), "eu-west");
}

fn feature(name: &str, value: &str) -> Feature {
    Feature { name: name.to_owned(), value: value.to_owned() }
}

/// The sample sells two hosting plans: `starter` and `setup`, once.
#[actix_web::test]
async fn plans_of_a_kind_stand_side_by_side_with_what_each_lacks() {
    let browser = Browser::new();
    let features = vec![feature("Storage", "10 GB"), feature("<b>Sites", "1")];
    change(&browser, |product| Product { features: features.clone(), stock: Some(0), ..product }).await;
    let page = browser.get("/?cycle=triennial").await;
    let (_, rest) = page.body.split_once("<table").unwrap();
    let (table, others) = rest.split_once("</table>").unwrap();
    assert!(!others.contains("<table"), "one plan alone is not compared");
    let row = |name: &str| {
        let (_, row) = table.split_once(&format!("<th scope=\"row\">{name}</th>")).expect(name);
        row.split("</tr>").next().unwrap()
    };
    assert!(table.contains("<caption id=\"hosting-compared\">Web hosting: the plans compared</caption>"), "{table}");
    assert!(table.contains(
        "<th scope=\"col\">Starter <span class=\"tag\">Sold out</span></th><th scope=\"col\">Site move</th>"
    ));
    let nothing =
        |heard: &str| format!("<td><span aria-hidden=\"true\">—</span><span class=\"for-readers\">{heard}</span></td>");
    assert_eq!(row("Price per month"), format!("<td>$1.49</td>{}", nothing("not included")));
    assert_eq!(row("What is charged"), "<td>$53.64 every 3 years</td><td>$49.00 once</td>");
    assert_eq!(row("Saving against paying by the month"), format!("<td>Save 81 %</td>{}", nothing("none")));
    assert_eq!(row("Storage"), format!("<td>10 GB</td>{}", nothing("not included")));
    assert!(row("&lt;b&gt;Sites").starts_with("<td>1</td>"), "{table}");
    assert!(!table.contains("Regions"), "none of them has a choice");
}
