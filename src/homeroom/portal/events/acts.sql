-- How long security events are kept, what a receiver has, and the brakes on reading.

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

-- The relay gets an email to the IT contact about it. Returns whether this call marked it: of two,
-- one sends. `is_back`: the relay did not take it, and it is tried again.
CREATE FUNCTION brake_mailed(of_person integer, is_back boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE brake b SET mailed_at = CASE WHEN NOT is_back THEN now() END
        WHERE b.person_id = of_person AND (b.mailed_at IS NOT NULL) = is_back;
    RETURN FOUND;
END $$;

-- Lets another staff member view more people for a day from now. 'raised'. 'mine': no one raises
-- their own. 'odd': not 1 to 5000. Also 'why', 'again' and ''. It opens no record, so one
-- administrator is enough. It is a security event.
CREATE FUNCTION raise_cap(which uuid, more integer, words text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking(); who integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL) THEN RETURN ''; END IF;
    SELECT p.id INTO who FROM person p JOIN account a ON a.person_id = p.id AND a.side = 'staff'
    WHERE p.uuid = which;
    IF who IS NULL THEN RETURN ''; END IF;
    IF who = me THEN RETURN 'mine'; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF more IS NULL OR more NOT BETWEEN 1 AND 5000 THEN RETURN 'odd'; END IF;
    IF coalesce(btrim(words), '') = '' THEN RETURN 'why'; END IF;
    INSERT INTO cap_raise (person_id, by_id, until, students, why)
        VALUES (who, me, now() + interval '1 day', more, left(words, 2000));
    PERFORM ledger_change('viewing limit raised', NULL, me, 'administrator', NULL,
            (SELECT p.uuid FROM person p WHERE p.id = who) || ': ' || more),
        tell_account(who, 'staff', 'viewing released');
    RETURN 'raised';
END $$;

GRANT EXECUTE ON FUNCTION raise_cap(uuid, integer, text) TO app;
GRANT EXECUTE ON FUNCTION events_swept(), brake_mailed(integer, boolean) TO jobs;

-- The login is missing in a server of the operator's own that an older release set up.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'forwarder') THEN
        GRANT EXECUTE ON FUNCTION events_due(text, bigint, bigint, integer),
            events_forwarded(text, bigint, bigint) TO forwarder;
    END IF;
END $$;
