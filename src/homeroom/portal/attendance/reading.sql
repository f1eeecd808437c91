-- Reading functions for attendance.

-- Each pair of words in the marks, with its last day. It probes the index once per pair. DISTINCT
-- would read five million marks. `most` limits the pairs, because a file with sentences in place of
-- codes has as many pairs as rows.
CREATE FUNCTION attendance_codes_met(most integer)
RETURNS TABLE (status text, excuse_code text, last_day date) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    WITH RECURSIVE met AS (
        (SELECT m.status, m.excuse_code FROM attendance_mark m ORDER BY 1, 2 LIMIT 1)
        UNION ALL
        SELECT n.status, n.excuse_code FROM met, LATERAL (
            SELECT m.status, m.excuse_code FROM attendance_mark m
            WHERE (m.status, m.excuse_code) > (met.status, met.excuse_code) ORDER BY 1, 2 LIMIT 1) n
    ), first AS (SELECT * FROM met LIMIT most)
    SELECT s.status, s.excuse_code,
           (SELECT m.day FROM attendance_mark m
               WHERE m.status = s.status AND m.excuse_code = s.excuse_code ORDER BY m.day DESC
               LIMIT 1)
    FROM first s;
END $$;

-- The number of marks since that day for each pair, up to the last pair that was found. It takes
-- one pass, over the index if that is enough.
CREATE FUNCTION attendance_codes_counted(last_status text, last_excuse_code text, since date)
RETURNS TABLE (status text, excuse_code text, marks bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.status, m.excuse_code, count(*) FROM attendance_mark m
    WHERE m.day >= since AND (m.status, m.excuse_code) <= (last_status, last_excuse_code)
    GROUP BY m.status, m.excuse_code;
END $$;

-- The number of marks that families can read with one of these pairs, and of their students. The
-- row of NULLs has all of them. It groups by student first. Sorting millions of marks for their
-- different students took four times as long.
CREATE FUNCTION attendance_codes_touched(statuses text[], excuse_codes text[])
RETURNS TABLE (status text, excuse_code text, marks bigint, students bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    WITH of_student AS MATERIALIZED (
        SELECT m.status, m.excuse_code, m.student_id, count(*) AS marks
        FROM unnest(statuses, excuse_codes) AS u (status, excuse_code) JOIN attendance_mark m
        USING (status, excuse_code)
        WHERE (m.ended_at IS NULL
              OR EXISTS (SELECT FROM role r
                  WHERE r.person_id = m.student_id AND r.school_id = m.school_id
                    AND r.ended_at = m.ended_at))
        GROUP BY m.status, m.excuse_code, m.student_id)
    SELECT status, excuse_code, sum(marks)::bigint, count(*) FROM of_student
    GROUP BY status, excuse_code
    UNION ALL SELECT NULL, NULL, coalesce(sum(marks), 0)::bigint, count(DISTINCT student_id)
    FROM of_student;
END $$;

-- The meanings of the district's codes. Everyone who is signed in may read this setting.
CREATE FUNCTION attendance_codes_shown()
RETURNS TABLE (status text, excuse_code text, presence smallint, excuse smallint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT c.status, c.excuse_code, c.presence, c.excuse FROM attendance_code c;
END $$;

-- Marks as the file sent them, with equal marks of a day joined, of students whose attendance the
-- view opened. `places` has periods, or titles of classes, that the reader may know. Marks that
-- ended together with the student's role at the school are included, because the student left and
-- no file withdrew them. `statement` has a list of statements for each class.
CREATE FUNCTION marks_of_view(o opening, students integer[], since date, until date)
RETURNS TABLE (student_id integer, day date, status text, excuse_code text, is_whole_day boolean,
    places text[], statement json) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.student_id, m.day, m.status, m.excuse_code, bool_or(m.section_id IS NULL),
           array_agg((SELECT coalesce(s.periods[1], s.title) FROM section s
                   WHERE s.id = m.section_id AND s.id = ANY (o.sections)))
               FILTER (WHERE m.section_id IS NOT NULL),
           json_agg(w.said) FILTER (WHERE w.said IS NOT NULL)
    FROM attendance_mark m LEFT JOIN statements_on(o.attendance) w ON w.of_student = m.student_id
        AND w.of_day = m.day AND w.of_section IS NOT DISTINCT FROM m.section_id
    WHERE m.student_id = ANY (students) AND m.student_id = ANY (o.attendance) AND m.day >= since
          AND m.day < until AND (m.ended_at IS NULL
          OR m.student_id = ANY (o.people)
             AND EXISTS (SELECT FROM role r
                 WHERE r.person_id = m.student_id AND r.school_id = m.school_id
                   AND r.role = 'student' AND r.ended_at = m.ended_at)
             AND NOT EXISTS (SELECT FROM role r
                 WHERE r.person_id = m.student_id AND r.school_id = m.school_id
                   AND r.role = 'student' AND r.ended_at IS NULL))
    GROUP BY m.student_id, m.day, m.status, m.excuse_code ORDER BY m.day;
END $$;

CREATE FUNCTION marks_shown(students integer[], since date, until date)
RETURNS TABLE (student_id integer, day date, status text, excuse_code text, is_whole_day boolean,
    places text[], statement json) LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM marks_of_view(o, students, since, until);
END $$;

-- The first day with a mark. NULL if there are no marks.
CREATE FUNCTION first_mark_shown(student integer) RETURNS date LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR student = ANY (o.attendance) IS NOT true THEN RETURN NULL; END IF;
    RETURN (SELECT min(m.day) FROM attendance_mark m WHERE m.student_id = student);
END $$;

-- Schools where a duty of mine opens attendance.
CREATE FUNCTION attendance_schools_shown() RETURNS TABLE (uuid uuid, name text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.uuid, s.name FROM school s
        WHERE s.id IN (SELECT d.school_id FROM my_duties() d JOIN duty_kinds() k USING (duty)
            WHERE 'attendance' = ANY (k.opens))
        ORDER BY lower(s.name), s.id;
END $$;

-- Numbers about the absences of such a school: one row for all, and one for each period. `days` is
-- as in absences_at(). `waiting` counts students without a reason, and `unknown` students with a
-- code that has no meaning. It names no one, so it needs no view.
CREATE FUNCTION absences_counted(of_school uuid, days text)
RETURNS TABLE (last_day date, period text, students bigint, waiting bigint, unknown bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE mine integer := (SELECT s.school_id FROM school_i_attend_to(of_school) s);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT last_day_on_file(mine), a.period,
           count(DISTINCT a.student) FILTER (WHERE a.needs_reason IS NOT NULL),
           count(DISTINCT a.student) FILTER (WHERE a.needs_reason),
           count(DISTINCT a.student) FILTER (WHERE a.needs_reason IS NULL)
    FROM absences_at(mine, split_part(days, '|', 1)) a
    GROUP BY GROUPING SETS ((), (a.period)) HAVING GROUPING(a.period) = 1 OR a.period IS NOT NULL
    ORDER BY GROUPING(a.period) DESC, a.period;
END $$;

-- The absences of the students that the view listed. `place` is the student's place in the list,
-- and `total` the length of the list.
CREATE FUNCTION absences_shown(of_school uuid, words text)
RETURNS TABLE (uuid uuid, name text, grade_levels text[], place integer, total bigint, day date,
    status text, excuse_code text, is_whole_day boolean, period text, statement json)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('absences'); mine integer;
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    mine := (SELECT s.school_id FROM school_i_attend_to(of_school) s);
    RETURN QUERY
    SELECT p.uuid, full_name(p), p.grade_levels, k.place, k.total, a.day, a.status, a.excuse_code,
           a.is_whole_day, a.period, w.said
    FROM (SELECT w.student, w.place, count(*) OVER () AS total
          FROM absent_students(mine, words) w) k
         JOIN absences_at(mine, words) a ON a.student = k.student AND a.needs_reason IS NOT NULL
         JOIN person p ON p.id = k.student
         LEFT JOIN statements_on(listed) w ON w.of_student = k.student AND w.of_day = a.day
             AND w.of_section IS NOT DISTINCT FROM a.section_id
    WHERE k.student = ANY (listed) ORDER BY k.place, a.day DESC, a.period;
END $$;

GRANT EXECUTE ON FUNCTION attendance_codes_met(integer), attendance_codes_counted(text, text, date),
    attendance_codes_touched(text[], text[]), attendance_codes_shown(),
    marks_shown(integer[], date, date), first_mark_shown(integer), attendance_schools_shown(),
    absences_counted(uuid, text), absences_shown(uuid, text) TO app;
