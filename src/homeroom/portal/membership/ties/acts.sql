-- Ties that only the district sets (34 CFR 99.3 "parent", Ed. Code 49069.3, 49076, Fam. Code 6550).
-- An administrator makes them without another adult's consent. Only a code is kept of the paper
-- that a tie rests on.

-- `whom` is someone from adults_found(). NULL means a new person, named in `said`, who gets a code
-- on paper. Returns 'set'. 'of age': set, and suspended until the student agrees or a registrar
-- lifts it. 'name', 'proof', 'basis', 'days', 'caseworker', 'views', 'rights', 'relation': this is
-- not valid. 'barred': there is a restriction. 'challenged': a challenge is open, or ended this
-- adult's tie within a year. 'tied': there is a tie already. Also 'again', and '' as if nothing
-- were there.
CREATE FUNCTION set_tie(child uuid, whom uuid, of_kind text, said jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := child_i_keep(child);
    adult integer;
    became text;
BEGIN
    IF about IS NULL OR whom IS NOT NULL
        AND NOT EXISTS (SELECT FROM person p
            WHERE p.uuid = whom AND may_be_tied_by_me(p.id, about)) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    became := odd_with_new_tie(of_kind, said);
    IF became IS NOT NULL THEN RETURN became; END IF;
    adult := coalesce((SELECT p.id FROM person p WHERE p.uuid = whom), new_person(said));
    IF adult IS NULL THEN RETURN 'name'; END IF;
    became := make_tie(adult, about, of_kind, said, asking(), 'administrator');
    IF became = 'set' THEN PERFORM tell_account(adult, 'family', 'record given'); END IF;
    RETURN became;
END $$;

-- For the operator's command, as owner. It refuses what set_tie() refuses, and a tie that age
-- suspends, since no office sees the command and none would lift it. Families consent to tutors. A
-- tutor that the command sets rests on the district's word, so any basis is valid. '': no student,
-- or no one who can have a tie.
CREATE FUNCTION set_tie_by_operator(adult integer, child integer, of_kind text, said jsonb)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE became text;
BEGIN
    IF NOT may_be_tied(adult, child) THEN RETURN ''; END IF;
    PERFORM hold(4117308, child);
    became := coalesce(odd_with_new_tie(of_kind, said,
            CASE WHEN of_kind = 'tutor' THEN said->>'basis' END),
        make_tie(adult, child, of_kind, said, NULL, 'operator'));
    IF became = 'of age' THEN RAISE EXCEPTION USING ERRCODE = 'HR001', MESSAGE = 'of age'; END IF;
    IF became = 'set' THEN PERFORM tell_account(adult, 'family', 'record given'); END IF;
    RETURN became;
EXCEPTION WHEN SQLSTATE 'HR001' THEN
    RETURN 'of age';
END $$;

-- Stores only the name, as typed, of a person that no file has. NULL: the name is not valid.
CREATE FUNCTION new_person(said jsonb) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE given text := trim(coalesce(said->>'given', ''));
    family text := trim(coalesce(said->>'family', ''));
    made integer;
BEGIN
    IF given = '' OR family = '' OR length(given || family) > 200 THEN RETURN NULL; END IF;
    INSERT INTO person (given_name, family_name) VALUES (given, family) RETURNING id INTO made;
    RETURN made;
END $$;

-- A tie of this child that I may change, locked. Never a tutor's, since the family consents to that
-- one and ends it.
CREATE FUNCTION tie_i_keep(child uuid, which uuid) RETURNS tie LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie; about integer := child_i_keep(child);
BEGIN
    IF about IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO t FROM tie q
    WHERE q.uuid = which AND q.student_id = about AND q.state <> 'ended' AND q.kind <> 'tutor'
      AND may_decide_about(q.adult_id) FOR UPDATE;
    RETURN t;
END $$;

-- Changes dates, basis, views, rights and relation. Kind and proof stay. Returns 'changed', what is
-- not valid as in set_tie(), 'again' or ''.
CREATE FUNCTION change_tie(child uuid, which uuid, said jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie := tie_i_keep(child, which); odd text;
BEGIN
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    odd := odd_with_tie(t.kind, said, t.basis);
    IF odd IS NOT NULL THEN RETURN odd; END IF;
    UPDATE tie SET start_date = (said->>'start')::date, end_date = (said->>'end')::date,
        basis = said->>'basis', relation = trim(coalesce(said->>'relation', '')),
        view_kinds = ARRAY(SELECT jsonb_array_elements_text(said->'views')),
        may_consent = said->'rights' ? 'consent', may_correct = said->'rights' ? 'correct',
        may_challenge = said->'rights' ? 'challenge' WHERE id = t.id;
    PERFORM ledger_change('tie changed', t.student_id, asking(), 'administrator', t.id, 'district');
    RETURN 'changed';
END $$;

-- Returns 'ended', 'again' or ''.
CREATE FUNCTION end_tie(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie := tie_i_keep(child, which);
BEGIN
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    PERFORM stop_tie(t, asking(), 'administrator', 'district');
    RETURN 'ended';
END $$;

-- Ends a tie. `by_person` NULL means the operator's command. A trigger ends what rests on the tie.
CREATE FUNCTION stop_tie(t tie, by_person integer, by_capacity text, why text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- Before the account closes, if this was its last tie.
    PERFORM tell_in_challenge(t.adult_id, 'family', 'tie ended');
    UPDATE tie SET state = 'ended', end_date = greatest(today(), start_date) WHERE id = t.id;
    PERFORM ledger_change('tie ended', t.student_id, by_person, by_capacity, t.id, why);
END $$;

-- For the operator's command, as owner. A tutor's tie ends as the family would end it. Returns
-- 'ended', or '' if none is open.
CREATE FUNCTION end_tie_by_operator(adult integer, child integer, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    PERFORM hold(4117308, child);
    SELECT * INTO t FROM tie q
    WHERE q.adult_id = adult AND q.student_id = child AND q.state <> 'ended' FOR UPDATE;
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF t.kind = 'tutor' THEN RETURN stop_tutor(t.id, NULL, 'operator', NULL, why); END IF;
    PERFORM stop_tie(t, NULL, 'operator', why);
    RETURN 'ended';
END $$;

-- Sets whether the rest of the family sees the name of this tie's adult. One administrator hides it
-- right away. Showing it needs a second approval, since nothing takes a name back. The entry in the
-- access log names no student, since the family's page must not show that something is hidden.
-- Returns 'hidden', 'proposed', 'taken', 'again' or ''.
CREATE FUNCTION set_tie_confidential(child uuid, which uuid, is_kept boolean) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie := tie_i_keep(child, which);
BEGIN
    IF t.id IS NULL OR is_kept IS NULL THEN RETURN ''; END IF;
    IF NOT is_kept THEN
        RETURN propose('tie named', t.adult_id, school_of_student(t.student_id),
            jsonb_build_object('tie', which, 'student', child), '');
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE tie SET is_confidential = true WHERE id = t.id;
    PERFORM ledger_change('tie hidden', NULL, asking(), 'administrator', NULL, which::text);
    RETURN 'hidden';
END $$;

-- Carries out the approved proposal. Returns false if it is named already, or has ended.
CREATE FUNCTION name_tie(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE tie SET is_confidential = false
        WHERE uuid = (p.payload->>'tie')::uuid AND is_confidential AND state <> 'ended';
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('tie named', NULL, p.proposed_by_id, 'administrator', NULL,
        p.payload->>'tie');
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION set_tie(uuid, uuid, text, jsonb), change_tie(uuid, uuid, jsonb),
    end_tie(uuid, uuid), set_tie_confidential(uuid, uuid, boolean) TO app;
