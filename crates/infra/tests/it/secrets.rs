//! The table of secrets: versions, spans, and nothing readable in it.

use chrono::TimeDelta;
use infra::secrets::{
    NewSecret, SecretBox, WEBHOOK_SECRET, active_secrets, add_secret, retire_secret, secret_versions,
};
use secrecy::{ExposeSecret, SecretString};
use testkit::noon;

use crate::shop::Shop;

fn sealer(key: &str) -> SecretBox {
    SecretBox::new(&SecretString::from(key.repeat(32))).unwrap()
}

fn new(plain: &str, from_hours: i64, until_hours: Option<i64>) -> NewSecret {
    NewSecret {
        name: WEBHOOK_SECRET.to_owned(),
        plain: SecretString::from(plain),
        not_before: noon() + TimeDelta::hours(from_hours),
        not_after: until_hours.map(|hours| noon() + TimeDelta::hours(hours)),
    }
}

async fn active_at(shop: &Shop, hours: i64) -> Vec<String> {
    let at = noon() + TimeDelta::hours(hours);
    let found = active_secrets(&shop.db, &sealer("k"), WEBHOOK_SECRET, at).await.unwrap();
    found.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

#[tokio::test]
async fn versions_count_in_their_spans_newest_first() {
    let shop = Shop::bare().await;
    assert_eq!(add_secret(&shop.db, &sealer("k"), &new("whsec_old", 0, Some(10))).await.unwrap(), 1);
    assert_eq!(add_secret(&shop.db, &sealer("k"), &new("whsec_new", 5, None)).await.unwrap(), 2);
    assert_eq!(active_at(&shop, -1).await, Vec::<String>::new());
    assert_eq!(active_at(&shop, 1).await, ["whsec_old"]);
    assert_eq!(active_at(&shop, 7).await, ["whsec_new", "whsec_old"], "both while one is rotated");
    assert_eq!(active_at(&shop, 10).await, ["whsec_new"]);
    assert!(retire_secret(&shop.db, WEBHOOK_SECRET, 2, noon() + TimeDelta::hours(20)).await.unwrap());
    assert!(!retire_secret(&shop.db, WEBHOOK_SECRET, 3, noon()).await.unwrap(), "there is no third");
    assert_eq!(active_at(&shop, 20).await, Vec::<String>::new());
    assert_eq!(secret_versions(&shop.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_readable_is_stored_and_another_key_opens_nothing() {
    let shop = Shop::bare().await;
    add_secret(&shop.db, &sealer("k"), &new("whsec_canary", 0, None)).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM secrets WHERE secrets::text LIKE '%canary%'").await, 0);
    assert!(active_secrets(&shop.db, &sealer("x"), WEBHOOK_SECRET, noon()).await.is_err());
}

#[tokio::test]
async fn a_sealed_value_does_not_open_as_another_version() {
    let shop = Shop::bare().await;
    add_secret(&shop.db, &sealer("k"), &new("whsec_1", 0, None)).await.unwrap();
    shop.sql().await.batch_execute("UPDATE secrets SET version = 2").await.unwrap();
    assert!(active_secrets(&shop.db, &sealer("k"), WEBHOOK_SECRET, noon()).await.is_err());
}
