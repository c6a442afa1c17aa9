DROP FUNCTION job_history_keep(integer, integer);

-- The weeks' rows go back to where all were before.
DO $$
DECLARE
    partition text;
BEGIN
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'job_history'::regclass AND c.relname <> 'job_history_default'
    LOOP
        EXECUTE format('ALTER TABLE job_history DETACH PARTITION %I', partition);
        EXECUTE format('INSERT INTO job_history SELECT * FROM %I', partition);
        EXECUTE format('DROP TABLE %I', partition);
    END LOOP;
END $$;

DROP TABLE schedules;

ALTER TABLE queue_control
    DROP COLUMN max_running,
    DROP COLUMN rate_per_second,
    DROP COLUMN allowance,
    DROP COLUMN allowance_at;

DROP INDEX jobs_running;
CREATE INDEX jobs_deadline ON jobs (deadline_at) WHERE state = 'x';
CREATE INDEX jobs_by_worker ON jobs (worker_id) WHERE state = 'x';
