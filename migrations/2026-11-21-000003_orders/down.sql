DROP TABLE checkout_keys;
DROP TABLE subscriptions;
DROP TABLE order_sessions;
DROP TABLE payments;
DROP TABLE order_timeline;
DROP TABLE orders;
