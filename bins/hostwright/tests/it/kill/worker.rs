//! The worker is killed.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Crowd, Moment, kill_the_worker_in, moment, moments};
use crate::ground::{Goods, Ground, Victim, Wishes, prove, slow_panel};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_dies_while_the_panel_works() {
    let mut ground = Ground::open().await;
    let moments = vec![
        moment("the panel makes the user", Goods::Game, slow_panel("POST", "/application/users")),
        moment("the panel makes the server", Goods::Game, slow_panel("POST", "/application/servers")),
        moment("the panel is asked whether there is a server", Goods::Game, slow_panel("GET", "/servers/external/")),
    ];
    let sold = kill_the_worker_in(&mut ground, moments).await;
    prove(&ground, &sold).await;
    assert!(ground.worker_said("adopted") >= 1, "no server was found that a dead worker had asked for");
}

/// The call takes effect, and nobody hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_dies_not_knowing_what_the_panel_did() {
    let mut ground = Ground::open().await;
    let made = |kind: &str, status: Option<u16>, voice: &str| {
        json!({
            "target": "panel", "method": "POST", "path_contains": "/application/servers", "times": 1, "kind": kind,
            "ms": 2000, "status": status, "voice": voice,
        })
    };
    let moments = vec![
        moment("the server is made, the panel silent", Goods::Game, made("hang_after_effect", None, "service")),
        moment("the server is made, the answer is 504", Goods::Game, made("fail_after_effect", Some(504), "daemon")),
        Moment {
            after: Duration::from_millis(60),
            ..moment("the server is made, 502 is on record", Goods::Game, made("fail_after_effect", None, "html"))
        },
    ];
    let sold = kill_the_worker_in(&mut ground, moments).await;
    prove(&ground, &sold).await;
    assert_eq!(ground.worker_said("adopted"), 3, "each server was found instead of made again");
}

fn spoilt_mails(kind: &str, mails: u32) -> Value {
    json!({ "target": "smtp", "kind": kind, "ms": 2000, "times": mails, "path_contains": "@example.com" })
}

/// The mails of the payment are out, their success is not on record: they go out again, the same to the letter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_dies_with_the_mails() {
    let mut ground = Ground::open().await;
    let moments = vec![
        moment("confirmation and welcome are taken slowly", Goods::Hosting, spoilt_mails("delay", 2)),
        moment("confirmation and welcome are taken in silence", Goods::Hosting, spoilt_mails("hang_after_effect", 2)),
        moment("confirmation and welcome are taken and refused", Goods::Hosting, spoilt_mails("fail_after_effect", 2)),
    ];
    let sold = kill_the_worker_in(&mut ground, moments).await;
    prove(&ground, &sold).await;
    let mut twice = 0;
    for purchase in &sold {
        twice += usize::from(ground.desk.inbox(&purchase.email).await.len() > 3);
    }
    assert!(twice >= 2, "the kills did not meet the moment between sending and recording: {twice} of 3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_dies_while_it_records_a_payment() {
    let mut ground = Ground::open().await;
    let slow = |path: &str| {
        json!({
            "target": "stripe", "kind": "delay", "ms": 1500, "times": 1, "method": "GET", "path_contains": path,
        })
    };
    let mut sold = kill_the_worker_in(
        &mut ground,
        vec![
            moment("the session is read again", Goods::Hosting, slow("/checkout/sessions/")),
            moment("the subscription is read", Goods::Hosting, slow("/subscriptions/")),
        ],
    )
    .await;
    // The account is opened, the order is paid, nothing is committed: the mails cannot be written yet.
    let mut holder = ground.database.sql().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE email_log IN SHARE MODE").await.unwrap();
    sold.push(ground.sell(Goods::Hosting).await);
    ground.stuck("hostwright-worker").await;
    ground.kill(Victim::Worker, "the payment's transaction is half-way").await;
    held.rollback().await.unwrap();
    prove(&ground, &sold).await;
}

/// Kills between the steps, and in them, as chance has it: purchases begin one after the other, so that one kill meets
/// each at another age.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_dies_at_any_moment() {
    let mut ground = Ground::open_with(Wishes { install: Duration::from_secs(1), ..Wishes::default() }).await;
    let mut sold = Vec::new();
    for after in moments(3, 90, 1) {
        let mut paid = Vec::new();
        for goods in [Goods::Game, Goods::Hosting].repeat(4) {
            paid.push(ground.buyer(goods).order().await);
        }
        for purchase in &paid {
            ground.desk.pay(&purchase.session).await;
            sleep(Duration::from_millis(10)).await;
        }
        sleep(after).await;
        ground.kill(Victim::Worker, &format!("{after:?} after the last of 8 payments")).await;
        sold.extend(paid);
    }
    prove(&ground, &sold).await;
    println!("lost jobs were taken back {} times", ground.worker_said("lost jobs were taken back"));
}

/// While a server installs nothing runs; and a worker that is gone for a while finds its work when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_die_and_come_back() {
    let mut ground = Ground::open_with(Wishes { install: Duration::from_secs(3), ..Wishes::default() }).await;
    let first = ground.sell(Goods::Game).await;
    let installing = format!("SELECT 1 FROM services WHERE status = 'installing' AND '{}' <> ''", first.order);
    crate::ground::until("the server installs", async || {
        (!crate::ground::rows(&ground.sql, &installing).await.is_empty()).then_some(())
    })
    .await;
    ground.kill(Victim::Both, "the server installs").await;
    let waiting = [Goods::Game, Goods::Hosting].map(|goods| ground.buyer(goods));
    let mut orders = Vec::new();
    for buyer in waiting {
        orders.push(buyer.order().await);
    }
    ground.strike(Victim::Both, "the customers are on the payment page");
    for order in &orders {
        ground.desk.pay(&order.session).await;
    }
    // Stripe's first tries fail against a closed door.
    ground.undelivered(2).await;
    ground.revive(Victim::Both).await;
    let crowd = Crowd::of([Goods::Hosting, Goods::Game].map(|goods| ground.buyer(goods)));
    let sold: Vec<_> = orders.into_iter().chain([first]).chain(crowd.served().await).collect();
    prove(&ground, &sold).await;
}
