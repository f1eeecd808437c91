-- Rights transfer at 18: lists for the office, and what changes for the student and the adults.

-- Counts each list. For paper notices, 100 means 100 or more.
CREATE FUNCTION ages_counted()
RETURNS TABLE (soon bigint, held bigint, closed bigint, without bigint, on_paper bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT (SELECT count(*) FROM majority m
        WHERE m.announced_at IS NOT NULL AND m.applied_at IS NULL AND m.held_at IS NULL
          AND i_keep_ages_of(m.student_id)),
           (SELECT count(*) FROM majority m
               WHERE m.held_at IS NOT NULL AND i_keep_ages_of(m.student_id)),
           (SELECT count(*) FROM age_effect e JOIN tie t ON t.id = e.tie_id
               WHERE e.closed_at IS NOT NULL AND t.state <> 'ended'
                 AND i_keep_ages_of(t.student_id)),
           (SELECT count(*) FROM students_without_birth_date()),
           (SELECT count(*) FROM papers_waiting());
END $$;

-- The students of the list that the view recorded. `place` is the student's place in it. The next
-- page begins after it.
CREATE FUNCTION without_birth_date()
RETURNS TABLE (name text, number text, place integer, has_more boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('no birth date');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT full_name(p), p.sourced_id, w.place, w.place < w.last
        FROM (SELECT l.*, max(l.place) OVER () AS last FROM places_without_birth_date() l) w
             JOIN person p ON p.id = w.student
        WHERE w.student = ANY (listed) ORDER BY w.place;
END $$;

-- Up to 100 paper notices, oldest first, about students that the view recorded. The student, an
-- adult or the family (no name) is notified of the rights transfer at 18. A contact is notified
-- that someone asks. The letter gives no date, since the family knows it. For a contact it has only
-- the child's first name, as every letter does.
CREATE FUNCTION told_on_paper()
RETURNS TABLE (number integer, addressee text, is_student boolean, student text, school text,
    is_contact boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('papers');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT n.id,
        CASE WHEN n.contact_id IS NULL THEN full_name(w, true) ELSE name_of_contact(c) END,
            n.person_id IS NOT DISTINCT FROM n.student_id,
        CASE WHEN n.contact_id IS NULL THEN full_name(p, true) ELSE first_name(p, true) END,
        CASE WHEN n.contact_id IS NULL
            THEN (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)) END,
            n.contact_id IS NOT NULL
    FROM papers_waiting() n JOIN person p ON p.id = n.student_id
         LEFT JOIN person w ON w.id = n.person_id LEFT JOIN contact c ON c.id = n.contact_id
    WHERE n.student_id = ANY (listed) ORDER BY n.id;
END $$;

-- Ties suspended by age, latest first, of students that the view recorded. One registrar lifts
-- each.
CREATE FUNCTION suspended_by_age()
RETURNS TABLE (tie uuid, adult text, relation text, student text, number text, since timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('ages');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, full_name(a), coalesce(nullif(t.relation, ''), t.kind), full_name(p),
        p.sourced_id, w.closed_at
    FROM ties_suspended_by_age() w JOIN tie t ON t.id = w.tie
         JOIN person a ON a.id = t.adult_id JOIN person p ON p.id = w.student
    WHERE w.student = ANY (listed) ORDER BY w.closed_at DESC, t.id;
END $$;

-- After that view: the day, both dates if one changed, and why each adult keeps access ('' means
-- suspended on the day).
CREATE FUNCTION ages_soon()
RETURNS TABLE (student uuid, name text, number text, school text, effective_on date, counts date,
    record date, is_held boolean, is_of_age boolean, dependent_until date, is_dependent boolean,
    ties jsonb, statement json) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF opened('birth date') = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), p.sourced_id,
           (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), m.effective_on,
           m.of_birth_date,
           (SELECT d.birth_date FROM demographic d WHERE d.person_id = p.id), m.held_at IS NOT NULL,
           m.applied_at IS NOT NULL,
           (SELECT d.until FROM dependence d WHERE d.student_id = p.id AND d.ended_at IS NULL),
           is_dependent(p.id),
           coalesce((SELECT jsonb_agg(jsonb_build_object('adult', full_name(a), 'relation',
                   coalesce(nullif(t.relation, ''), t.kind), 'by', goes_on_by(t)) ORDER BY t.id)
                     FROM tie t JOIN person a ON a.id = t.adult_id
                     WHERE t.student_id = p.id AND t.state <> 'ended' AND is_parent_kind(t.kind)),
                     '[]'),
           statements_about(p.id, true, false)
    FROM majority m JOIN person p ON p.id = m.student_id
    WHERE (m.held_at IS NOT NULL OR m.announced_at IS NOT NULL AND m.applied_at IS NULL)
      AND p.id = ANY (opened('birth date')) AND i_keep_ages_of(p.id)
    ORDER BY m.held_at IS NULL, m.effective_on, p.id;
END $$;

-- For the student, from 60 days before: the day, and why each adult keeps access. NULL for anyone
-- else. There is no day while the birth date waits for confirmation.
CREATE FUNCTION my_majority() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF asking() IS NULL THEN RETURN NULL; END IF;
    RETURN (
    SELECT jsonb_build_object('day', CASE WHEN m.held_at IS NULL THEN m.effective_on END,
        'is_of_age', m.applied_at IS NOT NULL, 'ties', coalesce((
        SELECT jsonb_agg(jsonb_build_object('tie', t.uuid, 'name', full_name(a), 'relation',
                coalesce(nullif(t.relation, ''), t.kind), 'by', goes_on_by(t),
                   'agreed_at', (SELECT g.at FROM age_agreement g
                       WHERE g.tie_id = t.id AND g.ended_at IS NULL)) ORDER BY t.id)
        FROM tie t JOIN person a ON a.id = t.adult_id
        WHERE t.student_id = m.student_id AND is_agreed_by_student(t)), '[]'))
    FROM majority m WHERE m.student_id = asking() AND asking_side() = 'student'
        AND m.announced_at IS NOT NULL);
END $$;

-- For a family's home page: children who will be 18 within 60 days, or whose record is suspended by
-- age. The day is the birth date, so only a tie that shows birth dates gets it.
CREATE FUNCTION my_children_at_18()
RETURNS TABLE (child_name text, day date, is_closed boolean, goes_on text, is_held boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT first_name(p), CASE WHEN m.held_at IS NULL
        AND 'birth date' = ANY (t.view_kinds) THEN m.effective_on END, is_suspended_by_age(t.id),
        goes_on_by(t), m.held_at IS NOT NULL
    FROM tie t JOIN majority m ON m.student_id = t.student_id JOIN person p ON p.id = t.student_id
    WHERE t.adult_id = asking() AND asking_side() = 'family' AND t.student_id <> ALL (barred_from())
      AND NOT t.is_shut
      AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
      AND (is_suspended_by_age(t.id) AND t.state = 'suspended'
           OR t.kind <> 'tutor' AND t.state IN ('approved', 'under challenge')
           AND m.announced_at IS NOT NULL AND m.applied_at IS NULL)
    ORDER BY m.effective_on, t.id;
END $$;

GRANT EXECUTE ON FUNCTION ages_counted(), suspended_by_age(), ages_soon(), my_majority(),
    my_children_at_18(), without_birth_date(), told_on_paper() TO app;
