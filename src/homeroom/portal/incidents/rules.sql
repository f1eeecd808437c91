-- Incidents (the district's policy, Civ. Code 1798.29 and 1798.82): who handles them, and who is
-- affected. Nothing here names anyone to a page.

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

-- Whether this incident closed an account, and didn't open it again.
CREATE FUNCTION was_closed_here(of_incident integer, of_account uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.what = 'close' FROM incident_fact f
        WHERE f.incident_id = of_incident AND f.kind = 'contained' AND f.what IN ('close', 'open')
          AND f.facts->>'account' = of_account::text ORDER BY f.id DESC LIMIT 1), false)
$$;

CREATE FUNCTION is_suspect(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM incident i, suspects_of(i.id) s JOIN account a ON a.uuid = s
        WHERE a.person_id = who AND incident_stage(i.id) <> 'closed')
$$;

-- Whether this person can approve what someone else proposes: an administrator of the district or
-- of any school, or the person whom the board named. A thief who has one administrator's account
-- could otherwise close the account of everyone who can stop a proposal.
CREATE FUNCTION is_approver(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT is_board_second(who)
        OR EXISTS (SELECT FROM administrator a WHERE decides_for(who, a.school_id))
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
