-- Ends a tie whose last day is over. open_ties() no longer opens it, and the jobs process ends it,
-- so that the same two people can be tied again. A tie to a student who left has no such day: it
-- opens nothing, and says who may ask for inspection.

-- Ends a tutor's tie: the tutor is told, and whoever sees the child. by_person NULL: by a rule.
CREATE FUNCTION stop_tutor(which integer, by_person integer, capacity text, by_tie integer,
    why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    UPDATE tutor_consent c SET ended_by_id = by_person
        WHERE c.tie_id = which AND c.ended_at IS NULL;
    UPDATE tie SET state = 'ended', end_date = least(end_date, today())
        WHERE id = which AND state <> 'ended' RETURNING * INTO t;
    IF t.id IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('tutor ended', t.student_id, by_person, capacity, by_tie, why),
        tell_family_of(t.student_id, coalesce(by_person, 0), 'tutor ended'),
        tell_in_challenge(t.adult_id, 'family', 'tie ended');
    RETURN 'ended';
END $$;

-- Nothing where the tie is not over. The adult is told; of a tutor the family, too.
CREATE FUNCTION end_tie_over(which integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    SELECT * INTO t FROM tie WHERE id = which AND state <> 'ended' AND end_date <= today()
        FOR UPDATE;
    IF t.id IS NULL THEN RETURN; END IF;
    IF t.kind = 'tutor' THEN
        PERFORM stop_tutor(t.id, NULL, 'clock', NULL, 'day over');
        RETURN;
    END IF;
    UPDATE tie SET state = 'ended' WHERE id = t.id;
    PERFORM ledger_change('tie ended', t.student_id, NULL, 'clock', t.id, 'day over'),
        tell_in_challenge(t.adult_id, 'family', 'tie ended');
END $$;

-- For whoever makes a tie: one is open between two people at most, and the jobs process may not
-- have come by yet.
CREATE FUNCTION end_if_over(adult integer, student integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT end_tie_over(t.id) FROM tie t
    WHERE t.adult_id = adult AND t.student_id = student AND t.state <> 'ended'
      AND t.end_date <= today()
$$;

-- For the jobs process, each call one transaction, by the database's own day. False: none is left.
CREATE FUNCTION next_tie_over() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE which integer;
BEGIN
    SELECT t.id INTO which FROM tie t WHERE t.state <> 'ended' AND t.end_date <= today()
    ORDER BY t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF which IS NULL THEN RETURN false; END IF;
    PERFORM end_tie_over(which);
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION next_tie_over() TO jobs;
