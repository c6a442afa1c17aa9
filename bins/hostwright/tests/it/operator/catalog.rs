//! `hostwright catalog`.

use testkit::TestDb;

use super::{only, refused, told};
use crate::ground::{Scratch, catalog, rows};

const COUNT: &str =
    "SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM prices), (SELECT count(*) FROM coupons)";

/// A catalogue with mistakes of every kind, each with the words that its complaint must have.
const BROKEN: &str = r#"currency = "USD"

[products.good]
name = "Good"
description = "Nothing is wrong here."
kind = "hosting"
provider = "website"
prices = [{ cycle = "monthly", amount = 100 }]
settings = { php_version = "8.3" }

[products.nowhere]
name = "Nowhere"
description = "Its provider does not exist."
kind = "hosting"
provider = "cloud-nine"
prices = [{ cycle = "monthly", amount = 100 }]

[products.free]
name = "Free"
description = "It has no price."
kind = "hosting"
provider = "website"
prices = []
settings = { php_version = "8.3" }

[products.twice]
name = "Twice"
description = "A cycle stands there twice."
kind = "hosting"
provider = "website"
prices = [
  { cycle = "monthly", amount = 100 },
  { cycle = "monthly", amount = 200 },
]
settings = { php_version = "8.3" }

[products.game]
name = "Game"
description = "The panel cannot make this."
kind = "game"
provider = "pterodactyl"
prices = [{ cycle = "monthly", amount = 100 }]

[products.game.settings]
nest = 1
egg = 0
memory = "much"
disk = 1024
cpu = 100
locations = { us-central = [1] }

[coupons.LOST]
percent_off = 10
products = ["vanished"]
"#;

/// Where it is wrong, and which words name the place.
const MISTAKES: [(&str, &str); 6] = [
    ("provider = \"cloud-nine\"", "nowhere.provider"),
    ("[products.free]", "products.free: this product has no price"),
    ("amount = 200", "twice.prices[1]"),
    ("egg = 0", "game.settings.egg"),
    ("memory = \"much\"", "game.settings.memory"),
    ("products = [\"vanished\"]", "LOST"),
];

/// A file of this text, for as long as the directory is kept.
fn file(text: &str) -> (Scratch, String) {
    let scratch = Scratch::new("catalog");
    let path = scratch.path().join("catalog.toml");
    std::fs::write(&path, text).unwrap();
    (scratch, path.display().to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shipped_catalogue_is_applied_once() {
    let database = TestDb::new().await;
    let (env, sql) = (only(database.url()), database.sql().await);
    let shipped = catalog();
    assert!(told(&env, &format!("catalog check {shipped}")).contains("no problems"));
    let preview = told(&env, &format!("catalog apply --dry-run {shipped}"));
    assert!(preview.contains("starter") && preview.contains("WELCOME10"), "{preview}");
    assert_eq!(rows(&sql, COUNT).await, [["0", "0", "0"]], "a preview changes nothing");

    let first = told(&env, &format!("catalog apply {shipped}"));
    assert!(first.contains("Applied.") && first.contains("paper-4gb"), "{first}");
    let counted = rows(&sql, COUNT).await;
    assert_ne!(counted, [["0", "0", "0"]]);
    let stamp = "SELECT max(xmin::text::bigint) FROM products";
    let written = rows(&sql, stamp).await;
    let second = told(&env, &format!("catalog apply {shipped}"));
    assert!(!second.contains("Applied."), "there is nothing to do: {second}");
    assert_eq!(rows(&sql, COUNT).await, counted);
    assert_eq!(rows(&sql, stamp).await, written, "no row was written again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_vanishes_from_the_file_is_retired_and_a_new_price_replaces_the_old() {
    let database = TestDb::new().await;
    let (env, sql) = (only(database.url()), database.sql().await);
    told(&env, &format!("catalog apply {}", catalog()));
    let text = std::fs::read_to_string(catalog()).unwrap();
    let (kept, _) = text.split_once("[products.premium]").unwrap();
    let (_scratch, changed) = file(&kept.replace("amount = 799,", "amount = 849,"));
    let said = told(&env, &format!("catalog apply {changed}"));
    assert!(said.contains("premium") && said.contains("retired") && said.contains("8.49"), "{said}");
    let statuses = "SELECT DISTINCT status FROM products WHERE code <> 'starter'";
    assert_eq!(rows(&sql, statuses).await, [["retired"]], "retired, not deleted");
    let monthly = "SELECT amount, active FROM prices JOIN products p ON p.id = product_id \
                   WHERE p.code = 'starter' AND billing_cycle = 'monthly' ORDER BY amount";
    assert_eq!(rows(&sql, monthly).await, [["799", "f"], ["849", "t"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_catalogue_is_refused_with_every_mistake_and_its_line() {
    let database = TestDb::new().await;
    let (env, sql) = (only(database.url()), database.sql().await);
    let (_scratch, path) = file(BROKEN);
    for verb in ["check", "apply"] {
        let said = refused(&env, &format!("catalog {verb} {path}"));
        for (text, place) in MISTAKES {
            let line = BROKEN.lines().position(|line| line.contains(text)).unwrap() + 1;
            let named = said.lines().any(|said| said.contains(&format!("line {line},")) && said.contains(place));
            assert!(named, "nothing about line {line} ({text}):\n{said}");
        }
        assert!(said.contains(&format!("{} problem(s)", MISTAKES.len())), "nothing else is wrong: {said}");
        assert!(said.contains("nothing was changed"), "{said}");
    }
    assert_eq!(rows(&sql, COUNT).await, [["0", "0", "0"]], "not even the good part");
    let gone = refused(&env, "catalog apply /nowhere/catalog.toml");
    assert!(gone.contains("/nowhere/catalog.toml") && gone.contains("No such file"), "{gone}");
}
