-- Narrowings on their way to the vault, and the portal after a restore. A backup can be a day old.
-- People who were restricted or lost an office since then still have access in it. The restore
-- replays the notes of access that was taken away. Until two approvers have read that list, no one
-- else signs in.

-- For `homeroom restore`, as owner, in the transaction that inserts its lines. No login may call
-- it. Ends every session, step, code and card of the backup, because it may have been ended or used
-- since. Ends running support grants and everything that waits for a second approval or a time
-- lock, because it may have been stopped.
CREATE FUNCTION begin_restoration(of_number integer, as_of timestamptz, missing integer)
RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE made integer;
BEGIN
    -- Waits for anyone who signs in at this moment, and ends that session below. Later sign-ins
    -- wait and are refused, since begin_session() takes the same lock.
    LOCK TABLE code, card, contact_code, sign_in_step, support_session, session IN EXCLUSIVE MODE;
    -- The restore removes entries with numbers above `links`. `homeroom ledger verify` and the
    -- doctor need it to distinguish this from tampering.
    INSERT INTO restoration (number, snapshot_at, missing_notes, links)
        VALUES (of_number, as_of, missing, (SELECT coalesce(max(k.number), 0) FROM ledger_link k))
        RETURNING id INTO made;
    UPDATE session SET ended_at = now() WHERE ended_at IS NULL;
    UPDATE support_session SET ended_at = now() WHERE ended_at IS NULL;
    DELETE FROM sign_in_step;
    UPDATE code SET ended_at = now() WHERE used_at IS NULL AND ended_at IS NULL;
    UPDATE contact_code SET ended_at = now() WHERE used_at IS NULL AND ended_at IS NULL;
    UPDATE card SET ended_at = now() WHERE ended_at IS NULL;
    UPDATE supporter SET code = NULL WHERE code IS NOT NULL;
    UPDATE support_grant SET ended_at = now() WHERE ended_at IS NULL AND until > now();
    UPDATE proposal SET state = 'not possible', ended_at = now()
        WHERE state IN ('waiting', 'confirmed');
    -- The new server counts its transactions from the beginning.
    UPDATE district SET event_base = coalesce((SELECT max(e.xid) FROM security_event e), 0);
    PERFORM ledger_restored(as_of);
    RETURN made;
END $$;

-- Adds one entry to every student's access log, since the family's entries of the time between are
-- lost as well.
CREATE FUNCTION ledger_restored(as_of timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, reason, xid)
        VALUES (moment, 'restored', 'operator',
            to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds)
        SELECT entry, p.id, moment, ARRAY[]::text[] FROM person p WHERE p.is_student;
END $$;

-- `which` is the restoration that the page showed. Returns 'proposed'. 'taken': it waits already,
-- is confirmed, or a newer one came. Also 'again' and ''.
CREATE FUNCTION propose_opening(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE r restoration;
BEGIN
    SELECT * INTO r FROM restoration n WHERE i_decide_for(NULL) ORDER BY n.id DESC LIMIT 1;
    IF r.id IS NULL THEN RETURN ''; END IF;
    IF r.uuid IS DISTINCT FROM which OR r.confirmed_at IS NOT NULL THEN RETURN 'taken'; END IF;
    RETURN propose('open after restoration', NULL, NULL,
        jsonb_build_object('restoration', r.uuid, 'snapshot', r.snapshot_at, 'restored',
            r.restored_at,
        'notes', (SELECT count(*) FROM restoration_line l WHERE l.restoration_id = r.id), 'missing',
        r.missing_notes), why);
END $$;

-- Carries out the second approval. Sign-in is open from this moment on.
CREATE FUNCTION open_after_restoration(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE restoration r SET confirmed_at = now()
        WHERE r.uuid = (p.payload->>'restoration')::uuid AND r.confirmed_at IS NULL
          AND r.id = (SELECT max(n.id) FROM restoration n);
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('restoration confirmed', NULL, p.decided_by_id,
        office_of(p.decided_by_id), NULL, p.uuid::text);
    RETURN true;
END $$;

-- Notes that are in no file yet, the oldest first, 500 at most. Each gets the next number here and
-- keeps it if a process is killed. A transaction that committed late gets a later number.
CREATE FUNCTION notes_due()
RETURNS TABLE (number bigint, uuid uuid, at timestamptz, kind text, said jsonb)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4117310);  -- a parallel call counts on from the first one
    last := (SELECT coalesce(max(n.number), 0) FROM narrowing n);
    UPDATE narrowing n SET number = last + w.place
        FROM (SELECT u.id, row_number() OVER (ORDER BY u.id) AS place FROM narrowing u
            WHERE u.number IS NULL AND u.sealed_at IS NULL ORDER BY u.id LIMIT 500) w
            WHERE n.id = w.id;
    RETURN QUERY SELECT n.number, n.uuid, n.at, n.kind, n.said FROM narrowing n
        WHERE n.number IS NOT NULL AND n.sealed_at IS NULL ORDER BY n.number LIMIT 500;
END $$;

CREATE FUNCTION note_sealed(of_number bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE narrowing SET sealed_at = now() WHERE number = of_number AND sealed_at IS NULL
$$;

-- Deletes notes 100 days after they were sealed, since no tier keeps a backup that long. The last
-- one stays, since the next number follows it.
CREATE FUNCTION notes_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH swept AS (DELETE FROM narrowing
        WHERE sealed_at < now() - interval '100 days'
          AND number < (SELECT max(n.number) FROM narrowing n) RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- Returns the person, or makes them again if they came after the backup and were restricted or made
-- a restriction. The name is kept, since letters and requests are compared with it.
CREATE FUNCTION person_here_or_made(known jsonb) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer := person_here(known);
BEGIN
    IF who IS NULL AND known ? 'given_name' THEN
        INSERT INTO person (uuid, sourced_id, given_name, family_name)
            VALUES ((known->>'uuid')::uuid, known->>'sourced_id', known->>'given_name',
                known->>'family_name') RETURNING id INTO who;
    END IF;
    RETURN who;
END $$;

GRANT EXECUTE ON FUNCTION propose_opening(uuid, text) TO app;
GRANT EXECUTE ON FUNCTION notes_due(), note_sealed(bigint), notes_swept() TO jobs;
