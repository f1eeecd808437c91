-- What pages read of attendance.

-- What the district's codes mean: a setting that everyone signed in may read.
CREATE FUNCTION attendance_codes_shown() RETURNS TABLE (status text, excuse_code text, presence smallint, excuse smallint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT c.status, c.excuse_code, c.presence, c.excuse FROM attendance_code c;
END $$;

-- Marks as the file sent them, a day's equal ones joined, of students whose attendance the view opened. places: periods, or titles of
-- classes, that the reader may know. A student who leaves a school takes the marks along in the same night: those were not taken back.
CREATE FUNCTION marks_of_view(o opening, students integer[], since date, until date)
RETURNS TABLE (student_id integer, day date, status text, excuse_code text, is_whole_day boolean, places text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.student_id, m.day, m.status, m.excuse_code, bool_or(m.section_id IS NULL),
           array_agg((SELECT coalesce(s.periods[1], s.title) FROM section s WHERE s.id = m.section_id AND s.id = ANY (o.sections)))
               FILTER (WHERE m.section_id IS NOT NULL)
    FROM attendance_mark m
    WHERE m.student_id = ANY (students) AND m.student_id = ANY (o.attendance) AND m.day >= since AND m.day < until AND (m.ended_at IS NULL
          OR m.student_id = ANY (o.people)
             AND EXISTS (SELECT FROM role r WHERE r.person_id = m.student_id AND r.school_id = m.school_id AND r.role = 'student' AND r.ended_at = m.ended_at)
             AND NOT EXISTS (SELECT FROM role r WHERE r.person_id = m.student_id AND r.school_id = m.school_id AND r.role = 'student' AND r.ended_at IS NULL))
    GROUP BY m.student_id, m.day, m.status, m.excuse_code ORDER BY m.day;
END $$;

CREATE FUNCTION marks_shown(students integer[], since date, until date)
RETURNS TABLE (student_id integer, day date, status text, excuse_code text, is_whole_day boolean, places text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM marks_of_view(o, students, since, until);
END $$;

-- The first day of which there is a mark; NULL: none.
CREATE FUNCTION first_mark_shown(student integer) RETURNS date LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR student <> ALL (o.attendance) THEN RETURN NULL; END IF;
    RETURN (SELECT min(m.day) FROM attendance_mark m WHERE m.student_id = student);
END $$;
GRANT EXECUTE ON FUNCTION attendance_codes_shown(), marks_shown(integer[], date, date), first_mark_shown(integer) TO app;
