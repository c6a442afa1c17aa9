-- Orders at a glance, for people and for their SQL.
CREATE VIEW v_orders_brief AS
SELECT
    o.id AS order_id,
    o.created_at,
    o.status,
    o.disputed,
    o.email,
    o.plan_code,
    o.billing_cycle,
    o.total_amount AS amount,
    o.currency,
    o.coupon_code,
    s.status AS service_status,
    o.ptero_server_id,
    o.ptero_identifier,
    o.attention_reason,
    o.attention_next_step,
    last.event AS last_event,
    last.at AS last_event_at
FROM orders o
LEFT JOIN services s ON s.order_id = o.id
LEFT JOIN LATERAL (
    SELECT t.event, t.at FROM order_timeline t WHERE t.order_id = o.id ORDER BY t.id DESC LIMIT 1
) last ON true;

-- The web-hosting shop's table of this name, as a view over the one truth. `amount` is what is charged at once, in minor
-- units.
CREATE VIEW checkout_sessions AS
SELECT
    p.id,
    os.order_id,
    os.stripe_session_id,
    c.stripe_customer_id,
    o.email,
    o.customer_name,
    o.plan_code AS product_code,
    o.billing_cycle,
    p.amount,
    p.currency,
    o.coupon_code,
    o.delivery -> 'domain' AS domain_info,
    os.status,
    jsonb_build_object(
        'order_id', 'ord_' || replace(o.id::text, '-', ''),
        'attempt', p.attempt,
        'trial_days', o.trial_days
    ) AS metadata,
    os.created_at,
    os.updated_at,
    os.completed_at
FROM order_sessions os
JOIN orders o ON o.id = os.order_id
JOIN payments p ON p.id = os.payment_id
LEFT JOIN customers c ON c.id = o.customer_id;
