-- How often something was tried, in buckets whose names are keyed hashes: nobody's address is here. Unlogged, because every
-- sign-in writes it and nothing is lost with it but the count: after a crash of the server, or on a replica that takes over,
-- all buckets are full again. Room is left in the pages, and there is no second index, so that a row is changed where it is.
CREATE UNLOGGED TABLE limit_buckets (
    bucket bytea PRIMARY KEY CHECK (octet_length(bucket) = 16),
    -- When it is full again, if nothing more is taken out.
    full_at timestamptz NOT NULL,
    -- Until then, another refusal is no news.
    told_until timestamptz
) WITH (fillfactor = 70);

-- Takes one try out of each bucket, or out of none when one has none left; those are returned, with the whole seconds until
-- they have one. No row: all passed. bursts: tries at once; paces: seconds until there is one more.
--
-- What has none left has none whoever else takes from it meanwhile, so that refusing takes no locks and, but for the first
-- time, writes nothing: a flood of refused tries costs one look each. What passes is decided once more under the locks of all
-- its rows, taken in the order of the buckets, with the time of after the waiting.
CREATE FUNCTION limits_take(buckets bytea[], bursts integer[], paces integer[], given timestamptz)
RETURNS TABLE (place integer, wait integer, news boolean)
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
    refused boolean;
    charge record;
BEGIN
    FOR round IN 1..2 LOOP
        moment := coalesce(given, clock_timestamp());
        SELECT EXISTS (
            SELECT FROM unnest(buckets, bursts, paces) k (name, burst, pace) JOIN limit_buckets l ON l.bucket = k.name
            WHERE l.full_at > moment + make_interval(secs => (k.burst - 1) * k.pace)
        ) INTO refused;
        EXIT WHEN refused OR round = 2;
        -- Locks those that are there and makes the others; «WHERE false» locks a row without changing it.
        INSERT INTO limit_buckets AS l (bucket, full_at) SELECT name, moment FROM unnest(buckets) k (name) ORDER BY name
        ON CONFLICT (bucket) DO UPDATE SET full_at = l.full_at WHERE false;
    END LOOP;
    IF NOT refused THEN
        UPDATE limit_buckets l SET full_at = greatest(l.full_at, moment) + make_interval(secs => k.pace)
        FROM unnest(buckets, paces) k (name, pace) WHERE l.bucket = k.name;
        RETURN;
    END IF;
    FOR charge IN
        SELECT k.name, k.number, k.burst * k.pace AS refill,
            l.full_at - make_interval(secs => (k.burst - 1) * k.pace) - moment AS late
        FROM unnest(buckets, bursts, paces) WITH ORDINALITY k (name, burst, pace, number)
            JOIN limit_buckets l ON l.bucket = k.name
        WHERE l.full_at > moment + make_interval(secs => (k.burst - 1) * k.pace)
        ORDER BY k.name
    LOOP
        UPDATE limit_buckets l SET told_until = moment + make_interval(secs => charge.refill)
        WHERE l.bucket = charge.name AND (l.told_until IS NULL OR l.told_until <= moment);
        place := charge.number;
        wait := ceil(extract(epoch FROM charge.late));
        news := FOUND;
        RETURN NEXT;
    END LOOP;
END
$$;
