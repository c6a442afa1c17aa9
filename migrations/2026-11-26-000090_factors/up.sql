-- The half of a sign-in, after the password and before the second factor. It opens nothing but that step.
ALTER TABLE sessions ADD COLUMN factor_due boolean NOT NULL DEFAULT false;

-- An authenticator app (RFC 6238): one for each login, whose secret is sealed.
CREATE TABLE user_totp (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    sealed text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Set by a first code; before that it counts for nothing.
    confirmed_at timestamptz,
    -- The step of the last code that was taken: no code of it or of an earlier one counts again.
    last_step bigint
);

-- Recovery codes: SHA-256 of 120 random bits each.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

-- Passkeys (WebAuthn). `key` holds the public key and its counter; nothing in it is secret.
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    key text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- What a passkey is asked to sign. A row is deleted by its answer, so no answer counts twice.
CREATE TABLE passkey_challenges (
    id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('add', 'sign-in', 'second-factor', 'prove')),
    user_id uuid REFERENCES users (id),
    state text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Only who signs in with a passkey alone is not known before.
    CONSTRAINT passkey_challenges_of_somebody CHECK ((purpose = 'sign-in') = (user_id IS NULL))
);
CREATE INDEX passkey_challenges_by_user ON passkey_challenges (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX passkey_challenges_past ON passkey_challenges (expires_at);
