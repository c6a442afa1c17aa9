-- What a customer asked for and is asked to pay, with the quote frozen at that moment. Amounts are minor units.
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (
        status IN (
            'pending', 'paid', 'provisioning', 'provisioned', 'expired', 'cancelled', 'needs_attention',
            'refund_pending', 'refunded'
        )
    ),
    disputed boolean NOT NULL DEFAULT false,
    cancel_reason text,
    attention_from text CHECK (attention_from IN ('pending', 'paid', 'provisioning')),
    attention_reason text,
    attention_next_step text,
    -- Who.
    customer_id uuid REFERENCES customers (id),
    email text NOT NULL,
    customer_name text NOT NULL,
    guest boolean NOT NULL,
    -- What, at which price.
    product_id uuid NOT NULL REFERENCES products (id),
    price_id uuid NOT NULL REFERENCES prices (id),
    plan_code text NOT NULL,
    plan_name text NOT NULL,
    kind text NOT NULL,
    billing_cycle text NOT NULL,
    list_amount bigint NOT NULL CHECK (list_amount >= 0),
    discount_amount bigint CHECK (discount_amount >= 0),
    coupon_code text,
    coupon_duration text CHECK (coupon_duration IN ('once', 'forever')),
    total_amount bigint NOT NULL CHECK (total_amount >= 0),
    due_now_amount bigint NOT NULL CHECK (due_now_amount >= 0),
    renewal_amount bigint CHECK (renewal_amount >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    trial_days integer NOT NULL CHECK (trial_days >= 0),
    provider text NOT NULL,
    settings jsonb NOT NULL,
    delivery jsonb NOT NULL,
    -- What came of it.
    service_id uuid,
    remote_id text,
    remote_identifier text,
    ptero_server_id bigint GENERATED ALWAYS AS (
        CASE WHEN provider = 'pterodactyl' AND remote_id ~ '^[0-9]{1,18}$' THEN remote_id::bigint END
    ) STORED,
    ptero_identifier text GENERATED ALWAYS AS (
        CASE WHEN provider = 'pterodactyl' THEN remote_identifier END
    ) STORED,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_cancelled_says_why CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT orders_attention_says_what CHECK (
        CASE WHEN status = 'needs_attention'
            THEN attention_from IS NOT NULL AND attention_reason IS NOT NULL AND attention_next_step IS NOT NULL
            ELSE attention_from IS NULL AND attention_reason IS NULL AND attention_next_step IS NULL
        END
    ),
    CONSTRAINT orders_paid_has_customer CHECK (
        customer_id IS NOT NULL
        OR status IN ('pending', 'expired', 'cancelled')
        OR (status = 'needs_attention' AND attention_from = 'pending')
    ),
    CONSTRAINT orders_delivered_whole CHECK (num_nulls(service_id, remote_id, remote_identifier) IN (0, 3)),
    CONSTRAINT orders_provisioned_has_service CHECK (status <> 'provisioned' OR service_id IS NOT NULL),
    CONSTRAINT orders_coupon_whole CHECK (num_nulls(discount_amount, coupon_code, coupon_duration) IN (0, 3))
);
CREATE INDEX orders_by_customer ON orders (customer_id) WHERE customer_id IS NOT NULL;
-- Only what is not finished is looked for by status; most rows are in no such index.
CREATE INDEX orders_open ON orders (status, created_at)
    WHERE status IN ('pending', 'paid', 'provisioning', 'needs_attention', 'refund_pending');

-- Every transition: when, who, what, why.
CREATE TABLE order_timeline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor IN ('customer', 'gateway', 'worker', 'operator')),
    event text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX order_timeline_by_order ON order_timeline (order_id, id);

CREATE TABLE payments (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    attempt integer NOT NULL CHECK (attempt >= 1),
    status text NOT NULL CHECK (
        status IN (
            'created', 'processing', 'unknown', 'succeeded', 'failed', 'cancelled', 'partially_refunded', 'refunded'
        )
    ),
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    refunded_amount bigint NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),
    stripe_session_id text,
    stripe_payment_intent_id text,
    stripe_invoice_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (order_id, attempt)
);
CREATE INDEX payments_by_intent ON payments (stripe_payment_intent_id) WHERE stripe_payment_intent_id IS NOT NULL;
CREATE INDEX payments_by_invoice ON payments (stripe_invoice_id) WHERE stripe_invoice_id IS NOT NULL;

-- Which checkout session belongs to which order and attempt.
CREATE TABLE order_sessions (
    stripe_session_id text PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    payment_id uuid NOT NULL REFERENCES payments (id),
    status text NOT NULL CHECK (status IN ('created', 'completed', 'expired')),
    url text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    CONSTRAINT order_sessions_completed CHECK ((status = 'completed') = (completed_at IS NOT NULL))
);
CREATE INDEX order_sessions_by_order ON order_sessions (order_id);

CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL UNIQUE REFERENCES orders (id),
    customer_id uuid NOT NULL REFERENCES customers (id),
    stripe_subscription_id text UNIQUE,
    -- Stripe's word; words that are not known yet are kept.
    status text NOT NULL,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id);

-- The Idempotency-Key of a checkout, with whose it is and what was asked.
CREATE TABLE checkout_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    order_id uuid NOT NULL REFERENCES orders (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
