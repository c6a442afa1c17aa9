//! The SQL that operators of both old systems have at hand goes on working.

use testkit::fixed_env;

use crate::shop::Shop;

/// Table or view, and the columns that are asked for.
const SELECTS: [&str; 19] = [
    "SELECT id, code, name, kind, provider, status FROM products",
    "SELECT id, product_id, billing_cycle, amount, currency, active FROM prices",
    "SELECT id, code, percent_bp, amount_off, duration, valid_until, active FROM coupons",
    "SELECT id, status, ptero_server_id, ptero_identifier, created_at FROM orders WHERE status = 'paid'",
    "SELECT order_id, at, actor, event, detail FROM order_timeline ORDER BY id",
    "SELECT stripe_session_id, order_id, status, created_at FROM order_sessions WHERE status = 'created'",
    "SELECT id, order_id, attempt, status, amount, currency FROM payments",
    "SELECT id, type, received_at, processed_at, outcome FROM stripe_events_log ORDER BY received_at DESC LIMIT 20",
    "SELECT id, email, must_change_password, role, created_at FROM users",
    "SELECT id, user_id, name, email, stripe_customer_id FROM customers",
    "SELECT id, customer_id, order_id, stripe_subscription_id, status, current_period_end FROM subscriptions",
    "SELECT id, order_id, customer_id, status, remote_id FROM services",
    "SELECT domain, php_version, status FROM websites",
    "SELECT name, version, kid, not_before, not_after FROM secrets",
    "SELECT id, to_email, template, department, status, attempts, sent_at, last_error FROM email_log",
    "SELECT order_id, created_at, status, email, plan_code, billing_cycle, amount, currency, coupon_code, \
        service_status, ptero_server_id, ptero_identifier, last_event FROM v_orders_brief",
    "SELECT stripe_session_id, stripe_customer_id, email, customer_name, product_code, billing_cycle, amount, currency, \
        coupon_code, domain_info, status, metadata, created_at, updated_at, completed_at FROM checkout_sessions",
    "SELECT id, queue, kind, state, run_at, attempt, order_id, last_error FROM jobs",
    "SELECT id, kind, order_id, reason, code, detail, died_at FROM job_dead",
];

#[tokio::test]
async fn every_column_that_operators_name_is_there() {
    let shop = Shop::bare().await;
    let sql = shop.sql().await;
    for select in SELECTS {
        sql.query(select, &[]).await.unwrap_or_else(|error| panic!("{select}: {error}"));
    }
}

#[tokio::test]
async fn the_views_tell_an_order_as_it_is() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (order, payment) = shop.paid(&mut env, "starter").await;
    let sql = shop.sql().await;
    let session = "INSERT INTO order_sessions (stripe_session_id, order_id, payment_id, status, created_at, completed_at) \
        VALUES ('cs_test_1', $1::text::uuid, $2::text::uuid, 'completed', now(), now())";
    sql.execute(session, &[&order.id.uuid().to_string(), &payment.id.uuid().to_string()]).await.unwrap();
    let brief = "SELECT status, email, plan_code, amount, currency, service_status, last_event FROM v_orders_brief \
        WHERE order_id = $1::text::uuid";
    let row = sql.query_one(brief, &[&order.id.uuid().to_string()]).await.unwrap();
    let words: Vec<&str> = [0, 1, 2, 4, 5, 6].map(|index| row.get(index)).to_vec();
    assert_eq!(words, ["paid", "guest@example.com", "starter", "USD", "pending", "delivery_requested"]);
    assert_eq!(row.get::<_, i64>("amount"), 799);

    let columns = "SELECT email, customer_name, product_code, billing_cycle, status, metadata ->> 'order_id', \
        domain_info ->> 'value', amount FROM checkout_sessions WHERE stripe_session_id = 'cs_test_1'";
    let row = sql.query_one(columns, &[]).await.unwrap();
    let words: Vec<&str> = (0..7).map(|index| row.get(index)).collect();
    let id = order.id.to_string();
    let expected = ["guest@example.com", "Gerda Guest", "starter", "monthly", "completed", id.as_str(), "my-site"];
    assert_eq!((words, row.get::<_, i64>(7)), (expected.to_vec(), 799));
}

#[tokio::test]
async fn the_panels_ids_are_on_the_order_for_the_panel_only() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let sql = shop.sql().await;
    for (plan, remote, expected) in [
        ("paper-4gb", "17", (Some(17_i64), Some("1a7ce997"))),
        ("starter", "17", (None, None)),
        ("paper-4gb", "not a number", (None, Some("1a7ce997"))),
    ] {
        let (order, _) = shop.paid(&mut env, plan).await;
        let delivered = "UPDATE orders SET remote_id = $2, remote_identifier = '1a7ce997', \
            service_id = (SELECT id FROM services WHERE order_id = $1::text::uuid) WHERE id = $1::text::uuid";
        sql.execute(delivered, &[&order.id.uuid().to_string(), &remote]).await.unwrap();
        let asked = "SELECT ptero_server_id, ptero_identifier FROM orders WHERE id = $1::text::uuid";
        let row = sql.query_one(asked, &[&order.id.uuid().to_string()]).await.unwrap();
        assert_eq!((row.get(0), row.get::<_, Option<&str>>(1)), expected, "{plan} {remote}");
    }
}

/// States that the code cannot reach are refused by the database too, should other SQL try.
#[tokio::test]
async fn half_states_are_refused() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    shop.paid(&mut env, "starter").await;
    let (order, _) = shop.placed(&mut env, "starter").await;
    let sql = shop.sql().await;
    for (set, constraint) in [
        ("status = 'provisioned', customer_id = (SELECT id FROM customers)", "orders_provisioned_has_service"),
        ("status = 'shipped', customer_id = (SELECT id FROM customers)", "orders_status_check"),
        ("status = 'paid'", "orders_paid_has_customer"),
        ("status = 'cancelled'", "orders_cancelled_says_why"),
        ("cancel_reason = 'because'", "orders_cancelled_says_why"),
        ("status = 'needs_attention', attention_from = 'pending'", "orders_attention_says_what"),
        ("attention_reason = 'left behind'", "orders_attention_says_what"),
        ("remote_id = '17'", "orders_delivered_whole"),
        ("coupon_code = 'WELCOME10'", "orders_coupon_whole"),
        ("currency = 'usd'", "orders_currency_check"),
        ("total_amount = -1", "orders_total_amount_check"),
    ] {
        let update = format!("UPDATE orders SET {set} WHERE id = '{}'", order.id.uuid());
        let error = sql.batch_execute(&update).await.expect_err(set);
        let named = error.as_db_error().and_then(|error| error.constraint().map(ToOwned::to_owned));
        assert_eq!(named.as_deref(), Some(constraint), "{set}: {error:?}");
    }
}
