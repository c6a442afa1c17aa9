//! What programs take together of a panel's allowance.

use std::sync::Arc;

use infra::providers::allowance::PgAllowance;
use panels::{Allowance, Take, Taken};
use tokio::task::JoinSet;

use crate::shop::Shop;

const WANT: Take = Take { per_minute: 1, burst: 20, calls: 8, least: 0 };

#[tokio::test]
async fn what_is_left_is_taken_once_however_many_ask() {
    let shop = Shop::bare().await;
    let allowance = Arc::new(PgAllowance::new(shop.db.pool().clone()));
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let allowance = Arc::clone(&allowance);
        asking.spawn(async move { allowance.take("games", WANT).await });
    }
    let taken = asking.join_all().await;
    assert_eq!(taken.iter().filter(|one| **one == Taken::All).count(), 2, "16 of 20: {taken:?}");
    let Some(Taken::Missing(missing)) = taken.iter().find(|one| **one != Taken::All) else { panic!("{taken:?}") };
    assert!((3000..=4000).contains(missing), "4 of 8 are missing, and a little was earned: {missing}");
    // What goes on may overdraw, and only so far.
    let more = Take { calls: 16, least: -16, ..WANT };
    assert_eq!(allowance.take("games", more).await, Taken::All);
    assert!(matches!(allowance.take("games", more).await, Taken::Missing(_)));
    assert_eq!(allowance.take("other", WANT).await, Taken::All, "another panel has its own");
}

#[tokio::test]
async fn it_is_earned_by_time() {
    let shop = Shop::bare().await;
    let allowance = PgAllowance::new(shop.db.pool().clone());
    let quick = Take { per_minute: 600_000, ..WANT };
    for _ in 0..50 {
        // Ten calls a millisecond: whoever asks again has earned some.
        let mut taken = allowance.take("games", quick).await;
        while taken != Taken::All {
            taken = allowance.take("games", quick).await;
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_to_be() {
    let manager =
        diesel_async::pooled_connection::AsyncDieselConnectionManager::new("postgres://nobody@127.0.0.1:1/none");
    let pool = diesel_async::pooled_connection::deadpool::Pool::builder(manager).build().unwrap();
    assert_eq!(PgAllowance::new(pool).take("games", WANT).await, Taken::Unknown);
}
