//! Customers in a list, and how everything does.

use crate::{desk::Desk, shop::KEY};

#[actix_web::test]
async fn customers_are_listed_by_age_and_by_address_page_by_page() {
    let desk = Desk::open("support").await;
    desk.shop.register("ada@example.com").await;
    desk.execute(
        "DO $$ BEGIN FOR n IN 1..60 LOOP
            INSERT INTO users (id, email, password_hash, must_change_password, role, created_at)
            VALUES (('0198c0ff-ee00-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'many' || lpad(n::text, 3, '0') || '@example.com',
                'x', false, 'customer', now());
            INSERT INTO customers (id, user_id, name, email)
            SELECT id, id, 'Many', email FROM users WHERE id = ('0198c0ff-ee00-7000-8000-' || lpad(n::text, 12, '0'))::uuid;
         END LOOP; END $$",
    )
    .await;
    let links = |text: &str| text.replace("&#x3D;", "=").replace("&amp;", "&");
    let more = |text: &str| {
        let text = links(text);
        let (before, _) = text.split_once("\">More</a>").unwrap_or_else(|| panic!("no next page: {text}"));
        before.rsplit_once("href=\"").unwrap().1.to_owned()
    };
    let first = desk.get("/desk/customers").await;
    assert!(first.text.contains("ada@example.com"), "the newest: {}", first.text);
    let second = desk.get(&more(&first.text)).await;
    let shown = [&first, &second].map(|page| page.text.matches(">Many<").count());
    assert_eq!(shown.iter().sum::<usize>(), 60, "{shown:?}");
    assert!(!second.text.contains(">More<"));
    let by_address = desk.get("/desk/customers?by=address").await;
    let (ada, many) = (by_address.text.find("ada@example.com"), by_address.text.find("many001@example.com"));
    assert!(ada.unwrap() < many.unwrap());
    let rest = desk.get(&more(&by_address.text)).await;
    assert!(rest.text.contains("many060@example.com") && rest.text.contains("sam@example.com"), "{}", rest.text);
    let found = desk.get("/desk/customers?q=MANY00").await;
    assert_eq!(found.text.matches(">Many<").count(), 9, "{}", found.text);
    for nobody in ["many_01", "%25", "%00%27"] {
        assert!(desk.get(&format!("/desk/customers?q={nobody}")).await.text.contains("Nothing was found"), "{nobody}");
    }
    desk.shop.order().await;
    desk.execute("UPDATE orders SET customer_id = (SELECT id FROM customers WHERE email = 'ada@example.com');").await;
    let ada = desk.get("/desk/customers?q=ada@").await;
    assert!(ada.text.contains("<td class=\"number\">1</td>"), "{}", ada.text);
    desk.shop.close().await;
}

/// What stands in a part of the page about a thing.
fn tag(page: &str, what: &str) -> String {
    let (_, rest) = page.split_once(&format!("<strong>{what}</strong>")).unwrap_or_else(|| panic!("no {what}: {page}"));
    rest.split_once("<span class=\"tag ").unwrap().1.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
}

#[actix_web::test]
async fn each_part_says_how_it_does_and_what_to_do() {
    let desk = Desk::open("admin").await;
    let page = desk.get("/desk/health").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(tag(&page.text, "Workers"), "Broken");
    assert!(page.text.contains("Start hostwright-worker") && page.text.contains("Up to date."), "{}", page.text);
    assert_eq!([tag(&page.text, "Answers"), tag(&page.text, "Migrations")][1], "Fine");
    assert_eq!(tag(&page.text, "Last event received"), "Look at it", "Stripe never called");
    assert_eq!(tag(&page.text, "password_pepper"), "Fine");
    // Settings by name; secrets say only whether they are set.
    for word in ["API_MAX_CONNECTIONS", "JWT_SECRET", "https://shop.test", "DATABASE_POOL_SIZE"] {
        assert!(page.text.contains(word), "{word}");
    }
    for secret in [KEY, "whsec_of_the_environment", "sk_test_sandbox", desk.shop.database.url()] {
        assert!(!page.text.contains(secret), "a secret is shown");
    }
    desk.execute(
        "INSERT INTO workers (id, host, pid, version, started_at, last_seen, draining) VALUES
            (gen_random_uuid(), 'node-a', 1, '0.1.0', now(), now(), false),
            (gen_random_uuid(), 'node-b', 1, '0.1.0', now(), now() - interval '5 minutes', false);
         INSERT INTO stripe_events_log (id, type, payload, received_at) VALUES ('evt_1', 'x', '', now() - interval '20 minutes');
         INSERT INTO email_log (id, to_email, template, department, context, status, queued_at)
            VALUES (gen_random_uuid(), 'a@example.com', 'welcome', 'support', '{}', 'failed', now());
         DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations);
         INSERT INTO sweeps (name, last_run_at, last_seen, last_found, runs, found) VALUES ('sweep.mails', now() - interval '3 days', 1, 0, 1, 0);
         INSERT INTO queue_control (queue, paused) VALUES (3, true) ON CONFLICT (queue) DO UPDATE SET paused = true;",
    )
    .await;
    let page = desk.get("/desk/health").await.text;
    for (what, state) in [
        ("node-a (0.1.0)", "Fine"),
        ("node-b (0.1.0)", "Look at it"),
        ("Migrations", "Broken"),
        ("Events that wait", "Broken"),
        ("Given up in the last 24 hours", "Look at it"),
        ("sweep.mails", "Look at it"),
        ("mail", "Look at it"),
        ("payments", "Fine"),
    ] {
        assert_eq!(tag(&page, what), state, "{what}: {page}");
    }
    assert!(page.contains("Run `hostwright migrate`") || page.contains("Run &#x60;hostwright migrate"), "{page}");
    desk.shop.close().await;
}

#[actix_web::test]
async fn how_the_program_is_configured_is_for_admins() {
    let desk = Desk::open("support").await;
    let page = desk.get("/desk/health").await;
    assert!(page.status == 200 && !page.text.contains("API_MAX_CONNECTIONS"), "{}", page.text);
    assert_eq!(desk.get("/desk/maintenance").await.status, 403);
    desk.shop.close().await;
}
