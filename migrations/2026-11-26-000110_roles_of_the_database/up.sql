-- The history's partitions belong to the schema's owner. A worker that owns nothing has them kept by this function, which runs
-- with its owner's rights and sees to it that nobody has more of them made or dropped than housekeeping does. Its path is
-- fixed, temporary tables last: whoever calls it cannot put something of their own in the place of a table.
CREATE FUNCTION job_history_housekeeping(weeks_ahead integer, weeks_kept integer, OUT made integer, OUT moved bigint, OUT dropped integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT made, moved, dropped FROM public.job_history_keep(least(greatest(weeks_ahead, 0), 52), greatest(weeks_kept, 1))
$$;
REVOKE EXECUTE ON FUNCTION job_history_housekeeping(integer, integer) FROM PUBLIC;
