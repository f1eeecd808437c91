-- How long security events are kept, what a receiver has, and the brakes on reading.

-- For the jobs process: deletes events that are older than the district keeps them, and none while
-- an incident is open. Returns how many.
CREATE FUNCTION events_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH swept AS (DELETE FROM security_event
        WHERE at < now() - make_interval(days => (SELECT event_days FROM district))
            AND NOT is_incident_open()
        RETURNING 1)
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

-- For the jobs process, each hour: once a week, from Monday at six by the district's clock, its
-- administrators get a notice and an email that the summary of last week's views is there, unless
-- no staff viewed a record. A portal that was off on Monday does it later. Returns how many were
-- notified.
CREATE FUNCTION weekly_views_told() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account; done integer := 0; here timestamp; week timestamp;
    zone text := (SELECT time_zone FROM district);
BEGIN
    here := now() AT TIME ZONE zone;
    week := date_trunc('week', here);
    IF here < week + interval '6 hours' OR NOT EXISTS (SELECT FROM view_day v
            WHERE v.day >= week::date - 7 AND v.day < week::date) THEN RETURN 0; END IF;
    PERFORM pg_advisory_xact_lock(4117308, 1);  -- otherwise parallel calls would each notify
    FOR a IN SELECT c.* FROM account c WHERE c.side = 'staff' AND c.is_active
          AND c.person_id IN (SELECT w.person_id FROM administrator w
              WHERE w.school_id IS NULL AND w.start_date <= today()
                AND (w.end_date IS NULL OR w.end_date > today()))
          AND NOT EXISTS (SELECT FROM account_notice n
              WHERE n.account_id = c.id AND n.what = 'weekly views'
                AND n.at AT TIME ZONE zone >= week)
    LOOP
        DELETE FROM account_notice n WHERE n.account_id = a.id AND n.what = 'weekly views';
        PERFORM tell_account(a.person_id, 'staff', 'weekly views'),
            mail_account(a.id, 'weekly views');
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;

GRANT EXECUTE ON FUNCTION raise_cap(uuid, integer, text) TO app;
GRANT EXECUTE ON FUNCTION events_swept(), brake_mailed(integer, boolean), weekly_views_told()
    TO jobs;

-- The login is missing in a server of the operator's own that an older release set up.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'forwarder') THEN
        GRANT EXECUTE ON FUNCTION events_due(text, bigint, bigint, integer),
            events_forwarded(text, bigint, bigint) TO forwarder;
    END IF;
END $$;
