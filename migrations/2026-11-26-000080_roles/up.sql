-- Who works for the shop has one of three roles.
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('customer', 'support', 'billing', 'admin'));
CREATE INDEX users_of_the_shop ON users (email) WHERE role <> 'customer';

-- When somebody last proved that it is them, and who of the shop acts in a customer's place.
ALTER TABLE sessions
    ADD COLUMN proven_at timestamptz,
    ADD COLUMN acted_by uuid REFERENCES users (id);
UPDATE sessions SET proven_at = created_at;
ALTER TABLE sessions ALTER COLUMN proven_at SET NOT NULL;

-- What machines carry instead of a sign-in; the key itself is kept nowhere.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    -- SHA-256 of the key.
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at);
