-- A queue as it looks after years, while somebody keeps a snapshot open: finished jobs in the history, and entries of jobs
-- that were taken and ended, which VACUUM may not remove. Given: finished, dead. Run while the snapshot is open.
INSERT INTO job_history (job_id, lease, queue, kind, attempt, outcome, created_at, claimed_at, finished_at)
SELECT -n, 1, 3, 'bench.noop', 1, 'done', now(), now(), now() FROM generate_series(1, :finished) n;

INSERT INTO jobs (queue, kind, priority, run_at, max_attempts, budget_ms, payload)
SELECT 3, 'bench.noop', 1, now() - interval '1 hour', 12, 120000, '{}' FROM generate_series(1, :dead);
UPDATE jobs SET state = 'x', lease = 1, attempt = 1, worker_id = '00000000-0000-7000-8000-000000000001', claimed_at = now(),
    deadline_at = now() WHERE state = 'r';
DELETE FROM jobs;
ANALYZE jobs;
