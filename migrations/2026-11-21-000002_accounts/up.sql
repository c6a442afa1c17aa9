-- Logins. Addresses are kept in lower case, so that one address is one account.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text NOT NULL,
    must_change_password boolean NOT NULL,
    password_expires_at timestamptz,
    role text NOT NULL CHECK (role IN ('customer', 'admin')),
    created_at timestamptz NOT NULL
);

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL UNIQUE REFERENCES users (id),
    name text NOT NULL,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    stripe_customer_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Temporary passwords that wait for their mail; a row goes when its mail is out.
CREATE TABLE sealed_secrets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    sealed text NOT NULL,
    expires_at timestamptz NOT NULL
);
