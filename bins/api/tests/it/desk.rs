//! The staff desk over a real record: everything is found by whatever is in hand, and cases are worked on.

use reqwest::Method;

use crate::shop::{Answer, Shop, game_order, guest_order};

pub(crate) struct Desk {
    pub(crate) shop: Shop,
    pub(crate) cookie: String,
}

impl Desk {
    /// With somebody of the shop signed in.
    pub(crate) async fn open(role: &str) -> Self {
        Self::on(Shop::open().await, role).await
    }

    /// On a shop that is open already.
    pub(crate) async fn on(shop: Shop, role: &str) -> Self {
        shop.register("sam@example.com").await;
        let change = "UPDATE users SET role = $1 WHERE email = 'sam@example.com'";
        shop.database.sql().await.execute(change, &[&role]).await.unwrap();
        let cookie = shop.cookie("sam@example.com").await;
        Self { shop, cookie }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.shop.send(Method::GET, path, &[("cookie", &self.cookie)], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", "https://shop.test"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.shop.send(Method::POST, path, &headers, form.as_bytes().to_vec()).await
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.shop.database.sql().await.batch_execute(sql).await.unwrap();
    }
}

fn order_of(answer: &serde_json::Value) -> String {
    answer["orderId"].as_str().unwrap().to_owned()
}

/// A case about this order.
fn case_sql(order: &str, kind: &str) -> String {
    let uuid = order.trim_start_matches("ord_");
    format!(
        "INSERT INTO cases (id, kind, subject, order_id, reason, next_step, opened_at, last_seen_at, times) VALUES \
            ('0198c0ff-ee00-7000-8000-0000000000c1', '{kind}', '{order}', '{uuid}', 'the panel is full', \
             'add a node', now() - interval '2 hours', now(), 3)"
    )
}

const CASE: &str = "/desk/cases/case_0198c0ffee00700080000000000000c1";

#[actix_web::test]
async fn whatever_is_in_hand_leads_to_the_order() {
    let desk = Desk::open("support").await;
    let made = desk.shop.order().await;
    let (order, session) = (order_of(&made), made["sessionId"].as_str().unwrap().to_owned());
    let uuid = order.trim_start_matches("ord_");
    desk.execute(&format!(
        "UPDATE payments SET stripe_payment_intent_id = 'pi_1', stripe_invoice_id = 'in_1';
         INSERT INTO stripe_events_log (id, type, payload, received_at, order_id) VALUES ('evt_1', 'x', '', now(), '{uuid}')"
    ))
    .await;
    let email: String = desk.shop.sql("SELECT email FROM orders").await;
    let page = format!("/desk/orders/{order}");
    for text in [&*order, uuid, &session, "pi_1", "in_1", "evt_1", &email, &email.to_uppercase(), &email[..4]] {
        let found = desk.get(&format!("/desk/search?q={text}")).await;
        assert_eq!((found.status, found.header("location")), (303, &*page), "{text}");
    }
    for nothing in ["", "  ", "%25", "x", "nobody@example.com", "pi_2", "ord_nonsense", "%00", "a'%20OR%201=1"] {
        let found = desk.get(&format!("/desk/search?q={nothing}")).await;
        assert_eq!(found.status, 200, "{nothing}: {found:?}");
        assert!(!found.text.contains(&order), "{nothing}");
    }
    let shown = desk.get(&page).await;
    for word in [&*order, "payment page opened", &*session, "pi_1", "evt_1", &*email] {
        assert!(shown.text.contains(word), "{word}: {}", shown.text);
    }
    assert!(!shown.text.contains("Process again"), "support does not replay events");
    desk.shop.close().await;
}

#[actix_web::test]
async fn several_orders_are_a_list_and_pages_follow_the_key() {
    let desk = Desk::open("support").await;
    desk.shop.order().await;
    desk.execute(
        "CREATE TEMP TABLE copy AS SELECT * FROM orders;
         DO $$ BEGIN FOR n IN 1..60 LOOP
            UPDATE copy SET id = ('0198c0ff-ee00-7000-8000-' || lpad(n::text, 12, '0'))::uuid, email = 'many@example.com';
            INSERT INTO orders (id, status, disputed, email, customer_name, guest, product_id, price_id, plan_code, plan_name,
                kind, billing_cycle, list_amount, total_amount, due_now_amount, currency, trial_days, provider, settings,
                delivery, created_at)
            SELECT id, 'expired', disputed, email, customer_name, guest, product_id, price_id, plan_code, plan_name, kind,
                billing_cycle, list_amount, total_amount, due_now_amount, currency, trial_days, provider, settings, delivery,
                created_at FROM copy;
         END LOOP; END $$",
    )
    .await;
    let found = desk.get("/desk/search?q=many@").await;
    assert_eq!(found.text.matches("many@example.com").count(), 25, "as many as are shown");
    assert!(found.text.contains("Only the newest are shown"));
    let first = desk.get("/desk/orders?status=expired").await;
    assert_eq!(first.text.matches("many@example.com").count(), 50);
    let links = first.text.replace("&#x3D;", "=").replace("&amp;", "&");
    let older = links.split("href=\"/desk/orders?before=").nth(1).unwrap().split('"').next().unwrap();
    let second = desk.get(&format!("/desk/orders?before={older}")).await;
    assert_eq!(second.text.matches("many@example.com").count(), 10, "{}", second.text);
    assert!(!second.text.contains("?before"), "that was the last page");
    desk.shop.close().await;
}

#[actix_web::test]
async fn the_first_page_counts_what_there_is() {
    let desk = Desk::open("billing").await;
    let order = order_of(&desk.shop.order().await);
    desk.execute(&case_sql(&order, "no-capacity")).await;
    let page = desk.get("/desk").await;
    assert_eq!(page.status, 200, "{page:?}");
    let text = page.text.replace('\n', " ");
    let tile = |label: &str, value: &str| {
        let (_, rest) = text.split_once(label).unwrap_or_else(|| panic!("{label}: {text}"));
        let shown = rest.split_once("tile-value\">").unwrap().1.split('<').next().unwrap().to_owned();
        assert_eq!(shown, value, "{label}");
    };
    tile("Open cases", "1");
    tile("Paid orders today", "0");
    tile("Mails that failed", "0");
    assert!(text.contains("The oldest is 2 hours old") && text.contains("1 placed"), "{text}");
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_case_is_taken_tried_and_closed_with_a_word_of_how() {
    let desk = Desk::open("support").await;
    let order = order_of(&desk.shop.post("/api/checkout/create-session", &guest_order()).await.json());
    desk.execute(&case_sql(&order, "disputed")).await;
    let list = desk.get("/desk/cases").await;
    for word in ["the panel is full", "add a node", "2 hours ago", "Nobody yet", &*order] {
        assert!(list.text.contains(word), "{word}: {}", list.text);
    }
    assert_eq!(
        desk.get(&format!("/desk/search?q={}", CASE.rsplit('/').next().unwrap())).await.header("location"),
        CASE
    );
    let taken = desk.post(&format!("{CASE}/take"), "").await;
    assert_eq!((taken.status, taken.header("location")), (303, &*format!("{CASE}?done=taken")), "{taken:?}");
    let shown = desk.get(&format!("{CASE}?done=taken")).await;
    assert!(shown.text.contains("The case is yours.") && shown.text.contains("sam@example.com"), "{}", shown.text);
    let by_hand = desk.post(&format!("{CASE}/retry"), "").await;
    assert_eq!(by_hand.status, 409, "{by_hand:?}");
    assert!(by_hand.text.contains("cannot be put right from here"));
    let silent = desk.post(&format!("{CASE}/close"), "resolution=++").await;
    assert_eq!(silent.status, 422, "{silent:?}");
    assert!(silent.text.contains("Say in a sentence"));
    let closed = desk.post(&format!("{CASE}/close"), "resolution=The+bank+gave+up").await;
    assert_eq!(closed.header("location"), format!("{CASE}?done=closed"), "{closed:?}");
    let again = desk.post(&format!("{CASE}/close"), "resolution=once+more").await;
    assert_eq!(again.status, 409, "{again:?}");
    let shown = desk.get(CASE).await;
    assert!(shown.text.contains("The bank gave up") && !shown.text.contains("Close the case"), "{}", shown.text);
    assert!(desk.get("/desk/cases").await.text.contains("Nothing needs you"));
    assert!(desk.get("/desk/cases?closed=yes").await.text.contains("the panel is full"));
    let acts: String =
        desk.shop.sql("SELECT string_agg(act, ' ' ORDER BY at) FROM audit_log WHERE act LIKE 'case-%'").await;
    assert_eq!(acts, "case-taken case-closed", "what was refused is not on record as done");
    desk.shop.close().await;
}

#[actix_web::test]
async fn an_order_is_delivered_again_only_where_that_can_be() {
    let desk = Desk::open("admin").await;
    let ada = desk.shop.register("ada@example.com").await;
    let order = order_of(&desk.shop.post_as(&ada, "/api/checkout/create-session", &game_order()).await.json());
    let page = format!("/desk/orders/{order}");
    let shown = desk.get(&page).await;
    assert!(!shown.text.contains("Deliver again"), "{}", shown.text);
    let refused = desk.post(&format!("{page}/retry"), "").await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.text.contains("cannot be delivered again") || refused.text.contains("be delivered again"));
    let nothing = desk.post("/desk/events/evt_nothing/replay", "").await;
    assert_eq!(nothing.status, 404);
    let found = shown.text.split("/desk/customers/").nth(1).unwrap().split('"').next().unwrap();
    let customer = format!("/desk/customers/{found}");
    let hers = desk.get(&customer).await;
    assert!(hers.text.contains("ada@example.com") && hers.text.contains(&order), "{}", hers.text);
    let acting = desk.post(&format!("{customer}/act"), "").await;
    assert_eq!((acting.status, acting.header("location")), (303, "/account"), "{acting:?}");
    let cookie = acting.header("set-cookie").split(';').next().unwrap().to_owned();
    let hers = desk.shop.send(Method::GET, "/account", &[("cookie", &cookie)], Vec::new()).await;
    assert!(hers.text.contains("You act for ada@example.com"), "{}", hers.text);
    let desk_page = desk.shop.send(Method::GET, "/desk", &[("cookie", &cookie)], Vec::new()).await;
    assert_ne!(desk_page.status, 200, "in her place there is no desk");
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_job_that_was_given_up_is_driven_again_once_and_on_record() {
    let desk = Desk::open("admin").await;
    desk.execute(
        "INSERT INTO job_dead (id, job_id, queue, kind, priority, attempt, max_attempts, lease, rescues, budget_ms,
            dedupe_key, payload, payload_version, reason, code, detail, created_at, died_at)
         OVERRIDING SYSTEM VALUE
         VALUES (7, 70, 4, 'sweep.mails', 1, 5, 5, 5, 0, 1000, 'x', '{}', 1, 'exhausted', 'provider-unavailable',
            'the panel is away', now(), now())",
    )
    .await;
    let page = desk.get("/desk/system").await;
    for word in ["the panel is away", "Drive again", "None has run yet"] {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
    let driven = desk.post("/desk/jobs/7/retry", "").await;
    assert_eq!((driven.status, driven.header("location")), (303, "/desk/system?done=retry"), "{driven:?}");
    assert_eq!(desk.shop.count("jobs").await, 1);
    for gone in ["/desk/jobs/7/retry", "/desk/jobs/8/retry", "/desk/jobs/x/retry"] {
        assert_eq!(desk.post(gone, "").await.status, 404, "{gone}");
    }
    let trail = desk.get("/desk/audit?subject=7").await;
    assert_eq!(trail.text.matches("job-retried").count(), 1, "{}", trail.text);
    assert!(desk.get("/desk/audit?actor=%00nobody").await.text.contains("Nothing was found"));
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_language_is_chosen_and_kept_for_the_page_one_was_on() {
    let shop = Shop::open().await;
    let headers = [
        ("origin", "https://shop.test"),
        ("referer", "https://shop.test/?cycle=yearly"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let chosen = shop.send(Method::POST, "/language", &headers, b"language=de".to_vec()).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, "/?cycle=yearly"), "{chosen:?}");
    assert!(chosen.header("set-cookie").starts_with("__Host-hw_language=de; Path=/; "), "{chosen:?}");
    assert!(chosen.header("set-cookie").ends_with("; HttpOnly; SameSite=Lax; Secure"), "{chosen:?}");
    let cookie = chosen.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = shop.send(Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await;
    assert!(page.text.contains("<html lang=\"de\">") && page.text.contains("Auswählen"), "{}", page.text);
    assert_eq!(page.header("content-language"), "de");
    let elsewhere = [("origin", "https://shop.test"), ("referer", "https://evil.test//evil.test/x"), headers[2]];
    let back = shop.send(Method::POST, "/language", &elsewhere, b"language=en".to_vec()).await;
    assert_eq!(back.header("location"), "/", "{back:?}");
    let unknown = shop.send(Method::POST, "/language", &headers, b"language=tlh".to_vec()).await;
    assert_eq!(unknown.status, 404);
    shop.close().await;
}
