-- Requests for inspection, for the asker and for the office.

-- Staff who signed in within 7 days. If a file leaves them out, an administrator sees them first.
CREATE FUNCTION staff_seen_lately() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT DISTINCT person_id FROM session
        WHERE side = 'staff' AND last_seen_at > now() - interval '7 days')
$$;

-- The students whose records I may ask to inspect, those who left first: whether the record is open
-- and through which day, and what became of my last request. `left_on` and `last_day` are NULL for
-- a student who is here.
CREATE FUNCTION my_inspections()
RETURNS TABLE (uuid uuid, name text, is_own boolean, left_on date, is_open boolean, last_day date,
    state text, asked_for text, asked_at timestamptz, due date, latest date)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), p.id = asking(), left_on(p.id), is_readable(p.id, asking()),
           CASE WHEN left_on(p.id) IS NOT NULL THEN greatest(closes_on(p.id), o.until) - 1 END,
           i.state, i.asked_for, i.asked_at, inspection_due(i), inspection_latest(i)
    FROM my_inspectable() f JOIN person p ON p.id = f
         LEFT JOIN LATERAL (SELECT * FROM inspection q
             WHERE q.student_id = p.id AND q.person_id = asking() ORDER BY q.id DESC
             LIMIT 1) i ON true
         LEFT JOIN LATERAL (SELECT max(q.open_until) AS until FROM inspection q
             WHERE q.student_id = p.id AND q.person_id = asking()) o ON true
    ORDER BY left_on(p.id) IS NULL, p.given_name, p.id;
END $$;

-- Waiting ones first, the earliest due first. `is_here` means that the record is open online.
-- `is_late` means that the five business days are over. `school` is the one whose office answers,
-- or NULL for the district's office.
CREATE FUNCTION inspections_shown()
RETURNS TABLE (uuid uuid, student text, name text, relation text, is_here boolean, school text,
    asked_for text, asked_at timestamptz, due date, latest date, is_late boolean, state text,
    answered_at timestamptz, answerer text, last_day date)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT i.uuid, full_name(c), full_name(p),
        CASE WHEN p.id <> c.id THEN (SELECT coalesce(nullif(t.relation, ''), t.kind) FROM tie t
               WHERE t.adult_id = p.id AND t.student_id = c.id ORDER BY t.state = 'ended', t.id DESC
               LIMIT 1) END,
           left_on(c.id) IS NULL,
           (SELECT s.name FROM school s WHERE s.id = school_left(c.id)), i.asked_for,
           i.asked_at, inspection_due(i), inspection_latest(i), inspection_due(i) < today(),
           i.state, i.answered_at,
           (SELECT full_name(a) FROM person a WHERE a.id = i.answered_by_id), i.open_until - 1
    FROM inspection i JOIN person c ON c.id = i.student_id JOIN person p ON p.id = i.person_id
    WHERE may_answer_for(i.student_id, i.person_id)
      AND (i.state = 'waiting' OR i.answered_at > now() - interval '90 days')
    ORDER BY i.state <> 'waiting', CASE i.state WHEN 'waiting' THEN i.asked_at END,
        CASE i.state WHEN 'waiting' THEN i.id ELSE -i.id END LIMIT 500;
END $$;

GRANT EXECUTE ON FUNCTION staff_seen_lately() TO intake;
GRANT EXECUTE ON FUNCTION my_inspections(), inspections_shown() TO app;
