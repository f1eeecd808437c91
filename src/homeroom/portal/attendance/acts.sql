-- Administrators set the meanings of the district's attendance codes.

-- `changes` is [{status, excuse_code, was, now}]. `was` and `now` are [presence, excuse] or null.
-- Keeps all changes and returns true. Returns false and keeps none if one code is no longer as the
-- administrator saw it. The same holds for anyone without an office or a fresh sign-in. The second
-- of two calls at the same moment waits for the first.
CREATE FUNCTION set_attendance_codes(changes jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() OR changes IS NULL THEN RETURN false; END IF;
    LOCK TABLE attendance_code IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM jsonb_to_recordset(changes) AS c (status text, excuse_code text,
            was smallint[])
               LEFT JOIN attendance_code a USING (status, excuse_code)
               WHERE c.was IS DISTINCT FROM CASE WHEN a.id IS NOT NULL
                   THEN ARRAY[a.presence, a.excuse] END)
    THEN RETURN false; END IF;
    DELETE FROM attendance_code a USING jsonb_to_recordset(changes) AS c (status text,
        excuse_code text)
        WHERE a.status = c.status AND a.excuse_code = c.excuse_code;
    INSERT INTO attendance_code (status, excuse_code, presence, excuse)
        SELECT c.status, c.excuse_code, c.now[1], c.now[2]
        FROM jsonb_to_recordset(changes) AS c (status text, excuse_code text, now smallint[])
        WHERE c.now IS NOT NULL;
    PERFORM ledger_setting('attendance codes', changes::text, asking(), 'administrator');
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION set_attendance_codes(jsonb) TO app;
