-- The letters of an incident: a draft, its release by two people, and each person's letter.

-- A draft replaces the one before it. `said` has what_happened, doing and can_do in en and es.
-- Returns 'recorded', 'odd' or ''.
CREATE FUNCTION draft_letter(which uuid, said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (SELECT bool_and(coalesce(length(trim(said->l->>p)), 0) BETWEEN 1 AND 4000)
        FROM unnest(ARRAY['en', 'es']) l, unnest(ARRAY['what_happened', 'doing', 'can_do']) p)
        IS NOT true THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'drafted', '', '', known => (
        SELECT jsonb_object_agg(l, (SELECT jsonb_object_agg(p, trim(said->l->>p))
            FROM unnest(ARRAY['what_happened', 'doing', 'can_do']) p))
        FROM unnest(ARRAY['en', 'es']) l));
    RETURN 'recorded';
END $$;

-- Proposes to release exactly the last draft to exactly the people of the last count. Returns
-- 'proposed' or 'again'. 'taken': that waits already, or is released. 'odd': nothing is drafted, or
-- no one is counted. 'barred': law enforcement asked to wait. Also ''.
CREATE FUNCTION propose_letters(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); draft incident_fact; counted incident_fact;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    draft := last_fact(mine, false);
    counted := last_fact(mine, true);
    IF draft.id IS NULL OR (counted.facts->'total'->>'people')::integer > 0 IS NOT true
        OR length(trim(why)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'odd'; END IF;
    IF is_on_hold(mine) THEN RETURN 'barred'; END IF;
    IF EXISTS (SELECT FROM incident_fact f WHERE f.incident_id = mine AND f.kind = 'released'
        AND (f.facts->>'draft', f.facts->>'counted') = (draft.uuid::text, counted.uuid::text)) THEN
        RETURN 'taken';
    END IF;
    RETURN propose('breach letters', NULL, NULL, (SELECT jsonb_build_object('incident', i.uuid,
        'name', i.year || '-' || i.number, 'draft', draft.uuid, 'digest', fact_digest(draft),
        'counted', counted.uuid) FROM incident i WHERE i.id = mine), trim(why));
END $$;

-- Carries out the second approval. Nothing is released if the draft or the count changed, if law
-- enforcement asked to wait, or if one of the two may no longer handle incidents. Someone who has
-- this letter from an earlier count doesn't get it again.
CREATE FUNCTION release_letters(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := (SELECT i.id FROM incident i
        WHERE i.uuid = (p.payload->>'incident')::uuid FOR UPDATE);
    draft incident_fact := last_fact(mine, false); counted incident_fact := last_fact(mine, true);
    made incident_fact;
BEGIN
    IF draft.id IS NULL OR NOT handles_incidents(p.decided_by_id)
        OR NOT handles_incidents(p.proposed_by_id)
        OR is_on_hold(mine) OR (draft.uuid::text, fact_digest(draft), counted.uuid::text)
            IS DISTINCT FROM (p.payload->>'draft', p.payload->>'digest', p.payload->>'counted') THEN
        RETURN false;
    END IF;
    made := write_fact(mine, p.decided_by_id, 'released', '', p.reason,
        known => draft.facts || jsonb_build_object('draft', draft.uuid, 'counted', counted.uuid,
            'proposal', p.uuid, 'start', incident_start(mine),
            'data', counted.facts->'total'->'by_data'));
    INSERT INTO breach_letter (release_id, person_id, children, is_own, channel)
        SELECT made.id, r.person_id, r.children, r.is_own, r.channel
        FROM letter_readers(questions_counted(mine)) r
        WHERE NOT EXISTS (SELECT FROM breach_letter l JOIN incident_fact f ON f.id = l.release_id
            WHERE l.person_id = r.person_id AND f.facts->>'draft' = draft.uuid::text)
        ORDER BY r.person_id;
    PERFORM tell_account(a.person_id, a.side, 'breach notice')
        FROM breach_letter l JOIN account a ON a.person_id = l.person_id AND a.is_active
        WHERE l.release_id = made.id AND l.channel = 'portal' ORDER BY a.id;
    RETURN true;
END $$;

-- The person asking opened their letters: the proof of delivery. Returns 'recorded', or '' if there
-- is no letter that wasn't opened before.
CREATE FUNCTION open_breach_letters() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE breach_letter SET read_at = now()
        WHERE person_id = asking() AND channel = 'portal' AND read_at IS NULL;
    RETURN CASE WHEN FOUND THEN 'recorded' ELSE '' END;
END $$;

GRANT EXECUTE ON FUNCTION draft_letter(uuid, jsonb), propose_letters(uuid, text),
    open_breach_letters() TO app;
