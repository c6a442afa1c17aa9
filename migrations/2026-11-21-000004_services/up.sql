-- What was bought, from the promise to its end: exactly one per paid order.
CREATE TABLE services (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL UNIQUE REFERENCES orders (id),
    customer_id uuid NOT NULL REFERENCES customers (id),
    owner_email text NOT NULL,
    owner_name text NOT NULL,
    plan_code text NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    provider text NOT NULL,
    settings jsonb NOT NULL,
    delivery jsonb NOT NULL,
    status text NOT NULL CHECK (
        status IN ('pending', 'provisioning', 'uncertain', 'installing', 'active', 'failed_setup')
    ),
    remote_id text,
    remote_identifier text,
    failure_reason text,
    access jsonb NOT NULL CHECK (jsonb_typeof(access) = 'array'),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT services_remote_whole CHECK (num_nulls(remote_id, remote_identifier) IN (0, 2)),
    CONSTRAINT services_remote_when_made CHECK (
        CASE WHEN status IN ('installing', 'active') THEN remote_id IS NOT NULL
            WHEN status = 'failed_setup' THEN true
            ELSE remote_id IS NULL
        END
    ),
    CONSTRAINT services_failed_says_why CHECK ((status = 'failed_setup') = (failure_reason IS NOT NULL))
);
CREATE INDEX services_by_customer ON services (customer_id);

ALTER TABLE orders ADD CONSTRAINT orders_service FOREIGN KEY (service_id) REFERENCES services (id);

CREATE TABLE websites (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL UNIQUE REFERENCES services (id),
    customer_id uuid NOT NULL REFERENCES customers (id),
    domain text NOT NULL UNIQUE CHECK (domain = lower(domain)),
    php_version text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX websites_by_customer ON websites (customer_id);
