-- The audit trail: who did what to what. Rows are added and never changed; what was changed all the same is found by
-- `hostwright audit verify`.

-- `encoding` holds the canonical bytes that the chain's hashes cover. The other columns say the same, for reading.
CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('visitor', 'customer', 'staff', 'operator', 'system')),
    actor text NOT NULL,
    act text NOT NULL CHECK (act <> ''),
    subject_kind text NOT NULL,
    subject text NOT NULL,
    ip text,
    user_agent text,
    before jsonb NOT NULL CHECK (jsonb_typeof(before) = 'object'),
    after jsonb NOT NULL CHECK (jsonb_typeof(after) = 'object'),
    encoding bytea NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (actor, at);
CREATE INDEX audit_log_subject ON audit_log (subject, at);

-- No foreign key to `audit_log`: PostgreSQL checks one with the right to UPDATE what it points to, which nobody has.
CREATE TABLE audit_chain (
    position bigint PRIMARY KEY CHECK (position > 0),
    entry_id uuid NOT NULL UNIQUE,
    key_id text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- Entries that are in no chain yet, with their transaction. The one table of the three that rows are taken out of.
CREATE TABLE audit_pending (
    entry_id uuid PRIMARY KEY,
    number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    since timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the audit trail is only ever added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
-- Also for sessions that call themselves replicas.
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_append_only;
ALTER TABLE audit_chain ENABLE ALWAYS TRIGGER audit_chain_append_only;

-- The owner could give these back to itself, which takes a statement that says so.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log, audit_chain FROM PUBLIC, CURRENT_USER;
