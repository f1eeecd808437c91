-- Deadlines of requests for inspection, and who answers them.

-- The school's last day to answer: five business days (Ed. Code 49069.7(b)), and in any case 45
-- days (34 CFR 99.10(b)).
CREATE FUNCTION inspection_due(i inspection) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT school_day_after((i.asked_at AT TIME ZONE d.time_zone)::date, 5) FROM district d
$$;

CREATE FUNCTION inspection_latest(i inspection) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (i.asked_at AT TIME ZONE d.time_zone)::date + 45 FROM district d
$$;

-- The student's last school, whose office answers. NULL: none is on file, and the district's office
-- answers.
CREATE FUNCTION school_left(child integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT r.school_id FROM role r WHERE r.person_id = child AND r.role = 'student'
    ORDER BY r.ended_at DESC NULLS FIRST, r.is_primary DESC, r.id LIMIT 1
$$;

-- Whether I am in the office of the student's last school or of the district. I must also be
-- allowed to decide about the student and the asker.
CREATE FUNCTION may_answer_inspection(i inspection) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(i.student_id) AND may_decide_about(i.person_id)
        AND EXISTS (SELECT FROM schools_of_my_office() s
        WHERE s IS NULL OR s = school_left(i.student_id))
$$;
