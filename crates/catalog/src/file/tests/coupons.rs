//! The rules for coupons.

use super::*;

#[test]
fn bad_coupons_are_named() {
    let problems = after_starter(
        r#"[coupons.AB]
percent_off = 10
[coupons.NONE]
[coupons.BOTH]
percent_off = 10
amount_off = 100
[coupons.ZERO]
percent_off = 0
[coupons.OVER]
percent_off = 101
[coupons.FREE]
amount_off = 0
[coupons.BACK]
percent_off = 10
valid_from = 2026-02-01T00:00:00Z
valid_until = 2026-02-01T00:00:00Z
[coupons.DATE]
percent_off = 10
valid_from = 2026-02-01
[coupons.WHOM]
percent_off = 10
duration = "twice"
products = ["starter", "ghost"]
active = 1
[coupons.back]
percent_off = 10
"#,
    );
    assert_eq!(
        problems,
        [
            "line 6, coupons.AB: expected 3 to 40 letters, digits, '_' or '-'",
            "line 8, coupons.NONE: expected percent_off or amount_off",
            "line 9, coupons.BOTH: expected percent_off or amount_off, not both",
            "line 13, coupons.ZERO.percent_off: expected a whole number of per cent from 1 to 100",
            "line 15, coupons.OVER.percent_off: expected a whole number of per cent from 1 to 100",
            "line 17, coupons.FREE.amount_off: expected 1 to 99999999 minor units",
            "line 21, coupons.BACK.valid_until: the coupon would end before it begins",
            "line 24, coupons.DATE.valid_from: expected an instant with its offset, such as 2026-01-31T00:00:00Z",
            "line 27, coupons.WHOM.duration: 'twice': unknown coupon duration 'twice'; expected one of once, forever",
            "line 28, coupons.WHOM.products[1]: there is no product 'ghost'",
            "line 29, coupons.WHOM.active: expected true or false, found integer",
            "line 30, coupons.back: coupon BACK stands already on line 18",
        ]
    );
}

#[test]
fn a_coupon_may_make_something_free_but_not_too_cheap_to_charge() {
    assert_eq!(after_starter("[coupons.ALL]\npercent_off = 100\n[coupons.MUCH]\namount_off = 9999\n"), [""; 0]);
    assert_eq!(
        after_starter("[coupons.MOST]\npercent_off = 99\n"),
        ["line 6, coupons.MOST: leaves 0.08 USD of starter monthly, less than can be charged"]
    );
}

#[test]
fn a_percentage_is_kept_in_basis_points() {
    let checked = read(&format!("{STARTER}[coupons.TEN]\npercent_off = 10\n"), &TwoProviders).unwrap();
    let Discount::Percent(percent) = checked.coupons[0].discount else { panic!("a percentage") };
    assert_eq!(percent.basis_points(), 1000);
}
