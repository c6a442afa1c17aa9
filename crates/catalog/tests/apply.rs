//! Planning and applying a catalogue on the memory store, and quoting from it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use catalog::{
    CatalogStore, ProductStatus, QuoteError, QuoteRequest, apply, plan, quote,
    testing::{MemoryCatalog, SAMPLE, checked, now, sample_catalog, store_conforms},
};
use kernel::{BillingCycle, Env, Failure, FailureKind, Id, entity};

fn request(plan: &str, cycle: &str) -> QuoteRequest {
    QuoteRequest { plan: plan.to_owned(), cycle: cycle.to_owned(), coupon: None, trial: false }
}

fn with_coupon(coupon: &str) -> QuoteRequest {
    QuoteRequest { coupon: Some(coupon.to_owned()), ..request("starter", "monthly") }
}

/// Plans and applies; gives the lines that were shown.
async fn applied(store: &mut MemoryCatalog, text: &str) -> Vec<String> {
    let set = plan(store, &checked(text), &mut Env::system()).await.unwrap();
    apply(store, &set).await.unwrap();
    let again = plan(store, &checked(text), &mut Env::system()).await.unwrap();
    assert!(again.is_empty(), "a second time there is nothing to do, but:\n{again}");
    assert_eq!(again.lines(), ["= nothing to change"]);
    set.lines().into_iter().map(str::to_owned).collect()
}

async fn monthly_price(store: &mut MemoryCatalog, code: &str) -> Id<entity::Price> {
    store.active_product(code).await.unwrap().unwrap().price(BillingCycle::Monthly).unwrap().id
}

#[tokio::test]
async fn the_memory_store_conforms() {
    store_conforms(&mut MemoryCatalog::default()).await;
}

#[tokio::test]
async fn an_empty_catalogue_gets_everything_with_one_line_each() {
    let lines = applied(&mut MemoryCatalog::default(), SAMPLE).await;
    assert_eq!(
        lines,
        [
            "+ product starter (Starter, hosting, delivered by website)",
            "+ price starter monthly 7.99 USD, 7 days of trial",
            "+ price starter triennial 53.64 USD",
            "+ product paper-4gb (Paper 4 GB, game, delivered by pterodactyl)",
            "+ price paper-4gb monthly 11.99 USD",
            "+ product vps-basic (VPS Basic, vps, delivered by manual)",
            "+ price vps-basic monthly 19.99 USD",
            "+ product setup (Site move, hosting, delivered by website)",
            "+ price setup one_time 49.00 USD",
            "+ coupon WELCOME10: 10 % once",
            "+ coupon LOYAL20: 20 % forever",
            "+ coupon GAME5: 5.00 USD once, for paper-4gb",
            "+ coupon SPRING24: 50 % once, from 2024-03-01 00:00 UTC, until 2024-06-01 00:00 UTC",
            "+ coupon SOMEDAY: 50 % once, from 2030-01-01 00:00 UTC",
        ]
    );
}

#[tokio::test]
async fn a_changed_amount_retires_the_old_price_and_keeps_its_row() {
    let mut store = sample_catalog();
    let old = monthly_price(&mut store, "starter").await;
    let lines = applied(&mut store, &SAMPLE.replace("amount = 799,", "amount = 899,")).await;
    assert_eq!(lines, ["~ price starter monthly 7.99 USD → 8.99 USD"]);
    let new = monthly_price(&mut store, "starter").await;
    assert_ne!(new, old);
    let (row, on_sale) = store.price_row(old).unwrap();
    assert_eq!((row.amount.minor(), on_sale), (799, false));
    assert_eq!(store.price_row(new).map(|(row, on_sale)| (row.amount.minor(), on_sale)), Some((899, true)));
}

#[tokio::test]
async fn a_changed_trial_keeps_the_price() {
    let mut store = sample_catalog();
    let old = monthly_price(&mut store, "starter").await;
    let lines = applied(&mut store, &SAMPLE.replace("trial_days = 7", "trial_days = 14")).await;
    assert_eq!(lines, ["~ price starter monthly trial 7 → 14 days"]);
    assert_eq!(monthly_price(&mut store, "starter").await, old);
}

#[tokio::test]
async fn changed_fields_of_a_product_are_named_and_its_id_stays() {
    let mut store = sample_catalog();
    let before = store.active_product("starter").await.unwrap().unwrap();
    let text = SAMPLE.replace("name = \"Starter\"", "name = \"First\"").replacen(
        "php_version = \"8.3\"",
        "php_version = \"8.4\"",
        1,
    );
    assert_eq!(applied(&mut store, &text).await, ["~ product starter: name, settings"]);
    let after = store.active_product("starter").await.unwrap().unwrap();
    assert_eq!((after.id, after.prices), (before.id, before.prices));
    assert_eq!((after.name.as_str(), &after.settings["php_version"]), ("First", &serde_json::json!("8.4")));
}

#[tokio::test]
async fn what_vanishes_is_retired_and_can_come_back_as_itself() {
    let mut store = sample_catalog();
    let starter = store.active_product("starter").await.unwrap().unwrap();
    let game_only = &SAMPLE[SAMPLE.find("[products.paper-4gb]").unwrap()..SAMPLE.find("[products.vps-basic]").unwrap()];
    let lines = applied(&mut store, game_only).await;
    assert_eq!(
        lines,
        [
            "~ product paper-4gb: position",
            "- product starter (retired; nothing is deleted)",
            "- product vps-basic (retired; nothing is deleted)",
            "- product setup (retired; nothing is deleted)",
            "- coupon GAME5 (inactive; nothing is deleted)",
            "- coupon LOYAL20 (inactive; nothing is deleted)",
            "- coupon SOMEDAY (inactive; nothing is deleted)",
            "- coupon SPRING24 (inactive; nothing is deleted)",
            "- coupon WELCOME10 (inactive; nothing is deleted)",
        ]
    );
    assert_eq!(store.all_products().await.unwrap().len(), 4);
    let error = quote(&mut store, &request("starter", "monthly"), now()).await.unwrap_err();
    assert_eq!(error.to_string(), "No active price for plan starter (monthly)");

    let lines = applied(&mut store, SAMPLE).await;
    assert!(lines.contains(&"+ product starter (on sale again)".to_owned()), "{lines:?}");
    assert!(lines.contains(&"~ coupon WELCOME10: 10 % once, inactive → 10 % once".to_owned()), "{lines:?}");
    assert_eq!(store.active_product("starter").await.unwrap(), Some(starter), "with its id and its prices");
}

#[tokio::test]
async fn a_cycle_that_vanishes_is_retired_and_one_that_comes_is_added() {
    let mut store = sample_catalog();
    let text = SAMPLE.replace("{ cycle = \"triennial\", amount = 5364 }", "{ cycle = \"biennial\", amount = 4776 }");
    let lines = applied(&mut store, &text).await;
    assert_eq!(
        lines,
        ["- price starter triennial 53.64 USD (retired; nothing is deleted)", "+ price starter biennial 47.76 USD"]
    );
    let product = store.active_product("starter").await.unwrap().unwrap();
    assert_eq!(product.status, ProductStatus::Active);
    assert_eq!(
        product.prices.iter().map(|p| p.cycle).collect::<Vec<_>>(),
        [BillingCycle::Monthly, BillingCycle::Biennial]
    );
}

#[tokio::test]
async fn a_quote_reads_what_clients_send() {
    let mut store = sample_catalog();
    let (product, priced) = quote(&mut store, &with_coupon(" welcome10 "), now()).await.unwrap();
    assert_eq!((product.code.as_str(), priced.list.minor(), priced.total.minor()), ("starter", 799, 719));
    assert_eq!(priced.coupon.unwrap().code.as_str(), "WELCOME10");
    let (_, triennial) = quote(&mut store, &request("starter", "triennially"), now()).await.unwrap();
    assert_eq!(triennial.total.minor(), 5364);
    let (_, trial) = quote(&mut store, &QuoteRequest { trial: true, ..with_coupon("") }, now()).await.unwrap();
    assert_eq!((trial.trial_days, trial.due_now.minor(), trial.coupon), (7, 0, None), "an empty coupon is none");
}

#[tokio::test]
async fn no_active_price_says_the_plan_as_sent_but_printable_and_short() {
    let mut store = sample_catalog();
    let long = "x".repeat(500);
    for (plan, cycle, shown) in [
        ("invalid", "monthly", "invalid (monthly)"),
        ("Starter", "monthly", "Starter (monthly)"),
        ("starter", "annually", "starter (yearly)"),
        ("", "monthly", " (monthly)"),
        ("a\0b\r\nc\u{202e}", "monthly", "abc (monthly)"),
        (long.as_str(), "monthly", &format!("{} (monthly)", "x".repeat(64))),
    ] {
        let error = quote(&mut store, &request(plan, cycle), now()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("No active price for plan {shown}"));
        assert_eq!((error.kind(), error.code()), (FailureKind::Invalid, "no-active-price"));
    }
}

#[tokio::test]
async fn refusals_have_codes_of_their_own() {
    let mut store = sample_catalog();
    for (request, code) in [
        (request("starter", "fortnightly"), "unknown-billing-cycle"),
        (with_coupon("NOSUCH"), "unknown-coupon"),
        (with_coupon("x'; --"), "unknown-coupon"),
        (with_coupon("SPRING24"), "coupon-expired"),
        (with_coupon("SOMEDAY"), "coupon-not-yet-valid"),
        (with_coupon("GAME5"), "coupon-not-for-plan"),
        (QuoteRequest { trial: true, ..request("starter", "triennial") }, "no-trial"),
        (QuoteRequest { trial: true, ..request("setup", "one_time") }, "no-trial"),
    ] {
        let error = quote(&mut store, &request, now()).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (code, FailureKind::Invalid), "{request:?}");
    }
    let error = quote(&mut store, &with_coupon("no\r\nsuch"), now()).await.unwrap_err();
    assert!(matches!(&error, QuoteError::UnknownCoupon(text) if text == "nosuch"), "{error}");
}

#[test]
fn the_futures_can_be_sent_to_another_thread() {
    fn sendable<T: Send>(_: T) {}
    let (mut store, mut env) = (sample_catalog(), Env::system());
    sendable(quote(&mut store, &request("starter", "monthly"), now()));
    sendable(plan(&mut store, &checked(SAMPLE), &mut env));
    sendable(apply(&mut store, &catalog::ChangeSet::default()));
}
