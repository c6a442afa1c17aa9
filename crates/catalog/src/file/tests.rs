//! Every rule of the file, each with the line and the place it names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod coupons;
mod prices;

use serde_json::{Value, json};

use super::*;
use crate::coupon::{CouponDuration, Discount};

/// Knows `website` and `pterodactyl`; the latter wants `memory` of 1024 at least and locations above 0.
struct TwoProviders;

impl SettingsCheck for TwoProviders {
    fn providers(&self) -> Vec<Slug> {
        vec!["pterodactyl".parse().unwrap(), "website".parse().unwrap()]
    }

    fn check(&self, provider: &Slug, kind: ProductKind, settings: &Value) -> Vec<SettingsProblem> {
        let problem =
            |path: &str, message: &str| SettingsProblem { path: path.to_owned(), message: message.to_owned() };
        let mut problems = Vec::new();
        if provider.as_str() != "pterodactyl" {
            return problems;
        }
        if kind != ProductKind::Game {
            problems.push(problem("", "only delivers games"));
        }
        if settings["memory"].as_i64().unwrap_or(0) < 1024 {
            problems.push(problem("memory", "at least 1024 MiB"));
        }
        if settings["locations"]["eu-west"][1].as_i64() == Some(0) {
            problems.push(problem("locations.eu-west[1]", "there is no location 0"));
        }
        if settings["environment"]["JAR"].is_null() {
            problems.push(problem("environment.JAR", "missing"));
        }
        problems
    }
}

const STARTER: &str = r#"[products.starter]
name = "Starter"
kind = "hosting"
provider = "website"
prices = [{ cycle = "monthly", amount = 799 }]
"#;

fn found(text: &str) -> Vec<String> {
    read(text, &TwoProviders).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// Problems of the text after the five lines of a correct product.
fn after_starter(text: &str) -> Vec<String> {
    found(&format!("{STARTER}{text}"))
}

/// Problems of a product whose prices are these, one to a line, the first on line 6.
fn with_prices(prices: &str) -> Vec<String> {
    found(&format!("[products.p]\nname = \"P\"\nkind = \"hosting\"\nprovider = \"website\"\nprices = [\n{prices}\n]\n"))
}

#[test]
fn a_correct_file_gives_what_it_says() {
    let text = format!(
        "{STARTER}\n[[prices]]\nproduct = \"starter\"\ncycle = \"annually\"\namount = 7_188\ntrial_days = 14\n\
         [coupons.welcome10]\npercent_off = 10\nvalid_until = 2026-12-31T23:59:59.1234567+01:00\nproducts = [\"starter\"]\n"
    );
    let checked = read(&text, &TwoProviders).unwrap();
    let product = &checked.products[0];
    assert_eq!((product.code.as_str(), product.name.as_str(), product.position), ("starter", "Starter", 1));
    assert_eq!(product.settings, json!({}));
    let prices: Vec<_> = product.prices.iter().map(|p| (p.cycle, p.amount.to_string(), p.trial_days)).collect();
    let yearly = (BillingCycle::Yearly, "71.88 USD".to_owned(), 14);
    assert_eq!(prices, [(BillingCycle::Monthly, "7.99 USD".to_owned(), 0), yearly]);
    let coupon = &checked.coupons[0];
    assert_eq!((coupon.code.as_str(), coupon.duration, coupon.active), ("WELCOME10", CouponDuration::Once, true));
    assert_eq!(coupon.discount.to_string(), "10 %");
    assert_eq!(coupon.valid_until.unwrap().to_rfc3339(), "2026-12-31T22:59:59.123456+00:00");
}

#[test]
fn products_keep_the_order_of_the_file_whatever_their_names() {
    let text = format!("{STARTER}{}{}", STARTER.replace("starter", "zebra"), STARTER.replace("starter", "alpha"));
    let codes: Vec<_> =
        read(&text, &TwoProviders).unwrap().products.into_iter().map(|p| (p.position, p.code)).collect();
    let expected = [(1, "starter"), (2, "zebra"), (3, "alpha")];
    assert_eq!(codes, expected.map(|(position, code)| (position, code.parse().unwrap())));
}

#[test]
fn what_is_not_toml_is_named_by_line() {
    let problems = found("currency = \"USD\"\n[products.x\nname = 1 1\n");
    assert!(
        !problems.is_empty() && problems.iter().all(|p| p.starts_with("line 2: ") || p.starts_with("line 3: ")),
        "{problems:?}"
    );
    assert_eq!(after_starter("[products.starter]\n"), ["line 6: duplicate key"]);
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    let problems = found(
        r#"curency = "USD"
[products.p]
name = "P"
kind = "hosting"
provider = "website"
color = "red"
regions = [{ code = "eu", name = "EU", flag = "x" }]
prices = [
  { cycle = "monthly", amount = 799 },
  { cycle = "yearly", amount = 799, trial_day = 7 },
]
[coupons.ABC]
percent_off = 10
max_uses = 3
"#,
    );
    assert_eq!(
        problems,
        [
            "line 1, curency: unknown key; expected one of currency, products, prices, coupons",
            "line 6, products.p.color: unknown key; expected one of name, description, kind, provider, settings, regions, \
             highlights, features, stock, prices",
            "line 7, products.p.regions[0].flag: unknown key; expected one of code, name",
            "line 10, products.p.prices[1].trial_day: unknown key; expected one of cycle, amount, currency, trial_days",
            "line 14, coupons.ABC.max_uses: unknown key; expected one of percent_off, amount_off, duration, valid_from, \
             valid_until, products, active",
        ]
    );
}

#[test]
fn problems_of_form_and_of_content_are_reported_together_in_order() {
    let problems = found(
        r#"[products.Bad]
name = ""
kind = "toaster"
provider = "acme"
prices = [{ cycle = "fortnightly", amount = "7.99" }]
[[prices]]
product = "ghost"
cycle = "monthly"
amount = 10
"#,
    );
    let slug_rule = "expected 1 to 64 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit";
    assert_eq!(
        problems,
        [
            &format!("line 1, products.Bad: {slug_rule}"),
            "line 2, products.Bad.name: must not be empty",
            "line 3, products.Bad.kind: 'toaster': unknown product kind 'toaster'; expected one of game, hosting, \
             wordpress, email, vps, cloud, storage",
            "line 4, products.Bad.provider: unknown provider 'acme'; there are pterodactyl, website",
            "line 5, products.Bad.prices[0].cycle: 'fortnightly': unknown billing cycle 'fortnightly'; expected monthly, \
             quarterly, semiannual, yearly, biennial, triennial or one_time",
            "line 5, products.Bad.prices[0].amount: expected a whole number, found string",
            "line 7, prices[0].product: there is no product 'ghost'",
            "line 9, prices[0].amount: 0.10 USD is below the least that can be charged, 0.50 USD",
        ]
    );
}

#[test]
fn what_must_be_there_is_missed() {
    assert_eq!(
        found("\n[products.p]\nprices = [{}]\n"),
        [
            "line 2, products.p.name: missing",
            "line 2, products.p.kind: missing",
            "line 2, products.p.provider: missing",
            "line 3, products.p.prices[0].cycle: missing",
            "line 3, products.p.prices[0].amount: missing",
        ]
    );
    let empty = "line 1, products: expected at least one product; without any, everything on sale would be retired";
    assert_eq!(found(""), [empty]);
}

#[test]
fn a_region_stands_once() {
    let text = STARTER.replace(
        "prices",
        "regions = [\n{ code = \"eu\", name = \"EU\" },\n{ code = \"us\", name = \"US\" },\n{ code = \"eu\", name = \"Europe\" },\n]\nprices",
    );
    assert_eq!(found(&text), ["line 8, products.starter.regions[2].code: region 'eu' stands already on line 6"]);
}

#[test]
fn what_a_provider_refuses_is_named_by_its_line() {
    let text = r#"[products.p]
name = "P"
kind = "game"
provider = "pterodactyl"
prices = [{ cycle = "monthly", amount = 799 }]
[products.p.settings]
memory = 512
environment = { OTHER = "x" }

[products.p.settings.locations]
eu-west = [
  1,
  0,
]
"#;
    assert_eq!(
        found(text),
        [
            "line 7, products.p.settings.memory: at least 1024 MiB",
            "line 8, products.p.settings.environment.JAR: missing",
            "line 13, products.p.settings.locations.eu-west[1]: there is no location 0",
        ]
    );
    let none = STARTER.replace("website", "pterodactyl");
    assert_eq!(
        found(&none),
        [
            "line 1, products.starter.settings: only delivers games",
            "line 1, products.starter.settings.memory: at least 1024 MiB",
            "line 1, products.starter.settings.environment.JAR: missing",
        ]
    );
}

#[test]
fn settings_become_json_that_a_database_gives_back_unchanged() {
    let text = format!(
        "{STARTER}settings = {{ whole = 1.0, half = 0.5, big = 1e16, hex = 0x10, on = true, at = 2026-01-01, list = [1, \"a\"] }}\n"
    );
    let settings = read(&text, &TwoProviders).unwrap().products[0].settings.clone();
    let expected = json!({ "whole": 1, "half": 0.5, "big": 10_000_000_000_000_000_i64, "hex": 16, "on": true,
        "at": "2026-01-01", "list": [1, "a"] });
    assert_eq!(settings, expected);
    let refused = after_starter("settings = { a = inf, b = [\"\\u0000\"], c = 9223372036854775808 }\n");
    assert_eq!(
        refused,
        [
            "line 6, products.starter.settings.a: expected a finite number",
            "line 6, products.starter.settings.b[0]: must not contain the NUL character",
            "line 6, products.starter.settings.c: number out of range",
        ]
    );
}

#[test]
fn texts_are_bounded_and_printable() {
    let text = STARTER
        .replace("\"Starter\"", "\"a\\u001bb\"")
        .replace("kind", "description = \"a\\tb\"\nhighlights = [\"ok\", \"\"]\nkind");
    assert_eq!(
        found(&text),
        [
            "line 2, products.starter.name: must be one line without control characters",
            "line 3, products.starter.description: must not contain control characters other than line breaks",
            "line 4, products.starter.highlights[1]: must not be empty",
        ]
    );
    let long = STARTER.replace("\"Starter\"", &format!("\"{}\"", "ž".repeat(101)));
    assert_eq!(found(&long), ["line 2, products.starter.name: longer than 100 characters"]);
}

#[test]
fn parse_reports_form_alone_and_check_content() {
    let problems = CatalogFile::parse(&STARTER.replace("\"Starter\"", "3").replace("website", "acme")).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].to_string(), "line 2, products.starter.name: expected a text in quotes, found integer");
    let file = CatalogFile::parse(&STARTER.replace("website", "acme")).unwrap();
    let problems = check(&file, &TwoProviders).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, 4));
    let file = CatalogFile::parse(STARTER).unwrap();
    assert_eq!(check(&file, &TwoProviders).unwrap(), read(STARTER, &TwoProviders).unwrap());
}

#[test]
fn features_keep_the_order_of_the_file_and_are_lines_of_text() {
    let text =
        format!("{STARTER}features = {{ Zebras = \"2\", \"Free SSL\" = \"yes\", Apes = \"none\" }}\nstock = 0\n");
    let product = read(&text, &TwoProviders).unwrap().products.remove(0);
    let features: Vec<_> = product.features.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
    assert_eq!(features, [("Zebras", "2"), ("Free SSL", "yes"), ("Apes", "none")]);
    assert_eq!(product.stock, Some(0));
    assert_eq!(read(STARTER, &TwoProviders).unwrap().products[0].stock, None);
    let problems = after_starter("features = { A = 1, B = \"\", \" \" = \"x\" }\nstock = -1\n");
    assert_eq!(
        problems,
        [
            "line 6, products.starter.features.A: expected a text in quotes, found integer",
            "line 6, products.starter.features.B: must not be empty",
            "line 6, products.starter.features. : a feature's name is one line of 1 to 60 characters",
            "line 7, products.starter.stock: expected 0 to 100000; leave it out where there is no end",
        ]
    );
    assert_eq!(
        after_starter("features = [\"a\"]\nstock = 100001\n").len(),
        2,
        "neither a list of features nor a stock without end"
    );
}
