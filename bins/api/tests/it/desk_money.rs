//! Money at the desk and in the customer's account: what may be asked for, by whom, and what is refused in words.

use reqwest::Method;
use serde_json::json;

use crate::shop::{Answer, Shop, game_order};

struct Staffed {
    shop: Shop,
    cookie: String,
    ada: String,
    order: String,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Staffed {
    /// Ada has ordered; somebody of the shop is signed in.
    async fn open(role: &str) -> Self {
        let shop = Shop::open().await;
        shop.register("sam@example.com").await;
        let change = "UPDATE users SET role = $1 WHERE email = 'sam@example.com'";
        shop.database.sql().await.execute(change, &[&role]).await.unwrap();
        let cookie = shop.cookie("sam@example.com").await;
        let token = shop.register("ada@example.com").await;
        let made = shop.post_as(&token, "/api/checkout/create-session", &game_order()).await.json();
        let order = made["orderId"].as_str().unwrap().to_owned();
        let ada = shop.cookie("ada@example.com").await;
        Self { shop, cookie, ada, order }
    }

    async fn paid(role: &str) -> Self {
        let staffed = Self::open(role).await;
        let paid = "UPDATE payments SET status = 'succeeded', stripe_payment_intent_id = 'pi_1'";
        staffed.shop.database.sql().await.batch_execute(paid).await.unwrap();
        staffed
    }

    fn page(&self, more: &str) -> String {
        format!("/desk/orders/{}{more}", self.order)
    }

    async fn get(&self, path: &str) -> Answer {
        self.shop.send(Method::GET, path, &[("cookie", &self.cookie)], Vec::new()).await
    }

    async fn hers(&self, path: &str) -> Answer {
        self.shop.send(Method::GET, path, &[("cookie", &self.ada)], Vec::new()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("origin", "https://shop.test"), ("content-type", FORM)];
        self.shop.send(Method::POST, path, &headers, form.as_bytes().to_vec()).await
    }
}

#[actix_web::test]
async fn a_refund_is_asked_for_with_an_amount_and_a_reason_and_once() {
    let desk = Staffed::paid("billing").await;
    assert!(desk.get(&desk.page("")).await.text.contains("Send money back"));
    let form = desk.get(&desk.page("/refund")).await;
    assert_eq!(form.status, 200, "{form:?}");
    let due: i64 = desk.shop.count("payments WHERE amount > 500").await;
    assert_eq!(due, 1, "there is something to refund a part of");
    for (entry, word) in [
        ("amount=abc&reason=x", "Write an amount like 3.50."),
        ("amount=0&reason=x", "and more than nothing"),
        ("amount=99999&reason=x", "can go back"),
        ("amount=3.00&reason=+", "Say in a few words"),
    ] {
        let refused = desk.post(&desk.page("/refund"), entry).await;
        assert_eq!(refused.status, 422, "{entry}: {refused:?}");
        assert!(refused.text.contains(word), "{entry}: {}", refused.text);
    }
    assert_eq!(desk.shop.count("refunds").await, 0);
    let asked = desk.post(&desk.page("/refund"), "amount=3,00&reason=slow+panel").await;
    assert_eq!((asked.status, asked.header("location")), (303, &*desk.page("?done=refund")), "{asked:?}");
    let row: String =
        desk.shop.sql("SELECT format('%s %s %s %s', amount, status, reason, asked_by) FROM refunds").await;
    assert_eq!(row, "300 asked slow panel sam@example.com");
    assert_eq!(desk.shop.count("jobs WHERE kind = 'payments.send_refund'").await, 1);
    assert_eq!(desk.shop.count("audit_log WHERE act = 'refund-asked'").await, 1);
    let shown = desk.get(&desk.page("?done=refund")).await;
    assert!(shown.text.contains("slow panel") && shown.text.contains("is being sent back"), "{}", shown.text);
    desk.shop.close().await;
}

#[actix_web::test]
async fn what_the_orders_state_forbids_is_said_and_nothing_is_sent() {
    let desk = Staffed::paid("admin").await;
    let all: String = desk.shop.sql("SELECT (amount / 100.0)::numeric(10,2)::text FROM payments").await;
    let refused = desk.post(&desk.page("/refund"), &format!("amount={all}&reason=x")).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.text.contains("an order that is pending cannot be refunded"), "{}", refused.text);
    assert_eq!(desk.shop.count("refunds").await + desk.shop.count("audit_log WHERE act = 'refund-asked'").await, 0);
    desk.shop.close().await;
}

#[actix_web::test]
async fn support_calls_off_what_is_unpaid_and_refunds_nothing() {
    let desk = Staffed::open("support").await;
    assert_eq!(desk.get(&desk.page("/refund")).await.status, 403);
    assert_eq!(desk.post(&desk.page("/refund"), "amount=1&reason=x").await.status, 403);
    let shown = desk.get(&desk.page("")).await;
    assert!(shown.text.contains("Call off") && !shown.text.contains("Send money back"), "{}", shown.text);
    let called_off = desk.post(&desk.page("/cancel"), "").await;
    assert_eq!(
        (called_off.status, called_off.header("location")),
        (303, &*desk.page("?done=cancel")),
        "{called_off:?}"
    );
    let states: String =
        desk.shop.sql("SELECT o.status || ' ' || p.status || ' ' || s.status FROM orders o JOIN payments p ON p.order_id = o.id JOIN order_sessions s ON s.order_id = o.id").await;
    assert_eq!(states, "cancelled cancelled expired");
    let twice = desk.post(&desk.page("/cancel"), "").await;
    assert_eq!(twice.status, 409, "{twice:?}");
    assert!(twice.text.contains("cannot be cancelled"), "{}", twice.text);
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_payment_page_that_may_still_be_open_keeps_the_order_as_it_is() {
    let desk = Staffed::open("support").await;
    let fault = json!({ "target": "stripe", "kind": "fail", "status": 503, "path_contains": "/expire", "count": 9 });
    desk.shop.control("/faults", &fault).await;
    let refused = desk.post(&desk.page("/cancel"), "").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    let state: String = desk.shop.sql("SELECT status FROM orders").await;
    assert_eq!(state, "pending");
    desk.shop.close().await;
}

#[actix_web::test]
async fn an_events_page_says_what_it_would_change_before_it_is_processed_again() {
    let desk = Staffed::open("billing").await;
    let uuid = desk.order.trim_start_matches("ord_");
    let body = r#"{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"in_1"}}}"#;
    let insert = format!(
        "INSERT INTO stripe_events_log (id, type, payload, received_at, order_id) \
         VALUES ('evt_1', 'invoice.paid', '{body}', now(), '{uuid}')"
    );
    desk.shop.database.sql().await.batch_execute(&insert).await.unwrap();
    let order = desk.get(&desk.page("")).await;
    assert!(order.text.contains("/desk/events/evt_1?order"), "{}", order.text);
    let shown = desk.get(&format!("/desk/events/evt_1?order={}", desk.order)).await;
    for word in ["invoice in_1 is paid", "Nothing.", "renewals are recorded at the gateway", "Process again"] {
        assert!(shown.text.contains(word), "{word}: {}", shown.text);
    }
    assert_eq!(desk.get("/desk/events/evt_none").await.status, 404);
    let replayed = desk.post(&format!("/desk/events/evt_1/replay?order={}", desk.order), "").await;
    assert_eq!(replayed.header("location"), desk.page("?done=replay"), "{replayed:?}");
    desk.shop.close().await;
}

#[actix_web::test]
async fn customers_see_what_they_paid_what_renews_and_what_we_wrote() {
    let desk = Staffed::paid("support").await;
    let billing = desk.hers("/account/billing").await;
    for word in ["Payments", "Paid", "Nothing renews by itself"] {
        assert!(billing.text.contains(word), "{word}: {}", billing.text);
    }
    assert!(!billing.text.contains("/account/billing/portal"), "nothing was charged through the provider");
    assert_eq!(desk.hers("/account/billing/portal").await.status, 409);
    let uuid = desk.order.trim_start_matches("ord_");
    let renews = format!(
        "UPDATE customers SET stripe_customer_id = 'cus_unknown' WHERE email = 'ada@example.com';
         INSERT INTO subscriptions (id, order_id, customer_id, stripe_subscription_id, status, current_period_end,
             cancel_at_period_end, created_at)
         SELECT gen_random_uuid(), '{uuid}', id, 'sub_1', 'active', now() + interval '9 days', true, now()
         FROM customers WHERE email = 'ada@example.com';
         INSERT INTO email_log (id, to_email, template, department, context, status, queued_at)
         VALUES (gen_random_uuid(), 'ada@example.com', 'service_ready', 'support', '{{}}', 'queued', now()),
             (gen_random_uuid(), 'eve@example.com', 'payment_failed', 'support', '{{}}', 'queued', now())"
    );
    desk.shop.database.sql().await.batch_execute(&renews).await.unwrap();
    let billing = desk.hers("/account/billing").await;
    for word in ["Ends soon", "nothing more is charged", "/account/billing/portal"] {
        assert!(billing.text.contains(word), "{word}: {}", billing.text);
    }
    let away = desk.hers("/account/billing/portal").await;
    assert_eq!(away.status, 502, "Stripe does not know the customer: {away:?}");
    assert!(away.text.contains("cannot be opened at the moment"), "{}", away.text);
    let mails = desk.hers("/account/mails").await;
    assert!(mails.text.contains("Your service is ready") && !mails.text.contains("A payment failed"), "{}", mails.text);
    desk.shop.close().await;
}
