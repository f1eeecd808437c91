-- Who sees a class's gradebook.

-- A class I may open, without students from whom I am barred. Who dropped the class, too, for who
-- teaches it: sections_i_teach() closes both 30 days after its session.
CREATE FUNCTION seen_in_gradebook(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking();
    taught integer[] := ARRAY(SELECT sections_i_teach());
    barred integer[] := barred_from();
BEGIN
    RETURN QUERY
    SELECT e.person_id, NULL::integer, wanted,
           CASE WHEN s.id = ANY (taught) THEN 'teacher'
                ELSE coalesce('duty: ' || (SELECT min(d.duty) FROM my_duties() d
                                               JOIN duty_kinds() k USING (duty)
                                           WHERE d.school_id = s.school_id AND k.has_classes),
                                             'teacher of the school') END,
           s.id
    FROM section s, LATERAL (
            SELECT DISTINCT n.person_id FROM enrollment n
            WHERE n.section_id = s.id AND n.role = 'student'
                AND (n.ended_at IS NULL OR s.id = ANY (taught)
                    AND closes_to_teacher_on(s.id) > today()
                     AND EXISTS (SELECT FROM enrollment k
                         WHERE k.section_id = s.id AND k.person_id = me AND k.role = 'teacher'
                                 AND k.ended_at IS NULL
                                 AND (k.begin_date IS NULL
                                     OR k.begin_date <= (
                                         n.ended_at AT TIME ZONE (SELECT d.time_zone
                                             FROM district d))::date)))) e
    WHERE s.uuid = subject
      AND (s.id = ANY (taught) OR s.school_id = ANY (schools_i_may_open(taught)))
      AND e.person_id <> ALL (barred);
END $$;

-- All classes whose gradebook the person asking may open.
CREATE FUNCTION gradebooks_reached(wanted text[])
RETURNS TABLE (capacity text, kind text, ids integer[]) LANGUAGE sql STABLE AS $$
    SELECT 'teacher', k, ARRAY(SELECT sections_i_may_open() ORDER BY 1)
    FROM unnest(wanted) k WHERE asking_side() = 'staff'
$$;

-- The child's classes whose gradebook the person asking may open.
CREATE FUNCTION gradebooks_of(child integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.uuid FROM section c
    WHERE c.id = ANY (classes_of_child(child)) AND c.id IN (SELECT sections_i_may_open())
$$;

-- Staff of the child's classes and, with the district's setting, every teacher of their schools.
CREATE FUNCTION staff_of_classes(child integer) RETURNS TABLE (person_id integer, side text)
LANGUAGE sql STABLE AS $$
    SELECT e.person_id, 'staff' FROM enrollment e
    WHERE e.section_id = ANY (classes_of_child(child)) AND e.role <> 'student'
      AND e.ended_at IS NULL
    UNION SELECT e.person_id, 'staff'
    FROM district x JOIN section s ON x.teachers_see_school
        AND s.school_id IN (SELECT schools_of_child(child))
        JOIN enrollment e ON e.section_id = s.id AND e.role = 'teacher' AND e.ended_at IS NULL
$$;
