//! Money neither appears nor disappears, whatever is done with it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use kernel::{Currency, Money, MoneyError, Percent};
use proptest::prelude::*;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

#[test]
fn amounts_are_written_with_their_currencys_decimals() {
    let cases = [
        (usd(799), "7.99 USD"),
        (usd(-5), "-0.05 USD"),
        (Money::new(1200, "jpy".parse().unwrap()), "1200 JPY"),
        (Money::new(500, "KWD".parse().unwrap()), "0.500 KWD"),
    ];
    for (amount, text) in cases {
        assert_eq!(amount.to_string(), text);
    }
}

#[test]
fn a_currency_is_three_letters() {
    for bad in ["", "US", "USDT", "U1D", "ÜSD"] {
        assert!(bad.parse::<Currency>().is_err(), "{bad:?}");
    }
}

#[test]
fn currencies_do_not_mix() {
    let mixed = usd(1).checked_add(Money::new(1, Currency::EUR));
    assert_eq!(mixed, Err(MoneyError::CurrencyMismatch(Currency::USD, Currency::EUR)));
    assert_eq!(usd(i64::MAX).checked_add(usd(1)), Err(MoneyError::Overflow));
}

#[test]
fn a_share_is_rounded_half_away_from_zero_once() {
    let ten = Percent::from_basis_points(1000).unwrap();
    assert_eq!(ten.of(usd(799)).unwrap(), usd(80));
    assert_eq!(ten.of(usd(5)).unwrap(), usd(1));
    assert_eq!(ten.of(usd(4)).unwrap(), usd(0));
    assert_eq!(ten.of(usd(-5)).unwrap(), usd(-1));
    assert!(Percent::from_basis_points(10_001).is_err());
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole_and_differ_by_one_at_most(minor in -1_000_000_000_i64..1_000_000_000, parts in 1_u32..400) {
        let split = usd(minor).allocate(parts);
        prop_assert_eq!(split.len(), parts as usize);
        prop_assert_eq!(split.iter().map(|part| part.minor()).sum::<i64>(), minor);
        let (least, most) = (split.iter().map(|p| p.minor()).min().unwrap(), split.iter().map(|p| p.minor()).max().unwrap());
        prop_assert!(most - least <= 1);
    }

    #[test]
    fn a_share_is_never_more_than_the_whole(minor in 0_i64..100_000_000, points in 0_u32..=10_000) {
        let share = Percent::from_basis_points(points).unwrap().of(usd(minor)).unwrap();
        prop_assert!((0..=minor).contains(&share.minor()));
    }

    #[test]
    fn adding_and_taking_away_gives_the_same(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
        prop_assert_eq!(usd(a).checked_add(usd(b)).unwrap().checked_sub(usd(b)).unwrap(), usd(a));
    }
}

#[test]
fn an_amount_is_read_as_people_write_it_and_never_rounded() {
    let read = |text: &str, currency| Money::from_decimal(text, currency).map(Money::minor);
    let yen: Currency = "JPY".parse().unwrap();
    assert_eq!(["3", "3.5", "3,50", " 0.05 "].map(|text| read(text, Currency::USD)), [300, 350, 350, 5].map(Ok));
    assert_eq!(read("350", yen), Ok(350));
    for wrong in ["", ".5", "-1", "+1", "1e3", "3.505", "3.5.0", "1 000", "٣"] {
        assert!(read(wrong, Currency::USD).is_err(), "{wrong}");
    }
    assert!(read("3.5", yen).is_err());
    assert!(read("99999999999999999999", Currency::USD).is_err());
}
