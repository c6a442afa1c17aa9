-- A shop that has been at it for years: 1 M orders with their payments, timelines, sessions and events; two in five were
-- paid and have a service. Ids are UUIDv7 over the last two years. Foreign keys are taken off meanwhile and put back
-- without looking at these rows again, which is what makes this a matter of a minute or two.
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
SET work_mem = '64MB';
CREATE TEMP TABLE keys AS
    SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS rule
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0;
DO $$ DECLARE k record; BEGIN
    FOR k IN SELECT * FROM keys LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.owner, k.name); END LOOP;
END $$;

CREATE FUNCTION pg_temp.name_of(number int, family text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1732147200000 + number::bigint * 62000), 12, '0') || family || substr(md5(number::text), 1, 12))::uuid
$$;
CREATE TEMP TABLE plan AS
    SELECT p.id AS product, r.id AS price FROM products p JOIN prices r ON r.product_id = p.id
    WHERE p.code = 'starter' AND r.billing_cycle = 'monthly' AND r.active;

INSERT INTO users (id, email, password_hash, must_change_password, role, created_at)
    SELECT pg_temp.name_of(i * 10, '70001000'), 'customer' || i || '@example.com', repeat('x', 60), false, 'customer', now()
    FROM generate_series(1, 100000) i;
INSERT INTO customers (id, user_id, name, email)
    SELECT pg_temp.name_of(i * 10, '70002000'), pg_temp.name_of(i * 10, '70001000'), 'Customer ' || i, 'customer' || i || '@example.com'
    FROM generate_series(1, 100000) i;

INSERT INTO services (id, order_id, customer_id, owner_email, owner_name, plan_code, kind, label, provider, settings,
        delivery, status, remote_id, remote_identifier, access, created_at)
    SELECT pg_temp.name_of(i, '70003000'), pg_temp.name_of(i, '70008000'), pg_temp.name_of((i % 100000 + 1) * 10, '70002000'),
        'customer' || i % 100000 + 1 || '@example.com', 'Customer', 'starter', 'hosting', 'site' || i, 'website', '{}',
        '{"domain": {"mode": "subdomain", "value": "site"}}', 'active', i::text, 'site' || i || '.sites.example.com', '[]',
        '2024-11-21'::timestamptz + i * interval '62 s'
    FROM generate_series(1, 1000000) i WHERE i % 5 < 2;
INSERT INTO orders (id, status, customer_id, email, customer_name, guest, product_id, price_id, plan_code, plan_name, kind,
        billing_cycle, list_amount, total_amount, due_now_amount, renewal_amount, currency, trial_days, provider, settings,
        delivery, service_id, remote_id, remote_identifier, created_at)
    SELECT pg_temp.name_of(i, '70008000'), CASE WHEN i % 5 < 2 THEN 'provisioned' ELSE 'expired' END,
        CASE WHEN i % 5 < 2 THEN pg_temp.name_of((i % 100000 + 1) * 10, '70002000') END,
        'customer' || i % 100000 + 1 || '@example.com', 'Customer', true, product, price, 'starter', 'Starter', 'hosting',
        'monthly', 799, 799, 799, 799, 'USD', 0, 'website',
        '{"disk_mb": 10240, "php_version": "8.3", "subdomain_base": "sites.example.com"}',
        '{"domain": {"mode": "subdomain", "value": "site"}}',
        CASE WHEN i % 5 < 2 THEN pg_temp.name_of(i, '70003000') END, CASE WHEN i % 5 < 2 THEN i::text END,
        CASE WHEN i % 5 < 2 THEN 'site' || i || '.sites.example.com' END, '2024-11-21'::timestamptz + i * interval '62 s'
    FROM generate_series(1, 1000000) i, plan;
INSERT INTO payments (id, order_id, attempt, status, amount, currency, stripe_session_id, stripe_payment_intent_id,
        stripe_invoice_id, created_at)
    SELECT pg_temp.name_of(i, '70009000'), pg_temp.name_of(i, '70008000'), 1,
        CASE WHEN i % 5 < 2 THEN 'succeeded' ELSE 'cancelled' END, 799, 'USD', 'cs_test_' || md5(i::text),
        CASE WHEN i % 5 < 2 THEN 'pi_' || substr(md5(i::text), 1, 24) END,
        CASE WHEN i % 5 < 2 THEN 'in_' || substr(md5(i::text), 1, 24) END, '2024-11-21'::timestamptz + i * interval '62 s'
    FROM generate_series(1, 1000000) i;
INSERT INTO order_sessions (stripe_session_id, order_id, payment_id, status, url, created_at, completed_at)
    SELECT 'cs_test_' || md5(i::text), pg_temp.name_of(i, '70008000'), pg_temp.name_of(i, '70009000'),
        CASE WHEN i % 5 < 2 THEN 'completed' ELSE 'expired' END, 'http://127.0.0.1/pay/cs_test_' || md5(i::text),
        '2024-11-21'::timestamptz + i * interval '62 s', CASE WHEN i % 5 < 2 THEN '2024-11-21'::timestamptz + i * interval '63 s' END
    FROM generate_series(1, 1000000) i;
INSERT INTO order_timeline (order_id, at, actor, event, detail)
    SELECT pg_temp.name_of(i, '70008000'), '2024-11-21'::timestamptz + i * interval '62 s' + step * interval '1 s', 'gateway', word,
        'Starter, monthly, 7.99 USD'
    FROM generate_series(1, 1000000) i,
        unnest(ARRAY['placed', 'payment_page_opened', 'expired'], ARRAY[1, 2, 3]) AS s (word, step);
INSERT INTO stripe_events_log (id, type, api_version, created, livemode, object_id, payload, received_at, processed_at,
        outcome, detail, order_id)
    SELECT 'evt_' || substr(md5('event' || i), 1, 24), 'checkout.session.completed', '2026-10-28.endive', now(), false,
        'cs_test_' || md5(i::text), convert_to(repeat(md5(i::text), 12), 'UTF8'),
        '2024-11-21'::timestamptz + i * interval '62 s', '2024-11-21'::timestamptz + i * interval '62 s', 'processed', '',
        pg_temp.name_of(i, '70008000')
    FROM generate_series(1, 1000000) i;

DO $$ DECLARE k record; BEGIN
    FOR k IN SELECT * FROM keys LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', k.owner, k.name, k.rule);
    END LOOP;
END $$;
VACUUM ANALYZE;
