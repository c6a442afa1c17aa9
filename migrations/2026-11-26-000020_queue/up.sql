-- The queue, final: history by the week, schedules, and limits that hold for all workers together.

-- All that asks for running jobs asks for their worker, or for all of them, of which there are few: one index does for both.
DROP INDEX jobs_deadline;
DROP INDEX jobs_by_worker;
CREATE INDEX jobs_running ON jobs (worker_id) WHERE state = 'x';

-- Null: no limit. `allowance` is the token bucket of `rate_per_second`; it holds at most one second's worth.
ALTER TABLE queue_control
    ADD COLUMN max_running integer CHECK (max_running >= 0),
    ADD COLUMN rate_per_second integer CHECK (rate_per_second > 0),
    ADD COLUMN allowance double precision NOT NULL DEFAULT 0,
    ADD COLUMN allowance_at timestamptz NOT NULL DEFAULT now();

-- What is due again and again. Whoever moves `next_at` on enqueues; nobody leads.
CREATE TABLE schedules (
    name text PRIMARY KEY,
    every_ms bigint NOT NULL CHECK (every_ms > 0),
    next_at timestamptz NOT NULL,
    ticked_at timestamptz
);

-- Keeps the history's partitions: makes those of this week and of the weeks ahead, moves what fell into the default
-- partition into the week that it belongs to, and drops the weeks that are older than `weeks_kept`. Weeks begin on Monday,
-- 0:00 UTC. Whoever comes second does nothing.
CREATE FUNCTION job_history_keep(weeks_ahead integer, weeks_kept integer, OUT made integer, OUT moved bigint, OUT dropped integer)
LANGUAGE plpgsql SET TimeZone = 'UTC' AS $$
DECLARE
    this_week timestamptz := date_trunc('week', clock_timestamp());
    oldest timestamptz := this_week - weeks_kept * interval '7 days';
    week timestamptz;
    partition text;
    rows bigint;
BEGIN
    made := 0; moved := 0; dropped := 0;
    IF NOT pg_try_advisory_xact_lock(4850417100000005) THEN
        RETURN;
    END IF;
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'job_history'::regclass AND c.relname ~ '^job_history_w\d{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') < oldest
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM job_history_default WHERE finished_at < oldest;
    FOR week IN
        SELECT this_week + n * interval '7 days' FROM generate_series(0, weeks_ahead) n
        UNION SELECT DISTINCT date_trunc('week', finished_at) FROM job_history_default
        ORDER BY 1
    LOOP
        partition := 'job_history_w' || to_char(week, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE job_history INCLUDING ALL)', partition);
        -- Nothing may fall into the default partition between looking and attaching.
        LOCK TABLE job_history_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('WITH stray AS (DELETE FROM job_history_default WHERE finished_at >= $1 AND finished_at < $2 '
            'RETURNING *) INSERT INTO %I SELECT * FROM stray', partition) USING week, week + interval '7 days';
        GET DIAGNOSTICS rows = ROW_COUNT;
        EXECUTE format('ALTER TABLE job_history ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            partition, week, week + interval '7 days');
        made := made + 1;
        moved := moved + rows;
    END LOOP;
END $$;

SELECT job_history_keep(4, 10000);
