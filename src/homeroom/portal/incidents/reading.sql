-- Incidents for the people who handle them, and letters for the people they are to.

CREATE FUNCTION incidents_shown()
RETURNS TABLE (uuid uuid, number text, title text, stage text, start timestamptz,
    declared_at timestamptz, name text, people integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    SELECT i.uuid, i.year || '-' || i.number, f.facts->>'title', incident_stage(i.id),
        incident_start(i.id), f.at, full_name(p),
        ((last_total(i.id)).facts->'total'->>'people')::integer
    FROM incident i JOIN incident_fact f ON f.incident_id = i.id AND f.kind = 'declared'
        JOIN person p ON p.id = f.by_id
    ORDER BY incident_stage(i.id) = 'closed', i.id DESC LIMIT 200;
END $$;

-- Everything that was recorded about one incident, in its order. `account` is the name of the
-- person whose account a fact is about, with the account's side.
CREATE FUNCTION incident_facts(which uuid)
RETURNS TABLE (uuid uuid, number text, at timestamptz, name text, kind text, what text, words text,
    moment timestamptz, account uuid, account_name text, account_side text, facts jsonb)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT f.uuid, i.year || '-' || i.number, f.at, full_name(p), f.kind, f.what, f.words,
        f.moment, a.uuid, full_name(w), a.side, f.facts
    FROM incident_fact f JOIN incident i ON i.id = f.incident_id
        LEFT JOIN person p ON p.id = f.by_id
        LEFT JOIN account a ON a.uuid = coalesce(f.facts->>'account',
            f.facts->'question'->>'account')::uuid
        LEFT JOIN person w ON w.id = a.person_id
    WHERE f.incident_id = mine ORDER BY f.id;
END $$;

-- Accounts of people with this name, to ask about. Students only if no alias hides them. `one` is
-- an account that was chosen before. It has a name unless it is a student's.
CREATE FUNCTION incident_accounts(words text, one uuid)
RETURNS TABLE (uuid uuid, name text, side text, is_open boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    SELECT a.uuid, full_name(p), a.side, a.is_active
    FROM person p JOIN account a ON a.person_id = p.id
    WHERE p.id IN (SELECT people_found(words)) OR a.uuid = one AND NOT p.is_student
    ORDER BY lower(full_name(p)), a.id LIMIT 20;
END $$;

-- The last sign-ins of an account whose sessions the log can still tell apart. `address` is short.
-- None for someone whom the person asking may not decide about.
CREATE FUNCTION incident_sign_ins(of_account uuid)
RETURNS TABLE (number bigint, at timestamptz, device text, address text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    SELECT e.id, e.at, e.device, left(encode(e.address, 'hex'), 8)
    FROM account a JOIN security_event e ON e.account_id = a.id
    WHERE a.uuid = of_account AND may_decide_about(a.person_id) AND e.kind = 'sign in'
      AND e.session IS NOT NULL ORDER BY e.at DESC, e.id DESC LIMIT 50;
END $$;

-- For the jobs process: what the clocks of open incidents need. Nothing that a person wrote.
CREATE FUNCTION incidents_running() RETURNS TABLE (uuid uuid, at timestamptz, kind text, what text,
    moment timestamptz, facts jsonb) LANGUAGE sql STABLE AS $$
    SELECT i.uuid, f.at, f.kind, f.what, f.moment, CASE WHEN f.facts ? 'total'
        THEN jsonb_build_object('total', jsonb_build_object('people', f.facts->'total'->'people'))
        END
    FROM incident i JOIN incident_fact f ON f.incident_id = i.id
    WHERE incident_stage(i.id) <> 'closed' AND f.kind IN ('declared', 'started earlier',
        'started later', 'done', 'hold', 'hold ended', 'counted', 'set aside', 'released')
    ORDER BY i.id, f.id
$$;

-- Incidents with a count, for the duty "data release".
CREATE FUNCTION incidents_to_list() RETURNS TABLE (uuid uuid, number text, people integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_release_data() THEN RETURN; END IF;
    RETURN QUERY
    SELECT i.uuid, i.year || '-' || i.number, (t.facts->'total'->>'people')::integer
    FROM incident i, last_total(i.id) t
    WHERE t.facts IS NOT NULL ORDER BY i.id DESC;
END $$;

-- The people of the list that the view recorded, with what was seen of each. `place` continues it.
CREATE FUNCTION affected_shown(which uuid)
RETURNS TABLE (uuid uuid, name text, school text, is_student boolean, kinds text[], place integer,
    has_more boolean) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('affected'); barred integer[];
BEGIN
    IF listed IS NULL OR NOT i_release_data() THEN RETURN; END IF;
    barred := people_not_decided_by(asking());
    RETURN QUERY
    WITH q AS MATERIALIZED (SELECT e AS one FROM incident i,
            jsonb_array_elements(questions_counted(i.id)) e WHERE i.uuid = which),
    k AS (SELECT a.student_id AS who, a.kind FROM q, students_affected(q.one) a
        WHERE a.student_id = ANY (listed)
        UNION SELECT a.person_id, a.kind FROM q, adults_affected(q.one) a
        WHERE a.person_id = ANY (listed)
        UNION SELECT c.person_id, 'credentials' FROM q, accounts_affected(q.one) c
        WHERE c.person_id = ANY (listed)),
    w AS MATERIALIZED (SELECT a.* FROM people_affected(which) a)
    SELECT p.uuid, full_name(p), coalesce((SELECT s.name FROM school s
            WHERE w.is_student AND s.id = school_of_student(p.id)), ''), w.is_student,
        ARRAY(SELECT k.kind FROM k WHERE k.who = p.id ORDER BY 1), w.place,
        EXISTS (SELECT FROM w m WHERE m.place > w.place AND m.person_id <> ALL (listed || barred))
    FROM w JOIN person p ON p.id = w.person_id WHERE p.id = ANY (listed) ORDER BY w.place;
END $$;

-- What can be contained: the suspects' accounts, support grants that run, and senders' keys.
-- `can_open`: this incident closed the account. `is_barred`: someone else decides about the person.
CREATE FUNCTION incident_containing(which uuid)
RETURNS TABLE (kind text, subject text, name text, side text, is_open boolean, sessions bigint,
    tutoring bigint, until timestamptz, can_open boolean, is_barred boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT 'account', a.uuid::text, full_name(p), a.side, a.is_active,
        (SELECT count(*) FROM running_session s WHERE s.account_id = a.id),
        (SELECT count(*) FROM tie t WHERE t.adult_id = p.id AND t.kind = 'tutor'
            AND t.state <> 'ended' AND a.side = 'family'),
        NULL::timestamptz, was_closed_here(mine, a.uuid), NOT may_decide_about(p.id)
    FROM suspects_of(mine) u JOIN account a ON a.uuid = u JOIN person p ON p.id = a.person_id
    UNION ALL
    SELECT 'support', g.uuid::text, s.name, '', true, 0, 0, g.until, false, false
    FROM support_grant g JOIN supporter s ON s.id = g.supporter_id
    WHERE g.ended_at IS NULL AND g.until > now()
    UNION ALL
    SELECT 'signer', s.fingerprint, s.sender, '', true, 0, 0, s.expires_at, false, false
    FROM signer s WHERE s.revoked_at IS NULL AND coalesce(s.expires_at > now(), true)
    ORDER BY 1, 3, 2;
END $$;

-- What the portal saw of the operator's commands since the incident was discovered, and when.
CREATE FUNCTION incident_effects(which uuid) RETURNS TABLE (what text, at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT e.what, max(e.at) FROM security_event e
    WHERE e.kind = 'key' AND e.at >= incident_start(mine) GROUP BY 1 ORDER BY 1;
END $$;

-- The last imports, which a count can ask about.
CREATE FUNCTION incident_imports() RETURNS TABLE (number integer, at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.id, d.ended_at FROM delivery d WHERE d.state IN ('imported', 'undone')
    ORDER BY d.id DESC LIMIT 60;
END $$;

GRANT EXECUTE ON FUNCTION incidents_shown(), incident_facts(uuid),
    incident_accounts(text, uuid), incident_sign_ins(uuid), incident_imports(),
    incident_containing(uuid), incident_effects(uuid), incidents_to_list(),
    affected_shown(uuid) TO app;
GRANT EXECUTE ON FUNCTION incidents_running() TO jobs;
