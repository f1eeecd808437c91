-- Security events as an administrator reads them.

-- For administrators: events that match, newest first, before a moment and a number. NULL leaves a
-- condition out. An event of someone whom the administrator may not decide about shows no name, no
-- device and no address, and no filter finds it by account or address: a parent at the office must
-- not follow the other one's sign-ins. The statement is planned for the conditions that are given.
CREATE FUNCTION security_events(of_kind text, of_result text, of_account bigint, of_address bytea,
    since timestamptz, until timestamptz, before_at timestamptz, before bigint)
RETURNS TABLE (number bigint, at timestamptz, kind text, result text, what text, account bigint,
    name text, side text, address bytea, device text, about bigint, is_hidden boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY EXECUTE format($q$
        SELECT e.id, e.at, e.kind, e.result, e.what, CASE WHEN h.shown THEN e.account_id END,
            CASE WHEN h.shown THEN full_name(p) END, CASE WHEN h.shown THEN a.side END,
            CASE WHEN h.shown THEN e.address END, CASE WHEN h.shown THEN e.device ELSE '' END,
            CASE WHEN h.shown THEN e.about END, NOT h.shown
        FROM security_event e LEFT JOIN account a ON a.id = e.account_id
            LEFT JOIN person p ON p.id = a.person_id
            CROSS JOIN LATERAL (SELECT p.id IS NULL OR p.id = asking() OR may_decide_about(p.id)
                AS shown OFFSET 0) h
        WHERE e.at >= $5 AND e.at < $6 AND (e.at, e.id) < ($7, $8) %s %s %s %s
        ORDER BY e.at DESC, e.id DESC LIMIT 51$q$,
        CASE WHEN of_kind IS NOT NULL THEN 'AND e.kind = $1' END,
        CASE WHEN of_result IS NOT NULL THEN 'AND e.result = $2' END,
        CASE WHEN of_account IS NOT NULL THEN 'AND e.account_id = $3 AND h.shown' END,
        CASE WHEN of_address IS NOT NULL THEN 'AND e.address = $4 AND h.shown' END)
        USING of_kind, of_result, of_account, of_address, since, until,
            coalesce(before_at, 'infinity'), coalesce(before, 9223372036854775807);
END $$;

GRANT EXECUTE ON FUNCTION security_events(text, text, bigint, bytea, timestamptz, timestamptz,
    timestamptz, bigint) TO app;
