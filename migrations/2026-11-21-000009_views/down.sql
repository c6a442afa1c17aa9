DROP VIEW checkout_sessions;
DROP VIEW v_orders_brief;
