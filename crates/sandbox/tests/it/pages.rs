//! The pages, as a browser gets them.

use crate::support::{Bed, payment, subscription, with};
use serde_json::{Value, json};

async fn get(bed: &Bed, path: &str) -> crate::support::Got {
    bed.send("GET", path, &[], String::new()).await.unwrap()
}

async fn press(bed: &Bed, id: &str, form: &str) -> crate::support::Got {
    bed.send("POST", &format!("/pay/{id}"), &[("content-type", "application/x-www-form-urlencoded")], form.to_owned())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_payment_page_shows_the_order_and_paying_leads_back() {
    let bed = Bed::start().await;
    bed.stripe("POST", "/coupons", &json!({ "id": "WELCOME10", "percent_off": 10 }), None).await.ok();
    let form = with(subscription(), "/line_items/0/price_data/product_data/name", json!("<b>Starter</b>"));
    let id = bed.session(&with(form, "/discounts", json!([{ "coupon": "WELCOME10" }]))).await;
    let page = get(&bed, &format!("/pay/{id}")).await;
    for part in [
        "&lt;b&gt;Starter&lt;/b&gt;",
        "$79.00",
        "-$7.90",
        "$71.10",
        "WELCOME10",
        "Then $79.00 every year",
        "jane@example.test",
        "https://shop.example.test/cancel",
    ] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    assert!(!page.text.contains("<script"));
    let paid = press(&bed, &id, "outcome=paid").await;
    assert_eq!(
        (paid.status, paid.header("location")),
        (303, Some(format!("https://shop.example.test/success?session_id={id}").as_str()))
    );
    assert!(get(&bed, &format!("/pay/{id}")).await.text.contains("has been completed"));
    assert!(press(&bed, &id, "outcome=paid").await.text.contains("has been completed"));
    assert_eq!(bed.truth().await["payments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_declined_card_is_told_and_can_be_tried_again() {
    let bed = Bed::start().await;
    let id = bed.session(&payment()).await;
    let page = press(&bed, &id, "outcome=declined").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("declined"));
    assert_eq!(press(&bed, &id, "outcome=async").await.status, 303);
    assert!(get(&bed, "/pay/cs_test_none").await.text.contains("no such payment page"));
}

#[tokio::test]
async fn the_page_asks_for_an_email_when_it_knows_none() {
    let bed = Bed::start().await;
    let id = bed.session(&with(subscription(), "/customer_email", Value::Null)).await;
    assert!(get(&bed, &format!("/pay/{id}")).await.text.contains(r#"type="email""#));
    assert_eq!(press(&bed, &id, "outcome=paid").await.status, 200);
    assert_eq!(press(&bed, &id, "email=joe%40example.test&outcome=paid").await.status, 303);
    assert_eq!(
        bed.get(&format!("/checkout/sessions/{id}")).await["customer_details"]["email"],
        json!("joe@example.test")
    );
}

#[tokio::test]
async fn a_trial_is_confirmed_without_payment() {
    let bed = Bed::start().await;
    let id = bed.session(&with(subscription(), "/subscription_data/trial_period_days", json!(14))).await;
    let page = get(&bed, &format!("/pay/{id}")).await;
    assert!(page.text.contains("Nothing to pay today") && page.text.contains("Free trial until"));
    assert!(!page.text.contains("declined"));
    press(&bed, &id, "outcome=paid").await;
    let session = bed.get(&format!("/checkout/sessions/{id}")).await;
    assert_eq!(session["payment_status"], json!("no_payment_required"));
    let subscription = bed.get(&format!("/subscriptions/{}", session["subscription"].as_str().unwrap())).await;
    assert_eq!(subscription["status"], json!("trialing"));
    assert_eq!(bed.truth().await["payments"], json!([]));
}

#[tokio::test]
async fn the_other_pages_are_there() {
    let bed = Bed::start().await;
    bed.session(&subscription()).await;
    bed.panel("POST", "/application/servers", &crate::panel::server("svc_7")).await.ok();
    for (path, part) in [
        ("/", "Newest payment pages"),
        ("/inbox", "No mail has arrived yet"),
        ("/panel/", "svc_7"),
        ("/panel", "svc_7"),
    ] {
        let page = get(&bed, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(part), "{path}");
    }
    assert_eq!(get(&bed, "/nothing").await.status, 404);
    assert_eq!(get(&bed, "/inbox/1").await.status, 404);
    let unknown = bed.control("GET", "/nothing", &Value::Null).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"].is_string());
    let wrong = bed.control("POST", "/stripe/sessions/cs_test_none/pay", &json!({ "outcome": "stolen" })).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn a_mail_is_shown_in_a_frame_that_may_run_nothing() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bed = Bed::start().await;
    let mut stream = tokio::net::TcpStream::connect(bed.running.smtp_addr).await.unwrap();
    let talk = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nSubject: Hi <you>\r\nContent-Type: text/html\r\n\r\n<script>bad()</script>\r\n.\r\nQUIT\r\n";
    stream.write_all(talk.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let page = get(&bed, "/inbox/1").await;
    assert!(page.text.contains("Hi &lt;you&gt;") && page.text.contains("<iframe") && page.text.contains("sandbox="));
    let part = get(&bed, "/inbox/1/html").await;
    assert!(part.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(get(&bed, "/inbox/1/raw").await.text.starts_with("Subject: Hi"));
    assert!(get(&bed, "/inbox?to=b%40example.test").await.text.contains("Hi &lt;you&gt;"));
}
