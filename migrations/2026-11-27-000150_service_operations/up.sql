-- A service's later life: suspended, being ended, ended.
ALTER TABLE services ADD COLUMN suspend_reason text;
ALTER TABLE services DROP CONSTRAINT services_status_check;
ALTER TABLE services ADD CONSTRAINT services_status_check CHECK (
    status IN (
        'pending', 'provisioning', 'uncertain', 'installing', 'active', 'failed_setup',
        'suspended', 'terminating', 'terminated'
    )
);
-- What a service was called at its provider is kept when it has ended: keys are never used again.
ALTER TABLE services DROP CONSTRAINT services_remote_when_made;
ALTER TABLE services ADD CONSTRAINT services_remote_when_made CHECK (
    CASE WHEN status IN ('installing', 'active', 'suspended', 'terminating', 'terminated') THEN remote_id IS NOT NULL
        WHEN status = 'failed_setup' THEN true
        ELSE remote_id IS NULL
    END
);
ALTER TABLE services ADD CONSTRAINT services_suspended_says_why CHECK (
    (status = 'suspended') = (suspend_reason IS NOT NULL)
    AND suspend_reason IN ('non-payment', 'abuse', 'request', 'operator')
);
-- The record of a website that has ended stays, without its domain, which is free again.
ALTER TABLE websites DROP CONSTRAINT websites_status_check;
ALTER TABLE websites ADD CONSTRAINT websites_status_check CHECK (status IN ('active', 'suspended', 'terminated'));

-- What is done to services after they were delivered. A row is committed before the provider is asked.
CREATE TABLE service_operations (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL REFERENCES services (id),
    verb text NOT NULL CHECK (verb IN ('suspend', 'resume', 'terminate')),
    reason text CHECK (reason IN ('non-payment', 'abuse', 'request', 'operator')),
    note text NOT NULL,
    -- sent: the provider is being asked; found later, it may have taken effect.
    state text NOT NULL CHECK (state IN ('planned', 'sent', 'unsure', 'waiting', 'by_hand', 'done', 'withdrawn')),
    -- How often the provider was about to be asked; an answer is recorded under this number only.
    attempt integer NOT NULL CHECK (attempt >= 0),
    poll_token text,
    gone_since timestamptz,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    detail text NOT NULL,
    CONSTRAINT service_operations_reason CHECK ((verb = 'suspend') = (reason IS NOT NULL)),
    CONSTRAINT service_operations_waiting CHECK ((state = 'waiting') = (poll_token IS NOT NULL)),
    CONSTRAINT service_operations_over CHECK ((state IN ('done', 'withdrawn')) = (ended_at IS NOT NULL))
);
-- One at a time on each service.
CREATE UNIQUE INDEX service_operations_open ON service_operations (service_id)
    WHERE state NOT IN ('done', 'withdrawn');
CREATE INDEX service_operations_by_service ON service_operations (service_id, started_at DESC);
