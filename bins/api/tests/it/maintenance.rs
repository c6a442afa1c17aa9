//! The shop is closed for maintenance: nothing is sold, and nothing that was paid is stopped.

use reqwest::Method;
use serde_json::json;

use crate::{
    desk::Desk,
    shop::{Answer, SECRET, Shop, guest_order},
};

/// Until the process has looked again; it looks once a second.
async fn until(shop: &Shop, path: &str, status: u16) -> Answer {
    let wait = async {
        loop {
            let answer = shop.get(path).await;
            if answer.status == status {
                return answer;
            }
            actix_web::rt::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("the shop never changed its mind")
}

#[actix_web::test]
async fn a_closed_shop_sells_nothing_and_goes_on_with_what_was_paid() {
    let desk = Desk::open("admin").await;
    let made = desk.shop.order().await;
    let order = made["orderId"].as_str().unwrap().to_owned();
    let closed = desk.post("/desk/maintenance", "action=on&message=We+move+to+a+new+machine.").await;
    assert_eq!((closed.status, closed.header("location")), (303, "/desk/maintenance?done=on"), "{closed:?}");
    // Here it counts at once, since it was done here.
    let page = desk.shop.get("/").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "300"), "{page:?}");
    for word in
        ["We will be back soon", "We move to a new machine.", "what you paid for is delivered", "<html lang=\"en\">"]
    {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{page:?}");
    let german = desk.shop.send(Method::GET, "/order/starter", &[("accept-language", "de")], Vec::new()).await;
    assert!(german.status == 503 && german.text.contains("Wir sind bald wieder da"), "{german:?}");
    let session = desk.shop.post("/api/checkout/create-session", &guest_order()).await;
    assert_eq!((session.status, session.header("retry-after")), (503, "300"), "{session:?}");
    assert_eq!(session.json(), json!({ "error": "We move to a new machine.", "code": "maintenance" }));
    let services = desk.shop.get("/api/services").await;
    assert_eq!((services.status, services.header("content-type")), (503, "application/problem+json"), "{services:?}");
    assert_eq!(services.json()["code"], "maintenance");
    // What was paid goes on; who works here, too.
    let event = r#"{"id":"evt_m","object":"event","type":"invoice.paid","created":1,"data":{"object":{"id":"in_1","object":"invoice"}}}"#;
    for path in ["/api/webhooks/stripe", "/api/stripe/webhook"] {
        assert_eq!(desk.shop.deliver(path, event, SECRET).await.status, 200, "{path}");
    }
    assert_eq!(desk.shop.count("stripe_events_log").await, 1);
    for open in
        ["/login", "/api/health", "/api/openapi.json", &*format!("/orders/{order}"), &*format!("/api/orders/{order}")]
    {
        assert_eq!(desk.shop.get(open).await.status, 200, "{open}");
    }
    for open in ["/desk", "/desk/orders", "/desk/maintenance"] {
        assert_eq!(desk.get(open).await.status, 200, "{open}");
    }
    assert_eq!(desk.shop.get(&format!("/orders/{order}/pay")).await.status, 503);
    let opened = desk.post("/desk/maintenance", "action=off").await;
    assert_eq!(opened.header("location"), "/desk/maintenance?done=off", "{opened:?}");
    assert_eq!(desk.shop.get("/").await.status, 200);
    let acts: String =
        desk.shop.sql("SELECT string_agg(act, ' ' ORDER BY at) FROM audit_log WHERE act LIKE 'maintenance-%'").await;
    assert_eq!(acts, "maintenance-begun maintenance-ended");
    desk.shop.close().await;
}

#[actix_web::test]
async fn another_process_hears_of_it_within_a_moment() {
    let desk = Desk::open("admin").await;
    assert_eq!(desk.shop.get("/").await.status, 200);
    desk.execute("INSERT INTO maintenance (since, until) VALUES (now(), now() + interval '10 minutes')").await;
    let page = until(&desk.shop, "/", 503).await;
    let wait: u32 = page.header("retry-after").parse().unwrap();
    assert!((500..=600).contains(&wait), "{wait}");
    assert!(page.text.contains("Planned until"), "{}", page.text);
    desk.execute("DELETE FROM maintenance").await;
    until(&desk.shop, "/", 200).await;
    desk.shop.close().await;
}

#[actix_web::test]
async fn closing_twice_is_one_act_and_what_cannot_be_is_refused() {
    let desk = Desk::open("admin").await;
    for (form, said) in [
        ("action=on&until=yesterday", "Enter a date and time in UTC"),
        ("action=on&until=2020-01-01", "That time is over."),
        ("action=on&until=2999-01-01", "more than a month away"),
        ("action=on&message=a%0Ab", "one line of up to 500"),
    ] {
        let refused = desk.post("/desk/maintenance", form).await;
        assert!(refused.status == 422 && refused.text.contains(said), "{form}: {refused:?}");
    }
    for _ in 0..2 {
        assert_eq!(desk.post("/desk/maintenance", "action=on&message=Soon.").await.status, 303);
    }
    assert_eq!(desk.post("/desk/maintenance", "action=on&message=Later.").await.status, 303);
    for _ in 0..2 {
        assert_eq!(desk.post("/desk/maintenance", "action=off").await.status, 303);
    }
    let acts: String =
        desk.shop.sql("SELECT string_agg(act, ' ' ORDER BY at) FROM audit_log WHERE act LIKE 'maintenance-%'").await;
    assert_eq!(acts, "maintenance-begun maintenance-begun maintenance-ended");
    desk.shop.close().await;
}
