DROP FUNCTION job_history_housekeeping(integer, integer);
