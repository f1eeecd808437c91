-- A tie that was made until a day: over on it (open_ties() opens it no more), and ended by the jobs process, so that what rests on it ends as with any other
-- tie, and the adult can be tied to the child anew. Ties of a student who left have no such day: they open nothing, and say who may ask (leaving.sql).

-- Nothing where the tie is not over. The adult is told; of a tutor the family, too.
CREATE FUNCTION end_tie_over(which integer) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t tie;
BEGIN
    SELECT * INTO t FROM tie WHERE id = which AND state <> 'ended' AND end_date <= today() FOR UPDATE;
    IF t.id IS NULL THEN RETURN; END IF;
    IF t.kind = 'tutor' THEN
        PERFORM stop_tutor(t.id, NULL, 'clock', NULL, 'day over');
        RETURN;
    END IF;
    UPDATE tie SET state = 'ended' WHERE id = t.id;
    PERFORM ledger_change('tie ended', t.student_id, NULL, 'clock', t.id, 'day over'), tell_in_challenge(t.adult_id, 'family', 'tie ended');
END $$;

-- For whoever makes a tie: one is open between two people at most, and the jobs process may not have come by yet.
CREATE FUNCTION end_if_over(adult integer, student integer) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT end_tie_over(t.id) FROM tie t WHERE t.adult_id = adult AND t.student_id = student AND t.state <> 'ended' AND t.end_date <= today()
$$;

-- For the jobs process, each call one transaction, by the database's own day. False: none is left.
CREATE FUNCTION next_tie_over() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE which integer;
BEGIN
    SELECT t.id INTO which FROM tie t WHERE t.state <> 'ended' AND t.end_date <= today() ORDER BY t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF which IS NULL THEN RETURN false; END IF;
    PERFORM end_tie_over(which);
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION next_tie_over() TO jobs;
