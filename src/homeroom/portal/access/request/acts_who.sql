-- Asks every account that might see a student.

-- Asks as each account, and as each support grant, in a session with a proof that no one has. The
-- subtransaction takes all of it back and restores the claim of the person who reads the page. A
-- session of someone else must not outlive this function by even one statement.
CREATE FUNCTION looks_of_everybody(child integer) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE one account; g support_grant; proof bytea; found jsonb := '[]'; more jsonb;
BEGIN
    FOR one IN SELECT * FROM accounts_to_ask(child) LOOP
        proof := sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
                'hex'));
        INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)
            VALUES (sha256(proof), one.id, one.person_id, one.side, interval '1 minute',
                now() + interval '1 minute', true);
        PERFORM claim(proof, NULL);
        SELECT coalesce(jsonb_agg(to_jsonb(w)
                || jsonb_build_object('person', one.person_id, 'side', one.side)), '[]') INTO more
                FROM looks_of_mine(child) w;
        found := found || more;
    END LOOP;
    FOR g IN SELECT * FROM support_grant r
        WHERE child = ANY (r.students) AND r.ended_at IS NULL LOOP
        proof := sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
                'hex'));
        INSERT INTO support_session (key, grant_id) VALUES (sha256(proof), g.id);
        PERFORM claim(proof, NULL);
        SELECT coalesce(jsonb_agg(jsonb_build_object('side', 'support', 'capacity', 'support',
                'kinds', ARRAY['grades', 'attendance', 'ties'], 'grant_id', g.id)), '[]')
            INTO more FROM running_support s;
        found := found || more;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'HR001', MESSAGE = 'asked';
EXCEPTION WHEN SQLSTATE 'HR001' THEN
    RETURN found;
END $$;

-- Every person whom the page counts, and ties that are not open now. `people` is how many people a
-- row has. Only administrators learn who is an administrator. Here they are one row without names.
-- An administrator who is named for another reason is counted in both, or the difference would name
-- that person. A confidential tie is counted without name or relation. last_on is the day of the
-- last view, never a time: for each staff member, and for all administrators together. The page
-- doesn't say why a tie is closed, because the family may not learn of a restriction.
CREATE FUNCTION who_can_see(child uuid)
RETURNS TABLE (part text, who uuid, name text, is_me boolean, is_hidden boolean, people bigint,
    capacities text[], relation text, proof text, approved_on date, classes text[], duties text[],
    school text, last_day date, until timestamptz, kinds text[], last_on date)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE me integer := asking();
    about integer := one_of(opened('ledger'), child);
    asked jsonb;
    begun integer[];
    zone text := (SELECT d.time_zone FROM district d);
    withheld bigint[];
BEGIN
    IF about IS NULL THEN RETURN; END IF;
    withheld := withheld_of(about);
    asked := looks_of_everybody(about);
    begun := sections_of(ARRAY[about]);
    RETURN QUERY
    WITH seen AS MATERIALIZED (SELECT * FROM seen_of_child(about, asked)),
         looked AS MATERIALIZED (
            SELECT l.person_id, CASE WHEN l.capacity IN ('family', 'student', 'administrator',
                    'support') THEN l.capacity ELSE 'staff' END AS as_what,
                   (max(s.at) AT TIME ZONE zone)::date AS last_on
            FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look'
            WHERE s.student_id = about AND s.at > now() - interval '396 days'
              AND s.entry_id <> ALL (withheld) GROUP BY 1, 2)
    SELECT s.part, CASE WHEN NOT h.is_hidden THEN p.uuid END,
           CASE WHEN NOT h.is_hidden THEN full_name(p) END, coalesce(s.person = me, false),
               h.is_hidden, s.people,
           s.capacities, CASE WHEN NOT h.is_hidden
               THEN coalesce(nullif(t.relation, ''), t.kind) END,
               CASE WHEN NOT h.is_hidden THEN t.proof END,
           CASE WHEN NOT h.is_hidden THEN (t.approved_at AT TIME ZONE zone)::date END, c.titles,
               d.duties, d.school,
           coalesce(CASE WHEN NOT h.is_hidden THEN t.end_date - 1 END, d.last_day,
               CASE WHEN 'substitute' = ANY (s.capacities) THEN u.last_day END), g.until, s.kinds,
           CASE WHEN NOT h.is_hidden
               THEN (SELECT max(k.last_on) FROM looked k
                   WHERE k.as_what = s.as_what AND (s.person IS NULL OR k.person_id = s.person)) END
    FROM seen s LEFT JOIN person p ON p.id = s.person LEFT JOIN tie t ON t.id = s.tie
         LEFT JOIN support_grant g ON g.id = s.grant_id,
         LATERAL (SELECT array_agg(x.title ORDER BY x.title, x.id) AS titles FROM section x
             WHERE x.id = ANY (s.classes) AND x.id = ANY (begun)) c,
         LATERAL (SELECT array_agg(DISTINCT y.duty) AS duties, min(z.name) AS school,
             min(y.end_date) - 1 AS last_day
                  FROM duty y JOIN school z ON z.id = y.school_id
                  WHERE y.person_id = s.person AND 'duty: ' || y.duty = ANY (s.capacities)
                    AND y.start_date <= today() AND (y.end_date IS NULL OR y.end_date > today())
                    AND y.school_id IN (SELECT schools_of_child(about))) d,
         LATERAL (SELECT max(v.last_day) AS last_day FROM substitution v
             WHERE v.person_id = s.person AND v.section_id = ANY (s.classes)
               AND v.ended_at IS NULL) u,
         -- next term's schedule is not published yet, and neither is who teaches it
         LATERAL (SELECT coalesce(t.is_confidential AND s.person <> me, false) OR s.part = 'teacher'
             AND c.titles IS NULL AS is_hidden) h
    UNION ALL
    SELECT CASE t.kind WHEN 'tutor' THEN 'tutor' ELSE 'family' END, p.uuid, full_name(p), false,
           false, 0, ARRAY['family'], coalesce(nullif(t.relation, ''), t.kind),
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}',
           (SELECT max(k.last_on) FROM looked k
               WHERE k.as_what = 'family' AND k.person_id = t.adult_id)
    FROM tie t JOIN person p ON p.id = t.adult_id
    WHERE t.student_id = about AND t.state <> 'ended'
      AND (t.end_date IS NULL OR t.end_date > today()) AND NOT t.is_confidential
      AND NOT EXISTS (SELECT FROM seen s WHERE s.tie = t.id);
END $$;

GRANT EXECUTE ON FUNCTION who_can_see(uuid) TO app;
