//! Tries are counted by PostgreSQL: for all instances together, exactly, and without a trace of anybody.

use std::net::IpAddr;

use infra::db::Db;
use kernel::{EmailAddress, Timestamp};
use limits::{Attempt, Decision, LimitKey, LimitStore, Limits};
use testkit::noon;
use tokio::task::JoinSet;

use crate::shop::Shop;

fn limits() -> Limits {
    Limits::on(LimitKey::new([7; 32]))
}

async fn sign_in(db: &Db, (email, ip): (&str, &str), now: Option<Timestamp>) -> Decision {
    let (email, ip): (EmailAddress, IpAddr) = (email.parse().unwrap(), ip.parse().unwrap());
    let charges = limits().charges(&Attempt::SignIn(&email), Some(ip));
    Decision::of(&db.take(&charges, now).await.unwrap())
}

#[tokio::test]
async fn the_limit_store_conforms() {
    let shop = Shop::bare().await;
    limits::testing::store_conforms(&shop.db, noon()).await;
}

/// Two pools, and many at the same moment: what passes is what the rule says, and nobody dies of a deadlock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_through_two_instances_get_what_one_would_get() {
    let shop = Shop::bare().await;
    let other = shop.database.connect().await;
    let mut tries = JoinSet::new();
    for number in 0..300_u32 {
        let db = if number % 2 == 0 { shop.db.clone() } else { other.clone() };
        // Several accounts from several places, so that the buckets overlap.
        let (email, ip) = (format!("a{}@example.com", number % 3), format!("192.0.2.{}", number % 4));
        tries.spawn(async move { (number % 12, sign_in(&db, (&email, &ip), None).await) });
    }
    let mut passed = [0; 12];
    for (pair, decision) in tries.join_all().await {
        passed[usize::try_from(pair).unwrap()] += usize::from(decision == Decision::Allowed);
    }
    assert_eq!(passed, [10; 12], "ten for each account from each place");
}

/// An attacker who is refused does not fill the disk, and cannot make others wait: refusing writes nothing.
#[tokio::test]
async fn refusals_leave_no_rows_behind() {
    let shop = Shop::bare().await;
    for number in 0..100 {
        let email = format!("a{number}@example.com");
        assert_eq!(sign_in(&shop.db, (&email, "192.0.2.1"), Some(noon())).await, Decision::Allowed);
    }
    let before = shop.count("SELECT count(*) FROM limit_buckets").await;
    for number in 100..200 {
        let email = format!("a{number}@example.com");
        assert_eq!(sign_in(&shop.db, (&email, "192.0.2.1"), Some(noon())).await, Decision::Wait(2));
    }
    assert_eq!(shop.count("SELECT count(*) FROM limit_buckets").await, before);
    assert_eq!(before, 201, "one of the network, two of each account");
}

/// Whoever reads the table learns neither addresses nor networks, and needs the key to try any out.
#[tokio::test]
async fn the_table_holds_nobodys_address() {
    let shop = Shop::bare().await;
    sign_in(&shop.db, ("ada@example.com", "192.0.2.1"), None).await;
    let plain = "SELECT count(*) FROM limit_buckets, (VALUES ('ada@example.com'), ('192.0.2.1')) known (text) \
        WHERE octet_length(bucket) <> 16 OR bucket IN (decode(md5(text), 'hex'), substr(sha256(text::bytea), 1, 16))";
    assert_eq!(shop.count(plain).await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM limit_buckets").await, 3);
}
