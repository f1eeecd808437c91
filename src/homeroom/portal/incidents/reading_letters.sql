-- Letters about an incident: how many there are, and each reader's own.

-- How many letters of each release go which way, and how many were opened on the portal.
CREATE FUNCTION letters_counted(which uuid)
RETURNS TABLE (release uuid, notice text, channel text, letters bigint, opened bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer := incident_i_handle(which);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT f.uuid, l.notice, l.channel, count(*), count(l.read_at)
    FROM incident_fact f JOIN breach_letter l ON l.release_id = f.id
    WHERE f.incident_id = mine GROUP BY f.id, f.uuid, l.notice, l.channel
    ORDER BY f.id, l.notice, l.channel;
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

GRANT EXECUTE ON FUNCTION letters_counted(uuid), breach_letters_shown() TO app;
