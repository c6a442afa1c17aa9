-- Values under the installation's key, XChaCha20-Poly1305; the name and version are bound into the seal. Several versions
-- of one name may count at once, so that rotating needs no restart.
CREATE TABLE secrets (
    name text NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    kid text NOT NULL,
    ciphertext text NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version),
    CONSTRAINT secrets_span CHECK (not_after IS NULL OR not_before < not_after)
);
