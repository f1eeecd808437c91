-- The letters of an incident: a draft, its release by two people, and each person's letter.

-- A draft of a notice replaces the one before it. `said` has what_happened, doing and can_do in en
-- and es. Returns 'recorded', 'odd' or ''. 'named': it names a student who may not be named.
CREATE FUNCTION draft_letter(which uuid, of_notice text, said jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (of_notice IN ('first notice', 'second notice') AND (SELECT
            bool_and(coalesce(length(trim(said->l->>p)), 0) BETWEEN 1 AND 4000)
        FROM unnest(ARRAY['en', 'es']) l, unnest(ARRAY['what_happened', 'doing', 'can_do']) p))
        IS NOT true THEN RETURN 'odd'; END IF;
    -- The same words go to every family, and a fact is never removed.
    IF NOT may_be_named(students_named_in((SELECT string_agg(said->l->>p, ' ')
        FROM unnest(ARRAY['en', 'es']) l, unnest(ARRAY['what_happened', 'doing', 'can_do']) p)))
        THEN RETURN 'named'; END IF;
    PERFORM write_fact(mine, asking(), 'drafted', of_notice, '', known => (
        SELECT jsonb_object_agg(l, (SELECT jsonb_object_agg(p, trim(said->l->>p))
            FROM unnest(ARRAY['what_happened', 'doing', 'can_do']) p))
        FROM unnest(ARRAY['en', 'es']) l));
    RETURN 'recorded';
END $$;

-- Proposes to release exactly the last draft of a notice. The first notice goes to exactly the
-- people of the last count, and the second to the people who got the first. Returns 'proposed' or
-- 'again'. 'taken': that waits already, or is released. 'odd': nothing is drafted, or there is no
-- one to write to. 'barred': law enforcement asked to wait. Also ''.
CREATE FUNCTION propose_letters(which uuid, of_notice text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); draft incident_fact; counted incident_fact;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    draft := last_draft(mine, of_notice);
    counted := last_total(mine);
    IF draft.id IS NULL OR (counted.facts->'total'->>'people')::integer > 0 IS NOT true
        OR (of_notice = 'second notice' AND NOT EXISTS (SELECT FROM breach_letter l
            WHERE l.incident_id = mine AND l.notice = 'first notice'))
        OR length(trim(why)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'odd'; END IF;
    IF is_on_hold(mine) THEN RETURN 'barred'; END IF;
    IF EXISTS (SELECT FROM incident_fact f WHERE f.incident_id = mine AND f.kind = 'released'
        AND notice_of(f) = of_notice AND f.facts->>'counted' = counted.uuid::text) THEN
        RETURN 'taken';
    END IF;
    RETURN propose(CASE of_notice WHEN 'second notice' THEN of_notice ELSE 'breach letters' END,
        NULL, NULL, (SELECT jsonb_build_object('incident', i.uuid,
            'name', i.year || '-' || i.number, 'draft', draft.uuid, 'digest', fact_digest(draft),
            'counted', counted.uuid, 'notifier', incident_notifier(i.id))
            FROM incident i WHERE i.id = mine), trim(why));
END $$;

-- Carries out the second approval. Nothing is released if the draft or the count changed, if law
-- enforcement asked to wait, or if one of the two may no longer handle incidents. Someone who has
-- this notice already doesn't get it again.
CREATE FUNCTION release_letters(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := (SELECT i.id FROM incident i
        WHERE i.uuid = (p.payload->>'incident')::uuid FOR UPDATE);
    of_notice text := CASE p.kind WHEN 'second notice' THEN p.kind ELSE 'first notice' END;
    draft incident_fact := last_draft(mine, of_notice); counted incident_fact := last_total(mine);
    made incident_fact;
BEGIN
    IF draft.id IS NULL OR NOT handles_incidents(p.decided_by_id)
        OR NOT handles_incidents(p.proposed_by_id)
        OR is_on_hold(mine) OR (draft.uuid::text, fact_digest(draft), counted.uuid::text)
            IS DISTINCT FROM (p.payload->>'draft', p.payload->>'digest', p.payload->>'counted')
        OR incident_notifier(mine) <> coalesce(p.payload->>'notifier', 'homeroom') THEN
        RETURN false;
    END IF;
    made := write_fact(mine, p.decided_by_id, 'released', of_notice, p.reason,
        known => draft.facts || jsonb_build_object('notice', of_notice, 'draft', draft.uuid,
            'counted', counted.uuid, 'proposal', p.uuid, 'start', incident_start(mine),
            'data', counted.facts->'total'->'by_data'));
    INSERT INTO breach_letter (release_id, incident_id, notice, person_id, children, is_own,
        channel, way, state)
        SELECT made.id, mine, of_notice, r.person_id, r.children, r.is_own, c.channel, c.channel,
            CASE c.channel WHEN 'portal' THEN 'there' ELSE 'waiting' END
        FROM notice_readers(mine, of_notice) r, LATERAL (SELECT CASE
            WHEN p.payload->>'notifier' = 'district' AND r.channel NOT IN ('hand', 'undecided')
            THEN 'district' ELSE r.channel END AS channel) c
        WHERE NOT EXISTS (SELECT FROM breach_letter l WHERE l.incident_id = mine
            AND l.notice = of_notice AND l.person_id = r.person_id)
        ORDER BY r.person_id;
    PERFORM ledger_change('breach letters', NULL, p.decided_by_id, office_of(p.decided_by_id),
        NULL, made.uuid || ' ' || letters_digest(made.id));
    PERFORM tell_of_letters(made.id);
    RETURN true;
END $$;

-- Notifies the readers of a release, as tell_account() does, in one statement for 120,000 of them.
CREATE FUNCTION tell_of_letters(of_release bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO account_notice (account_id, what)
        SELECT a.id, 'breach notice'
        FROM breach_letter l JOIN account a ON a.person_id = l.person_id AND a.is_active
        WHERE l.release_id = of_release AND l.channel IN ('portal', 'email') ORDER BY a.id;
    UPDATE session s SET has_news = true FROM breach_letter l
        WHERE l.release_id = of_release AND l.channel IN ('portal', 'email')
          AND s.person_id = l.person_id AND s.ended_at IS NULL
$$;

-- The person asking opened their letters: the proof of delivery. Returns 'recorded', or '' if there
-- is no letter that wasn't opened before.
CREATE FUNCTION open_breach_letters() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    UPDATE breach_letter SET read_at = now()
        WHERE person_id = asking() AND (channel IN ('portal', 'email') OR way = 'portal')
          AND read_at IS NULL;
    RETURN CASE WHEN FOUND THEN 'recorded' ELSE '' END;
END $$;

GRANT EXECUTE ON FUNCTION draft_letter(uuid, text, jsonb), propose_letters(uuid, text, text),
    open_breach_letters() TO app;
