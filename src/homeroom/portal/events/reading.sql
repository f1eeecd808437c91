-- Security events as an administrator reads them.

-- For administrators of the district: events that match, newest first, before a moment and a
-- number. NULL leaves a condition out. An event of someone whom the administrator may not decide
-- about shows no name, no device and no address, and no filter finds it by account or address: a
-- parent at the office must not follow the other one's sign-ins. A name is shown once the person is
-- counted (count_names()). The statement is planned for the conditions that are given.
CREATE FUNCTION security_events(of_kind text, of_result text, of_account bigint, of_address bytea,
    since timestamptz, until timestamptz, before_at timestamptz, before bigint)
RETURNS TABLE (number bigint, at timestamptz, kind text, result text, what text, account bigint,
    name text, side text, address bytea, device text, about bigint, is_hidden boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL) THEN RETURN; END IF;
    RETURN QUERY EXECUTE format($q$
        SELECT e.id, e.at, e.kind, e.result, e.what, CASE WHEN h.shown THEN e.account_id END,
            CASE WHEN h.shown AND (p.id = asking() OR EXISTS (SELECT FROM look_student k
                    WHERE k.person_id = asking() AND k.student_id = p.id
                      AND k.at > now() - interval '1 day')) THEN full_name(p) END,
            CASE WHEN h.shown THEN a.side END,
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

-- For administrators of the district: staff who came to half of their limit in the last 30 days, or
-- whose limit was raised, newest first. of_day is the limit now, and viewed what they viewed in the
-- last 24 hours.
CREATE FUNCTION brakes_shown() RETURNS TABLE (person uuid, name text, half_at timestamptz,
    reached_at timestamptz, locked_at timestamptz, raised_until timestamptz, of_day integer,
    viewed bigint, may_raise boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), b.half_at, b.reached_at, b.locked_at, r.until,
        cap_of(p.id, coalesce(b.capacity, '')), (SELECT count(*) FROM look_student l
            WHERE l.person_id = p.id AND l.at > now() - interval '1 day'),
        p.id <> asking()
    FROM person p LEFT JOIN brake b ON b.person_id = p.id
        LEFT JOIN LATERAL (SELECT max(c.until) AS until FROM cap_raise c
            WHERE c.person_id = p.id AND c.until > now()) r ON true
    WHERE p.id IN (SELECT w.person_id FROM brake w UNION
            SELECT c.person_id FROM cap_raise c WHERE c.until > now())
      AND greatest(b.half_at, b.reached_at, b.locked_at, r.until) > now() - interval '30 days'
    ORDER BY greatest(b.half_at, b.reached_at, b.locked_at) DESC NULLS LAST, p.id LIMIT 100;
END $$;

GRANT EXECUTE ON FUNCTION brakes_shown() TO app;

-- For administrators of the district: the staff who viewed the most students in the seven days from
-- this one on, and those who viewed the most outside their own classes. `outside` counts students
-- of no class that the person teaches or taught. Twenty of each at most.
CREATE FUNCTION week_viewers(first_day date) RETURNS TABLE (person uuid, name text, viewed bigint,
    outside bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL) THEN RETURN; END IF;
    RETURN QUERY
    WITH pair AS (SELECT DISTINCT v.person_id, v.student_id FROM view_day v
            WHERE v.day >= first_day AND v.day < first_day + 7 AND v.person_id <> v.student_id),
        own AS (SELECT DISTINCT t.person_id, s.person_id AS student_id
            FROM enrollment t JOIN enrollment s ON s.section_id = t.section_id
                AND s.role = 'student' WHERE t.role <> 'student'),
        each_one AS (SELECT v.person_id, count(*) AS viewed,
                count(*) FILTER (WHERE o.person_id IS NULL) AS outside
            FROM pair v LEFT JOIN own o USING (person_id, student_id) GROUP BY v.person_id),
        placed AS (SELECT e.*, row_number() OVER (ORDER BY e.viewed DESC, e.person_id) AS by_all,
                row_number() OVER (ORDER BY e.outside DESC, e.person_id) AS by_outside
            FROM each_one e)
    SELECT p.uuid, full_name(p), w.viewed, w.outside FROM placed w JOIN person p
        ON p.id = w.person_id
    WHERE w.by_all <= 20 OR w.by_outside <= 20 AND w.outside > 0
    ORDER BY w.viewed DESC, p.id;
END $$;

GRANT EXECUTE ON FUNCTION week_viewers(date) TO app;

-- For the jobs process: people who reached their limit, about whom the IT contact has no email yet.
-- It names no one.
CREATE FUNCTION brakes_to_mail() RETURNS TABLE (person_id integer, at timestamptz,
    is_locked boolean, it_mail text) LANGUAGE sql STABLE AS $$
    SELECT b.person_id, coalesce(b.locked_at, b.reached_at), b.locked_at IS NOT NULL, d.it_mail
    FROM brake b, district d
    WHERE b.reached_at > now() - interval '1 day' AND b.mailed_at IS NULL AND d.it_mail <> ''
    ORDER BY 2
$$;

GRANT EXECUTE ON FUNCTION brakes_to_mail() TO jobs;
