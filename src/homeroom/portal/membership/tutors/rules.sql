-- Rules for tutors: what they may ask for, who answers applications, and which access the office
-- may end.

-- Returns the kinds that a tutor may ask for at all. Contact details are other people's, birth
-- dates identify, and the access log is the family's, so no tutor has these. Grades only if the
-- district allows them.
CREATE FUNCTION tutor_kinds() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE tutors WHEN 'with grades' THEN ARRAY['grades', 'attendance']
        WHEN 'on' THEN ARRAY['attendance'] ELSE ARRAY[]::text[] END FROM district
$$;

-- Whether the district approved this adult as a tutor, and takes tutors at all.
CREATE FUNCTION is_tutor(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT tutor_kinds() <> '{}'
        AND EXISTS (SELECT FROM tutor_application a
            WHERE a.person_id = who AND a.state = 'approved')
$$;

-- Applications are for the district's administrators. No one answers their own, or one of an adult
-- of their own children.
CREATE FUNCTION may_answer_tutor(a tutor_application) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(NULL) AND may_decide_about(a.person_id)
$$;

CREATE FUNCTION may_end_tutor(t tie) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_keep_ties_of(t.student_id) AND may_decide_about(t.adult_id)
$$;

-- Tutors' ties that are open, or will be, and that I may end. `place` is the student's, in a list
-- ordered by tutor. One call serves the whole list.
CREATE FUNCTION tutor_ties_i_keep()
RETURNS TABLE (id integer, student integer, number integer, place integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE kept integer[] := ARRAY(SELECT students_i_keep(ARRAY(
        SELECT DISTINCT t.student_id FROM tie t WHERE t.kind = 'tutor' AND t.state <> 'ended')));
    apart integer[] := people_not_decided_by(asking());
BEGIN
    RETURN QUERY
    SELECT w.id, w.student_id, w.number, min(w.number) OVER (PARTITION BY w.student_id)
    FROM (SELECT t.id, t.student_id,
              (row_number() OVER (ORDER BY p.family_name, p.id, t.id))::integer AS number
          FROM tie t JOIN person p ON p.id = t.adult_id
          WHERE t.kind = 'tutor' AND t.state <> 'ended'
            AND (t.end_date IS NULL OR t.end_date > today())
            AND t.student_id = ANY (kept) AND t.adult_id <> ALL (apart)) w;
END $$;

-- The students of a page of that list.
CREATE FUNCTION seen_with_tutors(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL OR coalesce(words, '') <> '' THEN RETURN; END IF;
    RETURN QUERY SELECT k.student, NULL::integer, wanted, 'administrator', NULL::integer
        FROM tutor_ties_i_keep() k WHERE k.place > coalesce(after, 0)
        GROUP BY k.student, k.place ORDER BY k.place LIMIT 100;
END $$;

-- The end of the running term, as a file gives it: the first day on which nothing of it is open.
-- NULL: no term runs.
CREATE FUNCTION end_of_term() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(t.end_date) FILTER (WHERE t.kind IN ('semester', 'term')),
        min(t.end_date) FILTER (WHERE t.kind = 'schoolYear'), min(t.end_date))
    FROM term t WHERE t.ended_at IS NULL AND t.start_date <= today() AND t.end_date > today()
$$;
