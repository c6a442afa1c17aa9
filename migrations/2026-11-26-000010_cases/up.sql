-- What needs a person. At most one case is open for one cause; closed ones stay.
CREATE TABLE cases (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    -- The natural key of the cause within the kind.
    subject text NOT NULL,
    order_id uuid REFERENCES orders (id),
    reason text NOT NULL,
    next_step text NOT NULL,
    owner text,
    opened_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1 CHECK (times >= 1),
    closed_at timestamptz,
    closed_by text,
    resolution text,
    CONSTRAINT cases_closed_whole CHECK (num_nulls(closed_at, closed_by, resolution) IN (0, 3))
);
CREATE UNIQUE INDEX cases_open ON cases (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX cases_open_by_order ON cases (order_id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_order ON cases (order_id) WHERE order_id IS NOT NULL;

-- The intent of every call that moves money or makes something, committed before it is sent, and its outcome.
CREATE TABLE outbound_calls (
    idempotency_key text PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('create-session', 'create-service')),
    order_id uuid REFERENCES orders (id),
    -- open: sent, or about to be; it may have taken effect.
    state text NOT NULL CHECK (state IN ('open', 'done', 'not-done')),
    calls integer NOT NULL CHECK (calls >= 1),
    first_call_at timestamptz NOT NULL,
    last_call_at timestamptz NOT NULL,
    absent_since timestamptz,
    detail text,
    CONSTRAINT outbound_calls_absence CHECK (absent_since IS NULL OR state = 'open')
);
CREATE INDEX outbound_calls_open ON outbound_calls (last_call_at) WHERE state = 'open';

-- How far each sweep has looked, and what it found.
CREATE TABLE sweeps (
    name text PRIMARY KEY,
    cursor timestamptz,
    last_run_at timestamptz NOT NULL,
    last_seen bigint NOT NULL,
    last_found bigint NOT NULL,
    runs bigint NOT NULL,
    found bigint NOT NULL,
    last_find_at timestamptz
);

-- What the sweeps look for; each index holds only what is not finished.
ALTER TABLE orders ADD COLUMN check_at timestamptz NOT NULL DEFAULT now() + interval '2 minutes';
CREATE INDEX orders_to_check ON orders (check_at) WHERE status = 'pending';
CREATE INDEX stripe_events_log_waiting ON stripe_events_log (received_at) WHERE processed_at IS NULL;
CREATE INDEX services_unfinished ON services (id)
    WHERE status IN ('pending', 'provisioning', 'uncertain', 'installing');
CREATE INDEX services_at_provider ON services (provider, id) WHERE remote_id IS NOT NULL;
CREATE INDEX payments_by_session ON payments (stripe_session_id) WHERE stripe_session_id IS NOT NULL;

-- Orders that stood before a person when cases came: each is one.
INSERT INTO cases (id, kind, subject, order_id, reason, next_step, opened_at, last_seen_at)
SELECT gen_random_uuid(),
    CASE WHEN attention_from = 'pending' THEN 'payment-mismatch' ELSE 'setup-failed' END,
    'ord_' || id::text, id, attention_reason, attention_next_step, updated_at, updated_at
FROM orders WHERE status = 'needs_attention';
