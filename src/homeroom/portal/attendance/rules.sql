-- Absences of a school, for staff with a duty that opens attendance there.

-- What the district's setting says about a mark, as meaning() in calendar.py has it. No row: the
-- code has no meaning yet. presence 2: absent. A reason code with an unknown meaning is a reason.
CREATE FUNCTION meaning_of_mark(status text, excuse_code text)
RETURNS TABLE (presence smallint, needs_reason boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE word text := casefold(regexp_replace(meaning_of_mark.status, '^\s+|\s+$', '', 'g')
        COLLATE pg_unicode_fast);
    reason text := casefold(regexp_replace(meaning_of_mark.excuse_code, '^\s+|\s+$', '', 'g')
        COLLATE pg_unicode_fast);
BEGIN
    RETURN QUERY
    SELECT c.presence, c.presence = 2 AND c.excuse = 0 AND c.excuse_code = reason
        AND word !~ '\yexcused\y'
    FROM attendance_code c WHERE c.status = word AND c.excuse_code IN (reason, '')
    ORDER BY c.excuse_code DESC LIMIT 1;
END $$;

-- The school with this UUID, or my first school by name, if a duty of mine opens attendance there.
CREATE FUNCTION school_i_attend_to(subject uuid)
RETURNS TABLE (school_id integer, capacity text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.id, 'duty: ' || min(d.duty) FROM my_duties() d
        JOIN duty_kinds() k ON k.duty = d.duty AND 'attendance' = ANY (k.opens)
        JOIN school s ON s.id = d.school_id
    WHERE subject IS NULL OR s.uuid = subject
    GROUP BY s.id ORDER BY lower(s.name), s.id LIMIT 1;
END $$;

-- Students of a school, without those I am restricted from.
CREATE FUNCTION students_of_school(of_school integer) RETURNS integer[]
LANGUAGE plpgsql STABLE AS $$
DECLARE barred integer[] := barred_from();
BEGIN
    RETURN ARRAY(SELECT DISTINCT r.person_id FROM role r
        WHERE r.school_id = of_school AND r.role = 'student' AND r.ended_at IS NULL
          AND r.person_id <> ALL (barred));
END $$;

-- The last day with a mark at this school. An absence that was planned for a later day doesn't
-- count. One lookup per student: the school's marks of a year would be two million index entries.
CREATE FUNCTION last_day_on_file(of_school integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT max(l.day) FROM unnest(students_of_school(of_school)) AS u (student), LATERAL (
        SELECT m.day FROM attendance_mark m
        WHERE m.student_id = u.student AND m.day <= today() AND m.school_id = of_school
          AND m.ended_at IS NULL ORDER BY m.day DESC LIMIT 1) l);
END $$;

-- Absences at this school, and marks whose code has no meaning (needs_reason is NULL). `words` is
-- "days|period|name". "week" as days stands for seven days, anything else for the last day on file.
-- The name is not used here. The period is the class's. A clerk's duty opens no class, so its title
-- is left out.
CREATE FUNCTION absences_at(of_school integer, words text)
RETURNS TABLE (student integer, day date, status text, excuse_code text, is_whole_day boolean,
    period text, needs_reason boolean, section_id integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE last date := last_day_on_file(of_school);
    first date := last - CASE split_part(words, '|', 1) WHEN 'week' THEN 6 ELSE 0 END;
    wished text := split_part(words, '|', 2);
BEGIN
    RETURN QUERY
    WITH mark AS MATERIALIZED (
            SELECT m.student_id, m.day, m.status, m.excuse_code, m.section_id
            FROM unnest(students_of_school(of_school)) AS u (student)
                 JOIN attendance_mark m ON m.student_id = u.student
            WHERE m.day >= first AND m.day <= last AND m.school_id = of_school
              AND m.ended_at IS NULL),
         said AS MATERIALIZED (
            SELECT w.status, w.excuse_code, n.presence, n.needs_reason
            FROM (SELECT DISTINCT k.status, k.excuse_code FROM mark k) w
                 LEFT JOIN meaning_of_mark(w.status, w.excuse_code) n ON true
            WHERE coalesce(n.presence, 0) IN (0, 2))
    SELECT k.student_id, k.day, k.status, k.excuse_code, k.section_id IS NULL, s.periods[1],
           CASE w.presence WHEN 2 THEN w.needs_reason END, k.section_id
    FROM mark k JOIN said w ON w.status = k.status AND w.excuse_code = k.excuse_code
         LEFT JOIN section s ON s.id = k.section_id
    WHERE wished = '' OR s.periods[1] = wished;
END $$;

-- Students with such an absence, those without a reason first, then by name, with their places.
CREATE FUNCTION absent_students(of_school integer, words text)
RETURNS TABLE (student integer, place integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE typed text := split_part(words, '|', 3);
    called integer[] := CASE WHEN typed <> ''
        THEN ARRAY(SELECT people_found(typed, ARRAY[of_school])) END;
BEGIN
    RETURN QUERY
    SELECT p.id, (row_number() OVER (ORDER BY w.waits DESC, last_name(p), first_name(p),
        p.id))::integer
    FROM (SELECT a.student, bool_or(a.needs_reason) AS waits FROM absences_at(of_school, words) a
          WHERE a.needs_reason IS NOT NULL GROUP BY a.student) w JOIN person p ON p.id = w.student
    WHERE called IS NULL OR p.id = ANY (called)
    ORDER BY 2;
END $$;

-- One page of that list.
CREATE FUNCTION seen_absent(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE mine record;
BEGIN
    SELECT * INTO mine FROM school_i_attend_to(subject);
    IF NOT FOUND THEN RETURN; END IF;
    RETURN QUERY SELECT a.student, NULL::integer, wanted, mine.capacity, NULL::integer
        FROM absent_students(mine.school_id, coalesce(words, '')) a
        WHERE a.place > coalesce(after, 0) ORDER BY a.place LIMIT 50;
END $$;
