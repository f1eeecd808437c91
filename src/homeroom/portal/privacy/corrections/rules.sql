-- Requests to correct a record: who may make one, who answers, and what the record says now.

-- Students whose record I may ask to correct: children for whom I hold that right, and I, if the
-- rights have passed to me (34 CFR 99.20, 99.5, Ed. Code 49070).
CREATE FUNCTION my_correctable() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT t.student_id FROM open_ties() t WHERE t.may_correct AND t.kind <> 'tutor'
    UNION SELECT asking() WHERE asking_side() = 'student' AND is_of_age(asking())
$$;

-- Whether the person who asked might still ask today. A merge ends no request: access to the record
-- that it was made about counts.
CREATE FUNCTION may_still_correct(c correction) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE children integer[] := records_asked_about(c); adults integer[] := askers_of(c);
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

-- My requests about students whose record I may still ask to correct.
CREATE FUNCTION my_open_to_change() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.uuid FROM corrections_of_mine() c
    WHERE records_asked_about(c) && ARRAY(SELECT my_correctable())
$$;

-- Whether I may answer it. Not if I have access to a record that was merged into its student's.
CREATE FUNCTION may_answer(c correction) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_answer_for(c.student_id, c.person_id) AND NOT EXISTS (
        SELECT FROM unnest(records_asked_about(c) || askers_of(c)) w
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

-- The values on the record now, as text, each under its key. One statement reads them all, because
-- the clock compares each minute. A score or a grade may have another id after a merge. NULL, or no
-- row: Homeroom doesn't have the value, or it isn't this child's.
CREATE FUNCTION values_on_record(keys integer[], abouts text[], of_rows uuid[],
    of_children integer[])
RETURNS TABLE (key integer, value text) LANGUAGE sql STABLE AS $$
    SELECT u.key, CASE u.about WHEN 'first name' THEN p.given_name
        WHEN 'middle name' THEN p.middle_name
        WHEN 'last name' THEN p.family_name
        WHEN 'grade level' THEN array_to_string(p.grade_levels, ', ')
        WHEN 'birth date' THEN coalesce((SELECT d.birth_date::text FROM demographic d
            WHERE d.person_id = p.id AND d.ended_at IS NULL), '')
        WHEN 'attendance' THEN (SELECT mark_said(m.id, p.id) FROM attendance_mark m
            WHERE m.id = u.of_row AND m.student_id = p.id)
        ELSE (SELECT score_said(r.score, r.text_score)
            FROM result o JOIN result r ON r.student_id = o.student_id
                AND r.line_item_id = o.line_item_id
            WHERE o.id = u.of_row AND o.student_id = p.id AND r.ended_at IS NULL
            ORDER BY r.id <> o.id LIMIT 1) END
    FROM unnest(keys, abouts, of_rows, of_children) u (key, about, of_row, child)
        JOIN person p ON p.id = u.child
    WHERE (u.about IN ('class grade', 'score', 'attendance')) = (u.of_row IS NOT NULL)
$$;

CREATE FUNCTION value_on_record(about text, of_row uuid, child integer) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT v.value FROM values_on_record(ARRAY[0], ARRAY[about], ARRAY[of_row], ARRAY[child]) v
$$;

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

-- Requests whose record has the value that changes their state: the agreed one, or after the
-- correction the old one again.
CREATE FUNCTION corrections_brought() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    WITH w AS MATERIALIZED (SELECT q.id, q.about, q.of_row, q.student_id,
            CASE q.state WHEN 'agreed' THEN q.value_agreed ELSE q.value_was END AS awaited
        FROM correction q WHERE q.state IN ('agreed', 'corrected') AND q.about <> 'other')
    SELECT w.id FROM values_on_record(ARRAY(SELECT w.id FROM w), ARRAY(SELECT w.about FROM w),
        ARRAY(SELECT w.of_row FROM w), ARRAY(SELECT w.student_id FROM w)) v JOIN w ON w.id = v.key
    -- A call for each costs more than all the rest, so only a number gets one.
    WHERE lower(trim(w.awaited)) = lower(trim(v.value))
        OR w.awaited ~ '^[\s+-]*[\d.]+\s*$' AND is_same_value(w.awaited, v.value)
$$;

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
