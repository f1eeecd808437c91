-- What the district chose about who sees what: one row a setting. What narrows is written at once by one administrator of the district;
-- what widens takes two people (two_people.sql). Before either, a preview asks the database itself, before and after, as everybody
-- whom the setting concerns.

-- Every choice of every setting; width: the wider, the more it lets in.
CREATE FUNCTION setting_choices() RETURNS TABLE (setting text, choice text, width integer) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    VALUES ('teachers_see_school', 'false', 0), ('teachers_see_school', 'true', 1),
           ('registering', 'closed', 0), ('registering', 'in person', 1), ('registering', 'approve first', 2), ('registering', 'limited first', 3),
           ('registering_students', 'closed', 0), ('registering_students', 'in person', 1), ('registering_students', 'approve first', 2),
           ('registering_students', 'limited first', 3),
           ('code_approves', 'false', 0), ('code_approves', 'true', 1),
           ('letters_by_child', 'false', 0), ('letters_by_child', 'true', 1),
           ('tutors', 'off', 0), ('tutors', 'on', 1), ('tutors', 'with grades', 2)
    UNION ALL SELECT 'leaving_days', n::text, n FROM generate_series(30, 365) n
$$;

CREATE FUNCTION setting_now(of_setting text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT to_jsonb(d)->>of_setting FROM district d
$$;

-- NULL: no such choice.
CREATE FUNCTION is_wider(of_setting text, was text, becomes text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.width > w.width FROM setting_choices() w JOIN setting_choices() b USING (setting) WHERE setting = of_setting AND w.choice = was AND b.choice = becomes
$$;

-- The one place where a choice is written, by whoever: an administrator, two, or the operator's command (by_person NULL). Written down,
-- and told to every administrator. by_two: the proposal that a second person confirmed.
CREATE FUNCTION write_setting(of_setting text, becomes text, by_person integer, by_capacity text, by_two uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was text := setting_now(of_setting);
BEGIN
    IF is_wider(of_setting, was, becomes) IS NULL THEN RAISE EXCEPTION 'no such choice'; END IF;
    IF was = becomes THEN RETURN; END IF;
    EXECUTE format('UPDATE district SET %I = %L', of_setting, becomes);
    PERFORM ledger_setting(of_setting, jsonb_build_object('was', was, 'now', becomes, 'two', by_two)::text, by_person, by_capacity);
    PERFORM tell_administrators(NULL, 'setting changed');
END $$;

-- For the page, to whoever holds an office. waits: the choice that a second person is asked for. history: the newest first; by NULL: the operator.
CREATE FUNCTION access_settings_shown() RETURNS TABLE (setting text, choice text, choices text[], waits text, may_change boolean, history jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.setting, setting_now(c.setting), array_agg(c.choice ORDER BY c.width),
           (SELECT p.payload->>'now' FROM proposal p WHERE p.kind = 'wider setting' AND p.state = 'waiting' AND p.payload->>'setting' = c.setting ORDER BY p.id DESC LIMIT 1),
           i_decide_for(NULL),
           (SELECT coalesce(jsonb_agg(h ORDER BY h.id DESC), '[]') FROM (
                SELECT l.id, l.at, l.reason::jsonb->>'was' AS was, l.reason::jsonb->>'now' AS now, full_name(b) AS by, full_name(s) AS second
                FROM ledger l LEFT JOIN person b ON b.id = l.person_id LEFT JOIN proposal p ON p.uuid = (l.reason::jsonb->>'two')::uuid
                     LEFT JOIN person s ON s.id = p.decided_by_id
                WHERE l.event = 'setting' AND l.act = c.setting ORDER BY l.id DESC LIMIT 5) h)
    FROM setting_choices() c WHERE EXISTS (SELECT FROM my_offices()) GROUP BY c.setting
$$;

-- was: as the administrator was shown it. 'kept'; 'proposed': it widens, and waits for a second person; 'same'; 'taken': it is no longer
-- as shown, or the same waits already; 'odd': no such choice; 'again'; '' for whoever is no administrator of the district.
CREATE FUNCTION change_setting(of_setting text, was text, becomes text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wider boolean := is_wider(of_setting, was, becomes);
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    IF wider IS NULL THEN RETURN 'odd'; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    PERFORM FROM district FOR UPDATE;  -- of two at the same moment the second reads what the first wrote
    IF setting_now(of_setting) IS DISTINCT FROM was THEN RETURN 'taken'; END IF;
    IF was = becomes THEN RETURN 'same'; END IF;
    IF wider THEN RETURN propose('wider setting', NULL, NULL, jsonb_build_object('setting', of_setting, 'was', was, 'now', becomes), ''); END IF;
    PERFORM write_setting(of_setting, becomes, asking(), 'administrator', NULL);
    RETURN 'kept';
END $$;

-- The second's yes: of the choice as it was proposed, while the setting still is as it was then.
CREATE FUNCTION widen_setting(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM district FOR UPDATE;
    IF setting_now(p.payload->>'setting') IS DISTINCT FROM p.payload->>'was' THEN RETURN false; END IF;
    PERFORM write_setting(p.payload->>'setting', p.payload->>'now', p.proposed_by_id, 'administrator', p.uuid);
    RETURN true;
END $$;

-- ── The preview ──
-- Accounts whose reach may rest on the setting: more than these are asked for nothing.
CREATE FUNCTION accounts_of_setting(of_setting text) RETURNS SETOF account LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.* FROM account a WHERE of_setting = 'teachers_see_school' AND a.side = 'staff' AND a.is_active
        AND EXISTS (SELECT FROM enrollment e WHERE e.person_id = a.person_id AND e.role = 'teacher' AND e.ended_at IS NULL)
    UNION ALL
    SELECT a.* FROM account a WHERE of_setting = 'tutors' AND a.side = 'family' AND a.is_active
        AND EXISTS (SELECT FROM tie t WHERE t.adult_id = a.person_id AND t.kind = 'tutor' AND t.state <> 'ended')
    UNION ALL
    SELECT a.* FROM (SELECT p.id FROM person p WHERE of_setting = 'leaving_days' AND p.is_student
                     AND NOT EXISTS (SELECT FROM role r WHERE r.person_id = p.id AND r.role = 'student' AND r.ended_at IS NULL AND r.end_date IS NULL AND p.ended_at IS NULL)) w,
         LATERAL (SELECT t.adult_id AS person_id, 'family' AS side FROM tie t WHERE t.student_id = w.id AND t.state <> 'ended' UNION SELECT w.id, 'student') q
         JOIN account a ON a.person_id = q.person_id AND a.side = q.side AND a.is_active GROUP BY a.id
$$;

-- Asks as this account, in a session with a proof that nobody has: whoever calls it takes everything back. ids: of staff the classes
-- that open, of others the students.
CREATE FUNCTION reached_as(a account) RETURNS TABLE (capacity text, kind text, ids integer[]) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE proof bytea := sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
BEGIN
    INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)
        VALUES (sha256(proof), a.id, a.person_id, a.side, interval '1 minute', now() + interval '1 minute', true);
    PERFORM claim(proof, NULL);
    IF a.side = 'staff' THEN RETURN QUERY SELECT 'teacher', 'grades', ARRAY(SELECT sections_i_may_open() ORDER BY 1);
    ELSE
        RETURN QUERY SELECT w.capacity, k, array_agg(w.student_id)
            FROM (SELECT s.*, CASE t.kind WHEN 'tutor' THEN 'tutor' ELSE s.capacity END AS as_what FROM seen_by('home', NULL) s LEFT JOIN tie t ON t.id = s.tie_id) q,
                 LATERAL (SELECT q.as_what AS capacity, q.student_id) w, unnest(q.kinds) k
            WHERE k <> 'ledger' GROUP BY 1, 2;
    END IF;
END $$;

-- Everybody's answers, [{person, capacity, kind, students, classes}]. Classes that many teachers share are counted once. For two settings
-- nobody's page changes, but how requests are answered does.
CREATE FUNCTION reached_by_all(of_setting text) RETURNS jsonb LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS MATERIALIZED (SELECT a.person_id AS person, a.side, r.* FROM accounts_of_setting(of_setting) a, LATERAL reached_as(a) r),
         classes AS MATERIALIZED (
            SELECT c.ids, (SELECT count(DISTINCT e.person_id) FROM enrollment e WHERE e.section_id = ANY (c.ids) AND e.role = 'student' AND e.ended_at IS NULL) AS students
            FROM (SELECT DISTINCT ids FROM asked WHERE side = 'staff') c)
    SELECT jsonb_build_object(
        'together', (SELECT count(*) FROM registration r WHERE of_setting IN ('registering', 'registering_students') AND r.state = 'waiting'
                     AND r.is_exact AND approves_together(r)),
        'news', (SELECT count(DISTINCT r.person_id) FROM registration r WHERE of_setting IN ('registering', 'registering_students') AND r.state = 'waiting'
                 AND registering_for(r) = 'limited first'),
        'by code', (SELECT count(*) FROM registration r WHERE of_setting IN ('registering', 'code_approves') AND r.state = 'waiting'
                    AND r.contact_code_id IS NOT NULL AND approves_itself(r)),
        'reach', (SELECT coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'capacity', a.capacity, 'kind', a.kind,
                      'classes', CASE a.side WHEN 'staff' THEN cardinality(a.ids) ELSE 0 END, 'students', CASE a.side WHEN 'staff' THEN c.students - (SELECT count(DISTINCT x.student_id) FROM restriction x JOIN enrollment e ON e.person_id = x.student_id
                                                                  WHERE x.person_id = a.person AND e.section_id = ANY (a.ids) AND e.role = 'student' AND e.ended_at IS NULL
                                                                    AND is_restricted(a.person, x.student_id))
                           ELSE cardinality(a.ids) END)), '[]')
                  FROM asked a LEFT JOIN classes c ON a.side = 'staff' AND c.ids = a.ids))
$$;

-- What a choice would give to whom, and take from whom; NULL where it is none, or for whoever is no administrator of the district. The
-- setting is really written, everybody is asked by the rules themselves, and all of it is taken back with the subtransaction: the
-- choice, what triggers did, and the sessions. rows: by capacity and kind of data, accounts and students. names: of the eight whose reach
-- changes most; of staff and tutors alone, and not of an adult about whom the reader may not decide.
CREATE FUNCTION preview_setting(of_setting text, becomes text) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before jsonb; after jsonb; was text := setting_now(of_setting); wider boolean := is_wider(of_setting, was, becomes);
BEGIN
    IF NOT i_decide_for(NULL) OR wider IS NULL THEN RETURN NULL; END IF;
    BEGIN
        before := reached_by_all(of_setting);
        EXECUTE format('UPDATE district SET %I = %L', of_setting, becomes);
        after := reached_by_all(of_setting);
        RAISE EXCEPTION USING ERRCODE = 'HR001', MESSAGE = 'asked';
    EXCEPTION WHEN SQLSTATE 'HR001' THEN NULL;
    END;
    RETURN differing_reach(before->'reach', after->'reach') || jsonb_build_object('was', was, 'wider', wider, 'news', ARRAY[before->'news', after->'news'],
        'together', ARRAY[before->'together', after->'together'], 'by code', ARRAY[before->'by code', after->'by code']);
END $$;

-- More, or fewer: students, or classes of the same students.
CREATE FUNCTION differing_reach(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH of_each AS MATERIALIZED (
        SELECT person, capacity, kind, coalesce(b.students, 0) AS was, coalesce(a.students, 0) AS now, coalesce(b.classes, 0) AS was_classes, coalesce(a.classes, 0) AS classes
        FROM jsonb_to_recordset(before) AS b (person integer, capacity text, kind text, students integer, classes integer)
             FULL JOIN jsonb_to_recordset(after) AS a (person integer, capacity text, kind text, students integer, classes integer) USING (person, capacity, kind)),
        differ AS MATERIALIZED (SELECT *, (now, classes) > (was, was_classes) AS is_more FROM of_each WHERE (now, classes) <> (was, was_classes))
    SELECT jsonb_build_object(
        'asked', (SELECT count(DISTINCT person) FROM of_each),
        'rows', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
            SELECT capacity, kind, count(*) FILTER (WHERE is_more) AS gain, count(*) FILTER (WHERE NOT is_more) AS lose,
                   coalesce(max(now - was) FILTER (WHERE is_more), 0) AS most_more, coalesce(max(was - now) FILTER (WHERE NOT is_more), 0) AS most_fewer
            FROM differ GROUP BY 1, 2 ORDER BY 1, 2) w),
        'names', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
            SELECT full_name(p) AS name, kind, was, now, was_classes, classes FROM differ JOIN person p ON p.id = person
            WHERE capacity IN ('teacher', 'tutor') AND may_decide_about(person) ORDER BY abs(now - was) DESC, p.family_name, p.id, kind LIMIT 8) w))
$$;
GRANT EXECUTE ON FUNCTION access_settings_shown(), change_setting(text, text, text), preview_setting(text, text) TO app;
