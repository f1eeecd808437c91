-- Reading functions for classes and scores. Each checks the request's committed view first and
-- returns nothing without one.

-- Classes of these students that have begun, with terms and teachers, as far as the view opened
-- grades. They are in the order of the day, and a homeroom comes last.
CREATE FUNCTION seats_of_view(o opening, students integer[], day date)
RETURNS TABLE (student_id integer, section_id integer, uuid text, title text, periods text[],
    left_on date, terms text[], teachers text[]) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.person_id, e.section_id, s.uuid::text, s.title, s.periods, e.end_date,
           ARRAY(SELECT ARRAY[t.title, t.start_date::text, t.end_date::text]
               FROM section_term st JOIN term t ON t.id = st.term_id
                 WHERE st.section_id = e.section_id AND t.ended_at IS NULL ORDER BY t.end_date),
           ARRAY(SELECT full_name(p) FROM enrollment te JOIN person p ON p.id = te.person_id
                 WHERE te.section_id = e.section_id AND te.role = 'teacher' AND te.ended_at IS NULL
                   AND (te.end_date IS NULL OR te.end_date > day)
                 ORDER BY te.is_primary DESC, te.id)
    FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = ANY (students) AND e.person_id = ANY (o.grades)
      AND (e.section_id = ANY (o.sections)) IS true  -- does not use the index of classes
      AND o.section_id IS NULL AND e.role = 'student' AND e.ended_at IS NULL AND s.ended_at IS NULL
      AND (e.begin_date IS NULL OR e.begin_date <= day)
    ORDER BY s.kind = 'homeroom', substring(s.periods[1] FROM '\d{1,9}')::integer, s.periods[1],
        s.title, s.id;
END $$;

CREATE FUNCTION seats_shown(students integer[], day date)
RETURNS TABLE (student_id integer, section_id integer, uuid text, title text, periods text[],
    left_on date, terms text[], teachers text[]) LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM seats_of_view(o, students, day);
END $$;

-- All work of the student's classes with the student's result, newest first. Work without a result
-- must be assigned by that day. If one assignment has two results, the one scored last counts.
-- MATERIALIZED, because the planner expects one assignment and would read these tables again for
-- each of hundreds.
CREATE FUNCTION work_shown(child uuid, day date, since date)
RETURNS TABLE (section_id integer, line_item_id integer, title text, kind text, weight float8,
    due date, out_of float8, is_grade boolean, term text, term_starts date, term_ends date,
    score float8, text_score text, status smallint, scored date, is_late boolean,
    is_said_missing boolean, is_incomplete boolean, in_progress boolean, comment text,
    statement json, delivery_id integer, changed_by integer, old_score float8, old_text_score text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed(); student integer;
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL THEN RETURN; END IF;
    student := (SELECT p.id FROM person p WHERE p.uuid = child AND p.id = ANY (o.grades));
    IF student IS NULL THEN RETURN; END IF;
    RETURN QUERY
    WITH c AS MATERIALIZED (SELECT id, title, weight FROM category),
         t AS MATERIALIZED (SELECT id, title, start_date, end_date FROM term),
         x AS MATERIALIZED (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score,
             old_text_score FROM result_change
                            WHERE student_id = student ORDER BY result_id, id DESC)
    SELECT DISTINCT ON (l.due_date, l.id)
           l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade,
           t.title, t.start_date, t.end_date,
           r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete,
           r.in_progress, r.comment,
           w.said, r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
    FROM line_item l JOIN c ON c.id = l.category_id JOIN t ON t.id = l.term_id
         LEFT JOIN result r ON r.line_item_id = l.id AND r.student_id = student
             AND r.ended_at IS NULL
         LEFT JOIN x ON x.result_id = r.id
         LEFT JOIN statements_on(ARRAY[student]) w ON w.of_item = l.id AND r.id IS NOT NULL
    WHERE l.section_id = ANY (ARRAY(SELECT e.section_id FROM enrollment e
            WHERE e.person_id = student AND e.role = 'student' AND e.ended_at IS NULL
                                    AND (e.end_date IS NULL OR e.end_date > since)
                                    AND e.section_id = ANY (o.sections)))
      AND l.ended_at IS NULL AND (l.assign_date <= day OR r.id IS NOT NULL)
    ORDER BY l.due_date DESC, l.id DESC, r.score_date DESC, r.id DESC;
END $$;

-- Results of these students in these classes that may be missing, that came after the delivery last
-- seen, or that were scored since a day. Also work that is due from a first day until another, with
-- or without a result. Work without a result must be assigned by that first day.
CREATE FUNCTION scores_shown(students integer[], sections integer[], seen integer, since date,
    first date, until date)
RETURNS TABLE (student_id integer, section_id integer, line_item_id integer, title text, kind text,
    weight float8, due date, out_of float8, is_grade boolean, term text, term_starts date,
    term_ends date, score float8, text_score text, status smallint, scored date, is_late boolean,
    is_said_missing boolean, is_incomplete boolean, in_progress boolean, comment text,
    statement json, delivery_id integer, changed_by integer, old_score float8, old_text_score text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed(); shown integer[]; classes integer[];
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL THEN RETURN; END IF;
    shown := ARRAY(SELECT unnest(students) INTERSECT SELECT unnest(o.grades));
    classes := ARRAY(SELECT unnest(sections) INTERSECT SELECT unnest(o.sections));
    RETURN QUERY
    SELECT r.student_id, l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max,
           l.is_grade, t.title, t.start_date, t.end_date,
           r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete,
           r.in_progress, r.comment,
           w.said, r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
    FROM result r JOIN line_item l ON l.id = r.line_item_id JOIN category c ON c.id = l.category_id
         JOIN term t ON t.id = l.term_id
         LEFT JOIN (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score, old_text_score
             FROM result_change
                    WHERE student_id = ANY (shown)
                    ORDER BY result_id, id DESC) x ON x.result_id = r.id
         LEFT JOIN statements_on(shown) w ON w.of_student = r.student_id AND w.of_item = l.id
    WHERE r.student_id = ANY (shown) AND r.ended_at IS NULL AND l.section_id = ANY (classes)
      AND l.ended_at IS NULL
      AND (r.is_missing OR r.status = 2 OR r.delivery_id > seen OR r.score_date >= since
          OR l.due_date >= first AND l.due_date < until)
      AND NOT EXISTS (SELECT FROM result n
          WHERE n.student_id = r.student_id AND n.line_item_id = r.line_item_id
                      AND n.ended_at IS NULL
                      AND (n.score_date, n.id) > (r.score_date, r.id))
    UNION ALL
    SELECT e.person_id, l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max,
           l.is_grade, t.title, t.start_date, t.end_date,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM (SELECT DISTINCT e.person_id, e.section_id FROM enrollment e
          WHERE e.person_id = ANY (shown) AND e.section_id = ANY (classes) AND e.role = 'student'
            AND e.ended_at IS NULL AND (e.end_date IS NULL OR e.end_date > first)) e
         JOIN line_item l USING (section_id) JOIN category c ON c.id = l.category_id
         JOIN term t ON t.id = l.term_id
    WHERE l.due_date >= first AND l.due_date < until AND l.assign_date <= first
      AND l.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM result r WHERE r.student_id = e.person_id
          AND r.line_item_id = l.id AND r.ended_at IS NULL)
    ORDER BY 7, 3;
END $$;

-- Classes of a student, also those that are over or were left. `teachers` are those the class had
-- when the student left it. `terms` includes ended ones.
CREATE FUNCTION earlier_seats_shown(student integer, day date)
RETURNS TABLE (section_id integer, uuid text, title text, periods text[], left_on date,
    until timestamptz, terms text[], teachers text[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL OR student = ANY (o.grades) IS NOT true THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT e.section_id, s.uuid::text, s.title, s.periods, e.end_date,
           least(e.ended_at, s.ended_at),
           ARRAY(SELECT ARRAY[t.title, t.start_date::text, t.end_date::text]
                 FROM section_term st JOIN term t ON t.id = st.term_id
                 WHERE st.section_id = e.section_id ORDER BY t.end_date),
           ARRAY(SELECT DISTINCT full_name(p)
               FROM enrollment te JOIN person p ON p.id = te.person_id
                 WHERE te.section_id = e.section_id AND te.role = 'teacher'
                   AND (te.ended_at IS NULL OR te.ended_at >= least(e.ended_at, s.ended_at)))
    FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = student AND e.section_id = ANY (o.sections) AND e.role = 'student'
      AND (e.begin_date IS NULL OR e.begin_date <= day)
    ORDER BY s.title, s.id, least(e.ended_at, s.ended_at) DESC NULLS FIRST,
        e.end_date DESC NULLS FIRST;
END $$;

-- The student's results in these classes. `until` is when a file first left the enrollment out.
-- NULL means that the class is over. Work or scores that were taken back before the student left
-- are not history.
CREATE FUNCTION earlier_work_shown(student integer, sections integer[], until timestamptz[])
RETURNS TABLE (section_id integer, line_item_id integer, title text, kind text, weight float8,
    due date, out_of float8, is_grade boolean, term text, term_starts date, term_ends date,
    score float8, text_score text, status smallint, scored date, is_late boolean,
    is_said_missing boolean, is_incomplete boolean, in_progress boolean, comment text,
    statement json, delivery_id integer, changed_by integer, old_score float8, old_text_score text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL OR student = ANY (o.grades) IS NOT true THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade,
           t.title, t.start_date, t.end_date,
           r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete,
           r.in_progress, r.comment,
           w.said, r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
    FROM unnest(sections, until) AS seat (section_id, until)
         JOIN line_item l ON l.section_id = seat.section_id AND l.section_id = ANY (o.sections)
             AND (l.ended_at IS NULL OR l.ended_at >= seat.until)
         JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
         JOIN result r ON r.line_item_id = l.id AND r.student_id = student
             AND (r.ended_at IS NULL OR r.ended_at >= seat.until)
         LEFT JOIN (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score, old_text_score
             FROM result_change
                    WHERE student_id = student ORDER BY result_id, id DESC) x ON x.result_id = r.id
         LEFT JOIN statements_on(ARRAY[student]) w ON w.of_item = l.id
    ORDER BY l.due_date DESC, l.id DESC;
END $$;

GRANT EXECUTE ON FUNCTION seats_shown(integer[], date), work_shown(uuid, date, date),
    scores_shown(integer[], integer[], integer, date, date, date),
    earlier_seats_shown(integer, date),
    earlier_work_shown(integer, integer[], timestamptz[]) TO app;
