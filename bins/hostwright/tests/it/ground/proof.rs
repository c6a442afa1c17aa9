//! The promise, checked against what really happened: every payment ends in exactly one running service, and nothing is
//! left over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_postgres::SimpleQueryMessage;

use super::{
    Goods, Ground, LIMIT, PAUSE, Purchase,
    buyer::{PASSWORD, sign_in},
    desk::{Ask, text},
    until,
};

/// The rows of a query, as texts.
pub(crate) async fn rows(sql: &tokio_postgres::Client, query: &str) -> Vec<Vec<String>> {
    let messages = sql.simple_query(query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let cells = |row: tokio_postgres::SimpleQueryRow| {
        (0..row.len()).map(|cell| row.get(cell).unwrap_or_default().to_owned()).collect()
    };
    let row = |message| if let SimpleQueryMessage::Row(row) = message { Some(cells(row)) } else { None };
    messages.into_iter().filter_map(row).collect()
}

/// Waits until all is done, then compares Hostwright's record with the truth.
pub(crate) async fn prove(ground: &Ground, sold: &[Purchase]) {
    finished(ground).await;
    let truth = ground.desk.truth().await;
    nothing_is_left(ground, &truth).await;
    orders_are_whole(ground, sold).await;
    money_came_once(ground, &truth, sold).await;
    services_run_once(ground, &truth, sold).await;
    for purchase in sold {
        mails_arrived(ground, purchase).await;
        the_buyer_gets_in(ground, purchase).await;
    }
    println!("{} purchases hold", sold.len());
}

const UNFINISHED: &str = "\
    SELECT 'order', 'ord_' || replace(id::text, '-', ''), status FROM orders WHERE status <> 'provisioned' \
    UNION ALL SELECT 'job', kind, concat_ws(' ', state, 'attempt', attempt, 'rescues', rescues, last_error) FROM jobs \
    UNION ALL SELECT 'dead', kind, concat_ws(' ', reason, code, detail) FROM job_dead \
    UNION ALL SELECT 'event', id, type FROM stripe_events_log WHERE outcome IS NULL";

/// Every order is provisioned, no job is left, no webhook waits.
async fn finished(ground: &Ground) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let mut open = rows(&ground.sql, UNFINISHED).await;
        let waiting = ground.desk.look("/control/stripe/webhook").await["pending"].clone();
        if waiting != json!(0) {
            open.push(vec!["webhooks that wait".to_owned(), waiting.to_string()]);
        }
        if open.is_empty() {
            return;
        }
        let dead = open.iter().any(|row| row[0] == "dead");
        assert!(!dead && Instant::now() < deadline, "not everything is done: {open:#?}");
        sleep(PAUSE).await;
    }
}

async fn nothing_is_left(ground: &Ground, truth: &Value) {
    for table in ["jobs", "job_dead", "sealed_secrets"] {
        let left = rows(&ground.sql, &format!("SELECT * FROM {table}")).await;
        assert!(left.is_empty(), "{table} is not empty: {left:?}");
    }
    let events: BTreeSet<String> = truth["events"].as_array().unwrap().iter().map(|event| text(event, "id")).collect();
    let stored = rows(&ground.sql, "SELECT id FROM stripe_events_log").await;
    let stored: BTreeSet<String> = stored.into_iter().map(|mut row| row.remove(0)).collect();
    assert_eq!(stored, events, "every event that was sent is stored");
}

/// Exactly the orders that were placed, each with one service that is active.
async fn orders_are_whole(ground: &Ground, sold: &[Purchase]) {
    let query = "SELECT 'ord_' || replace(o.id::text, '-', ''), o.status, s.status FROM orders o \
                 LEFT JOIN services s ON s.order_id = o.id";
    let found: BTreeSet<Vec<String>> = rows(&ground.sql, query).await.into_iter().collect();
    let row = |sold: &Purchase| vec![sold.order.clone(), "provisioned".to_owned(), "active".to_owned()];
    assert_eq!(found, sold.iter().map(row).collect(), "one order a purchase, each with one running service");
}

async fn money_came_once(ground: &Ground, truth: &Value, sold: &[Purchase]) {
    let query = "SELECT 'ord_' || replace(order_id::text, '-', ''), count(*) FROM payments \
                 WHERE status = 'succeeded' GROUP BY order_id";
    let recorded: BTreeMap<String, String> =
        rows(&ground.sql, query).await.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let once = |sold: &Purchase| (sold.order.clone(), "1".to_owned());
    assert_eq!(recorded, sold.iter().map(once).collect(), "one payment an order is recorded");
    let mut paid: Vec<String> = Vec::new();
    for session in truth["sessions"].as_array().unwrap().iter().filter(|session| session["paid"] == json!(true)) {
        paid.push(text(&session["metadata"], "order_id"));
    }
    paid.sort();
    let mut wanted: Vec<String> = sold.iter().map(|sold| sold.order.clone()).collect();
    wanted.sort();
    assert_eq!(paid, wanted, "one session an order was paid");
}

/// One server in the panel a game order, one website a hosting order, and none besides.
async fn services_run_once(ground: &Ground, truth: &Value, sold: &[Purchase]) {
    let of = |goods: Goods| sold.iter().filter(move |sold| sold.goods == goods).map(|sold| sold.order.clone());
    let query = "SELECT 'svc_' || replace(s.id::text, '-', ''), 'ord_' || replace(o.id::text, '-', ''), \
                 o.ptero_server_id, o.ptero_identifier FROM services s JOIN orders o ON o.id = s.order_id \
                 WHERE s.provider = 'pterodactyl'";
    let mut recorded = BTreeSet::new();
    let mut orders = BTreeSet::new();
    for row in rows(&ground.sql, query).await {
        orders.insert(row[1].clone());
        recorded.insert((row[0].clone(), row[2].clone(), row[3].clone()));
    }
    assert_eq!(orders, of(Goods::Game).collect(), "the game orders");
    let servers = truth["panel"]["servers"].as_array().unwrap();
    let real: BTreeSet<(String, String, String)> = servers
        .iter()
        .map(|server| (text(server, "external_id"), server["id"].to_string(), text(server, "identifier")))
        .collect();
    assert_eq!(real, recorded, "the panel's servers are those on record");
    assert_eq!(servers.len(), orders.len(), "one server a game order: {servers:?}");
    assert!(servers.iter().all(|server| server["status"].is_null()), "all are installed: {servers:?}");
    let query = "SELECT 'ord_' || replace(s.order_id::text, '-', '') FROM websites w JOIN services s \
                 ON s.id = w.service_id WHERE w.status = 'active'";
    let mut sites: Vec<String> = rows(&ground.sql, query).await.into_iter().map(|mut row| row.remove(0)).collect();
    sites.sort();
    let mut wanted: Vec<String> = of(Goods::Hosting).collect();
    wanted.sort();
    assert_eq!(sites, wanted, "one website a hosting order");
}

/// Each mail of the log arrived, at least once; if twice, it is the same one to the letter.
async fn mails_arrived(ground: &Ground, purchase: &Purchase) {
    let query = format!(
        "SELECT template, status, trim(both '<>' from message_id) FROM email_log WHERE to_email = '{}' ORDER BY template",
        purchase.email
    );
    let logged = rows(&ground.sql, &query).await;
    let templates: Vec<&str> = logged.iter().map(|row| row[0].as_str()).collect();
    let wanted: &[&str] = match purchase.goods {
        Goods::Hosting => &["order_confirmation", "service_ready", "welcome"],
        Goods::Game => &["order_confirmation", "service_ready"],
    };
    assert_eq!(templates, wanted, "the mails to {}", purchase.email);
    assert!(logged.iter().all(|row| row[1] == "sent"), "{logged:?}");
    let mut arrived: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for mail in ground.desk.inbox(&purchase.email).await {
        let id = text(&mail, "message_id").trim_matches(['<', '>']).to_owned();
        arrived.entry(id).or_default().insert((text(&mail, "subject"), text(&mail, "text")));
    }
    let ids: BTreeSet<&String> = arrived.keys().collect();
    assert_eq!(ids, logged.iter().map(|row| &row[2]).collect(), "what arrived for {} is what was sent", purchase.email);
    for (id, copies) in &arrived {
        assert_eq!(copies.len(), 1, "copies of mail {id} differ: {copies:?}");
    }
}

/// The temporary password that was mailed to a guest.
pub(crate) async fn mailed_password(ground: &Ground, email: &str) -> String {
    until(&format!("a password is mailed to {email}"), async || {
        let mails = ground.desk.inbox(email).await;
        let texts = mails.iter().filter_map(|mail| mail["text"].as_str());
        let mut lines = texts.flat_map(str::lines).filter_map(|line| line.strip_prefix("Temporary password: "));
        lines.next().map(|line| line.trim_end().to_owned())
    })
    .await
}

/// With what they were told, and then they see what they bought.
async fn the_buyer_gets_in(ground: &Ground, purchase: &Purchase) {
    let desk = &ground.desk;
    let token = if purchase.settled {
        sign_in(desk, &purchase.email, PASSWORD).await.0
    } else {
        let temporary = mailed_password(ground, &purchase.email).await;
        let (token, must_change) = sign_in(desk, &purchase.email, &temporary).await;
        assert!(must_change, "a temporary password must be changed");
        let change = json!({ "currentPassword": temporary, "newPassword": PASSWORD });
        let path = "/api/auth/change-password";
        desk.done(&Ask { path, token: Some(&token), body: Some(&change), ..Ask::default() }).await;
        token
    };
    let mine = desk.done(&Ask { path: "/api/services", token: Some(&token), ..Ask::default() }).await;
    let mine = mine["services"].as_array().unwrap();
    assert_eq!(mine.len(), 1, "{mine:?}");
    assert_eq!((text(&mine[0], "orderId"), text(&mine[0], "status")), (purchase.order.clone(), "active".to_owned()));
    let servers = desk.done(&Ask { path: "/api/servers", token: Some(&token), ..Ask::default() }).await;
    let expected = usize::from(purchase.goods == Goods::Game);
    assert_eq!(servers["servers"].as_array().unwrap().len(), expected, "{servers}");
}
