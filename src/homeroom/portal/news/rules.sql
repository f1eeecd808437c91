-- Who reads and who publishes news of a school.

-- Schools whose news I read: those of students I have an open tie to, except as a tutor, and my own
-- as a student. As staff, those where I have a role, a class, a duty or an office. If the district
-- lets askers in *limited first*, also the school that my waiting request names. This is so
-- whatever child the request names, and whether or not there is one.
CREATE FUNCTION schools_of_my_news() RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking(); side text := asking_side(); students integer[];
BEGIN
    students := CASE side WHEN 'student' THEN ARRAY[me]
        WHEN 'family' THEN ARRAY(SELECT t.student_id FROM open_ties() t WHERE t.kind <> 'tutor')
        ELSE '{}' END;
    RETURN ARRAY(
        SELECT r.school_id FROM role r
        WHERE r.person_id = ANY (students) AND r.role = 'student' AND r.ended_at IS NULL
        UNION SELECT r.school_id FROM role r
        WHERE side = 'staff' AND r.person_id = me AND is_staff_role(r.role) AND r.ended_at IS NULL
        UNION SELECT c.school_id FROM section c WHERE c.id IN (SELECT sections_i_teach())
        UNION SELECT d.school_id FROM my_duties() d
        UNION SELECT s.id FROM school s WHERE i_decide_for(s.id)
        UNION SELECT q.school_id FROM registration q
              WHERE q.person_id = me AND side_of_request(q) = side
                AND registering_for(q) = 'limited first' AND q.state = 'waiting');
END $$;

CREATE FUNCTION my_audiences() RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE asking_side() WHEN 'staff' THEN ARRAY['staff', 'everyone']
        WHEN 'family' THEN ARRAY['families', 'everyone']
                              WHEN 'student' THEN ARRAY['families', 'everyone'] ELSE '{}' END;
END $$;

-- Everything that readers see of it, in both languages.
CREATE FUNCTION news_text(n news_item) RETURNS text LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT concat_ws(' ', n.title, n.words, n.title_es, n.words_es)
$$;

-- A school's administrators and principal publish for it, the district's for all.
CREATE FUNCTION may_publish(of_school integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(of_school)
        OR EXISTS (SELECT FROM my_duties() d WHERE d.duty = 'principal' AND d.school_id = of_school)
$$;
