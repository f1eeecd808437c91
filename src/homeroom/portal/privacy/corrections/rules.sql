-- Requests to correct a record: who may make one, who answers, and what the record says now.

-- Students whose record I may ask to correct: children for whom I hold that right, and I, if the
-- rights have passed to me (34 CFR 99.20, 99.5, Ed. Code 49070).
CREATE FUNCTION my_correctable() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT t.student_id FROM open_ties() t WHERE t.may_correct AND t.kind <> 'tutor'
    UNION SELECT asking() WHERE asking_side() = 'student' AND is_of_age(asking())
$$;

-- Whether the person who asked might still ask today.
CREATE FUNCTION may_still_correct(c correction) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.person_id = c.student_id THEN is_of_age(c.student_id)
        ELSE NOT is_restricted(c.person_id, c.student_id)
            AND EXISTS (SELECT FROM tie t
                WHERE t.adult_id = c.person_id AND t.student_id = c.student_id
                  AND t.kind <> 'tutor' AND t.may_correct AND NOT t.is_shut
                  AND t.state IN ('approved', 'under challenge')
                  AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
                  AND (NOT is_of_age(t.student_id) OR goes_on_by(t) <> '')) END
$$;

-- My requests about students whose record I may still ask to correct. It reads mine and not the
-- index of UUIDs, so that the pages read reveal nothing about anyone else's.
CREATE FUNCTION my_open_to_change() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.uuid FROM (SELECT q.uuid, q.student_id FROM correction q
        WHERE q.person_id = asking() OFFSET 0) c
    WHERE c.student_id IN (SELECT my_correctable())
$$;

-- A score as text: letters if the file has them, otherwise the number. '' without either.
CREATE FUNCTION score_said(score double precision, text_score text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT coalesce(nullif(trim(text_score), ''), score::text, '')
$$;

-- A mark as the file has it, such as "absent ill". 'none' if it has ended, since the student was
-- present then.
CREATE FUNCTION mark_said(of_mark uuid, child integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT trim(lower(trim(m.status)) || ' ' || lower(trim(m.excuse_code)))
        FROM attendance_mark m
        WHERE m.id = of_mark AND m.student_id = child AND m.ended_at IS NULL), 'none')
$$;

-- The value on the record now, as text. NULL: Homeroom doesn't have the value, or it isn't this
-- child's.
CREATE FUNCTION value_on_record(about text, of_row uuid, child integer) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN (about IN ('class grade', 'score', 'attendance')) = (of_row IS NULL) THEN NULL
        WHEN about = 'first name' THEN (SELECT p.given_name FROM person p WHERE p.id = child)
        WHEN about = 'middle name' THEN (SELECT p.middle_name FROM person p WHERE p.id = child)
        WHEN about = 'last name' THEN (SELECT p.family_name FROM person p WHERE p.id = child)
        WHEN about = 'grade level' THEN (SELECT array_to_string(p.grade_levels, ', ')
            FROM person p WHERE p.id = child)
        WHEN about = 'birth date' THEN coalesce((SELECT d.birth_date::text FROM demographic d
            WHERE d.person_id = child AND d.ended_at IS NULL), '')
        WHEN about IN ('class grade', 'score') THEN (SELECT score_said(r.score, r.text_score)
            FROM result r WHERE r.id = of_row AND r.student_id = child AND r.ended_at IS NULL)
        WHEN about = 'attendance' AND EXISTS (SELECT FROM attendance_mark m
            WHERE m.id = of_row AND m.student_id = child) THEN mark_said(of_row, child) END;
END $$;

-- What a page calls a score, a grade or a mark: the class with the work, and the day.
CREATE FUNCTION row_called(of_row uuid) RETURNS TABLE (called text, day date)
LANGUAGE sql STABLE AS $$
    SELECT s.title || ': ' || l.title, l.due_date
    FROM result r JOIN line_item l ON l.id = r.line_item_id JOIN section s ON s.id = l.section_id
    WHERE r.id = of_row
    UNION ALL SELECT coalesce(s.title, ''), m.day
    FROM attendance_mark m LEFT JOIN section s ON s.id = m.section_id WHERE m.id = of_row
$$;

-- Whether two values are the same: as numbers, or as text without its case and outer spaces.
CREATE FUNCTION is_same_value(one text, other text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER AS $$
DECLARE number text := '^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$';
BEGIN
    IF one ~ number AND other ~ number THEN RETURN one::numeric = other::numeric; END IF;
    RETURN lower(trim(one)) = lower(trim(other));
END $$;

-- The student whose record a request is about. The view opens the request and no grade or mark, so
-- a registrar doesn't read the student's other ones.
CREATE FUNCTION seen_in_correction(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT c.student_id, NULL::integer,
        ARRAY[CASE c.about WHEN 'birth date' THEN 'birth date' ELSE 'names' END],
        office_i_act_in(), NULL::integer
    FROM correction c WHERE c.uuid = subject AND may_answer_for(c.student_id, c.person_id);
END $$;
