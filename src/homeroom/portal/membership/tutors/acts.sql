-- An adult applies to the district to tutor, and then names a student. Nothing opens before a
-- parent signs a consent (34 CFR 99.30). Nothing that a tutor sees, and no response time, tells
-- whether there is such a student (34 CFR 99.31(c)). Access ends by the family, the district, the
-- last day, the end of the term, or the end of the consenting adult's tie.

-- Makes a tutor's account, which can't see any records, and the application. Returns the account's
-- number, with which the door stores the password. 0: the username is taken. NULL: the district
-- takes no tutors, or a field is not valid.
CREATE FUNCTION apply_as_tutor(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer;
    made bigint;
    applied tutor_application;
    of_organization text := coalesce(trim(said->>'organization'), '');
    what_for text := coalesce(trim(said->>'purpose'), '');
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF tutor_kinds() = '{}' OR trim(given) = '' OR trim(family) = ''
        OR length(given || family) > 200
        OR length(of_organization) NOT BETWEEN 1 AND 100
        OR length(what_for) NOT BETWEEN 1 AND 500 THEN
        RETURN NULL;
    END IF;
    INSERT INTO person (given_name, family_name) VALUES (trim(given), trim(family))
        RETURNING id INTO who;
    made := woken(who, 'family', name);
    IF made IS NULL THEN
        DELETE FROM person p WHERE p.id = who;
        RETURN 0;
    END IF;
    INSERT INTO tutor_application (person_id, organization, purpose)
        VALUES (who, of_organization, what_for) RETURNING * INTO applied;
    PERFORM tell_of_application(applied);
    PERFORM ledger_change('tutor applied', NULL, who, 'family', NULL, '');
    RETURN made;
END $$;

-- Returns 'asked'. 'many': ten requests wait. 'odd': a field is not valid. 'factor': this session
-- began without a second factor, so that nothing would open. '': not an approved tutor, or the
-- district takes none.
CREATE FUNCTION ask_for_student(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking();
    wanted text[] := ARRAY(SELECT DISTINCT jsonb_array_elements_text(coalesce(said->'kinds', '[]'))
        ORDER BY 1);
    of_school integer := (SELECT s.id FROM school s
        WHERE s.uuid = (said->>'school')::uuid AND s.kind = 'school' AND s.ended_at IS NULL);
    given text := coalesce(trim(said->>'given_name'), '');
    family text := coalesce(trim(said->>'family_name'), '');
    born date := said->>'birth_date';
    what_for text := coalesce(trim(said->>'purpose'), ''); through date := said->>'last_day';
BEGIN
    IF NOT is_tutor(me) OR asking_side() IS DISTINCT FROM 'family' THEN RETURN ''; END IF;
    IF NOT EXISTS (SELECT FROM asking_session WHERE is_strong) THEN RETURN 'factor'; END IF;
    PERFORM hold(4117306, me);  -- otherwise parallel calls would not count each other
    IF (SELECT count(*) FROM my_tutor_requests() r WHERE NOT r.is_over) >= 10 THEN
        RETURN 'many';
    END IF;
    IF of_school IS NULL OR given = '' OR family = '' OR length(given || family) > 200
        OR born IS NULL OR born NOT BETWEEN today() - 9500 AND today()
        OR length(what_for) NOT BETWEEN 1 AND 500 OR wanted = '{}' OR NOT wanted <@ tutor_kinds()
        OR through < today() OR through >= end_of_term() IS NOT false THEN  -- no day or no term
        RETURN 'odd';
    END IF;
    INSERT INTO tutor_request (person_id, school_id, child_given_name, child_family_name,
        child_birth_date, kinds, purpose, last_day)
        VALUES (me, of_school, given, family, born, wanted, what_for, through);
    RETURN 'asked';
END $$;

CREATE FUNCTION withdraw_tutor_request(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF which IN (SELECT r.uuid FROM tutor_request r
        WHERE r.person_id = asking() OFFSET 0) IS NOT true THEN
        RETURN false;
    END IF;
    UPDATE tutor_request r SET state = 'withdrawn'
        WHERE r.uuid = which AND r.person_id = asking() AND asking_side() = 'family'
          AND r.state IN ('waiting', 'declined');
    RETURN FOUND;
END $$;

-- For the jobs process: matches the next new request. The people who may consent are notified that
-- a tutor asks. A second request of the same tutor within 14 days does not ask them again. Returns
-- false if none is left.
CREATE FUNCTION next_tutor_request_matched() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE r tutor_request;
BEGIN
    SELECT * INTO r FROM tutor_request WHERE state = 'waiting' AND matched_at IS NULL ORDER BY id
    LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    r.student_id := (SELECT CASE WHEN count(*) = 1 THEN min(s.student_id) END
                     FROM students_like(r.child_given_name, r.child_family_name,
                         r.child_birth_date) s WHERE s.same_name AND s.same_birth);
    IF is_restricted(r.person_id, r.student_id)
            OR EXISTS (SELECT FROM tutor_request o
                WHERE o.person_id = r.person_id AND o.student_id = r.student_id
            AND o.state IN ('waiting', 'declined') AND o.asked_at > now() - interval '14 days')
            THEN r.student_id := NULL;
            END IF;
    UPDATE tutor_request SET matched_at = now(), student_id = r.student_id WHERE id = r.id;
    PERFORM tell_in_challenge(t.adult_id, 'family', 'tutor asks') FROM tie t
        WHERE t.student_id = r.student_id AND t.adult_id <> r.person_id AND t.may_consent
          AND NOT t.is_shut
        AND t.state = 'approved' AND t.start_date <= today()
        AND (t.end_date IS NULL OR t.end_date > today())
        AND NOT is_restricted(t.adult_id, t.student_id);
    IF is_of_age(r.student_id) THEN
        PERFORM tell_in_challenge(r.student_id, 'student', 'tutor asks');
    END IF;
    RETURN true;
END $$;

-- A consent says which records, what for and to whom. It is signed and dated by a person whom the
-- sign-in just identified (34 CFR 99.30(a), (b), (d)). `ticked` are kinds from the request, never
-- more. Returns 'given'. 'kinds', 'signature': missing or not valid. 'taken': answered in the
-- meantime. 'tied': this adult has a tie to the child already. 'again': the last confirmation of
-- identity is too old. '' as if nothing were there.
CREATE FUNCTION give_consent(child uuid, which uuid, ticked text[], signed text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE r tutor_request; s record; made tie;
BEGIN
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child)) THEN RETURN ''; END IF;
    -- Locked, so that the second one waits: a consent and an end of the same tie, two answers, or a
    -- consent and the end of an approval.
    SELECT * INTO r FROM tutor_request q WHERE q.id = tutor_request_of(child, which) FOR UPDATE;
    PERFORM FROM tie t WHERE t.adult_id = asking() AND t.student_id = r.student_id FOR UPDATE;
    PERFORM FROM tutor_application a WHERE a.person_id = r.person_id FOR SHARE;
    PERFORM FROM district FOR SHARE;
    SELECT * INTO s FROM my_say_on_consents(child) m
    WHERE m.may_consent AND m.student_id = r.student_id;
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF NOT EXISTS (SELECT FROM tutor_requests_of(child) o WHERE o.uuid = which) THEN
        RETURN 'taken';
    END IF;
    IF (ticked <> '{}' AND ticked <@ r.kinds AND ticked <@ tutor_kinds()) IS NOT true THEN
        RETURN 'kinds';
    END IF;
    IF name_words(signed) IS DISTINCT FROM (SELECT name_words(full_name(p)) FROM person p
        WHERE p.id = asking()) THEN
        RETURN 'signature';
    END IF;
    PERFORM end_if_over(r.person_id, r.student_id);  -- last term's tie
    INSERT INTO tie (uuid, adult_id, student_id, kind, relation, basis, start_date, end_date,
        view_kinds, may_consent, may_correct, may_challenge, proof, state,
                     is_confidential, approved_at, approved_by_id)
        SELECT gen_random_uuid(), r.person_id, r.student_id, 'tutor', 'tutor', 'consent', today(),
               least(r.last_day + 1, end_of_term()),
               ARRAY(SELECT DISTINCT unnest(ticked) ORDER BY 1), false, false, false,
               'consent', 'approved', false, now(), asking()
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'tied'; END IF;
    PERFORM write_consent(r, made, s.tie_id, signed);
    RETURN 'given';
END $$;

-- Stores what was signed, adds it to the child's access log, and notifies everyone who sees the
-- child.
CREATE FUNCTION write_consent(r tutor_request, made tie, by_tie integer, signed text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c tutor_consent;
BEGIN
    INSERT INTO tutor_consent (tie_id, request_id, consenter_id, consenter_tie_id, organization,
        kinds, purpose, last_day, signature)
        SELECT made.id, r.id, asking(), by_tie, a.organization, made.view_kinds, r.purpose,
            made.end_date - 1, trim(signed)
        FROM tutor_application a WHERE a.person_id = r.person_id RETURNING * INTO c;
    UPDATE tutor_request SET state = 'consented', answered_at = now(), answered_by_id = asking()
        WHERE id = r.id;
    PERFORM ledger_change('tutor let in', r.student_id, asking(), asking_side(), by_tie,
            'consent ' || made.uuid || ' ' || tutor_consent_digest(c)),
        tell_family_of(r.student_id, asking(), 'tutor let in'),
        tell_in_challenge(r.person_id, 'family', 'tutor consent');
END $$;

CREATE FUNCTION decline_tutor(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE r tutor_request;
BEGIN
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child)) THEN RETURN ''; END IF;
    SELECT * INTO r FROM tutor_request q WHERE q.id = tutor_request_of(child, which) FOR UPDATE;
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child) m
        WHERE m.may_consent AND m.student_id = r.student_id) THEN
        RETURN '';
    END IF;
    UPDATE tutor_request SET state = 'declined', answered_at = now(), answered_by_id = asking()
        WHERE id = r.id AND state = 'waiting';
    RETURN CASE WHEN FOUND THEN 'declined' ELSE 'taken' END;
END $$;

-- For the child's family and the student, but not in a card session. Returns 'ended'. 'taken': it
-- had ended. '' as if nothing were there.
CREATE FUNCTION end_tutor(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie; s record;
BEGIN
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child)) THEN RETURN ''; END IF;
    SELECT * INTO t FROM tie q WHERE q.id = tutor_tie_of(child, which) FOR UPDATE;
    SELECT * INTO s FROM my_say_on_consents(child) m WHERE m.student_id = t.student_id;
    IF s.student_id IS NULL OR t.is_confidential THEN RETURN ''; END IF;
    IF is_by_card() THEN RETURN ''; END IF;
    RETURN stop_tutor(t.id, asking(), asking_side(), s.tie_id, 'ended');
END $$;

-- `verdict` is 'approved' or 'declined' for an application that waits, or 'ended' for an approved
-- one. Ending it ends every tie that rests on it. Returns `verdict`. 'taken': answered in the
-- meantime. 'evidence': the tutor must be seen in person. 'again': the last confirmation of
-- identity is too old. Also ''.
CREATE FUNCTION answer_tutor(which uuid, verdict text, how text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE a tutor_application;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT * INTO a FROM tutor_application q WHERE q.uuid = which FOR UPDATE;
    IF a.id IS NULL OR NOT may_answer_tutor(a)
        OR verdict IN ('approved', 'declined', 'ended') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF a.state <> (CASE verdict WHEN 'ended' THEN 'approved' ELSE 'waiting' END) THEN
        RETURN 'taken';
    END IF;
    IF verdict = 'approved' AND how IN ('photo id', 'known') IS NOT true THEN
        RETURN 'evidence';
    END IF;
    UPDATE tutor_application
        SET state = verdict, evidence = CASE verdict WHEN 'approved' THEN how ELSE evidence END,
            answered_at = now(), answered_by_id = asking()
        WHERE id = a.id;
    PERFORM ledger_change('tutor ' || verdict, NULL, asking(), 'administrator', NULL, a.uuid::text),
        tell_account(a.person_id, 'family', 'request answered'),
        mail_account(c.id, 'answered') FROM account c
            WHERE c.person_id = a.person_id AND c.side = 'family';
    IF verdict = 'ended' THEN
        PERFORM stop_tutor(t.id, asking(), 'administrator', NULL, 'district') FROM tie t
            WHERE t.adult_id = a.person_id AND t.kind = 'tutor';
    END IF;
    RETURN verdict;
END $$;

-- Returns 'ended', 'taken', 'again' or ''.
CREATE FUNCTION end_tutor_by_office(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT * INTO t FROM tie q WHERE q.uuid = which AND q.kind = 'tutor' FOR UPDATE;
    IF t.id IS NULL OR NOT may_end_tutor(t) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    RETURN stop_tutor(t.id, asking(), 'administrator', NULL, 'district');
END $$;

GRANT EXECUTE ON FUNCTION apply_as_tutor(text, text, text, jsonb) TO door;
GRANT EXECUTE ON FUNCTION ask_for_student(jsonb), withdraw_tutor_request(uuid),
    give_consent(uuid, uuid, text[], text), decline_tutor(uuid, uuid), end_tutor(uuid, uuid),
    answer_tutor(uuid, text, text), end_tutor_by_office(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_tutor_request_matched() TO jobs;
