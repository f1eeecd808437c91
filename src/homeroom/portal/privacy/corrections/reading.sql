-- Requests to correct a record, for the person who asks and for the office.

-- What a request can name: parts of the name, birth date and grade level, or if `wanted` says so,
-- class grades, scores or attendance marks, newest first. Only the page of corrections opens it.
-- `called` is what a page calls the value.
CREATE FUNCTION correctable_shown(child uuid, wanted text)
RETURNS TABLE (about text, of_row uuid, called text, day date, value text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed(); whose integer;
BEGIN
    IF o.entry_id IS NULL OR (SELECT l.act FROM ledger l WHERE l.id = o.entry_id)
        IS DISTINCT FROM 'corrections' THEN RETURN; END IF;
    whose := (SELECT w.id FROM person w WHERE w.uuid = child AND w.id = ANY (o.ledger)
        AND w.id IN (SELECT my_correctable()));
    IF whose IS NULL THEN RETURN; END IF;
    IF wanted = 'attendance' AND whose = ANY (o.attendance) THEN
        RETURN QUERY SELECT wanted, m.id, coalesce((SELECT s.title FROM section s
            WHERE s.id = m.section_id AND s.id = ANY (o.sections)), ''), m.day,
            mark_said(m.id, whose)
        FROM attendance_mark m WHERE m.student_id = whose AND m.ended_at IS NULL
        ORDER BY m.day DESC, m.id LIMIT 400;
    ELSIF wanted IN ('class grade', 'score') AND whose = ANY (o.grades) THEN
        RETURN QUERY SELECT wanted, r.id, s.title || ': ' || l.title, l.due_date,
            score_said(r.score, r.text_score)
        FROM result r JOIN line_item l ON l.id = r.line_item_id
            JOIN section s ON s.id = l.section_id
        WHERE r.student_id = whose AND r.ended_at IS NULL AND l.ended_at IS NULL
            AND l.is_grade = (wanted = 'class grade') AND s.id = ANY (o.sections)
        ORDER BY s.title, l.due_date DESC, r.id LIMIT 1000;
    ELSIF wanted = '' THEN
        RETURN QUERY SELECT a, NULL::uuid, '', NULL::date, value_on_record(a, NULL, whose)
        FROM unnest(ARRAY['first name', 'middle name', 'last name', 'birth date', 'grade level'])
            WITH ORDINALITY u (a, place) ORDER BY u.place;
    END IF;
END $$;

-- My requests about this child, the newest first, as the page of corrections opened them.
CREATE FUNCTION my_corrections(child uuid)
RETURNS TABLE (uuid uuid, about text, called text, day date, was text, wanted text, ground text,
    why text, asked_at timestamptz, due date, state text, answered_at timestamptz, answer text,
    heard text, agreed text, corrected_at timestamptz, hearing_asked_at timestamptz,
    hearing_on date, hearing_place text, hearing_said text, statement text, has_alias boolean)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR (SELECT l.act FROM ledger l WHERE l.id = o.entry_id)
        IS DISTINCT FROM 'corrections' THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, c.about, c.called, c.day, c.value_was, c.value_wanted, c.ground, c.why,
        c.asked_at, correction_due(c), c.state, c.answered_at, c.answer, c.heard, c.value_agreed,
        c.corrected_at, c.hearing_asked_at, c.hearing_on, c.hearing_place, c.hearing_said,
        c.statement, EXISTS (SELECT FROM masking m
            WHERE m.student_id = ANY (records_asked_about(c)) AND m.ended_at IS NULL)
    FROM corrections_of_mine() c JOIN person p ON p.id = ANY (records_asked_about(c))
    WHERE p.uuid = child AND p.id = ANY (o.ledger) ORDER BY c.id DESC;
END $$;

-- For the office: who asks about what, without any value. Waiting ones first, the earliest due
-- first, then those that an import has yet to bring.
CREATE FUNCTION corrections_shown()
RETURNS TABLE (uuid uuid, student text, name text, is_own boolean, about text, school text,
    asked_at timestamptz, due date, is_late boolean, state text, answered_at timestamptz,
    answerer text, corrected_at timestamptz, hearing_on date) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, full_name(w), full_name(p), c.person_id = c.student_id, c.about,
        (SELECT s.name FROM school s WHERE s.id = school_left(w.id)), c.asked_at,
        correction_due(c), correction_due(c) < today(), c.state, c.answered_at,
        (SELECT full_name(a) FROM person a WHERE a.id = c.answered_by_id), c.corrected_at,
        c.hearing_on
    FROM correction c JOIN person w ON w.id = c.student_id JOIN person p ON p.id = c.person_id
    WHERE may_answer(c) AND (c.state IN ('waiting', 'hearing', 'agreed')
        OR greatest(c.answered_at, c.corrected_at, c.hearing_done_at) > now() - interval '90 days')
    ORDER BY c.state NOT IN ('waiting', 'hearing'), c.state <> 'agreed', correction_due(c), c.id
    LIMIT 500;
END $$;

-- One request with its values, as its own view opened it.
CREATE FUNCTION correction_shown(which uuid)
RETURNS TABLE (uuid uuid, student text, name text, about text, called text, day date, was text,
    now_is text, wanted text, ground text, why text, state text, answer text, heard text,
    agreed text, due date, hearing_on date, hearing_place text, hearing_said text,
    statement text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR (SELECT l.act FROM ledger l WHERE l.id = o.entry_id)
        IS DISTINCT FROM 'correction case' THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, full_name(w), full_name(p), c.about, c.called, c.day, c.value_was,
        coalesce(value_on_record(c.about, c.of_row, c.student_id), ''), c.value_wanted, c.ground,
        c.why, c.state, c.answer, c.heard, c.value_agreed, correction_due(c), c.hearing_on,
        c.hearing_place, c.hearing_said, c.statement
    FROM correction c JOIN person w ON w.id = c.student_id JOIN person p ON p.id = c.person_id
    WHERE c.uuid = which AND may_answer(c)
        AND c.student_id = ANY (o.birth_date || o.names);
END $$;

GRANT EXECUTE ON FUNCTION correctable_shown(uuid, text), my_corrections(uuid), corrections_shown(),
    correction_shown(uuid) TO app;
