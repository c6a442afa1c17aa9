-- Every event that Stripe signed, as it came. `order_id` is what the event says, which may be no order of ours, so it is
-- no foreign key.
CREATE TABLE stripe_events_log (
    id text PRIMARY KEY,
    type text NOT NULL,
    api_version text,
    created timestamptz,
    livemode boolean,
    object_id text,
    payload bytea NOT NULL,
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    outcome text,
    detail text,
    order_id uuid,
    CONSTRAINT stripe_events_log_outcome_whole CHECK ((processed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX stripe_events_log_by_time ON stripe_events_log (received_at);
CREATE INDEX stripe_events_log_by_order ON stripe_events_log (order_id) WHERE order_id IS NOT NULL;
