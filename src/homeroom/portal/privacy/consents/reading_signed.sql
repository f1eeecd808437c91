-- Every consent about a student, tutors' included.

-- The newest first. A tutor's consent is read from its own table, and `uuid` is then that of the
-- access it gave. `by_whom`: 'own', 'student' or 'adult'. Other adults don't learn which adult
-- signed. `counts`: it lets the recipient have the records today.
CREATE FUNCTION consents_shown(child uuid)
RETURNS TABLE (uuid uuid, is_tutors boolean, records text[], purpose text, recipient text,
    last_day date, by_whom text, signed_at timestamptz, ended_at timestamptz, counts boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE whose integer := (SELECT m.student_id FROM my_say_on_consents(child) m);
BEGIN
    IF whose IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT a.uuid, a.is_tutors, a.records, a.purpose, a.recipient, a.last_day,
        CASE a.consenter_id WHEN asking() THEN 'own' WHEN whose THEN 'student' ELSE 'adult' END,
        a.signed_at, a.ended_at, a.counts
    FROM (SELECT c.uuid, false AS is_tutors, c.records, c.purpose, c.recipient, c.last_day,
            c.consenter_id, c.signed_at, c.ended_at, consent_counts(c) AS counts
        FROM signed_consent c WHERE c.student_id = whose
        UNION ALL SELECT t.uuid, true, c.kinds, c.purpose,
            concat_ws(', ', full_name(p), nullif(c.organization, '')), c.last_day, c.consenter_id,
            c.signed_at, c.ended_at, c.ended_at IS NULL AND c.last_day >= today() AND NOT t.is_shut
                AND t.state IN ('approved', 'under challenge') AND consent_stands(t.id)
        FROM tutor_consent c JOIN tie t ON t.id = c.tie_id JOIN person p ON p.id = t.adult_id
        WHERE t.student_id = whose AND NOT t.is_confidential) a
    ORDER BY a.counts DESC, a.signed_at DESC LIMIT 200;
END $$;

GRANT EXECUTE ON FUNCTION consents_shown(uuid) TO app;
