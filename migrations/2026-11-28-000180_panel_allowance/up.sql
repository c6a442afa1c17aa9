-- What all programs together may still ask of a panel, in thousandths of a call. Less than nothing is what had begun and went on.
CREATE TABLE panel_allowance (
    panel text PRIMARY KEY CHECK (panel <> ''),
    milli_calls bigint NOT NULL,
    counted_at timestamptz NOT NULL
);

-- Takes so many calls, if not fewer than `keep` are left then; how many thousandths of a call are missing for it, 0 when taken.
CREATE FUNCTION panel_take(of_panel text, per_minute bigint, burst bigint, calls bigint, keep bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    has bigint;
    since timestamptz;
    now_is timestamptz;
BEGIN
    INSERT INTO panel_allowance (panel, milli_calls, counted_at) VALUES (of_panel, burst * 1000, clock_timestamp())
        ON CONFLICT (panel) DO NOTHING;
    SELECT milli_calls, counted_at INTO has, since FROM panel_allowance WHERE panel = of_panel FOR UPDATE;
    -- After the lock: whoever waited for it counts the time of the waiting, too.
    now_is := clock_timestamp();
    has := LEAST(burst * 1000, has + GREATEST(0, floor(extract(epoch FROM now_is - since) * per_minute * 1000 / 60))::bigint);
    IF has - calls * 1000 < keep * 1000 THEN
        RETURN (keep + calls) * 1000 - has;
    END IF;
    UPDATE panel_allowance SET milli_calls = has - calls * 1000, counted_at = now_is WHERE panel = of_panel;
    RETURN 0;
END;
$$;
