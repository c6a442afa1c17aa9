//! A flood of forged webhooks costs the database nothing and the log one line a second; genuine ones come through.

use std::{
    fs::File,
    process::{Command, Stdio},
    time::Instant,
};

use futures_util::future::join_all;
use reqwest::Method;
use testkit::{
    TestDb,
    wire::{self, WEBHOOK, signed_event, stripe_signature},
};

use crate::shop::{KEY, SECRET, Settings, Shop, now};

/// Forged, unsigned, stale, from the future, too large: the request's header and body.
fn forgeries(number: usize) -> Vec<(String, Vec<u8>)> {
    let body = format!("{{\"id\":\"evt_forged_{number}\",\"type\":\"invoice.paid\"}}");
    let large = "x".repeat(300 << 10);
    [
        (stripe_signature(&body, "whsec_another", now()), &body),
        (String::new(), &body),
        ("t=1,v1=".to_owned(), &body),
        (stripe_signature(&body, SECRET, now() - 301), &body),
        (stripe_signature(&body, SECRET, now() + 400), &body),
        (stripe_signature(&large, SECRET, now()), &large),
    ]
    .map(|(header, body)| (header, body.clone().into_bytes()))
    .into()
}

async fn send_forgeries(shop: &Shop, number: usize) {
    let sent = forgeries(number).into_iter().map(|(header, body)| async move {
        let answer = shop.send(Method::POST, WEBHOOK, &[("stripe-signature", &header)], body).await;
        assert!(matches!(answer.status, 400 | 413), "{answer:?}");
    });
    join_all(sent).await;
}

#[actix_web::test]
async fn forged_events_cost_not_one_statement_and_genuine_ones_come_through() {
    let (shop, cable) = Shop::open_on_a_cable().await;
    // The secrets are read again every 20 s; if each forgery cost something, no window would be quiet.
    let mut quiet = 0;
    for window in 0..5 {
        let before = cable.asked();
        for number in 0..20 {
            send_forgeries(&shop, number).await;
        }
        quiet += usize::from(cable.asked() == before);
        let genuine = format!("{{\"id\":\"evt_{window}\",\"type\":\"invoice.paid\"}}");
        assert_eq!(shop.deliver(WEBHOOK, &genuine, SECRET).await.status, 200);
        assert!(cable.asked() > before, "the cable is the way to the database");
    }
    assert!(quiet > 0, "every hundred forgeries asked the database something");
    assert_eq!((shop.count("stripe_events_log").await, shop.count("jobs").await), (5, 5));
    assert_eq!(shop.get("/api/health").await.json()["webhooks"]["rejectedSignature"], 5 * 20 * 5);
    shop.close().await;
}

#[actix_web::test]
async fn what_no_body_could_make_right_is_refused_before_there_is_one() {
    let shop = Shop::open().await;
    let heads = [
        format!("stripe-signature: {}\r\ncontent-length: 100", stripe_signature("", SECRET, now() - 301)),
        "content-length: 100".to_owned(),
        format!("stripe-signature: {}\r\ncontent-length: 300000", stripe_signature("", SECRET, now())),
    ];
    for (head, status) in heads.into_iter().zip([400, 400, 413]) {
        // The body never comes; who waited for it would answer 408.
        let request = format!("POST {WEBHOOK} HTTP/1.1\r\nhost: shop\r\n{head}\r\n\r\n");
        assert_eq!(wire::ask(shop.address, &request).await.unwrap(), status, "{head}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn events_that_come_together_are_answered_each_for_itself() {
    let shop = Shop::open().await;
    let events = (0..64).map(|number| signed_event(&format!("evt_{}", number % 48), SECRET, now())).collect::<Vec<_>>();
    let answers = join_all(events.iter().map(|event| wire::ask(shop.address, event))).await;
    assert!(answers.into_iter().all(|status| status.unwrap() == 200));
    assert_eq!((shop.count("stripe_events_log").await, shop.count("jobs").await), (48, 48));
    let webhooks = shop.get("/api/health").await.json()["webhooks"].clone();
    assert_eq!((&webhooks["received"], &webhooks["duplicates"]), (&48.into(), &16.into()));
    let commits: i64 = shop.sql("SELECT count(DISTINCT xmin::text) FROM stripe_events_log").await;
    assert!(commits < 48, "{commits} commits");
    shop.close().await;
}

#[actix_web::test]
async fn webhooks_have_a_door_of_their_own_if_wanted() {
    let arguments = vec!["--webhook-listen=127.0.0.1:0".to_owned()];
    let shop = Shop::open_with(Settings { arguments, ..Settings::default() }).await;
    let door = shop.webhook_address.unwrap();
    assert_eq!(wire::ask(door, &signed_event("evt_1", SECRET, now())).await.unwrap(), 200);
    assert_eq!(wire::ask(door, &signed_event("evt_2", "whsec_another", now())).await.unwrap(), 400);
    assert_eq!(wire::ask(door, &wire::get("/api/health")).await.unwrap(), 200);
    for path in ["/", "/api/plans", "/login", "/api/openapi.json"] {
        assert_eq!(wire::ask(door, &wire::get(path)).await.unwrap(), 404, "{path}");
    }
    assert_eq!(wire::ask(shop.address, &signed_event("evt_3", SECRET, now())).await.unwrap(), 200);
    assert_eq!(shop.count("stripe_events_log").await, 2);
    shop.close().await;
}

/// The program itself, since what it writes is asked for.
#[actix_web::test]
async fn forged_events_do_not_fill_the_log() {
    let database = TestDb::new().await;
    let log = std::env::temp_dir().join(format!("hostwright-flood-{}.log", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_hostwright-api"))
        .args(["--api-listen=127.0.0.1:0", "--api-workers=1", "--log=info", "--log-format=json"])
        .args([format!("--database-url={}", database.url()), format!("--stripe-webhook-secret={SECRET}")])
        .args([format!("--secrets-key={KEY}"), format!("--jwt-secret={KEY}")])
        .args(["--stripe-secret-key=sk_test_sandbox", "--public-site-url=https://shop.test"])
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let lines = || std::fs::read_to_string(&log).unwrap();
    let began = Instant::now();
    let address = loop {
        let said = lines();
        let listening =
            said.lines().find_map(|line| line.split_once("\"address\":\"").filter(|_| line.contains("listens")));
        if let Some((_, rest)) = listening {
            break rest.split('"').next().unwrap().parse().unwrap();
        }
        assert!(program.try_wait().unwrap().is_none(), "it ended: {said}");
        actix_web::rt::task::yield_now().await;
    };
    let before = lines().lines().count();
    for _ in 0..500 {
        let request = signed_event("evt_1", "whsec_another", now());
        assert_eq!(wire::ask(address, &request).await.unwrap(), 400);
        assert_eq!(wire::ask(address, "no HTTP at all\r\n\r\n").await.unwrap(), 400);
    }
    while !lines().contains("refused webhooks") {
        actix_web::rt::task::yield_now().await;
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let written = lines();
    let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
    assert!(written.lines().count() - before <= seconds + 2, "{written}");
    assert!(!written.contains("evt_1"), "a forger writes nothing into the log");
    std::fs::remove_file(&log).unwrap();
}
