DROP TABLE stripe_events_log;
