-- Shows what a setting would change. Writes the choice, asks each account that it concerns, and
-- takes all of it back.

-- Asks as this account, in a session with a proof that no one has. The caller takes everything
-- back. `ids` are the open classes for staff, and students for others.
CREATE FUNCTION reached_as(a account) RETURNS TABLE (capacity text, kind text, ids integer[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE proof bytea := sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text,
        '-', ''), 'hex'));
BEGIN
    INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)
        VALUES (sha256(proof), a.id, a.person_id, a.side, interval '1 minute',
            now() + interval '1 minute', true);
    PERFORM claim(proof, NULL);
    -- {what each act reaches}
END $$;

-- Everyone's answers: [{person, capacity, kind, students, classes}]. Classes that many teachers
-- share are counted once. The settings of registration and codes change how requests are answered,
-- and no one's pages.
CREATE FUNCTION reached_by_all(of_setting text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    WITH asked AS MATERIALIZED (SELECT a.person_id AS person, a.side, r.*
        FROM accounts_of_setting(of_setting) a, LATERAL reached_as(a) r),
         classes AS MATERIALIZED (
            SELECT c.ids, (SELECT count(DISTINCT e.person_id) FROM enrollment e
                WHERE e.section_id = ANY (c.ids) AND e.role = 'student'
                  AND e.ended_at IS NULL) AS students
            FROM (SELECT DISTINCT ids FROM asked WHERE side = 'staff') c)
    SELECT jsonb_build_object(
        'together', (SELECT count(*) FROM registration r
            WHERE of_setting IN ('registering', 'registering_students') AND r.state = 'waiting'
                     AND r.is_exact AND approves_together(r)),
        'news', (SELECT count(DISTINCT r.person_id) FROM registration r
            WHERE of_setting IN ('registering', 'registering_students') AND r.state = 'waiting'
                 AND registering_for(r) = 'limited first'),
        'by code', (SELECT count(*) FROM registration r
            WHERE of_setting IN ('registering', 'code_approves') AND r.state = 'waiting'
                    AND r.contact_code_id IS NOT NULL AND approves_itself(r)),
        'reach', (SELECT coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'capacity',
                a.capacity, 'kind', a.kind,
                      'classes', CASE a.side WHEN 'staff' THEN cardinality(a.ids) ELSE 0 END,
                      'students', CASE a.side
                          WHEN 'staff' THEN c.students - (SELECT count(DISTINCT x.student_id)
                              FROM restriction x JOIN enrollment e ON e.person_id = x.student_id
                                                WHERE x.person_id = a.person
                                                                    AND e.section_id = ANY (a.ids)
                                                                    AND e.role = 'student'
                                                                    AND e.ended_at IS NULL
                                                AND is_restricted(a.person, x.student_id))
                           ELSE cardinality(a.ids) END)), '[]')
                  FROM asked a LEFT JOIN classes c ON a.side = 'staff' AND c.ids = a.ids))
$$;

-- Returns what a choice would give and take, and for whom. NULL for a value that is not a choice,
-- and for anyone who isn't an administrator of the district. The setting is really written, and the
-- rules themselves answer for each account. The subtransaction then takes back the choice, the
-- effects of triggers, and the sessions. `rows` has accounts and students by capacity and kind of
-- data. `names` has the eight people whose reach changes most. They are only teachers and tutors,
-- and never an adult about whom the reader may not decide.
CREATE FUNCTION preview_setting(of_setting text, becomes text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE before jsonb;
    after jsonb;
    was text := setting_now(of_setting);
    wider boolean := is_wider(of_setting, was, becomes);
BEGIN
    IF NOT i_decide_for(NULL) OR wider IS NULL THEN RETURN NULL; END IF;
    BEGIN
        before := reached_by_all(of_setting);
        EXECUTE format('UPDATE district SET %I = %L', of_setting, becomes);
        after := reached_by_all(of_setting);
        RAISE EXCEPTION USING ERRCODE = 'HR001', MESSAGE = 'asked';
    EXCEPTION WHEN SQLSTATE 'HR001' THEN NULL;
    END;
    RETURN differing_reach(before->'reach', after->'reach')
        || jsonb_build_object('was', was, 'wider', wider, 'news',
            ARRAY[before->'news', after->'news'],
        'together', ARRAY[before->'together', after->'together'], 'by code',
        ARRAY[before->'by code', after->'by code']);
END $$;

GRANT EXECUTE ON FUNCTION preview_setting(text, text) TO app;
