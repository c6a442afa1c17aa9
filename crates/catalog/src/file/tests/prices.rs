//! The rules for prices.

use super::*;

#[test]
fn a_product_needs_a_price_and_a_price_a_product() {
    let bare = "[products.p]\nname = \"P\"\nkind = \"hosting\"\nprovider = \"website\"\n";
    assert_eq!(found(bare), ["line 1, products.p: this product has no price"]);
    let apart = format!("{bare}[[prices]]\nproduct = \"p\"\ncycle = \"monthly\"\namount = 799\n");
    assert_eq!(found(&apart), [""; 0]);
    let problems = after_starter("[[prices]]\nproduct = \"premium\"\ncycle = \"monthly\"\namount = 799\n");
    assert_eq!(problems, ["line 7, prices[0].product: there is no product 'premium'"]);
}

#[test]
fn a_cycle_is_priced_once_be_it_apart_or_under_another_word() {
    let prices = "{ cycle = \"yearly\", amount = 799 },\n{ cycle = \"monthly\", amount = 799 },\n{ cycle = \"annually\", amount = 899 },";
    assert_eq!(with_prices(prices), ["line 8, products.p.prices[2].cycle: yearly is already priced on line 6"]);
    let problems = after_starter("[[prices]]\nproduct = \"starter\"\ncycle = \"monthly\"\namount = 999\n");
    assert_eq!(problems, ["line 8, prices[0].cycle: monthly is already priced on line 5"]);
}

#[test]
fn the_header_form_of_prices_names_its_lines_too() {
    let text = "[products.p]\nname = \"P\"\nkind = \"hosting\"\nprovider = \"website\"\n\n[[products.p.prices]]\ncycle = \"monthly\"\namount = 799\n\n[[products.p.prices]]\ncycle = \"weekly\"\n";
    assert_eq!(
        found(text),
        [
            "line 10, products.p.prices[1].amount: missing",
            "line 11, products.p.prices[1].cycle: 'weekly': unknown billing cycle 'weekly'; expected monthly, quarterly, \
             semiannual, yearly, biennial, triennial or one_time",
        ]
    );
}

#[test]
fn amounts_stay_within_what_the_gateway_takes() {
    let amount = |amount: &str| with_prices(&format!("{{ cycle = \"monthly\", amount = {amount} }}"));
    assert_eq!(amount("50"), [""; 0]);
    assert_eq!(amount("99999999"), [""; 0]);
    let at = "line 6, products.p.prices[0].amount";
    assert_eq!(amount("0"), [format!("{at}: must be more than 0 (in minor units: 799 is 7.99)")]);
    assert_eq!(amount("-799"), [format!("{at}: must be more than 0 (in minor units: 799 is 7.99)")]);
    assert_eq!(amount("49"), [format!("{at}: 0.49 USD is below the least that can be charged, 0.50 USD")]);
    let most = "999999.99 USD";
    assert_eq!(amount("100000000"), [format!("{at}: 1000000.00 USD is above the most that can be charged, {most}")]);
    assert_eq!(amount("7.99"), [format!("{at}: expected a whole number, found float")]);
    assert_eq!(amount("9223372036854775808"), [format!("{at}: number out of range")]);
}

#[test]
fn one_currency_per_catalogue() {
    let euros = format!("currency = \"eur\"\n{STARTER}");
    assert_eq!(read(&euros, &TwoProviders).unwrap().products[0].prices[0].amount.to_string(), "7.99 EUR");
    let yen = format!("currency = \"JPY\"\n{}", STARTER.replace("799", "1"));
    assert_eq!(found(&yen), [""; 0], "the least of 50 is for dollars and euros");
    assert_eq!(
        with_prices("{ cycle = \"monthly\", amount = 799, currency = \"EUR\" }"),
        ["line 6, products.p.prices[0].currency: EUR in a catalogue in USD; one currency per catalogue for now"]
    );
    let problems = found(&format!("currency = \"dollars\"\n{STARTER}"));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("line 1, currency: 'dollars'"), "{problems:?}");
}

#[test]
fn trials_have_bounds_and_no_place_on_one_time_prices() {
    let days = |days: &str| with_prices(&format!("{{ cycle = \"monthly\", amount = 799, trial_days = {days} }}"));
    assert_eq!(days("730"), [""; 0]);
    for wrong in ["-1", "731", "70000"] {
        assert_eq!(days(wrong), ["line 6, products.p.prices[0].trial_days: expected 0 to 730 days"], "{wrong}");
    }
    assert_eq!(
        with_prices("{ cycle = \"one_time\", amount = 799, trial_days = 7 }"),
        ["line 6, products.p.prices[0].trial_days: a one-time price cannot have a trial"]
    );
}

#[test]
fn prices_come_shortest_cycle_first_whatever_the_order_of_the_file() {
    let yearly_first = STARTER.replace("monthly", "yearly");
    let text = format!("{yearly_first}[[prices]]\nproduct = \"starter\"\ncycle = \"monthly\"\namount = 99\n");
    let prices = read(&text, &TwoProviders).unwrap().products[0].prices.clone();
    let cycles: Vec<_> = prices.iter().map(|price| price.cycle).collect();
    assert_eq!(cycles, [BillingCycle::Monthly, BillingCycle::Yearly]);
}
