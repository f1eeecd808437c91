-- How long security events are kept, and what a receiver has.

-- For the jobs process: deletes events that are older than the district keeps them. Returns how
-- many.
CREATE FUNCTION events_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH swept AS (DELETE FROM security_event
        WHERE at < now() - make_interval(days => (SELECT event_days FROM district)) RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- The receiver has every event up to this one. It never goes back.
CREATE FUNCTION events_forwarded(for_target text, up_to_xid bigint, up_to bigint) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO event_forwarded AS f (target, xid, event, at)
        VALUES (for_target, up_to_xid, up_to, now())
        ON CONFLICT (target) DO UPDATE SET xid = excluded.xid, event = excluded.event,
            at = excluded.at
            WHERE (f.xid, f.event) < (excluded.xid, excluded.event)
$$;

GRANT EXECUTE ON FUNCTION events_swept() TO jobs;

-- The login is missing in a server of the operator's own that an older release set up.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'forwarder') THEN
        GRANT EXECUTE ON FUNCTION events_due(text, bigint, bigint, integer),
            events_forwarded(text, bigint, bigint) TO forwarder;
    END IF;
END $$;
