//! Exact cents for the rules, and what must hold for every price and coupon.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use kernel::{Currency, Percent};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::product::Price;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-01-15T12:00:00Z")
}

fn price(number: u128, cycle: BillingCycle, minor: i64, trial_days: u16) -> Price {
    Price { id: Id::from_uuid(Uuid::from_u128(number)), cycle, amount: usd(minor), trial_days }
}

fn starter() -> Product {
    Product {
        id: Id::from_uuid(Uuid::from_u128(1)),
        code: "starter".parse().unwrap(),
        name: "Starter".to_owned(),
        description: String::new(),
        kind: ProductKind::Hosting,
        provider: "website".parse().unwrap(),
        settings: serde_json::Value::Null,
        regions: Vec::new(),
        highlights: Vec::new(),
        features: Vec::new(),
        stock: None,
        status: ProductStatus::Active,
        prices: vec![
            price(2, BillingCycle::Monthly, 799, 7),
            price(3, BillingCycle::Triennial, 5364, 0),
            price(4, BillingCycle::OneTime, 4900, 7),
        ],
        position: 1,
    }
}

fn coupon(discount: Discount, duration: CouponDuration) -> Coupon {
    Coupon {
        code: "WELCOME10".parse().unwrap(),
        discount,
        duration,
        valid_from: None,
        valid_until: None,
        products: Vec::new(),
        active: true,
    }
}

fn percent(points: u32) -> Discount {
    Discount::Percent(Percent::from_basis_points(points).unwrap())
}

fn priced(cycle: BillingCycle, coupon: Option<&Coupon>, trial: bool) -> Result<Quote, QuoteError> {
    price_it(&starter(), cycle, coupon, trial, now())
}

fn refusal(coupon: &Coupon) -> QuoteError {
    priced(BillingCycle::Monthly, Some(coupon), false).unwrap_err()
}

#[test]
fn without_a_coupon_the_list_price_is_due_and_renews() {
    let quote = priced(BillingCycle::Monthly, None, false).unwrap();
    assert_eq!((quote.list, quote.discount, quote.total), (usd(799), usd(0), usd(799)));
    assert_eq!((quote.due_now, quote.renewal), (usd(799), Some(usd(799))));
    assert_eq!((quote.trial_days, quote.coupon), (0, None), "a trial must be asked for");
    assert_eq!(quote.price, Id::from_uuid(Uuid::from_u128(2)));
}

#[test]
fn ten_per_cent_is_rounded_half_up_once() {
    // 10 % of 7.99 is 79.9 cents, of 53.64 is 536.4 cents, and 5 % of 7.90 would be 39.5.
    let ten = coupon(percent(1000), CouponDuration::Once);
    let monthly = priced(BillingCycle::Monthly, Some(&ten), false).unwrap();
    assert_eq!((monthly.discount, monthly.total, monthly.due_now), (usd(80), usd(719), usd(719)));
    let triennial = priced(BillingCycle::Triennial, Some(&ten), false).unwrap();
    assert_eq!((triennial.discount, triennial.total), (usd(536), usd(4828)));
    assert_eq!(taken_off(percent(500), usd(790)).unwrap(), usd(40), "half goes up");
    assert_eq!(taken_off(percent(500), usd(789)).unwrap(), usd(39));
}

#[test]
fn a_coupon_counts_once_or_on_every_renewal() {
    let once = priced(BillingCycle::Monthly, Some(&coupon(percent(1000), CouponDuration::Once)), false).unwrap();
    assert_eq!(once.renewal, Some(usd(799)));
    let forever = priced(BillingCycle::Monthly, Some(&coupon(percent(1000), CouponDuration::Forever)), false).unwrap();
    assert_eq!(forever.renewal, Some(usd(719)));
    let one_time = priced(BillingCycle::OneTime, Some(&coupon(percent(1000), CouponDuration::Forever)), false).unwrap();
    assert_eq!((one_time.total, one_time.renewal), (usd(4410), None));
}

#[test]
fn an_amount_takes_off_at_most_the_list_price() {
    let five = priced(BillingCycle::Monthly, Some(&coupon(Discount::Amount(usd(500)), CouponDuration::Once)), false);
    assert_eq!(five.unwrap().total, usd(299));
    let huge = priced(BillingCycle::Monthly, Some(&coupon(Discount::Amount(usd(9999)), CouponDuration::Once)), false);
    let huge = huge.unwrap();
    assert_eq!((huge.discount, huge.total, huge.due_now, huge.renewal), (usd(799), usd(0), usd(0), Some(usd(799))));
}

#[test]
fn a_trial_makes_nothing_due_now_but_keeps_the_total() {
    let ten = coupon(percent(1000), CouponDuration::Once);
    let quote = priced(BillingCycle::Monthly, Some(&ten), true).unwrap();
    assert_eq!((quote.trial_days, quote.due_now, quote.total), (7, usd(0), usd(719)));
}

#[test]
fn a_trial_where_there_is_none_is_refused() {
    for cycle in [BillingCycle::Triennial, BillingCycle::OneTime] {
        assert!(matches!(priced(cycle, None, true), Err(QuoteError::NoTrial)), "{cycle}");
    }
}

#[test]
fn a_cycle_without_price_and_a_retired_plan_have_no_active_price() {
    let error = priced(BillingCycle::Yearly, None, false).unwrap_err();
    assert_eq!(error.to_string(), "No active price for plan starter (yearly)");
    let retired = Product { status: ProductStatus::Retired, ..starter() };
    let error = price_it(&retired, BillingCycle::Monthly, None, false, now()).unwrap_err();
    assert_eq!(error.to_string(), "No active price for plan starter (monthly)");
}

#[test]
fn a_coupon_counts_from_its_first_instant_until_before_its_last() {
    let base = coupon(percent(1000), CouponDuration::Once);
    let second = chrono::TimeDelta::seconds(1);
    let starts_now = Coupon { valid_from: Some(now()), valid_until: Some(now() + second), ..base.clone() };
    assert!(priced(BillingCycle::Monthly, Some(&starts_now), false).is_ok());
    assert!(matches!(
        refusal(&Coupon { valid_from: Some(now() + second), ..base.clone() }),
        QuoteError::CouponNotYetValid
    ));
    let ended = refusal(&Coupon { valid_until: Some(now()), ..base });
    assert_eq!(ended.to_string(), "coupon WELCOME10 expired on 2026-01-15 12:00 UTC");
    assert_eq!((ended.kind(), ended.code()), (FailureKind::Invalid, "coupon-expired"));
}

#[test]
fn a_coupon_for_other_plans_in_another_currency_or_withdrawn_is_refused() {
    let base = coupon(percent(1000), CouponDuration::Once);
    let other_plan = Coupon { products: vec!["premium".parse().unwrap()], ..base.clone() };
    assert!(matches!(refusal(&other_plan), QuoteError::CouponNotForPlan));
    let this_plan = Coupon { products: vec!["premium".parse().unwrap(), "starter".parse().unwrap()], ..base.clone() };
    assert!(priced(BillingCycle::Monthly, Some(&this_plan), false).is_ok());
    let euros = coupon(Discount::Amount(Money::new(100, Currency::EUR)), CouponDuration::Once);
    assert!(matches!(refusal(&euros), QuoteError::CouponCurrency));
    let withdrawn = refusal(&Coupon { active: false, ..base });
    assert_eq!(withdrawn.to_string(), "unknown coupon 'WELCOME10'");
}

fn any_discount() -> impl Strategy<Value = Discount> {
    prop_oneof![(0_u32..=10_000).prop_map(percent), (1_i64..=99_999_999).prop_map(|minor| Discount::Amount(usd(minor)))]
}

proptest! {
    #[test]
    fn a_quote_adds_up_whatever_the_price_and_the_coupon(
        minor in 1_i64..=99_999_999,
        discount in proptest::option::of(any_discount()),
        forever in any::<bool>(),
        trial in any::<bool>(),
        cycle in proptest::sample::select(BillingCycle::ALL.to_vec()),
    ) {
        let product = Product { prices: vec![price(9, cycle, minor, 14)], ..starter() };
        let duration = if forever { CouponDuration::Forever } else { CouponDuration::Once };
        let coupon = discount.map(|discount| coupon(discount, duration));
        let trial = trial && cycle != BillingCycle::OneTime;
        let quote = price_it(&product, cycle, coupon.as_ref(), trial, now()).unwrap();
        prop_assert_eq!(quote.list, usd(minor));
        prop_assert!(quote.discount.minor() >= 0 && quote.discount.minor() <= quote.list.minor());
        prop_assert_eq!(quote.total.minor(), quote.list.minor() - quote.discount.minor());
        prop_assert_eq!(quote.due_now.minor(), if trial { 0 } else { quote.total.minor() });
        prop_assert_eq!(quote.renewal.is_none(), cycle == BillingCycle::OneTime);
        let renewal = if coupon.is_some() && forever { quote.total } else { quote.list };
        prop_assert_eq!(quote.renewal.unwrap_or(renewal), renewal);
        prop_assert_eq!(quote.coupon.is_some(), coupon.is_some());
        if coupon.is_none() { prop_assert!(quote.discount.is_zero()); }
    }

    #[test]
    fn rounding_is_off_by_half_a_cent_at_most(minor in 1_i64..=99_999_999, points in 0_u32..=10_000) {
        let off = taken_off(percent(points), usd(minor)).unwrap().minor();
        let exact = i128::from(minor) * i128::from(points);
        let twice_the_error = 2 * (i128::from(off) * 10_000 - exact);
        prop_assert!(twice_the_error > -10_000 && twice_the_error <= 10_000);
    }
}
