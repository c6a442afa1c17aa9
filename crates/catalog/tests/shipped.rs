//! The catalogue that is shipped with the project.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;

use catalog::{
    CatalogStore, ProductKind, QuoteRequest, apply, plan, quote,
    testing::{MemoryCatalog, checked, now},
};
use kernel::{BillingCycle, Env};

const SHIPPED: &str = include_str!("../../../catalog.toml");

async fn shipped() -> MemoryCatalog {
    let mut store = MemoryCatalog::default();
    let set = plan(&mut store, &checked(SHIPPED), &mut Env::system()).await.unwrap();
    apply(&mut store, &set).await.unwrap();
    store
}

#[tokio::test]
async fn the_agreed_prices_are_in_it() {
    let mut store = shipped().await;
    for (code, cycle, minor) in [
        ("starter", BillingCycle::Monthly, 799),
        ("starter", BillingCycle::Triennial, 149 * 36),
        ("premium", BillingCycle::Monthly, 899),
        ("premium", BillingCycle::Triennial, 249 * 36),
        ("business", BillingCycle::Monthly, 999),
        ("business", BillingCycle::Triennial, 399 * 36),
        ("email-basic", BillingCycle::Monthly, 299),
        ("vps-basic", BillingCycle::Monthly, 1999),
        ("cloud-basic", BillingCycle::Monthly, 2999),
        ("storage-basic", BillingCycle::Monthly, 999),
    ] {
        let product = store.active_product(code).await.unwrap().expect(code);
        assert_eq!(product.price(cycle).map(|price| price.amount.to_string()), Some(cents(minor)), "{code} {cycle}");
    }
    for code in ["wp-starter", "wp-premium", "wp-business", "paper-4gb"] {
        assert!(store.active_product(code).await.unwrap().is_some(), "{code}");
    }
}

fn cents(minor: i64) -> String {
    format!("{}.{:02} USD", minor / 100, minor % 100)
}

#[test]
fn a_longer_cycle_is_never_dearer_by_the_month() {
    for product in checked(SHIPPED).products {
        let mut best: Option<(i64, i64)> = None;
        for price in &product.prices {
            let (minor, months) = (price.amount.minor(), i64::from(price.cycle.months().expect("nothing is one-time")));
            if let Some((shorter, its_months)) = best {
                assert!(minor * its_months < shorter * months, "{} {}", product.code, price.cycle);
            }
            best = Some((minor, months));
        }
    }
}

#[test]
fn every_product_can_be_delivered_the_way_its_kind_is() {
    for product in checked(SHIPPED).products {
        let (provider, key) = match product.kind {
            ProductKind::Game => ("pterodactyl", "egg"),
            ProductKind::Hosting | ProductKind::Wordpress => ("website", "php_version"),
            ProductKind::Email | ProductKind::Vps | ProductKind::Cloud | ProductKind::Storage => {
                ("manual", "instructions")
            }
        };
        assert_eq!(product.provider.as_str(), provider, "{}", product.code);
        assert!(product.settings.get(key).is_some(), "{} has no {key}", product.code);
        let locations: BTreeMap<String, Vec<i64>> = match product.settings.get("locations") {
            Some(locations) => serde_json::from_value(locations.clone()).unwrap(),
            None => BTreeMap::new(),
        };
        for region in &product.regions {
            assert!(locations.contains_key(region.code.as_str()), "{}: no location for {}", product.code, region.code);
        }
        assert_eq!(product.regions.len(), locations.len(), "{}: a location that nobody can choose", product.code);
    }
}

#[tokio::test]
async fn welcome10_takes_ten_per_cent_off_once() {
    let mut store = shipped().await;
    let coupon = Some("WELCOME10".to_owned());
    let request = QuoteRequest { plan: "starter".to_owned(), cycle: "monthly".to_owned(), coupon, trial: false };
    let (_, priced) = quote(&mut store, &request, now()).await.unwrap();
    assert_eq!((priced.due_now.minor(), priced.renewal.unwrap().minor()), (719, 799));
}
