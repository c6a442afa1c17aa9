DROP INDEX payments_by_session;
DROP INDEX services_at_provider;
DROP INDEX services_unfinished;
DROP INDEX stripe_events_log_waiting;
DROP INDEX orders_to_check;
ALTER TABLE orders DROP COLUMN check_at;
DROP TABLE sweeps;
DROP TABLE outbound_calls;
DROP TABLE cases;
