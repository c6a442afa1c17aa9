-- Money that people of the shop send back, with its outcome.
CREATE TABLE refunds (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    payment_id uuid NOT NULL REFERENCES payments (id),
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Everything that was left of the payment: the order ends with it.
    whole boolean NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    asked_by text NOT NULL,
    status text NOT NULL CHECK (status IN ('asked', 'succeeded', 'failed')),
    attempt integer NOT NULL CHECK (attempt >= 1),
    stripe_refund_id text,
    detail text CHECK (status <> 'failed' OR detail IS NOT NULL),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refunds_by_order ON refunds (order_id);
CREATE INDEX refunds_asked ON refunds (id) WHERE status = 'asked';
CREATE INDEX refunds_by_gateway ON refunds (stripe_refund_id) WHERE stripe_refund_id IS NOT NULL;

ALTER TABLE outbound_calls DROP CONSTRAINT outbound_calls_purpose_check;
ALTER TABLE outbound_calls ADD CONSTRAINT outbound_calls_purpose_check
    CHECK (purpose IN ('create-session', 'refund', 'create-service'));

-- What was sent to somebody.
CREATE INDEX email_log_by_recipient ON email_log (to_email, id);
