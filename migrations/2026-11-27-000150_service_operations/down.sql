DROP TABLE service_operations;
UPDATE websites SET status = 'suspended' WHERE status = 'terminated';
ALTER TABLE websites DROP CONSTRAINT websites_status_check;
ALTER TABLE websites ADD CONSTRAINT websites_status_check CHECK (status IN ('active', 'suspended'));
ALTER TABLE services DROP CONSTRAINT services_suspended_says_why;
-- The programs of before know neither of these: what is suspended counts as running, what ended as not set up.
UPDATE services SET status = 'active' WHERE status = 'suspended';
UPDATE services SET status = 'failed_setup', failure_reason = 'ended' WHERE status IN ('terminating', 'terminated');
ALTER TABLE services DROP CONSTRAINT services_remote_when_made;
ALTER TABLE services ADD CONSTRAINT services_remote_when_made CHECK (
    CASE WHEN status IN ('installing', 'active') THEN remote_id IS NOT NULL
        WHEN status = 'failed_setup' THEN true
        ELSE remote_id IS NULL
    END
);
ALTER TABLE services DROP CONSTRAINT services_status_check;
ALTER TABLE services ADD CONSTRAINT services_status_check CHECK (
    status IN ('pending', 'provisioning', 'uncertain', 'installing', 'active', 'failed_setup')
);
ALTER TABLE services DROP COLUMN suspend_reason;
