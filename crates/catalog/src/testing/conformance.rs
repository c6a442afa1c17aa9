//! What every [`CatalogStore`] must do.

use kernel::{BillingCycle, Currency, Env, Money, Percent, Slug};
use serde_json::json;

use crate::{
    change::{apply, plan},
    coupon::{Coupon, CouponDuration, Discount},
    product::{Feature, Price, Product, ProductKind, ProductStatus, Region},
    store::CatalogStore,
};

/// Runs the whole suite against an empty store; panics at the first rule that does not hold.
pub async fn store_conforms(store: &mut impl CatalogStore) {
    let mut env = super::env();
    products_read_back_in_order(store, &mut env).await;
    saving_again_overwrites_but_leaves_prices_alone(store).await;
    prices_come_and_go(store, &mut env).await;
    retired_products_are_kept_but_not_sold(store).await;
    coupons_read_back(store).await;
    applying_a_catalogue_twice_changes_nothing(store, &mut env).await;
}

async fn products_read_back_in_order(store: &mut impl CatalogStore, env: &mut Env) {
    let first = product(env, "conform-a", 2);
    let second = product(env, "conform-b", 1);
    for wanted in [&first, &second] {
        store.save_product(wanted).await.unwrap();
        for price in wanted.prices.iter().rev() {
            store.save_price(wanted.id, price).await.unwrap();
        }
    }
    let expected = vec![second, first.clone()];
    assert_eq!(store.active_products().await.unwrap(), expected, "ordered by position, prices by cycle");
    assert_eq!(store.all_products().await.unwrap(), expected);
    assert_eq!(store.active_product("conform-a").await.unwrap(), Some(first));
    assert_eq!(store.active_product("conform-c").await.unwrap(), None);
}

async fn saving_again_overwrites_but_leaves_prices_alone(store: &mut impl CatalogStore) {
    let before = stored(store, "conform-a").await;
    let changed = Product {
        name: "Renamed – žluťoučký".to_owned(),
        regions: vec![region("eu-west")],
        highlights: Vec::new(),
        features: Vec::new(),
        stock: None,
        settings: json!({}),
        prices: Vec::new(),
        position: 1,
        ..before.clone()
    };
    store.save_product(&changed).await.unwrap();
    let after = stored(store, "conform-a").await;
    assert_eq!(after, Product { prices: before.prices, ..changed }, "everything but the prices is overwritten");
    let codes: Vec<String> = store.active_products().await.unwrap().iter().map(|p| p.code.to_string()).collect();
    assert_eq!(codes, ["conform-a", "conform-b"], "equal positions are ordered by code");
}

async fn prices_come_and_go(store: &mut impl CatalogStore, env: &mut Env) {
    let product = stored(store, "conform-a").await;
    let old = product.price(BillingCycle::Monthly).unwrap().clone();
    let longer = Price { trial_days: 30, ..old.clone() };
    store.save_price(product.id, &longer).await.unwrap();
    assert_eq!(stored(store, "conform-a").await.price(BillingCycle::Monthly), Some(&longer), "overwritten by id");

    store.retire_price(old.id).await.unwrap();
    assert_eq!(stored(store, "conform-a").await.price(BillingCycle::Monthly), None, "off sale");
    let new = Price { id: env.id(), amount: usd(899), ..old };
    store.save_price(product.id, &new).await.unwrap();
    let now = stored(store, "conform-a").await;
    assert_eq!(now.price(BillingCycle::Monthly), Some(&new), "the cycle can be priced again");
    assert_eq!(now.prices.len(), product.prices.len());
}

async fn retired_products_are_kept_but_not_sold(store: &mut impl CatalogStore) {
    let product = stored(store, "conform-b").await;
    store.retire_product(product.id).await.unwrap();
    assert_eq!(store.active_product("conform-b").await.unwrap(), None);
    assert!(store.active_products().await.unwrap().iter().all(|other| other.id != product.id));
    let kept = store.all_products().await.unwrap().into_iter().find(|other| other.id == product.id).unwrap();
    assert_eq!(kept, Product { status: ProductStatus::Retired, ..product.clone() }, "with its prices");
    store.save_product(&product).await.unwrap();
    assert_eq!(stored(store, "conform-b").await, product, "on sale again");
}

async fn coupons_read_back(store: &mut impl CatalogStore) {
    let percent = Coupon {
        code: "CONFORM-10".parse().unwrap(),
        discount: Discount::Percent(Percent::from_basis_points(1000).unwrap()),
        duration: CouponDuration::Once,
        valid_from: None,
        valid_until: None,
        products: Vec::new(),
        active: true,
    };
    let amount = Coupon {
        code: "CONFORM-05".parse().unwrap(),
        discount: Discount::Amount(usd(500)),
        duration: CouponDuration::Forever,
        valid_from: Some(super::now()),
        valid_until: Some(super::now() + chrono::TimeDelta::microseconds(1)),
        products: vec![slug("conform-a"), slug("conform-b")],
        active: true,
    };
    store.save_coupon(&percent).await.unwrap();
    store.save_coupon(&amount).await.unwrap();
    assert_eq!(store.coupon(&percent.code).await.unwrap(), Some(percent.clone()));
    assert_eq!(store.all_coupons().await.unwrap(), vec![amount.clone(), percent.clone()], "by code");
    let ended = Coupon { discount: percent.discount, products: Vec::new(), active: false, ..amount };
    store.save_coupon(&ended).await.unwrap();
    assert_eq!(store.coupon(&ended.code).await.unwrap(), Some(ended.clone()), "overwritten, and found though inactive");
    assert_eq!(store.all_coupons().await.unwrap(), vec![ended, percent]);
    assert_eq!(store.coupon(&"CONFORM-NO".parse().unwrap()).await.unwrap(), None);
}

async fn applying_a_catalogue_twice_changes_nothing(store: &mut impl CatalogStore, env: &mut Env) {
    let wanted = super::checked(super::SAMPLE);
    let first = plan(store, &wanted, env).await.unwrap();
    assert!(first.lines().contains(&"- product conform-a (retired; nothing is deleted)"), "{first}");
    assert!(first.lines().contains(&"- coupon CONFORM-10 (inactive; nothing is deleted)"), "{first}");
    apply(store, &first).await.unwrap();
    let second = plan(store, &wanted, env).await.unwrap();
    assert!(second.is_empty(), "applying twice must change nothing, but:\n{second}");
    assert_eq!(store.active_products().await.unwrap().len(), wanted.products.len());
}

async fn stored(store: &mut impl CatalogStore, code: &str) -> Product {
    store.active_product(code).await.unwrap().expect("the product is on sale")
}

fn product(env: &mut Env, code: &str, position: i32) -> Product {
    let price = |env: &mut Env, cycle, minor, trial_days| Price { id: env.id(), cycle, amount: usd(minor), trial_days };
    Product {
        id: env.id(),
        code: slug(code),
        name: "Conform".to_owned(),
        description: "Two\nlines".to_owned(),
        kind: ProductKind::Game,
        provider: slug("pterodactyl"),
        settings: json!({ "memory": 4096, "ratio": 1.5, "environment": { "A": "b" }, "locations": { "eu-west": [1, 2] } }),
        regions: vec![region("us-central"), region("eu-west")],
        highlights: vec!["second".to_owned(), "first".to_owned()],
        features: vec![feature("Storage", "10 GB"), feature("Backups", "daily – žluťoučký")],
        stock: Some(3),
        status: ProductStatus::Active,
        prices: vec![
            price(env, BillingCycle::Monthly, 799, 7),
            price(env, BillingCycle::Triennial, 99_999_999, 0),
            price(env, BillingCycle::OneTime, 50, 0),
        ],
        position,
    }
}

fn region(code: &str) -> Region {
    Region { code: slug(code), name: format!("Region {code}") }
}

fn feature(name: &str, value: &str) -> Feature {
    Feature { name: name.to_owned(), value: value.to_owned() }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}
