-- Letters about an incident: how many there are, the office's lists, and each reader's own.

-- How many letters of each notice go which way, how many were opened on the portal, and how many
-- wait for something.
CREATE FUNCTION letters_counted(which uuid)
RETURNS TABLE (notice text, way text, letters bigint, opened bigint, waiting bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.notice, l.way, count(*), count(l.read_at),
        count(*) FILTER (WHERE l.state IN ('waiting', 'sending'))
    FROM breach_letter l
    WHERE l.incident_id = mine GROUP BY l.notice, l.way ORDER BY l.notice, l.way;
END $$;

-- Letters of the list that the view recorded. A student with an alias has the alias here, because
-- someone carries this list.
CREATE FUNCTION breach_letters_listed(of_incident uuid, words text, after integer)
RETURNS TABLE (uuid uuid, number bigint, notice text, name text, children text[], way text,
    state text, answer text, proven_at timestamptz, read_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('breach letter list');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.uuid, l.id, l.notice, full_name(p), ARRAY(SELECT coalesce((SELECT trim(m.given_name
                || ' ' || m.family_name) FROM masking m WHERE m.student_id = c.id
                AND m.ended_at IS NULL LIMIT 1), full_name(c))
            FROM person c WHERE c.id = ANY (l.children) AND c.id <> p.id ORDER BY c.id),
        l.way, l.state, l.answer, l.proven_at, l.read_at
    FROM letters_for_list(of_incident, words, after) l JOIN person p ON p.id = l.person_id
    WHERE l.person_id = ANY (listed) ORDER BY l.id;
END $$;

-- The letters of a batch, after its view. `children` are first names. A letter about a student with
-- an alias names none.
CREATE FUNCTION batch_letters_shown(of_batch uuid)
RETURNS TABLE (uuid uuid, release uuid, name text, language text, released_at timestamptz,
    children text[], is_own boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('breach batch');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.uuid, r.uuid, full_name(p), coalesce(d.language, 'en'), l.released_at,
        CASE WHEN EXISTS (SELECT FROM masking m WHERE m.student_id = ANY (l.children)
            AND m.ended_at IS NULL) THEN '{}' ELSE ARRAY(SELECT first_name(c, true) FROM person c
            WHERE c.id = ANY (l.children) AND c.id <> p.id ORDER BY c.id) END, l.is_own
    FROM incident_fact b JOIN breach_letter l ON l.batch_id = b.id
        JOIN incident_fact r ON r.id = l.release_id JOIN person p ON p.id = l.person_id
        LEFT JOIN addresses_open() d ON d.person_id = p.id
    WHERE b.uuid = of_batch AND b.by_id = asking_staff() AND p.id = ANY (listed) ORDER BY l.id;
END $$;

-- For the jobs process: the next letters to email. None of an incident whose notices wait for law
-- enforcement.
CREATE FUNCTION letters_to_mail()
RETURNS TABLE (id bigint, uuid text, address text, language text, released_at timestamptz,
    letter jsonb, children text[], is_own boolean, tries integer) LANGUAGE sql STABLE AS $$
    SELECT l.id, l.uuid::text, d.address, d.language, l.released_at, f.facts,
        ARRAY(SELECT first_name(c, true) FROM person c
            WHERE c.id = ANY (l.children) AND c.id <> l.person_id ORDER BY c.id),
        l.is_own, l.tries
    FROM (SELECT * FROM breach_letter b WHERE b.way = 'email' AND b.state = 'waiting'
            AND b.next_at <= now() AND NOT is_on_hold(b.incident_id)
            ORDER BY b.next_at, b.id LIMIT 100) l
        JOIN incident_fact f ON f.id = l.release_id
        JOIN LATERAL (SELECT m.address, m.language FROM mail_address m JOIN account a
            ON a.id = m.account_id AND a.is_active AND a.person_id = l.person_id
            WHERE m.proven_at IS NOT NULL AND m.ended_at IS NULL
            ORDER BY m.id DESC LIMIT 1) d ON true
    ORDER BY l.next_at, l.id
$$;

-- My own letters, the newest first. `children` are first names. What is emailed is also here.
CREATE FUNCTION breach_letters_shown()
RETURNS TABLE (uuid uuid, released_at timestamptz, letter jsonb, children text[], is_own boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT l.uuid, l.released_at, f.facts, ARRAY(SELECT first_name(c) FROM person c
            WHERE c.id = ANY (l.children) AND c.id <> l.person_id ORDER BY c.id),
        l.is_own
    FROM breach_letter l JOIN incident_fact f ON f.id = l.release_id
    WHERE l.person_id = asking() AND (l.channel IN ('portal', 'email') OR l.way = 'portal')
    ORDER BY l.id DESC LIMIT 50;
END $$;

GRANT EXECUTE ON FUNCTION letters_counted(uuid), breach_letters_shown(),
    breach_letters_listed(uuid, text, integer), batch_letters_shown(uuid) TO app;
GRANT EXECUTE ON FUNCTION letters_to_mail() TO jobs;
