-- Reading functions for staff about their classes: names, work and scores. Each checks the
-- request's committed view first, except the list of classes, which is about no student.

-- These classes with their school, their terms sorted by end, and their number of students.
-- Students from whom the reader is restricted are not counted.
CREATE FUNCTION classes_among(sections integer[])
RETURNS TABLE (id integer, uuid uuid, title text, periods text[], school text, terms text[],
    students bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE barred integer[] := barred_from();
BEGIN
    RETURN QUERY
    SELECT s.id, s.uuid, s.title, s.periods, c.name,
           ARRAY(SELECT ARRAY[t.title, t.start_date::text, t.end_date::text]
               FROM section_term st JOIN term t ON t.id = st.term_id
                 WHERE st.section_id = s.id AND t.ended_at IS NULL ORDER BY t.end_date),
           (SELECT count(DISTINCT e.person_id) FROM enrollment e
            WHERE e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL
              AND e.person_id <> ALL (barred))
    FROM section s JOIN school c ON c.id = s.school_id
    WHERE s.id = ANY (sections) AND s.ended_at IS NULL ORDER BY c.name, s.title, s.id;
END $$;

-- Two numbers for each class: students with missing work of a running term, and scores that came
-- after the delivery last seen. The gradebook counts the same. Students who are in the class today
-- count, unless the reader is restricted from them. No view records these numbers. So a class of
-- fewer than five students has none: a number about so few could be about one student.
CREATE FUNCTION work_counted(sections integer[], day date, as_of date, seen integer)
RETURNS TABLE (section_id integer, lacking bigint, fresh bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE barred integer[] := barred_from();
BEGIN
    RETURN QUERY
    WITH seat AS MATERIALIZED (SELECT DISTINCT e.section_id, e.person_id FROM enrollment e
            WHERE e.section_id = ANY (sections) AND e.role = 'student' AND e.ended_at IS NULL
              AND (e.begin_date IS NULL OR e.begin_date <= day)
              AND (e.end_date IS NULL OR e.end_date > day) AND e.person_id <> ALL (barred)),
         large AS (SELECT s.section_id FROM seat s GROUP BY 1 HAVING count(*) >= 5),
         found AS (SELECT l.section_id, r.student_id,
                       (r.is_missing OR r.status = 2 AND l.due_date < as_of) AND r.status <> 0
                           AND coalesce(r.score, 0) <= 0 AS is_lacking,
                       (r.score IS NOT NULL OR r.text_score <> '') AND coalesce((
                           SELECT x.delivery_id FROM result_change x
                           WHERE x.student_id = r.student_id AND x.result_id = r.id
                           ORDER BY x.id DESC LIMIT 1), r.delivery_id) > seen AS is_fresh
                   FROM large g JOIN line_item l ON l.section_id = g.section_id
                       AND l.ended_at IS NULL AND NOT l.is_grade
                        JOIN term t ON t.id = l.term_id
                            AND t.start_date <= day AND day < t.end_date
                        JOIN result r ON r.line_item_id = l.id AND r.ended_at IS NULL
                            AND (r.is_missing OR r.status = 2 OR r.delivery_id > seen)
                        JOIN seat s ON s.section_id = l.section_id AND s.person_id = r.student_id
                   WHERE NOT EXISTS (SELECT FROM result n  -- if there are two, the last one counts
                       WHERE n.student_id = r.student_id AND n.line_item_id = r.line_item_id
                         AND n.ended_at IS NULL AND (n.score_date, n.id) > (r.score_date, r.id)))
    SELECT g.section_id, count(DISTINCT f.student_id) FILTER (WHERE f.is_lacking),
        count(*) FILTER (WHERE f.is_fresh)
    FROM large g LEFT JOIN found f USING (section_id) GROUP BY 1;
END $$;

-- Classes that the person asking teaches, in the order of their day, with work_counted(). A
-- homeroom comes last. Classes whose session is over are included for as long as they may be
-- opened: 30 days, for anyone who taught to the end. No student's record is read, so no view is
-- needed.
CREATE FUNCTION classes_i_teach(day date, as_of date DEFAULT NULL, seen integer DEFAULT NULL)
RETURNS TABLE (id integer, uuid uuid, title text, periods text[], school text, terms text[],
    students bigint, lacking bigint, fresh bigint) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE me integer := asking_staff(); mine integer[];
BEGIN
    IF me IS NULL THEN RETURN; END IF;
    mine := ARRAY(SELECT e.section_id FROM enrollment e
                  WHERE e.person_id = me AND e.role = 'teacher' AND e.ended_at IS NULL
                    AND (e.begin_date IS NULL OR e.begin_date <= day)
                    AND (e.end_date IS NULL OR e.end_date > day
                         OR NOT EXISTS (SELECT FROM section_term st JOIN term t ON t.id = st.term_id
                             WHERE st.section_id = e.section_id AND t.end_date > day))
                    AND e.section_id IN (SELECT sections_i_may_open()));
    RETURN QUERY SELECT c.*, w.lacking, w.fresh
        FROM classes_among(mine) c JOIN section s ON s.id = c.id
             LEFT JOIN work_counted(mine, day, as_of, seen) w ON w.section_id = c.id
        ORDER BY c.school, s.kind = 'homeroom', substring(c.periods[1] FROM '\d{1,9}')::integer,
            c.periods[1], c.title, c.id;
END $$;

-- Classes of the schools where a duty of the person asking opens classes, with their teachers.
CREATE FUNCTION classes_of_my_schools()
RETURNS TABLE (id integer, uuid uuid, title text, periods text[], school text, terms text[],
    students bigint, teachers text[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE schools integer[] := ARRAY(SELECT d.school_id FROM my_duties() d
    JOIN duty_kinds() k USING (duty) WHERE k.has_classes);
BEGIN
    IF schools = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.*, ARRAY(SELECT full_name(p) FROM enrollment e JOIN person p ON p.id = e.person_id
        WHERE e.section_id = c.id AND e.role = 'teacher' AND e.ended_at IS NULL
          AND (e.end_date IS NULL OR e.end_date > today()) ORDER BY e.is_primary DESC, e.id)
    FROM classes_among(ARRAY(SELECT s.id FROM section s WHERE s.school_id = ANY (schools))) c
    ORDER BY c.school, c.title, c.id;
END $$;

-- The class whose gradebook the view opened.
CREATE FUNCTION class_shown()
RETURNS TABLE (id integer, uuid uuid, title text, periods text[], school text, terms text[],
    students bigint) LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM classes_among(o.sections);
END $$;

-- Students of that class: those in it on that day, or every current enrollment if no one is in it
-- then. It adds students who dropped the class, as far as the view opened them. `left_at` is when a
-- file left the enrollment out.
CREATE FUNCTION class_students_of_view(o opening, day date)
RETURNS TABLE (id integer, left_at timestamptz) LANGUAGE plpgsql STABLE ROWS 30 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH seat AS MATERIALIZED (SELECT e.person_id, e.ended_at,
        (e.begin_date IS NULL OR e.begin_date <= day)
            AND (e.end_date IS NULL OR day < e.end_date) AS is_now
                               FROM enrollment e WHERE e.section_id = o.section_id
                                   AND e.role = 'student' AND e.person_id = ANY (o.grades)),
         found AS MATERIALIZED (SELECT DISTINCT s.person_id FROM seat s WHERE s.ended_at IS NULL
                                AND (s.is_now OR NOT EXISTS (SELECT FROM seat n
                                        WHERE n.ended_at IS NULL AND n.is_now)))
    SELECT f.person_id, NULL::timestamptz FROM found f
    UNION ALL SELECT s.person_id, max(s.ended_at) FROM seat s
              WHERE s.ended_at IS NOT NULL AND s.person_id NOT IN (SELECT f.person_id FROM found f)
              GROUP BY s.person_id;
END $$;

CREATE FUNCTION class_students_shown(day date)
RETURNS TABLE (id integer, uuid uuid, family_name text, given_name text, left_at timestamptz,
    statements json)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT p.id, p.uuid, last_name(p), first_name(p), s.left_at,
        statements_about(p.id, false, true)
        FROM class_students_of_view(o, day) s JOIN person p ON p.id = s.id;
END $$;

-- The work of that class, newest first, without results.
CREATE FUNCTION class_work_shown()
RETURNS TABLE (section_id integer, line_item_id integer, title text, kind text, weight float8,
    due date, out_of float8, is_grade boolean, term text, term_starts date, term_ends date)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade,
        t.title, t.start_date, t.end_date
    FROM line_item l JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
    WHERE l.section_id = o.section_id AND l.section_id = ANY (o.sections) AND l.ended_at IS NULL
    ORDER BY l.due_date DESC, l.id DESC;
END $$;

-- Results for that work: this class's scores of its students, not those of their other classes. For
-- a student who dropped the class, it includes results that a file left out together with the
-- enrollment.
CREATE FUNCTION class_results_shown(day date)
RETURNS TABLE (student_id integer, line_item_id integer, score float8, text_score text,
    status smallint, scored date, is_late boolean, is_said_missing boolean, is_incomplete boolean,
    in_progress boolean, comment text, statement json) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed(); items integer[]; students integer[]; left_at timestamptz[];
BEGIN
    IF o.section_id IS NULL THEN RETURN; END IF;
    SELECT array_agg(s.id), array_agg(s.left_at) INTO students, left_at
        FROM class_students_of_view(o, day) s;
    items := ARRAY(SELECT l.id FROM line_item l
        WHERE l.section_id = o.section_id AND l.section_id = ANY (o.sections)
          AND l.ended_at IS NULL);
    RETURN QUERY
    SELECT r.student_id, r.line_item_id, r.score, r.text_score, r.status, r.score_date, r.is_late,
        r.is_missing, r.is_incomplete, r.in_progress, r.comment, w.said
    FROM result r LEFT JOIN statements_on(students) w
        ON w.of_student = r.student_id AND w.of_item = r.line_item_id
    WHERE r.line_item_id = ANY (items) AND r.student_id = ANY (students)
      AND (r.ended_at IS NULL OR r.ended_at >= left_at[array_position(students, r.student_id)])
    ORDER BY r.score_date, r.id;
END $$;

GRANT EXECUTE ON FUNCTION classes_i_teach(date, date, integer), classes_of_my_schools(),
    class_shown(), class_students_shown(date), class_work_shown(), class_results_shown(date) TO app;
