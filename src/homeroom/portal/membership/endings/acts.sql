-- Makes ties, and ends those whose last day is over. open_ties() already leaves these out. The jobs
-- process ends them, so that the same adult and student can have a new tie. A tie to a student who
-- left has no such day. It shows no record, and says who may ask for inspection.

-- Ends a tutor's tie. The tutor and everyone who sees the child are notified. `by_person` NULL
-- means that a rule ended it.
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

-- Ends a tie if it is over. The adult is notified, and for a tutor the family too.
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

-- Called before a tie is made. An adult and a student have one open tie at most, and the jobs
-- process may not have ended an old one yet.
CREATE FUNCTION end_if_over(adult integer, student integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT end_tie_over(t.id) FROM tie t
    WHERE t.adult_id = adult AND t.student_id = student AND t.state <> 'ended'
      AND t.end_date <= today()
$$;

-- The only place where an office, a letter's code or the operator's command (`by_person` NULL)
-- gives an adult access to a record. `said` has basis, relation, start, end, views, rights, proof,
-- confidential. Returns 'set'. 'of age': made and suspended in the same moment, since the student
-- is 18 (34 CFR 99.5). 'barred': there is a restriction (34 CFR 99.4). 'challenged': the family
-- challenges it. 'tied': there is a tie already.
CREATE FUNCTION make_tie(adult integer, child integer, of_kind text, said jsonb, by_person integer,
    by_capacity text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE made integer;
    hidden boolean := coalesce((said->>'confidential')::boolean, false)
        OR is_kept_secret(adult, child);
BEGIN
    IF is_restricted(adult, child) OR EXISTS (SELECT FROM adults_one_with(adult, child) a
        WHERE is_restricted(a, child)) THEN RETURN 'barred'; END IF;
    -- A tie that a challenge closed, or would close, is decided with the challenges.
    IF is_disputed(adult, child) THEN RETURN 'challenged'; END IF;
    PERFORM end_if_over(adult, child);
    INSERT INTO tie (uuid, adult_id, student_id, kind, relation, basis, start_date, end_date,
        view_kinds, may_consent, may_correct, may_challenge, proof, state, is_confidential,
                     approved_at, approved_by_id)
        SELECT gen_random_uuid(), adult, child, of_kind, trim(coalesce(said->>'relation', '')),
               said->>'basis', (said->>'start')::date, (said->>'end')::date,
               ARRAY(SELECT jsonb_array_elements_text(said->'views')), said->'rights' ? 'consent',
               said->'rights' ? 'correct', said->'rights' ? 'challenge',
               said->>'proof', 'approved', hidden, now(), by_person
        ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN 'tied'; END IF;
    PERFORM ledger_change('tie made', child, by_person, by_capacity, made, said->>'proof');
    IF NOT hidden THEN PERFORM tell_family_of(child, adult, 'parent added'); END IF;
    RETURN CASE WHEN is_suspended_by_age(made) THEN 'of age' ELSE 'set' END;
END $$;

-- For the jobs process. Each call is one transaction and uses the database's date. Returns false if
-- none is left.
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
