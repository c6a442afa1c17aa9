-- Browsers carry a token of their own; here is its SHA-256 alone. Who is signed in from before has none and signs in once more.
ALTER TABLE sessions
    ADD COLUMN token_hash bytea UNIQUE CHECK (octet_length(token_hash) = 32),
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN ip text,
    ADD COLUMN user_agent text;
UPDATE sessions SET revoked_at = now() WHERE revoked_at IS NULL;
UPDATE sessions SET last_seen_at = created_at;
ALTER TABLE sessions ALTER COLUMN last_seen_at SET NOT NULL;
ALTER TABLE sessions ADD CONSTRAINT sessions_have_tokens CHECK (token_hash IS NOT NULL OR revoked_at IS NOT NULL);

-- What somebody asked for and confirms with the link in a mail. The request is written the same way whether the address
-- has an account or not; the worker finds that out afterwards.
CREATE TABLE account_requests (
    id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('register', 'reset-password', 'change-address')),
    email text NOT NULL CHECK (email = lower(email)),
    user_id uuid REFERENCES users (id),
    name text,
    password_hash text,
    -- SHA-256 of the token in the link, once there is one.
    token_hash bytea UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    settled_at timestamptz,
    CONSTRAINT account_requests_whole CHECK (CASE purpose
        WHEN 'register' THEN name IS NOT NULL AND password_hash IS NOT NULL
        WHEN 'change-address' THEN user_id IS NOT NULL AND password_hash IS NULL
        ELSE password_hash IS NULL END)
);
CREATE INDEX account_requests_by_user ON account_requests (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX account_requests_by_email ON account_requests (email) WHERE settled_at IS NULL;
CREATE INDEX account_requests_past ON account_requests (expires_at);

-- A sealed value that waits for its mail need not belong to a login: a link that opens an account comes before it.
ALTER TABLE sealed_secrets ALTER COLUMN user_id DROP NOT NULL;
