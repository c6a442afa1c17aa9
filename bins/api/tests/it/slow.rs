//! Clients that take their time are shed, whatever they are slow at and wherever; who comes to ask is served meanwhile.

use std::time::Duration;

use futures_util::future::join_all;
use testkit::{
    slow::{Attack, Kind},
    wire::{self, signed_event},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::shop::{SECRET, Settings, Shop, now};

/// Ends what would never end.
const WATCHDOG: Duration = Duration::from_mins(2);

async fn shop(arguments: &[&str]) -> Shop {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Shop::open_with(Settings { arguments, ..Settings::default() }).await
}

/// What comes until the server ends it, or breaks it off.
async fn rest(line: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let reading = line.read_to_end(&mut all);
    let _ = tokio::time::timeout(WATCHDOG, reading).await.expect("the connection is ended");
    String::from_utf8_lossy(&all).into_owned()
}

async fn connect(shop: &Shop, text: &str) -> TcpStream {
    let mut line = TcpStream::connect(shop.address).await.unwrap();
    line.write_all(text.as_bytes()).await.unwrap();
    line
}

#[actix_web::test]
async fn a_thousand_slow_clients_are_all_shed_and_others_are_served() {
    let shop = shop(&[]).await;
    let attack = |kind| Attack { target: shop.address, kind, connections: 250, now: now(), patience: WATCHDOG };
    let attacks = join_all(Kind::ALL.map(|kind| async move { (kind, attack(kind).run().await) }));
    let served = async {
        for number in 0..20 {
            let event = signed_event(&format!("evt_{number}"), SECRET, now());
            assert_eq!(wire::ask(shop.address, &event).await.unwrap(), 200);
        }
    };
    let (outcomes, ()) = tokio::join!(attacks, served);
    for (kind, outcome) in outcomes {
        assert_eq!((outcome.opened, outcome.left), (250, 0), "{kind:?}: {outcome:?}");
    }
    assert_eq!(shop.count("stripe_events_log").await, 20);
    shop.close().await;
}

#[actix_web::test]
async fn the_second_head_on_a_connection_has_its_time_too() {
    let shop = shop(&[]).await;
    let mut line = connect(&shop, "GET /api/plans/x HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert!(line.read_buf(&mut answer).await.unwrap() > 0);
    }
    line.write_all(b"GET /api/plans HTTP/1.1\r\nx-slow: ").await.unwrap();
    assert_eq!(rest(&mut line).await, "");
    shop.close().await;
}

#[actix_web::test]
async fn a_connection_that_does_nothing_more_is_ended() {
    let shop = shop(&[]).await;
    let mut line = connect(&shop, "GET /api/plans HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    assert!(rest(&mut line).await.contains("HTTP/1.1 200"));
    shop.close().await;
}

#[actix_web::test]
async fn when_all_places_are_taken_who_waits_gives_way_to_who_asks() {
    let shop = shop(&["--api-max-connections=10"]).await;
    let mut idle = Vec::new();
    for _ in 0..10 {
        idle.push(connect(&shop, "").await);
    }
    for number in 0..20 {
        let event = signed_event(&format!("evt_{number}"), SECRET, now());
        assert_eq!(wire::ask(shop.address, &event).await.unwrap(), 200);
    }
    // The first to come was the first to give way, without a word and long before its time.
    assert_eq!(rest(&mut idle[0]).await, "");
    assert_eq!(shop.count("stripe_events_log").await, 20);
    shop.close().await;
}

#[actix_web::test]
async fn one_address_may_be_held_to_a_few_connections() {
    let shop = shop(&["--api-max-connections-per-peer=3"]).await;
    // The test's own client may hold one from before.
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect(&shop, "").await);
    }
    let mut refused = TcpStream::connect(shop.address).await.unwrap();
    assert_eq!(rest(&mut refused).await, "");
    drop(held);
    let again = async {
        while !matches!(wire::ask(shop.address, &wire::get("/api/plans")).await, Ok(200)) {
            actix_web::rt::task::yield_now().await;
        }
    };
    tokio::time::timeout(WATCHDOG, again).await.expect("places become free again");
    shop.close().await;
}

#[actix_web::test]
async fn heads_are_bounded() {
    let shop = shop(&[]).await;
    let large = format!("GET /api/plans HTTP/1.1\r\nhost: shop\r\nx-large: {}\r\n\r\n", "x".repeat(20 << 10));
    let mut line = connect(&shop, &large).await;
    let answer = rest(&mut line).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = format!("GET /api/plans HTTP/1.1\r\nhost: shop\r\n{}\r\n", "a: b\r\n".repeat(100));
    let mut line = connect(&shop, &many).await;
    assert!(rest(&mut line).await.starts_with("HTTP/1.1 431"));
    let fits = format!(
        "GET /api/plans HTTP/1.1\r\nhost: shop\r\nconnection: close\r\nx-large: {}\r\n\r\n",
        "x".repeat(12 << 10)
    );
    assert_eq!(wire::ask(shop.address, &fits).await.unwrap(), 200);
    shop.close().await;
}

#[actix_web::test]
async fn requests_sent_ahead_are_answered_in_their_order() {
    let shop = shop(&[]).await;
    let mut text =
        "GET /api/openapi.json HTTP/1.1\r\nhost: shop\r\n\r\nGET /api/plans HTTP/1.1\r\nhost: shop\r\n\r\n".repeat(10);
    text.push_str(&wire::get("/api/nothing"));
    let mut line = connect(&shop, &text).await;
    let answers = rest(&mut line).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 20);
    assert_eq!(answers.matches("HTTP/1.1 404").count(), 1);
    assert!(answers.rfind("HTTP/1.1 404").unwrap() > answers.rfind("HTTP/1.1 200").unwrap());
    shop.close().await;
}
