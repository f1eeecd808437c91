-- What the district's attendance codes mean: which ones its files sent, how often, and what administrators said they mean.
-- Counted by code and never told by student, so that no look comes first; for whoever holds an office alone.

-- Each pair of words in the marks, with its last day: one probe of the index a pair, where DISTINCT would read five million marks.
-- At most so many: a file with sentences where codes belong has as many of them as rows.
CREATE FUNCTION attendance_codes_met(most integer) RETURNS TABLE (status text, excuse_code text, last_day date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE met AS (
        (SELECT m.status, m.excuse_code FROM attendance_mark m WHERE EXISTS (SELECT FROM my_offices()) ORDER BY 1, 2 LIMIT 1)
        UNION ALL
        SELECT n.status, n.excuse_code FROM met, LATERAL (
            SELECT m.status, m.excuse_code FROM attendance_mark m
            WHERE (m.status, m.excuse_code) > (met.status, met.excuse_code) ORDER BY 1, 2 LIMIT 1) n
    ), first AS (SELECT * FROM met LIMIT most)
    SELECT s.status, s.excuse_code,
           (SELECT m.day FROM attendance_mark m WHERE m.status = s.status AND m.excuse_code = s.excuse_code ORDER BY m.day DESC LIMIT 1)
    FROM first s
$$;

-- How many marks since that day, of each pair up to the last one that was found. In one pass, over the index where that is enough.
CREATE FUNCTION attendance_codes_counted(last_status text, last_excuse_code text, since date) RETURNS TABLE (status text, excuse_code text, marks bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.status, m.excuse_code, count(*) FROM attendance_mark m
    WHERE m.day >= since AND (m.status, m.excuse_code) <= (last_status, last_excuse_code) AND EXISTS (SELECT FROM my_offices())
    GROUP BY m.status, m.excuse_code
$$;

-- How many marks that families can read have one of these pairs, and of how many students. The row of NULLs is all of them.
-- First by student: to sort millions of marks for their different students took four times as long.
CREATE FUNCTION attendance_codes_touched(statuses text[], excuse_codes text[])
RETURNS TABLE (status text, excuse_code text, marks bigint, students bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH of_student AS MATERIALIZED (
        SELECT m.status, m.excuse_code, m.student_id, count(*) AS marks
        FROM unnest(statuses, excuse_codes) AS u (status, excuse_code) JOIN attendance_mark m USING (status, excuse_code)
        WHERE EXISTS (SELECT FROM my_offices())
          AND (m.ended_at IS NULL OR EXISTS (SELECT FROM role r WHERE r.person_id = m.student_id AND r.school_id = m.school_id AND r.ended_at = m.ended_at))
        GROUP BY m.status, m.excuse_code, m.student_id)
    SELECT status, excuse_code, sum(marks)::bigint, count(*) FROM of_student GROUP BY status, excuse_code
    UNION ALL SELECT NULL, NULL, coalesce(sum(marks), 0)::bigint, count(DISTINCT student_id) FROM of_student
$$;

-- changes: [{status, excuse_code, was, now}], was and now [presence, excuse] or null. Whether they were kept: all of them, or none where
-- one is no longer what the administrator was shown. Of two at the same moment the second waits for the first.
CREATE FUNCTION set_attendance_codes(changes jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() THEN RETURN false; END IF;
    LOCK TABLE attendance_code IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM jsonb_to_recordset(changes) AS c (status text, excuse_code text, was smallint[])
               LEFT JOIN attendance_code a USING (status, excuse_code)
               WHERE c.was IS DISTINCT FROM CASE WHEN a.id IS NOT NULL THEN ARRAY[a.presence, a.excuse] END)
    THEN RETURN false; END IF;
    DELETE FROM attendance_code a USING jsonb_to_recordset(changes) AS c (status text, excuse_code text)
        WHERE a.status = c.status AND a.excuse_code = c.excuse_code;
    INSERT INTO attendance_code (status, excuse_code, presence, excuse)
        SELECT c.status, c.excuse_code, c.now[1], c.now[2]
        FROM jsonb_to_recordset(changes) AS c (status text, excuse_code text, now smallint[]) WHERE c.now IS NOT NULL;
    PERFORM ledger_setting('attendance codes', changes::text, asking(), 'administrator');
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION attendance_codes_met(integer), attendance_codes_counted(text, text, date), attendance_codes_touched(text[], text[]),
    set_attendance_codes(jsonb) TO app;
