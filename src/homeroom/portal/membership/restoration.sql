-- What a portal is after it was restored from a backup. A backup is a day old: who was barred, or lost an office, since then is in it as before.
-- The notes of what narrowed access are done anew by the restore; until two people have looked that list through, nobody else comes in.

-- Of several restorations the newest counts alone: those before it came back with a backup.
CREATE FUNCTION is_unconfirmed() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM restoration r WHERE r.confirmed_at IS NULL AND r.id = (SELECT max(n.id) FROM restoration n));
END $$;

-- Since when, for the door's pages; NULL: it is not.
CREATE FUNCTION unconfirmed_since() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT max(r.restored_at) FROM restoration r WHERE is_unconfirmed() AND r.id = (SELECT max(n.id) FROM restoration n)
$$;

-- Meanwhile whoever can confirm: an administrator of the district, or the second whom the board named. A school's administrator waits with the others.
CREATE FUNCTION may_sign_in(who integer, on_side text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT is_unconfirmed() OR coalesce(on_side = 'staff' AND (decides_for(who, NULL) OR is_board_second(who)), false);
END $$;

-- For `homeroom restore`, as owner, in the transaction that inserts its lines; no login may call it. Everything that stands for a sign-in ends:
-- a session, a step, a code or a card of the backup may have been ended, or used up, since it was taken. So do running grants of support, and
-- what waits for a second person or a time lock: it may have been stopped.
CREATE FUNCTION begin_restoration(of_number integer, as_of timestamptz, missing integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made integer;
BEGIN
    -- Whoever signs in at this moment is waited for, and ended below; who comes after waits, and is refused (begin_session() takes the same lock).
    LOCK TABLE code, card, contact_code, sign_in_step, support_session, session IN EXCLUSIVE MODE;
    -- links: the restore removes entries with higher numbers. `homeroom ledger verify` and the doctor need it to tell that from tampering.
    INSERT INTO restoration (number, snapshot_at, missing_notes, links)
        VALUES (of_number, as_of, missing, (SELECT coalesce(max(k.number), 0) FROM ledger_link k)) RETURNING id INTO made;
    UPDATE session SET ended_at = now() WHERE ended_at IS NULL;
    UPDATE support_session SET ended_at = now() WHERE ended_at IS NULL;
    DELETE FROM sign_in_step;
    UPDATE code SET ended_at = now() WHERE used_at IS NULL AND ended_at IS NULL;
    UPDATE contact_code SET ended_at = now() WHERE used_at IS NULL AND ended_at IS NULL;
    UPDATE card SET ended_at = now() WHERE ended_at IS NULL;
    UPDATE supporter SET code = NULL WHERE code IS NOT NULL;
    UPDATE support_grant SET ended_at = now() WHERE ended_at IS NULL AND until > now();
    UPDATE proposal SET state = 'not possible', ended_at = now() WHERE state IN ('waiting', 'confirmed');
    PERFORM ledger_restored(as_of);
    RETURN made;
END $$;

-- One line, in the ledger of every student: what its family reads there of the time between is lost as well.
CREATE FUNCTION ledger_restored(as_of timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, reason, xid) VALUES (moment, 'restored', 'operator', to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT entry, p.id, moment, ARRAY[]::text[] FROM person p WHERE p.is_student;
END $$;

-- For administrators of the district: the newest. waits: somebody proposed to open sign-in; proposer, second: of what was confirmed, or waits.
CREATE FUNCTION restoration_shown() RETURNS TABLE (uuid uuid, number integer, restored_at timestamptz, snapshot_at timestamptz, missing_notes integer,
    confirmed_at timestamptz, waits boolean, proposer text, second text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.uuid, r.number, r.restored_at, r.snapshot_at, r.missing_notes, r.confirmed_at, coalesce(p.state = 'waiting', false), full_name(a), full_name(b)
    FROM restoration r LEFT JOIN proposal p ON p.kind = 'open after restoration' AND p.payload->>'restoration' = r.uuid::text AND p.state IN ('waiting', 'carried out')
         LEFT JOIN person a ON a.id = p.proposed_by_id LEFT JOIN person b ON b.id = p.decided_by_id
    WHERE i_decide_for(NULL) ORDER BY r.id DESC LIMIT 1
$$;

-- The notes, in their order. person, student: names; of somebody with whom the reader has to do none, and is_kept: what keeps apart, or is withheld, is not theirs to read.
CREATE FUNCTION restoration_lines_shown() RETURNS TABLE (at timestamptz, kind text, person text, student text, outcome text, told jsonb, is_kept boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.at, CASE WHEN w.is_near THEN '' ELSE l.kind END, CASE WHEN NOT w.is_near THEN full_name(p) END, CASE WHEN NOT w.is_near THEN full_name(s) END, l.outcome,
           CASE WHEN w.is_near THEN '{}' ELSE l.told END, w.is_near
    FROM restoration_line l LEFT JOIN person p ON p.id = l.person_id LEFT JOIN person s ON s.id = l.student_id,
         LATERAL (SELECT NOT (may_decide_about(l.person_id) AND may_decide_about(l.student_id)) AS is_near) w
    WHERE i_decide_for(NULL) AND l.restoration_id = (SELECT max(r.id) FROM restoration r) ORDER BY l.position
$$;

-- which: the restoration that the page showed. 'proposed'; 'taken': it waits already, is confirmed, or another one came; 'again'; ''.
CREATE FUNCTION propose_opening(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r restoration;
BEGIN
    SELECT * INTO r FROM restoration n WHERE i_decide_for(NULL) ORDER BY n.id DESC LIMIT 1;
    IF r.id IS NULL THEN RETURN ''; END IF;
    IF r.uuid IS DISTINCT FROM which OR r.confirmed_at IS NOT NULL THEN RETURN 'taken'; END IF;
    RETURN propose('open after restoration', NULL, NULL, jsonb_build_object('restoration', r.uuid, 'snapshot', r.snapshot_at, 'restored', r.restored_at,
        'notes', (SELECT count(*) FROM restoration_line l WHERE l.restoration_id = r.id), 'missing', r.missing_notes), why);
END $$;

-- The second's yes: sign-in is open from this moment on.
CREATE FUNCTION open_after_restoration(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE restoration r SET confirmed_at = now()
        WHERE r.uuid = (p.payload->>'restoration')::uuid AND r.confirmed_at IS NULL AND r.id = (SELECT max(n.id) FROM restoration n);
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('restoration confirmed', NULL, p.decided_by_id, office_of(p.decided_by_id), NULL, p.uuid::text);
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION restoration_shown(), restoration_lines_shown(), propose_opening(uuid, text) TO app;
GRANT EXECUTE ON FUNCTION unconfirmed_since(), may_sign_in(integer, text) TO door;
