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
        ((last_fact(i.id, true)).facts->'total'->>'people')::integer
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

-- Accounts of people with this name, to ask about. Students only if no alias hides them.
CREATE FUNCTION incident_accounts(words text)
RETURNS TABLE (uuid uuid, name text, side text, is_open boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    SELECT a.uuid, full_name(p), a.side, a.is_active
    FROM person p JOIN account a ON a.person_id = p.id
    WHERE p.id IN (SELECT people_found(words))
    ORDER BY lower(full_name(p)), a.id LIMIT 20;
END $$;

-- How many letters of each release go which way, and how many were opened on the portal.
CREATE FUNCTION letters_counted(which uuid)
RETURNS TABLE (release uuid, channel text, letters bigint, opened bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT f.uuid, l.channel, count(*), count(l.read_at)
    FROM incident_fact f JOIN breach_letter l ON l.release_id = f.id
    WHERE f.incident_id = mine GROUP BY f.id, f.uuid, l.channel ORDER BY f.id, l.channel;
END $$;

-- My own letters, the newest first. `children` are first names.
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
    WHERE l.person_id = asking() AND l.channel = 'portal' ORDER BY l.id DESC LIMIT 50;
END $$;

GRANT EXECUTE ON FUNCTION incidents_shown(), incident_facts(uuid),
    incident_accounts(text), letters_counted(uuid), breach_letters_shown() TO app;
