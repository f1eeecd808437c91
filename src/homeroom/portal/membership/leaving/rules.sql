-- Requests for inspection: who may make one, and who answers it.

-- Students whose records I may ask to inspect (34 CFR 99.10): my former students, my children who
-- are here, and I, if I am a student.
CREATE FUNCTION my_inspectable() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT my_former_students()
    UNION SELECT t.student_id FROM open_ties() t WHERE t.kind <> 'tutor'
    UNION SELECT asking() WHERE asking_side() = 'student'
        AND EXISTS (SELECT FROM role r WHERE r.person_id = asking() AND r.role = 'student')
$$;

-- Whether the person who asked might still ask today.
CREATE FUNCTION may_still_inspect(i inspection) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i.person_id = i.student_id OR NOT is_restricted(i.person_id, i.student_id)
        AND EXISTS (SELECT FROM tie t
            WHERE t.adult_id = i.person_id AND t.student_id = i.student_id
              AND t.kind <> 'tutor' AND NOT t.is_shut
              AND t.state IN ('approved', 'under challenge')
              AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
              AND (NOT is_of_age(t.student_id) OR goes_on_by(t) <> ''))
$$;
