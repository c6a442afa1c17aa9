//! What a checkout form is told when it cannot be ordered.

use actix_web::http::StatusCode;
use catalog::CatalogStore;
use checkout::GatewayError;
use flows::Shop;
use kernel::{Money, Transact};

use super::browser::{Browser, Form};

/// What somebody entered otherwise.
type Changes<'a> = &'a [(&'static str, &'a str)];

async fn sent(browser: &Browser, path: &str, changes: Changes<'_>) -> super::browser::Answer {
    let mut form: Form<'static> = browser.checkout(path).await;
    for (name, value) in changes {
        form.insert(name, (*value).to_owned());
    }
    browser.post(path, &form).await
}

#[actix_web::test]
async fn mistakes_stand_beside_their_fields_the_rest_is_kept_and_nothing_is_written() {
    let browser = Browser::new();
    let long = "x".repeat(101);
    let table: [(&str, Changes<'_>, &str); 12] = [
        ("starter", &[("name", "")], "Please enter your name."),
        ("starter", &[("name", &long)], "at most 100 characters"),
        ("starter", &[("name", "a\u{0}b")], "at most 100 characters"),
        ("starter", &[("email", "plain")], "Please enter an e-mail address"),
        ("starter", &[("domain_mode", "own")], "Please enter your domain"),
        ("starter", &[("domain_mode", "own"), ("domain", "http://a.example/x")], "Please enter your domain"),
        ("starter", &[("subdomain", "../etc")], "one name of letters, digits and hyphens"),
        ("starter", &[("coupon", "NOPE")], "Unknown coupon &#x27;NOPE&#x27;."),
        ("starter", &[("coupon", "SPRING24")], "expired on 2024-06-01"),
        ("starter", &[("coupon", "GAME5")], "not valid for this plan"),
        ("paper-4gb", &[("region", "mars")], "not offered there"),
        ("paper-4gb", &[("trial", "1")], "no free trial"),
    ];
    for (plan, changes, expected) in table {
        let answer = sent(&browser, &format!("/order/{plan}?cycle=monthly"), changes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        answer.says(expected).says("role=\"alert\"");
        if changes[0].0 != "email" {
            answer.says("value=\"gerda@example.com\"");
        }
    }
    assert_eq!(browser.count_orders(), 0);
    assert!(browser.shop.gateway.requests().is_empty());
}

#[actix_web::test]
async fn a_field_that_is_wrong_says_so_to_readers_of_the_page() {
    let browser = Browser::new();
    let answer = sent(&browser, "/order/starter", &[("email", "<b>")]).await;
    answer.says("aria-invalid=\"true\" aria-describedby=\"email-error email-hint\"").says("id=\"email-error\"");
    answer.says("href=\"#email\"").hides("<b>").says("&lt;b&gt;");
}

#[actix_web::test]
async fn a_price_that_rose_is_shown_before_it_is_ordered() {
    let browser = Browser::new();
    let form = browser.checkout("/order/starter").await;
    let mut env = browser.shop.env();
    let raise = async |tx: &mut orders::testing::MemoryStore| {
        let product = tx.active_product("starter").await?.unwrap();
        let old = product.prices[0].clone();
        tx.retire_price(old.id).await?;
        let amount = Money::new(899, old.amount.currency());
        tx.save_price(product.id, &catalog::Price { id: env.id(), amount, ..old }).await
    };
    browser.shop.db.transaction(raise).await.unwrap();
    let answer = browser.post("/order/starter", &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("The price changed").says("$8.99");
    assert_eq!(browser.count_orders(), 0);
    let mut again = form.clone();
    again.insert("seen", answer.value("seen"));
    assert_eq!(browser.post("/order/starter", &again).await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn a_gateway_that_is_away_is_said_and_the_same_form_goes_on_with_its_order() {
    let browser = Browser::new();
    let away = GatewayError::Unavailable { detail: "connection refused".to_owned() };
    browser.shop.gateway.fail_next(away, false);
    let form = browser.checkout("/order/starter").await;
    let answer = browser.post("/order/starter", &form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.says("Nothing was charged").says("Your order ord_").hides("connection refused");
    assert_eq!(answer.value("key"), form["key"], "the key still belongs to the order");
    assert_eq!(browser.post("/order/starter", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.count_orders(), 1);
}

#[actix_web::test]
async fn a_gateway_that_refuses_is_said_and_the_next_try_is_a_new_order() {
    let browser = Browser::new();
    let refused = GatewayError::Refused { code: "bad".to_owned(), message: "secret".to_owned(), request_id: None };
    browser.shop.gateway.fail_next(refused, false);
    let form = browser.checkout("/order/starter").await;
    let answer = browser.post("/order/starter", &form).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    answer.says("refused this order").hides("secret");
    assert_ne!(answer.value("key"), form["key"]);
    let order = answer.body.split("(ord_").nth(1).unwrap().split(')').next().unwrap().to_owned();
    browser.get(&format!("/orders/ord_{order}")).await.says("This order was cancelled").hides("secret");
}

#[actix_web::test]
async fn a_period_is_chosen_without_losing_what_was_entered() {
    let browser = Browser::new();
    let answer =
        sent(&browser, "/order/starter?cycle=monthly", &[("action", "cycle:triennial"), ("name", "Eva")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.says("$53.64").says("value=\"Eva\"");
    assert_eq!(answer.value("cycle"), "triennial");
}

#[actix_web::test]
async fn a_period_that_is_not_sold_shows_the_form_and_not_a_failure() {
    let browser = Browser::new();
    for cycle in ["yearly", "sometimes", ""] {
        let answer = browser.get(&format!("/order/starter?cycle={cycle}")).await;
        assert_eq!((answer.status, answer.value("cycle").as_str()), (StatusCode::OK, "monthly"), "{cycle:?}");
        let answer = sent(&browser, "/order/starter", &[("cycle", cycle)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{cycle:?}");
    }
    assert_eq!(browser.count_orders(), 0);
}
