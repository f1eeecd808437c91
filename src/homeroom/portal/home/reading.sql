-- Reading functions for a family's pages about their children.

-- These students with grade level, schools, the meanings of the attendance codes, and the staff who
-- viewed their record since a moment. Family and student see the schools. `statements` are about
-- the record itself.
CREATE FUNCTION students_of_view(o opening, who uuid[], since timestamptz)
RETURNS TABLE (id integer, uuid uuid, first_name text, full_name text, grade_levels text[],
    schools text[], codes text[], people bigint, last_name text, last_at timestamptz,
    last_section text, last_capacity text, statements json) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE reached integer[] := o.people || o.grades || o.attendance || o.contacts || o.birth_date
    || o.ledger;
BEGIN
    RETURN QUERY
    SELECT p.id, p.uuid, first_name(p), full_name(p), p.grade_levels,
           ARRAY(SELECT s.name FROM role r JOIN school s ON s.id = r.school_id
                 WHERE r.person_id = p.id AND p.id = ANY (o.people) AND r.role = 'student'
                   AND r.ended_at IS NULL ORDER BY r.is_primary DESC, r.id),
           ARRAY(SELECT ARRAY[c.status, c.excuse_code, c.presence::text, c.excuse::text]
               FROM attendance_code c),
           l.people, l.last_name, l.last_at, l.last_section, l.last_capacity,
           CASE WHEN o.entry_id IS NOT NULL THEN statements_about(p.id, false,
               asking_side() = 'staff' OR p.id = ANY (o.ledger)) END
    FROM person p LEFT JOIN staff_views_in(o.ledger, since) l ON l.student = p.id
    WHERE p.id = ANY (reached) AND (p.uuid = ANY (who)) IS true;  -- does not use the index of UUIDs
END $$;

-- A family needs no view for names and schools of its own children. A record's contents need one.
CREATE FUNCTION students_shown(who uuid[], since timestamptz)
RETURNS TABLE (id integer, uuid uuid, first_name text, full_name text, grade_levels text[],
    schools text[], codes text[], people bigint, last_name text, last_at timestamptz,
    last_section text, last_capacity text, statements json) LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL THEN
        o.people := people_now(asking(), asking_side());
        IF o.people = '{}' THEN RETURN; END IF;
    END IF;
    RETURN QUERY SELECT * FROM students_of_view(o, who, since);
END $$;

-- A child's page in one answer, without the work: the student, the classes, and the marks since a
-- day. Classes and marks are JSON rows.
CREATE FUNCTION child_shown(child uuid, since timestamptz, day date, marks_since date)
RETURNS TABLE (id integer, uuid uuid, first_name text, full_name text, grade_levels text[],
    schools text[], codes text[], people bigint, last_name text, last_at timestamptz,
    last_section text, last_capacity text, statements json, seats json, marks json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT s.*,
           (SELECT coalesce(json_agg(json_build_array(w.student_id, w.section_id, w.uuid, w.title,
                   w.periods, w.left_on, w.terms, w.teachers)), '[]')
            FROM seats_of_view(o, ARRAY[s.id], day) w),
           (SELECT coalesce(json_agg(json_build_array(m.student_id, m.day, m.status, m.excuse_code,
                   m.is_whole_day, m.places, m.statement)), '[]')
            FROM marks_of_view(o, ARRAY[s.id], marks_since, 'infinity') m)
    FROM students_of_view(o, ARRAY[child], since) s;
END $$;

-- The kinds of data that the view of one child opened. Staff learn it here, and a family from its
-- access.
CREATE FUNCTION kinds_shown() RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL THEN RETURN NULL; END IF;
    RETURN array_remove(ARRAY[CASE WHEN o.grades <> '{}' THEN 'grades' END,
        CASE WHEN o.attendance <> '{}' THEN 'attendance' END,
        CASE WHEN o.ledger <> '{}' THEN 'ledger' END], NULL);
END $$;

-- The students that the view listed, in its order, with my last view of each one's page.
CREATE FUNCTION students_of_school_shown()
RETURNS TABLE (uuid uuid, name text, grade_levels text[], school text, opened_at timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('students');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT p.uuid, full_name(p), p.grade_levels, min(s.name), o.last_at
    FROM unnest(listed) WITH ORDINALITY u (id, place) JOIN person p ON p.id = u.id
         JOIN students_i_advise() a ON a.student = p.id JOIN school s ON s.id = a.school_id
         LEFT JOIN opened_lately(listed) o ON o.student = p.id
    GROUP BY p.id, u.place, o.last_at ORDER BY u.place;
END $$;

GRANT EXECUTE ON FUNCTION students_shown(uuid[], timestamptz),
    child_shown(uuid, timestamptz, date, date), kinds_shown(), students_of_school_shown() TO app;
