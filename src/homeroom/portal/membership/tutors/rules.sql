-- Which tutors and applications the district answers.

-- What a tutor may ask for at all. Contact details are other people's, birth dates identify, and a
-- child's ledger is the family's: no tutor has these. Grades only where the district ticked them.
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

-- An application is the whole district's business; never one's own, or of an adult of one's own
-- children.
CREATE FUNCTION may_answer_tutor(a tutor_application) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(NULL) AND may_decide_about(a.person_id)
$$;

CREATE FUNCTION may_end_tutor(t tie) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM my_offices()) AND i_decide_for(school_of_student(t.student_id))
        AND may_decide_about(t.adult_id) AND may_decide_about(t.student_id)
$$;

-- The day with which the term that runs ends, as a file says it: the first on which nothing of it
-- is open. NULL: no term runs.
CREATE FUNCTION end_of_term() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(t.end_date) FILTER (WHERE t.kind IN ('semester', 'term')),
        min(t.end_date) FILTER (WHERE t.kind = 'schoolYear'), min(t.end_date))
    FROM term t WHERE t.ended_at IS NULL AND t.start_date <= today() AND t.end_date > today()
$$;
