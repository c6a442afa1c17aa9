-- What is on sale. Rows are never deleted: orders point at what they bought.
CREATE TABLE products (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    description text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('game', 'hosting', 'wordpress', 'email', 'vps', 'cloud', 'storage')),
    provider text NOT NULL,
    settings jsonb NOT NULL,
    regions jsonb NOT NULL CHECK (jsonb_typeof(regions) = 'array'),
    highlights jsonb NOT NULL CHECK (jsonb_typeof(highlights) = 'array'),
    status text NOT NULL CHECK (status IN ('active', 'retired')),
    position integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- An amount never changes under an id; a new amount is a new row.
CREATE TABLE prices (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id),
    billing_cycle text NOT NULL CHECK (
        billing_cycle IN ('monthly', 'quarterly', 'semiannual', 'yearly', 'biennial', 'triennial', 'one_time')
    ),
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    trial_days integer NOT NULL CHECK (trial_days BETWEEN 0 AND 65535),
    active boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    CONSTRAINT prices_retired_when_inactive CHECK (active = (retired_at IS NULL))
);
CREATE UNIQUE INDEX prices_one_on_sale ON prices (product_id, billing_cycle) WHERE active;

CREATE TABLE coupons (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code text COLLATE "C" NOT NULL UNIQUE CHECK (code = upper(code)),
    percent_bp integer CHECK (percent_bp BETWEEN 0 AND 10000),
    amount_off bigint CHECK (amount_off >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    duration text NOT NULL CHECK (duration IN ('once', 'forever')),
    valid_from timestamptz,
    valid_until timestamptz,
    products text[] NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Either a share or an amount with its currency.
    CONSTRAINT coupons_one_discount CHECK (
        (percent_bp IS NOT NULL AND amount_off IS NULL AND currency IS NULL)
        OR (percent_bp IS NULL AND amount_off IS NOT NULL AND currency IS NOT NULL)
    )
);
