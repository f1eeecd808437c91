-- Incidents (the district's policy, Civ. Code 1798.29 and 1798.82): who handles them, and who is
-- affected. Nothing here names anyone to a page.

-- The stage that was recorded last.
CREATE FUNCTION incident_stage(of_incident integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.what FROM incident_fact f
        WHERE f.incident_id = of_incident AND f.kind = 'stage'
        ORDER BY f.id DESC LIMIT 1), 'assess')
$$;

-- When the incident was discovered. Its clocks start there, and it may be before the declaration.
CREATE FUNCTION incident_start(of_incident integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT f.moment FROM incident_fact f WHERE f.incident_id = of_incident
        AND f.kind IN ('declared', 'started earlier', 'started later') ORDER BY f.id DESC LIMIT 1
$$;

-- The accounts that an open incident names as suspects.
CREATE FUNCTION suspects_of(of_incident integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.account::uuid FROM (SELECT DISTINCT ON (account) f.facts->>'account' AS account, f.kind
        FROM incident_fact f
        WHERE f.incident_id = of_incident AND f.kind IN ('suspect', 'cleared')
        ORDER BY account, f.id DESC) l WHERE l.kind = 'suspect'
$$;

CREATE FUNCTION is_suspect(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM incident i, suspects_of(i.id) s JOIN account a ON a.uuid = s
        WHERE a.person_id = who AND incident_stage(i.id) <> 'closed')
$$;

-- Administrators of the district handle incidents. Someone whose account is a suspect doesn't.
CREATE FUNCTION handles_incidents(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT decides_for(who, NULL) AND NOT is_suspect(who)
$$;

CREATE FUNCTION i_handle_incidents() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN i_decide_for(NULL) AND NOT is_suspect(asking_staff());
END $$;

-- NULL for everyone else, and if there is no such incident.
CREATE FUNCTION incident_i_handle(which uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT i_handle_incidents() THEN RETURN NULL; END IF;
    RETURN (SELECT i.id FROM incident i WHERE i.uuid = which);
END $$;

-- Notices to people and the public wait while law enforcement asks for it (Civ. Code 1798.82(c)).
CREATE FUNCTION is_on_hold(of_incident integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.kind = 'hold' AND coalesce(f.moment > now(), true)
        FROM incident_fact f
        WHERE f.incident_id = of_incident AND f.kind IN ('hold', 'hold ended')
        ORDER BY f.id DESC LIMIT 1), false)
$$;

-- The committed views that a question is about: {"account": "…", "act": "child", "from": "…",
-- "until": "…"}. Without an account or an act it is about all. A view counts even if its page
-- failed afterward.
CREATE FUNCTION views_asked(question jsonb)
RETURNS TABLE (id bigint, at timestamptz, act text, person_id integer)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE mine account;
BEGIN
    IF question ? 'account' THEN
        SELECT * INTO mine FROM account a WHERE a.uuid = (question->>'account')::uuid;
        RETURN QUERY SELECT l.id, l.at, l.act, l.person_id FROM ledger l
            WHERE l.event = 'look' AND l.person_id = mine.person_id
              AND l.at >= (question->>'from')::timestamptz
              AND l.at < (question->>'until')::timestamptz
              AND CASE WHEN mine.side = 'staff' THEN l.capacity NOT IN ('family', 'student')
                  ELSE l.capacity = mine.side END
              AND (NOT question ? 'act' OR l.act = question->>'act');
    ELSE
        RETURN QUERY SELECT l.id, l.at, l.act, l.person_id FROM ledger l
            WHERE l.event = 'look' AND l.at >= (question->>'from')::timestamptz
              AND l.at < (question->>'until')::timestamptz
              AND (NOT question ? 'act' OR l.act = question->>'act');
    END IF;
END $$;

-- The kinds of data in a student's record, as the access log names them.
CREATE FUNCTION kinds_kept() RETURNS text[] LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT ARRAY['names', 'grades', 'attendance', 'contacts', 'birth date', 'ledger']
$$;

-- The students that a question affects, and by which kinds of data. A view of a class counts the
-- students whom it showed on that day. The log has one line a day for each student of a list, so
-- all pages of that list count that were viewed on the same day: an upper bound.
CREATE FUNCTION students_affected(question jsonb)
RETURNS TABLE (student_id integer, kind text, is_hidden boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE zone text := (SELECT d.time_zone FROM district d);
BEGIN
    IF question ? 'everyone' THEN
        RETURN QUERY SELECT p.id, k, false FROM person p, unnest(kinds_kept()) k
            WHERE p.is_student;
        RETURN;
    END IF;
    RETURN QUERY
    WITH v AS MATERIALIZED (SELECT * FROM views_asked(question)),
    lists AS (SELECT DISTINCT v.person_id, v.act, (v.at AT TIME ZONE zone)::date AS day
        FROM v WHERE v.act = ANY (acts_that_list())),
    entries AS MATERIALIZED (SELECT v.id FROM v
        UNION SELECT l.id FROM lists d JOIN ledger l ON l.event = 'look'
            AND l.person_id = d.person_id AND l.act = d.act
            AND l.at >= d.day::timestamp AT TIME ZONE zone
            AND l.at < (d.day + 1)::timestamp AT TIME ZONE zone)
    SELECT s.student_id, k, bool_and(EXISTS (SELECT FROM withheld_entry w
            WHERE w.student_id = s.student_id AND w.entry_id = s.entry_id AND w.until > today()))
    FROM entries e JOIN ledger_student s ON s.entry_id = e.id,
        LATERAL unnest(s.kinds || ARRAY['names']) k
    GROUP BY s.student_id, k;
END $$;

-- Adults whose own data was shown with these students: contacts in the record and adults with
-- access. `key` counts an adult once, also one without a row in person.
CREATE FUNCTION adults_affected(question jsonb)
RETURNS TABLE (key text, person_id integer, kind text, is_confidential boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH s AS MATERIALIZED (SELECT a.student_id, bool_or(a.kind = 'contacts') AS with_details
        FROM students_affected(question) a 
        WHERE a.kind IN ('contacts', 'contact names') GROUP BY 1),
    shown AS (
        SELECT coalesce('p' || c.person_id, nullif('s' || c.sis_id, 's'), 'c' || c.id) AS key,
            c.person_id, s.with_details, c.is_confidential
        FROM s JOIN contact c ON c.student_id = s.student_id
        WHERE question ? 'everyone'
            OR coalesce(c.ended_at >= (question->>'from')::timestamptz, true)
        UNION ALL
        SELECT 'p' || t.adult_id, t.adult_id, s.with_details, t.is_confidential
        FROM s JOIN tie t ON t.student_id = s.student_id
        WHERE question ? 'everyone' OR t.created_at < (question->>'until')::timestamptz)
    SELECT w.key, w.person_id, k, bool_or(w.is_confidential)
    FROM shown w, unnest(CASE WHEN w.with_details THEN ARRAY['names', 'contacts']
        ELSE ARRAY['names'] END) k
    GROUP BY 1, 2, 3;
END $$;

-- Accounts whose sign-in the question is about.
CREATE FUNCTION accounts_affected(question jsonb) RETURNS SETOF account LANGUAGE sql STABLE AS $$
    SELECT a.* FROM account a
    WHERE question ? 'everyone' AND a.is_active OR a.uuid = (question->>'account')::uuid
$$;

-- How many people all these questions affect together: of each kind, by kind of data. `at_most`:
-- something that no view recorded could only be estimated from above. `refused` are tries that
-- opened nothing. Homeroom has no postal addresses, so no one's state is known, and all count.
CREATE FUNCTION counts_of(questions jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH q AS MATERIALIZED (SELECT e AS one FROM jsonb_array_elements(questions) e),
    seen AS MATERIALIZED (
        SELECT 'p' || a.student_id AS key, 'students' AS kind, a.kind AS data
        FROM q, students_affected(q.one) a
        UNION SELECT a.key, 'adults', a.kind FROM q, adults_affected(q.one) a
        UNION SELECT 'p' || a.person_id, CASE a.side WHEN 'student' THEN 'students'
            WHEN 'family' THEN 'adults' ELSE 'staff' END, 'credentials'
        FROM q, accounts_affected(q.one) a),
    views AS MATERIALIZED (SELECT v.id, v.act FROM q, views_asked(q.one) v
        WHERE NOT q.one ? 'everyone')
    SELECT jsonb_build_object(
        'people', (SELECT count(DISTINCT s.key) FROM seen s),
        'by_kind', (SELECT coalesce(jsonb_object_agg(g.kind, g.n), '{}')
            FROM (SELECT s.kind, count(DISTINCT s.key) AS n FROM seen s GROUP BY 1) g),
        'by_data', (SELECT coalesce(jsonb_object_agg(g.kind || ': ' || g.data, g.n), '{}')
            FROM (SELECT s.kind, s.data, count(*) AS n FROM seen s GROUP BY 1, 2) g),
        'views', (SELECT count(DISTINCT v.id) FROM views v),
        'refused', (SELECT count(*) FROM q JOIN account a ON a.uuid = (q.one->>'account')::uuid
            JOIN security_event e ON e.kind IN ('cap', 'brake') AND e.account_id = a.id
                AND e.at >= (q.one->>'from')::timestamptz
                AND e.at < (q.one->>'until')::timestamptz),
        'at_most', EXISTS (SELECT FROM views v WHERE v.act = ANY (acts_that_list()))
            OR EXISTS (SELECT FROM q WHERE q.one ? 'everyone'),
        'searches', (SELECT count(DISTINCT v.id) FROM views v
            WHERE v.act = ANY (acts_that_search())))
$$;

-- The counts of this incident that no one set aside.
CREATE FUNCTION counts_that_count(of_incident integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT f.uuid FROM incident_fact f WHERE f.incident_id = of_incident AND f.kind = 'counted'
        AND NOT EXISTS (SELECT FROM incident_fact a WHERE a.incident_id = of_incident
            AND a.kind = 'set aside' AND a.facts->>'count' = f.uuid::text)
$$;

-- Their questions.
CREATE FUNCTION questions_counted(of_incident integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(f.facts->'question' ORDER BY f.id), '[]') FROM incident_fact f
    WHERE f.uuid IN (SELECT counts_that_count(of_incident))
$$;

-- The digest of a fact, as its entry in the access log has it.
CREATE FUNCTION fact_digest(f incident_fact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(f.uuid, i.uuid, i.year, i.number,
        to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), w.uuid, f.kind, f.what,
        f.words, to_char(f.moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        f.facts)::text, 'UTF8')), 'hex')
    FROM incident i LEFT JOIN person w ON w.id = f.by_id
    WHERE i.id = f.incident_id
$$;

-- The last fact of an incident with a total. NULL: no one is counted.
CREATE FUNCTION last_total(of_incident integer) RETURNS incident_fact LANGUAGE sql STABLE AS $$
    SELECT * FROM incident_fact f WHERE f.incident_id = of_incident
        AND f.kind IN ('counted', 'set aside') ORDER BY f.id DESC LIMIT 1
$$;
