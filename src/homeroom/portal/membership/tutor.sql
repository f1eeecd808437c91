-- Tutors: an adult applies to the district; approved, the adult names a child, and nothing opens before a parent of that child signed a
-- consent (34 CFR 99.30). Nothing that a tutor is shown, and no time that passes, tells whether there is such a child (99.31(c)).

-- What a tutor may ask for at all. Contact details are other people's, birth dates identify, and a child's ledger is the family's:
-- no tutor has these. Grades only where the district ticked them.
CREATE FUNCTION tutor_kinds() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE tutors WHEN 'with grades' THEN ARRAY['grades', 'attendance'] WHEN 'on' THEN ARRAY['attendance'] ELSE ARRAY[]::text[] END FROM district
$$;

-- The day with which the term that runs ends, as a file says it: the first on which nothing of it is open. NULL: no term runs.
CREATE FUNCTION end_of_term() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(min(t.end_date) FILTER (WHERE t.kind IN ('semester', 'term')), min(t.end_date) FILTER (WHERE t.kind = 'schoolYear'), min(t.end_date))
    FROM term t WHERE t.ended_at IS NULL AND t.start_date <= today() AND t.end_date > today()
$$;

-- A tutor's new account, which sees nothing, and the application. The account's number, for the door to keep the password; 0: the name
-- is somebody else's; NULL: the district takes no tutors, or a field is out of bounds.
CREATE FUNCTION apply_as_tutor(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer; made bigint; applied tutor_application; of_organization text := coalesce(trim(said->>'organization'), ''); what_for text := coalesce(trim(said->>'purpose'), '');
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF tutor_kinds() = '{}' OR trim(given) = '' OR trim(family) = '' OR length(given || family) > 200
        OR length(of_organization) NOT BETWEEN 1 AND 100 OR length(what_for) NOT BETWEEN 1 AND 500 THEN RETURN NULL; END IF;
    INSERT INTO person (given_name, family_name) VALUES (trim(given), trim(family)) RETURNING id INTO who;
    made := woken(who, 'family', name);
    IF made IS NULL THEN
        DELETE FROM person p WHERE p.id = who;
        RETURN 0;
    END IF;
    INSERT INTO tutor_application (person_id, organization, purpose) VALUES (who, of_organization, what_for) RETURNING * INTO applied;
    PERFORM tell_of_application(applied);
    PERFORM ledger_change('tutor applied', NULL, who, 'family', NULL, '');
    RETURN made;
END $$;

-- ── For the tutor ──
CREATE FUNCTION my_application() RETURNS TABLE (organization text, purpose text, asked_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.organization, a.purpose, a.asked_at, a.state FROM tutor_application a WHERE a.person_id = asking() AND asking_side() = 'family'
$$;

-- Whose record is open to me as a tutor, what of it, and through which day; what for, where a family said it.
CREATE FUNCTION my_students() RETURNS TABLE (uuid uuid, name text, kinds text[], last_day date, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, full_name(p), t.view_kinds, t.end_date - 1, coalesce(c.purpose, '')
    FROM open_ties() t JOIN person p ON p.id = t.student_id LEFT JOIN tutor_consent c ON c.tie_id = t.id
    WHERE t.kind = 'tutor' ORDER BY first_name(p), p.id
$$;

-- What I asked, in my own words. A request that a family declined reads as one that nobody read: else declining would tell that the
-- child is there. After 14 days both have had no answer.
CREATE FUNCTION my_tutor_requests() RETURNS TABLE (uuid uuid, child text, school text, kinds text[], last_day date, asked_at timestamptz, is_over boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.uuid, r.child_given_name || ' ' || r.child_family_name, (SELECT s.name FROM school s WHERE s.id = r.school_id), r.kinds, r.last_day, r.asked_at,
           r.asked_at <= now() - interval '14 days'
    FROM tutor_request r WHERE r.person_id = asking() AND asking_side() = 'family' AND r.state IN ('waiting', 'declined')
      AND r.asked_at > now() - interval '60 days' ORDER BY r.id DESC
$$;

-- 'asked'; 'many' where ten wait; 'odd' where a field is out of bounds; 'factor': this session began without a second factor, so that
-- nothing would open; '' for anybody else than an approved tutor, and where the district takes none.
CREATE FUNCTION ask_for_student(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); wanted text[] := ARRAY(SELECT DISTINCT jsonb_array_elements_text(coalesce(said->'kinds', '[]')) ORDER BY 1);
    of_school integer := (SELECT s.id FROM school s WHERE s.uuid = (said->>'school')::uuid AND s.kind = 'school' AND s.ended_at IS NULL);
    given text := coalesce(trim(said->>'given_name'), ''); family text := coalesce(trim(said->>'family_name'), ''); born date := said->>'birth_date';
    what_for text := coalesce(trim(said->>'purpose'), ''); through date := said->>'last_day';
BEGIN
    IF NOT is_tutor(me) OR asking_side() IS DISTINCT FROM 'family' THEN RETURN ''; END IF;
    IF NOT EXISTS (SELECT FROM asking_session WHERE is_strong) THEN RETURN 'factor'; END IF;
    PERFORM hold(4117306, me);  -- or many at once would each count the others out
    IF (SELECT count(*) FROM my_tutor_requests() r WHERE NOT r.is_over) >= 10 THEN RETURN 'many'; END IF;
    IF of_school IS NULL OR given = '' OR family = '' OR length(given || family) > 200 OR born IS NULL OR born NOT BETWEEN today() - 9500 AND today()
        OR length(what_for) NOT BETWEEN 1 AND 500 OR wanted = '{}' OR NOT wanted <@ tutor_kinds()
        OR through IS NULL OR through < today() OR through >= end_of_term() IS NOT false THEN RETURN 'odd'; END IF;
    INSERT INTO tutor_request (person_id, school_id, child_given_name, child_family_name, child_birth_date, kinds, purpose, last_day)
        VALUES (me, of_school, given, family, born, wanted, what_for, through);
    RETURN 'asked';
END $$;

-- Whether the district approved this adult as a tutor, and takes tutors at all.
CREATE FUNCTION is_tutor(who integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tutor_kinds() <> '{}' AND EXISTS (SELECT FROM tutor_application a WHERE a.person_id = who AND a.state = 'approved')
$$;

CREATE FUNCTION withdraw_tutor_request(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE tutor_request r SET state = 'withdrawn'
        WHERE r.uuid = which AND r.person_id = asking() AND asking_side() = 'family' AND r.state IN ('waiting', 'declined');
    RETURN FOUND;
END $$;

-- For the jobs process: the next request that nobody looked at yet. Those who may consent are told that a tutor asks; while an answer
-- of the family to the same tutor is younger than 14 days, they are not asked again. False: none is left.
CREATE FUNCTION next_tutor_request_matched() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r tutor_request;
BEGIN
    SELECT * INTO r FROM tutor_request WHERE state = 'waiting' AND matched_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    r.student_id := (SELECT CASE WHEN count(*) = 1 THEN min(s.student_id) END
                     FROM students_like(r.child_given_name, r.child_family_name, r.child_birth_date) s WHERE s.same_name AND s.same_birth);
    IF is_restricted(r.person_id, r.student_id) OR EXISTS (SELECT FROM tutor_request o WHERE o.person_id = r.person_id AND o.student_id = r.student_id
            AND o.state IN ('waiting', 'declined') AND o.asked_at > now() - interval '14 days') THEN r.student_id := NULL; END IF;
    UPDATE tutor_request SET matched_at = now(), student_id = r.student_id WHERE id = r.id;
    PERFORM tell_in_challenge(t.adult_id, 'family', 'tutor asks') FROM tie t WHERE t.student_id = r.student_id AND t.adult_id <> r.person_id AND t.may_consent AND NOT t.is_shut
        AND t.state = 'approved' AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today()) AND NOT is_restricted(t.adult_id, t.student_id);
    IF is_of_age(r.student_id) THEN PERFORM tell_in_challenge(r.student_id, 'student', 'tutor asks'); END IF;
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION apply_as_tutor(text, text, text, jsonb) TO door;
GRANT EXECUTE ON FUNCTION tutor_kinds(), end_of_term(), my_application(), my_students(), my_tutor_requests(), ask_for_student(jsonb), withdraw_tutor_request(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_tutor_request_matched() TO jobs;
