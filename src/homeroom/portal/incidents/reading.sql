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

GRANT EXECUTE ON FUNCTION incidents_shown(), incident_facts(uuid), incident_accounts(text) TO app;
