-- Requests to correct a record: who may make one, who answers, and what the record says now.

-- Students whose record I may ask to correct: children for whom I hold that right, and I, if the
-- rights have passed to me (34 CFR 99.20, 99.5, Ed. Code 49070).
CREATE FUNCTION my_correctable() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT t.student_id FROM open_ties() t WHERE t.may_correct AND t.kind <> 'tutor'
    UNION SELECT asking() WHERE asking_side() = 'student' AND is_of_age(asking())
$$;

-- The student's record and who asks, each with the records that were merged into it.
CREATE FUNCTION students_of(c correction) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT c.student_id || moved_from(c, 'correction')
$$;

CREATE FUNCTION askers_of(c correction) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT c.person_id || moved_from(c, 'correction asker')
$$;

-- Whether the person who asked might still ask today. A merge ends no request: access to the record
-- that it was made about counts.
CREATE FUNCTION may_still_correct(c correction) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE children integer[] := students_of(c); adults integer[] := askers_of(c);
BEGIN
    IF c.person_id = c.student_id THEN
        RETURN EXISTS (SELECT FROM unnest(children) s WHERE is_of_age(s));
    END IF;
    RETURN NOT EXISTS (SELECT FROM unnest(children) s, unnest(adults) a WHERE is_restricted(a, s))
        AND EXISTS (SELECT FROM tie t
            WHERE t.adult_id = ANY (adults) AND t.student_id = ANY (children)
              AND t.kind <> 'tutor' AND t.may_correct AND NOT t.is_shut
              AND t.state IN ('approved', 'under challenge')
              AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
              AND (NOT is_of_age(t.student_id) OR goes_on_by(t) <> ''));
END $$;

-- My requests. It reads mine and not the index of UUIDs, so that the pages read reveal nothing about
-- anyone else's.
CREATE FUNCTION corrections_of_mine() RETURNS SETOF correction LANGUAGE sql STABLE AS $$
    SELECT q.* FROM correction q WHERE q.person_id = asking()
    UNION ALL SELECT q.* FROM merge m JOIN merged_row r ON r.merge_id = m.id
        AND r."table" = 'correction asker' JOIN correction q ON q.id = r.key::integer
    WHERE m.old_id = asking() AND m.undone_at IS NULL AND q.person_id <> asking()
$$;

-- Those about students whose record I may still ask to correct.
CREATE FUNCTION my_open_to_change() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.uuid FROM corrections_of_mine() c
    WHERE students_of(c) && ARRAY(SELECT my_correctable())
$$;

-- Whether I may answer it: also not if I have access to a record that was merged into its student's.
CREATE FUNCTION may_answer(c correction) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_answer_for(c.student_id, c.person_id) AND NOT EXISTS (
        SELECT FROM unnest(students_of(c) || askers_of(c)) w
        WHERE w NOT IN (c.student_id, c.person_id) AND NOT may_decide_about(w))
$$;

-- Whether `adult` asks about the same value in another open request about `child`. One waits.
CREATE FUNCTION is_asked_twice(c correction, child integer, adult integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT c.about <> 'other' AND EXISTS (SELECT FROM correction q
        WHERE q.id <> c.id AND q.student_id = child AND q.person_id = adult
          AND q.about = c.about AND q.of_row IS NOT DISTINCT FROM c.of_row
          AND q.state IN ('waiting', 'hearing'))
$$;

-- A score as text: letters if the file has them, otherwise the number. '' without either.
CREATE FUNCTION score_said(score double precision, text_score text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT coalesce(nullif(trim(text_score), ''), score::text, '')
$$;

-- A mark as the file has it, such as "absent ill", or after a merge the mark of that day and class
-- under another id. 'none' if it has ended, since the student was present then.
CREATE FUNCTION mark_said(of_mark uuid, child integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT trim(lower(trim(m.status)) || ' ' || lower(trim(m.excuse_code)))
        FROM attendance_mark o JOIN attendance_mark m ON m.student_id = o.student_id
            AND m.day = o.day AND m.school_id = o.school_id
            AND m.section_id IS NOT DISTINCT FROM o.section_id
        WHERE o.id = of_mark AND o.student_id = child AND m.ended_at IS NULL
        ORDER BY m.id <> of_mark LIMIT 1), 'none')
$$;

-- The value on the record now, as text. A score or a grade may have another id after a merge. NULL:
-- Homeroom doesn't have the value, or it isn't this child's.
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
            FROM result o JOIN result r ON r.student_id = o.student_id
                AND r.line_item_id = o.line_item_id
            WHERE o.id = of_row AND o.student_id = child AND r.ended_at IS NULL
            ORDER BY r.id <> of_row LIMIT 1)
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
    FROM correction c WHERE c.uuid = subject AND may_answer(c);
END $$;
