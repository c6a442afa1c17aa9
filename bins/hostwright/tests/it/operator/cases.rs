//! What an operator does about single orders, events and jobs.

use serde_json::json;

use crate::ground::{Goods, Ground, prove, rows, text, until};

async fn status(ground: &Ground, order: &str) -> String {
    let query = format!("SELECT status FROM orders WHERE 'ord_' || replace(id::text, '-', '') = '{order}'");
    rows(&ground.sql, &query).await[0][0].clone()
}

pub(super) async fn becomes(ground: &Ground, order: &str, wanted: &str) {
    until(&format!("{order} is {wanted}"), async || (status(ground, order).await == wanted).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_listed_and_shown_with_all_that_happened() {
    let ground = Ground::open().await;
    let sold = ground.sell(Goods::Hosting).await;
    prove(&ground, std::slice::from_ref(&sold)).await;
    let list = ground.told("orders list");
    let line = list.lines().find(|line| line.contains(&sold.order)).unwrap();
    assert!(line.contains("provisioned") && line.contains("starter") && line.contains(&sold.email), "{list}");
    assert!(ground.told("orders list --status needs_attention").contains("(none)"));
    let shown = ground.told(&format!("orders show {}", sold.order));
    for words in
        ["WELCOME10", "7.19", "provisioned", "succeeded", "welcome", "sent", "site-0.sites.example.com", "active"]
    {
        assert!(shown.contains(words), "nothing about {words}:\n{shown}");
    }
    assert!(shown.contains(&sold.session), "{shown}");
    let refused = ground.refused(&format!("orders retry {}", sold.order));
    assert!(refused.contains("provisioned"), "a delivered order is left alone, and why: {refused}");
    assert!(ground.refused("orders show ord_00000000000070008000000000000000").contains("no such order"));
    assert!(ground.refused("orders show nonsense").contains("nonsense"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_delivery_is_a_case_that_a_retry_ends() {
    let ground = Ground::open().await;
    let rule = json!({
        "target": "panel", "kind": "fail", "status": 400, "method": "POST", "path_contains": "/application/servers",
    });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Game).await;
    becomes(&ground, &sold.order, "needs_attention").await;
    let list = ground.told("orders list --status needs_attention");
    assert!(list.contains(&sold.order), "{list}");
    let shown = ground.told(&format!("orders show {}", sold.order));
    assert!(shown.contains("needs attention: ") && shown.contains("next: "), "{shown}");
    let list = ground.told("cases list --kind delivery-refused");
    let case = list.split_whitespace().find(|word| word.starts_with("case_")).unwrap_or_else(|| panic!("{list}"));
    assert!(shown.contains(case), "the order names its case: {shown}");

    ground.heal().await;
    assert!(ground.told(&format!("cases retry {case}")).contains("delivered again"));
    becomes(&ground, &sold.order, "provisioned").await;
    assert_eq!(ground.desk.truth().await["panel"]["servers"].as_array().unwrap().len(), 1);
    let shown = ground.told(&format!("orders show {}", sold.order));
    assert!(shown.contains("delivery_retried") && shown.contains("operator"), "{shown}");
    assert!(ground.told("cases list").contains("(none)"), "its cause is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replayed_event_is_processed_again_and_changes_nothing() {
    let ground = Ground::open().await;
    let sold = ground.sell(Goods::Hosting).await;
    prove(&ground, std::slice::from_ref(&sold)).await;
    let list = ground.told(&format!("events list --order {}", sold.order));
    let line =
        list.lines().find(|line| line.contains("checkout.session.completed")).unwrap_or_else(|| panic!("{list}"));
    assert!(line.contains("processed"), "{list}");
    let event = line.split_whitespace().find(|word| word.starts_with("evt_")).unwrap();
    assert!(ground.told(&format!("events show {event}")).contains(&sold.session));

    let processed = format!("SELECT processed_at, outcome FROM stripe_events_log WHERE id = '{event}'");
    let before = rows(&ground.sql, &processed).await;
    assert!(ground.told(&format!("events replay {event}")).contains("queued"));
    until("the event is processed again", async || {
        let now = rows(&ground.sql, &processed).await;
        (now != before && now[0][1] == "processed").then_some(())
    })
    .await;
    let settled = crate::ground::Purchase { settled: true, ..sold };
    prove(&ground, &[settled]).await;
    assert!(ground.refused("events replay evt_of_nobody").contains("no such event"));
}

/// A mail that is refused for good is a dead job, seen on its order; once the cause is mended it is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_mail_is_listed_and_sent_after_a_retry() {
    let ground = Ground::open().await;
    let buyer = ground.buyer(Goods::Hosting);
    let rule = json!({ "target": "smtp", "kind": "fail", "status": 550, "path_contains": buyer.email, "times": 0 });
    ground.fault(rule).await;
    let sold = buyer.buy().await;
    until("three mails are given up", async || {
        (rows(&ground.sql, "SELECT 1 FROM job_dead WHERE case_opened_at IS NOT NULL").await.len() >= 3).then_some(())
    })
    .await;
    let shown = ground.told(&format!("orders show {}", sold.order));
    assert!(shown.contains("gave_up") || shown.contains("needs attention"), "the order says so: {shown}");
    ground.heal().await;
    let list = ground.told("jobs list --dead");
    let dead: Vec<&str> = list.lines().filter(|line| line.contains("mail.send")).collect();
    assert!(dead.len() >= 3 && list.contains("550"), "{list}");
    assert!(dead.iter().all(|line| line.contains(&sold.order)), "{list}");
    for line in &dead {
        let id = line.split_whitespace().next().unwrap();
        assert!(ground.told(&format!("jobs retry {id}")).contains("waits in its queue"));
        assert!(ground.refused(&format!("jobs retry {id}")).contains("retried before"));
    }
    until("every mail of the log has arrived", async || {
        let open = rows(&ground.sql, "SELECT template FROM email_log WHERE status <> 'sent'").await;
        open.is_empty().then_some(())
    })
    .await;
    let subjects: Vec<String> = ground.desk.inbox(&sold.email).await.iter().map(|mail| text(mail, "subject")).collect();
    assert!(subjects.iter().any(|subject| subject.starts_with("Welcome")), "{subjects:?}");
    assert!(ground.told("jobs list --dead").contains("(none)"));
    assert!(rows(&ground.sql, "SELECT 1 FROM sealed_secrets").await.is_empty(), "the password is gone");
}

const DEAD: &str = "SELECT id FROM job_dead WHERE case_opened_at IS NOT NULL AND redriven_at IS NULL";

/// Lets the job of this kind that waits have its last try now, and waits until it is given up. Its id in the list.
async fn gives_up(ground: &Ground, kind: &str) -> String {
    let last =
        format!("UPDATE jobs SET attempt = max_attempts - 1, run_at = now() WHERE kind = '{kind}' AND state = 'r'");
    until(&format!("{kind} is given up"), async || {
        rows(&ground.sql, &last).await;
        rows(&ground.sql, DEAD).await.pop().map(|mut row| row.remove(0))
    })
    .await
}

/// An event that could not be processed is not forgotten: its job is listed, and retrying it pays the order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_given_up_is_processed_after_a_retry() {
    let ground = Ground::open().await;
    let rule = json!({
        "target": "stripe", "kind": "fail", "status": 503, "method": "GET", "path_contains": "/checkout/sessions/",
    });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Hosting).await;
    let list = until("the event waits for another try", async || {
        let list = ground.told("jobs list");
        list.lines().any(|line| line.contains("payments.process_event") && line.contains("waiting")).then_some(list)
    })
    .await;
    assert!(list.contains("gateway"), "the reason is listed: {list}");
    let dead = gives_up(&ground, "payments.process_event").await;
    let shown = ground.told(&format!("orders show {}", sold.order));
    assert!(shown.contains("needs attention") && shown.contains("jobs list --dead"), "the order says so: {shown}");
    assert!(ground.told("orders list --status needs_attention").contains(&sold.order));
    assert!(ground.told("events list").contains("failed"));
    assert!(ground.told("jobs list --dead").contains("exhausted"));
    ground.heal().await;
    ground.told(&format!("jobs retry {dead}"));
    becomes(&ground, &sold.order, "provisioned").await;
    assert!(!ground.told("events list").contains("failed"));
    // Its mails may still be on their way.
    until("no job is left", async || ground.told("jobs list").contains("(none)").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_was_given_up_goes_on_after_a_retry() {
    let ground = Ground::open().await;
    let rule = json!({ "target": "panel", "kind": "fail", "status": 503, "path_contains": "/application/" });
    ground.fault(rule).await;
    let sold = ground.sell(Goods::Game).await;
    let dead = gives_up(&ground, "service.deliver").await;
    assert_eq!(status(&ground, &sold.order).await, "needs_attention");
    ground.heal().await;
    ground.told(&format!("jobs retry {dead}"));
    becomes(&ground, &sold.order, "provisioned").await;
    assert_eq!(ground.desk.truth().await["panel"]["servers"].as_array().unwrap().len(), 1);
}
