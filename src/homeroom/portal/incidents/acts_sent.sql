-- How the letters of an incident reach their readers: by email, on paper, by hand, or by the
-- district. Each act of a person is a fact, so the access log has its digest.

-- The district notifies by itself, or lets Homeroom do it. Returns 'recorded'. 'taken': letters are
-- released already. 'same': that is the choice. 'odd': no reason. Also ''.
CREATE FUNCTION choose_notifier(which uuid, by_district boolean, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
    chosen text := CASE WHEN by_district THEN 'district' ELSE 'homeroom' END;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF EXISTS (SELECT FROM incident_fact f WHERE f.incident_id = mine AND f.kind = 'released') THEN
        RETURN 'taken';
    END IF;
    IF by_district IS NULL OR length(trim(why)) BETWEEN 1 AND 2000 IS NOT true THEN
        RETURN 'odd';
    END IF;
    IF chosen = incident_notifier(mine) THEN RETURN 'same'; END IF;
    PERFORM write_fact(mine, asking(), 'notifier', chosen, why);
    RETURN 'recorded';
END $$;

-- Makes the next batch of at most 1,000 letters that go this way: paper, hand or district. Only the
-- person asking may then open it. Returns 'recorded'. 'odd': none waits. 'barred':
-- law enforcement asked to wait. Also 'again' and ''.
CREATE FUNCTION print_breach_letters(which uuid, by_way text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); ids bigint[]; made incident_fact;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF is_on_hold(mine) THEN RETURN 'barred'; END IF;
    ids := ARRAY(SELECT l.id FROM breach_letter l WHERE l.incident_id = mine AND l.way = by_way
        AND l.way IN ('paper', 'hand', 'district') AND l.state = 'waiting'
        ORDER BY l.id LIMIT 1000);
    IF ids = '{}' THEN RETURN 'odd'; END IF;
    made := write_fact(mine, asking(), 'printed', by_way, '',
        known => jsonb_build_object('letters', cardinality(ids)));
    UPDATE breach_letter l SET state = 'printed', batch_id = made.id WHERE l.id = ANY (ids);
    RETURN 'recorded';
END $$;

-- Records that a printed batch was handed to the mail, or what the district did with its own: when,
-- how and by whom. That is the proof of delivery of each letter. Returns 'recorded', 'odd' or ''.
CREATE FUNCTION batch_mailed(which uuid, of_batch uuid, moment timestamptz, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); batch incident_fact;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    SELECT * INTO batch FROM incident_fact f WHERE f.uuid = of_batch AND f.incident_id = mine
        AND f.kind = 'printed' AND f.what <> 'hand';
    IF batch.id IS NULL OR length(trim(said)) BETWEEN 1 AND 2000 IS NOT true
        OR moment BETWEEN batch.at AND now() IS NOT true THEN RETURN 'odd'; END IF;
    UPDATE breach_letter l SET state = 'done', proven_at = moment, proven_by_id = asking()
        WHERE l.batch_id = batch.id AND l.state = 'printed';
    IF NOT FOUND THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'mailed', batch.what, said, moment,
        known => jsonb_build_object('batch', batch.uuid));
    RETURN 'recorded';
END $$;

-- Records that a letter was given by hand: when, and by whom or how. Returns 'recorded', 'odd', ''.
CREATE FUNCTION letter_given(which uuid, of_letter uuid, moment timestamptz, said text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF length(trim(said)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'odd'; END IF;
    UPDATE breach_letter l SET state = 'done', proven_at = moment, proven_by_id = asking()
        WHERE l.uuid = of_letter AND l.incident_id = mine AND l.way = 'hand'
          AND l.state IN ('waiting', 'printed') AND moment BETWEEN l.released_at AND now();
    IF NOT FOUND THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'given', '', said, moment,
        known => jsonb_build_object('letter', of_letter));
    RETURN 'recorded';
END $$;

-- An email that bounced goes on paper, and paper that came back goes by hand. Returns 'recorded',
-- 'odd' or ''.
CREATE FUNCTION letter_came_back(which uuid, of_letter uuid, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF length(trim(said)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'odd'; END IF;
    UPDATE breach_letter l SET way = CASE l.way WHEN 'email' THEN 'paper' ELSE 'hand' END,
            state = 'waiting', batch_id = NULL, proven_at = NULL, proven_by_id = NULL
        WHERE l.uuid = of_letter AND l.incident_id = mine AND (l.way = 'email' AND l.state = 'sent'
            OR l.way = 'paper' AND l.state = 'done');
    IF NOT FOUND THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'came back', '', said,
        known => jsonb_build_object('letter', of_letter));
    RETURN 'recorded';
END $$;

-- Only hidden entries make a student of this letter affected. Two people decide whether it goes out
-- on the portal, on paper or by hand, or not at all (none). Returns 'proposed', 'taken', 'odd',
-- 'again' or ''.
CREATE FUNCTION propose_letter_way(which uuid, of_letter uuid, by_way text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); letter breach_letter;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    SELECT * INTO letter FROM breach_letter l WHERE l.uuid = of_letter AND l.incident_id = mine
        AND l.way = 'undecided';
    IF letter.id IS NULL OR length(trim(why)) BETWEEN 1 AND 2000 IS NOT true
        OR by_way IN ('portal', 'paper', 'hand', 'none') IS NOT true
        OR EXISTS (SELECT FROM unnest(letter.children || letter.person_id) w
            WHERE NOT may_decide_about(w)) THEN RETURN 'odd'; END IF;
    RETURN propose('hidden letter', NULL, NULL, (SELECT jsonb_build_object('incident', i.uuid,
        'name', i.year || '-' || i.number, 'letter', of_letter, 'way', by_way)
        FROM incident i WHERE i.id = mine), trim(why));
END $$;

CREATE FUNCTION decide_letter(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE letter breach_letter; by_way text := p.payload->>'way';
BEGIN
    IF NOT handles_incidents(p.decided_by_id) OR NOT handles_incidents(p.proposed_by_id) THEN
        RETURN false;
    END IF;
    UPDATE breach_letter l SET way = by_way,
            state = CASE by_way WHEN 'portal' THEN 'there' WHEN 'none' THEN 'done'
                ELSE 'waiting' END
        WHERE l.uuid = (p.payload->>'letter')::uuid AND l.way = 'undecided'
          AND NOT is_on_hold(l.incident_id) RETURNING * INTO letter;
    IF letter.id IS NULL THEN RETURN false; END IF;
    PERFORM write_fact(letter.incident_id, p.decided_by_id, 'decided', by_way, p.reason,
        known => jsonb_build_object('letter', letter.uuid, 'proposal', p.uuid));
    IF by_way = 'portal' THEN
        PERFORM tell_account(letter.person_id, a.side, 'breach notice') FROM account a
            WHERE a.person_id = letter.person_id AND a.is_active;
    END IF;
    RETURN true;
END $$;

-- The jobs process begins a run. Returns whether it may go on: only one run sends at a time, and a
-- run holds the lock until its connection ends. A letter that an earlier run marked and no one
-- confirmed goes on paper. Without a relay or an address a letter stays on the portal.
CREATE FUNCTION begin_letter_mail(has_relay boolean) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT pg_try_advisory_lock(4117341) THEN RETURN false; END IF;
    UPDATE breach_letter l SET way = 'paper', state = 'waiting', answer = 'unknown'
        WHERE l.way = 'email' AND l.state = 'sending';
    UPDATE breach_letter l SET way = CASE WHEN EXISTS (SELECT FROM account a
                WHERE a.person_id = l.person_id AND a.is_active) THEN 'portal' ELSE 'paper' END,
            state = CASE WHEN EXISTS (SELECT FROM account a
                WHERE a.person_id = l.person_id AND a.is_active) THEN 'there' ELSE 'waiting' END
        WHERE l.way = 'email' AND l.state = 'waiting' AND (NOT has_relay OR NOT EXISTS (
            SELECT FROM mail_address m JOIN account a ON a.id = m.account_id AND a.is_active
            WHERE a.person_id = l.person_id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL));
    UPDATE breach_letter l SET way = 'hand'
        WHERE l.way = 'email' AND l.state = 'waiting' AND EXISTS (SELECT FROM masking m
            WHERE m.student_id = ANY (l.children) AND m.ended_at IS NULL);
    RETURN true;
END $$;

-- Marks a letter before the relay gets it. Returns whether it may be sent.
CREATE FUNCTION hand_letter_mail(which bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE breach_letter l SET state = 'sending'
        WHERE l.id = which AND l.way = 'email' AND l.state = 'waiting'
          AND NOT is_on_hold(l.incident_id);
    RETURN FOUND;
END $$;

-- Records the relay's answer. 'sent': it has the letter. 'refused' for good, and 'unknown': on
-- paper. 'not taken': tried again, 20 times at most.
CREATE FUNCTION letter_mail_answered(which bigint, said text, outcome text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE breach_letter l SET answer = left(said, 40), tries = l.tries + 1,
        proven_at = CASE outcome WHEN 'sent' THEN now() END,
        state = CASE outcome WHEN 'sent' THEN 'sent' ELSE 'waiting' END,
        next_at = now() + interval '1 minute' * least(2 ^ l.tries, 60),
        way = CASE WHEN outcome = 'sent' OR outcome = 'not taken' AND l.tries < 19 THEN 'email'
            ELSE 'paper' END
    WHERE l.id = which AND l.way = 'email' AND l.state IN ('waiting', 'sending')
$$;

GRANT EXECUTE ON FUNCTION choose_notifier(uuid, boolean, text), print_breach_letters(uuid, text),
    batch_mailed(uuid, uuid, timestamptz, text), letter_given(uuid, uuid, timestamptz, text),
    letter_came_back(uuid, uuid, text), propose_letter_way(uuid, uuid, text, text) TO app;
GRANT EXECUTE ON FUNCTION begin_letter_mail(boolean), hand_letter_mail(bigint),
    letter_mail_answered(bigint, text, text) TO jobs;
