-- Tutoring, as tutors, families and the district read it.

-- The kinds that tutors may ask for here, and when the current term ends. These are settings, for
-- everyone signed in.
CREATE FUNCTION tutor_terms_shown() RETURNS TABLE (kinds text[], ends date)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT tutor_kinds(), end_of_term();
END $$;

CREATE FUNCTION my_application()
RETURNS TABLE (organization text, purpose text, asked_at timestamptz, state text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT a.organization, a.purpose, a.asked_at, a.state FROM tutor_application a
    WHERE a.person_id = asking() AND asking_side() = 'family';
END $$;

-- Students whose records are open to me as a tutor: which kinds, through which day, and the purpose
-- if a family gave one.
CREATE FUNCTION my_students()
RETURNS TABLE (uuid uuid, name text, kinds text[], last_day date, purpose text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), t.view_kinds, t.end_date - 1, coalesce(c.purpose, '')
    FROM open_ties() t JOIN person p ON p.id = t.student_id
         LEFT JOIN tutor_consent c ON c.tie_id = t.id
    WHERE t.kind = 'tutor' ORDER BY first_name(p), p.id;
END $$;

-- My requests, in my own words. A request that a family declined reads as one that no one read,
-- since declining would otherwise reveal that the child exists. After 14 days both read as
-- unanswered.
CREATE FUNCTION my_tutor_requests()
RETURNS TABLE (uuid uuid, child text, school text, kinds text[], last_day date,
    asked_at timestamptz, is_over boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT r.uuid, r.child_given_name || ' ' || r.child_family_name,
           (SELECT s.name FROM school s WHERE s.id = r.school_id), r.kinds, r.last_day, r.asked_at,
           r.asked_at <= now() - interval '14 days'
    FROM tutor_request r WHERE r.person_id = asking() AND asking_side() = 'family'
      AND r.state IN ('waiting', 'declined')
      AND r.asked_at > now() - interval '60 days' ORDER BY r.id DESC;
END $$;

-- Requests of tutors, for the people who may answer them.
CREATE FUNCTION tutor_requests_of(child uuid)
RETURNS TABLE (uuid uuid, name text, organization text, kinds text[], purpose text, last_day date,
    asked_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT r.uuid, full_name(p), a.organization,
        ARRAY(SELECT unnest(r.kinds) INTERSECT SELECT unnest(tutor_kinds()) ORDER BY 1), r.purpose,
        r.last_day, r.asked_at
    FROM my_say_on_consents(child) s JOIN tutor_request r ON r.student_id = s.student_id
        AND s.may_consent AND r.state = 'waiting'
         JOIN person p ON p.id = r.person_id JOIN tutor_application a ON a.person_id = p.id
    WHERE is_tutor(p.id) AND p.id <> asking() AND r.asked_at > now() - interval '14 days'
      AND r.last_day >= today() AND NOT is_restricted(p.id, r.student_id)
    ORDER BY r.id;
END $$;

-- The child's current tutors. `relation` is that of the adult who consented, never the name. It is
-- NULL if the record keeps that adult confidential, or if the district made the tie.
CREATE FUNCTION tutors_of(child uuid)
RETURNS TABLE (uuid uuid, name text, organization text, kinds text[], purpose text, last_day date,
    relation text, is_mine boolean, signed_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, full_name(p), coalesce(c.organization, ''), t.view_kinds,
           coalesce(c.purpose, ''), t.end_date - 1,
           CASE WHEN c.tie_id IS NOT NULL
               AND g.id IS NULL THEN 'student'
                   WHEN NOT g.is_confidential THEN coalesce(nullif(g.relation, ''), g.kind) END,
                   coalesce(c.consenter_id = asking(), false), c.signed_at
    FROM my_say_on_consents(child) s JOIN tie t ON t.student_id = s.student_id AND t.kind = 'tutor'
         JOIN person p ON p.id = t.adult_id
         LEFT JOIN tutor_consent c ON c.tie_id = t.id LEFT JOIN tie g ON g.id = c.consenter_tie_id
    WHERE t.state IN ('approved', 'under challenge')
      AND (t.end_date IS NULL OR t.end_date > today()) AND NOT t.is_confidential
      AND consent_stands(t.id)
    ORDER BY p.given_name, t.id;
END $$;

CREATE FUNCTION tutor_applications_shown()
RETURNS TABLE (uuid uuid, name text, address text, organization text, purpose text,
    asked_at timestamptz, state text, answered_at timestamptz, answerer text, students bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT a.uuid, full_name(p), address_of_family(p.id), a.organization, a.purpose, a.asked_at,
           a.state, a.answered_at,
           (SELECT full_name(w) FROM person w WHERE w.id = a.answered_by_id),
           (SELECT count(*) FROM tie t
               WHERE t.adult_id = p.id AND t.kind = 'tutor' AND t.state <> 'ended'
                 AND (t.end_date IS NULL OR t.end_date > today()))
    FROM tutor_application a JOIN person p ON p.id = a.person_id
    WHERE may_answer_tutor(a)
      AND (a.state IN ('waiting', 'approved') OR a.answered_at > now() - interval '90 days')
    ORDER BY a.state <> 'waiting', a.id LIMIT 500;
END $$;

-- Tutors of the students that the view recorded: children of my schools or of the district, without
-- children I may not decide about. `number` is the student's place in the list.
CREATE FUNCTION tutor_ties_shown()
RETURNS TABLE (uuid uuid, name text, organization text, child text, kinds text[], last_day date,
    has_consent boolean, number integer, has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('tutor office');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, full_name(p), coalesce(c.organization, ''), full_name(w), t.view_kinds,
        t.end_date - 1, c.tie_id IS NOT NULL, k.place, k.place < k.last
    FROM (SELECT a.*, max(a.place) OVER () AS last FROM tutor_ties_i_keep() a) k
         JOIN tie t ON t.id = k.id
         JOIN person p ON p.id = t.adult_id JOIN person w ON w.id = t.student_id
         LEFT JOIN tutor_consent c ON c.tie_id = t.id
    WHERE k.student = ANY (listed) ORDER BY k.number;
END $$;

-- The number of a request about a child of mine. It is searched among the child's requests and not
-- by its UUID. The amount read would tell whether someone else's child has it.
CREATE FUNCTION tutor_request_of(child uuid, which uuid) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT m.student_id FROM my_say_on_consents(child) m);
BEGIN
    RETURN (SELECT max(q.id) FILTER (WHERE q.uuid = which) FROM tutor_request q
        WHERE q.student_id = ANY (mine));
END $$;

-- As tutor_request_of().
CREATE FUNCTION tutor_tie_of(child uuid, which uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT m.student_id FROM my_say_on_consents(child) m);
BEGIN
    RETURN (SELECT max(t.id) FILTER (WHERE t.uuid = which) FROM tie t
        WHERE t.student_id = ANY (mine) AND t.kind = 'tutor');
END $$;

GRANT EXECUTE ON FUNCTION tutor_terms_shown(), my_application(), my_students(), my_tutor_requests(),
    my_say_on_consents(uuid), tutor_requests_of(uuid), tutors_of(uuid), tutor_applications_shown(),
    tutor_ties_shown() TO app;
