-- What the office records about an incident. Each act adds facts and changes none.

-- The incident, locked until the end of the transaction, so that each act sees what the act before
-- it recorded. NULL for people who don't handle incidents, and if there is no such incident.
CREATE FUNCTION incident_to_change(which uuid) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_i_handle(which);
BEGIN
    PERFORM FROM incident i WHERE i.id = mine FOR UPDATE;
    RETURN mine;
END $$;

-- Adds a fact. The access log has its digest.
CREATE FUNCTION write_fact(of_incident integer, by_person integer, of_kind text, of_what text,
    said text, of_moment timestamptz DEFAULT NULL, known jsonb DEFAULT NULL)
RETURNS incident_fact LANGUAGE plpgsql VOLATILE AS $$
DECLARE made incident_fact;
BEGIN
    INSERT INTO incident_fact (incident_id, at, by_id, kind, what, words, moment, facts)
        VALUES (of_incident, clock_timestamp(), by_person, of_kind, of_what, trim(said), of_moment,
            known) RETURNING * INTO made;
    PERFORM ledger_change('incident fact', NULL, by_person, office_of(by_person), NULL,
        made.uuid || ' ' || fact_digest(made));
    RETURN made;
END $$;

-- `which` comes from the form, so sending it twice declares one incident. `start` is when it was
-- discovered. Returns 'recorded'. 'odd': no title, nothing noticed, or a start in the future or
-- more than two years ago. 'taken': it is declared already. '' as if there were no such page.
CREATE FUNCTION declare_incident(which uuid, title text, said text, start timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_year integer := extract(year FROM today()); made integer;
BEGIN
    IF which IS NULL OR NOT i_handle_incidents() THEN RETURN ''; END IF;
    IF (length(trim(title)) BETWEEN 1 AND 120 AND length(trim(said)) BETWEEN 1 AND 4000
        AND start <= now() AND start > now() - interval '2 years') IS NOT true THEN
        RETURN 'odd';
    END IF;
    LOCK TABLE incident IN SHARE ROW EXCLUSIVE MODE;  -- for the next number
    INSERT INTO incident (uuid, year, number) VALUES (which, of_year, 1 + coalesce(
            (SELECT max(i.number) FROM incident i WHERE i.year = of_year), 0))
        ON CONFLICT (uuid) DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN 'taken'; END IF;
    PERFORM write_fact(made, asking(), 'declared', '', said, start,
            known => jsonb_build_object('title', trim(title))),
        tell_administrators(NULL, 'incident declared');
    RETURN 'recorded';
END $$;

-- `kind`: 'note' adds a line to the diary. 'stage' goes to the stage `what`. 'done' records that
-- what the clock `what` asks for was done at `moment`. 'triggers' records in `what` which of the
-- three rules apply. Returns 'recorded', 'odd' or ''.
CREATE FUNCTION note_incident(which uuid, kind text, what text, said text, moment timestamptz)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (length(trim(said)) BETWEEN CASE kind WHEN 'stage' THEN 0 ELSE 1 END AND 4000 AND CASE kind
        WHEN 'note' THEN what = '' AND moment IS NULL
        WHEN 'stage' THEN moment IS NULL AND what <> incident_stage(mine) AND what = ANY (ARRAY[
            'assess', 'contain', 'notify', 'resolve', 'review', 'closed'])
        WHEN 'triggers' THEN moment IS NULL
            AND what ~ '^(records)? ?(policy)? ?(statute)?$' AND what = trim(what)
        WHEN 'done' THEN what ~ '^[a-z ]{1,40}$'
            AND moment BETWEEN incident_start(mine) AND now() END) IS NOT true THEN
        RETURN 'odd';
    END IF;
    PERFORM write_fact(mine, asking(), kind, what, said, moment);
    RETURN 'recorded';
END $$;

-- Any one person may move the start earlier, which moves every deadline earlier. Returns
-- 'recorded', 'odd' or ''.
CREATE FUNCTION start_earlier(which uuid, start timestamptz, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (start < incident_start(mine) AND start > now() - interval '2 years'
        AND length(trim(why)) BETWEEN 1 AND 2000) IS NOT true THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'started earlier', '', why, start);
    RETURN 'recorded';
END $$;

-- A later start moves deadlines later, so it needs a reason and a second approval. Returns
-- 'proposed', 'taken', 'odd', 'again' or ''.
CREATE FUNCTION propose_later_start(which uuid, start timestamptz, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (start > incident_start(mine) AND start <= now()
        AND length(trim(why)) BETWEEN 1 AND 2000) IS NOT true THEN RETURN 'odd'; END IF;
    RETURN propose('later start', NULL, NULL, (SELECT jsonb_build_object('incident', i.uuid,
        'name', i.year || '-' || i.number, 'start', start, 'was', incident_start(i.id))
        FROM incident i WHERE i.id = mine), trim(why));
END $$;

-- Carries out the second approval, if the start is still the one that was proposed against.
CREATE FUNCTION start_later(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := (SELECT i.id FROM incident i
    WHERE i.uuid = (p.payload->>'incident')::uuid FOR UPDATE);
BEGIN
    IF NOT handles_incidents(p.decided_by_id) OR NOT handles_incidents(p.proposed_by_id)
        OR (incident_start(mine) = (p.payload->>'was')::timestamptz) IS NOT true THEN
        RETURN false;
    END IF;
    PERFORM write_fact(mine, p.decided_by_id, 'started later', '', p.reason,
        (p.payload->>'start')::timestamptz, known => jsonb_build_object('proposal', p.uuid));
    RETURN true;
END $$;

-- Law enforcement asks to wait with notices to people and the public (Civ. Code 1798.82(c)).
-- `said` has the agency and its reference, and `ends` is the end, if it is known. A hold that
-- runs can only be recorded anew. Returns 'recorded', 'odd', 'again' or ''.
CREATE FUNCTION hold_notices(which uuid, said text, ends timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF (length(trim(said)) BETWEEN 1 AND 2000 AND coalesce(ends > now(), true)) IS NOT true THEN
        RETURN 'odd';
    END IF;
    PERFORM write_fact(mine, asking(), 'hold', '', said, ends);
    RETURN 'recorded';
END $$;

-- Returns 'recorded', 'odd' or ''.
CREATE FUNCTION end_hold(which uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF NOT is_on_hold(mine) OR length(trim(said)) BETWEEN 1 AND 2000 IS NOT true THEN
        RETURN 'odd';
    END IF;
    PERFORM write_fact(mine, asking(), 'hold ended', '', said, now());
    RETURN 'recorded';
END $$;

-- Names an account as a suspect, or clears it. A suspect's person loses these pages until the
-- incident is closed. Every other administrator is notified. Returns 'recorded'. 'mine': it's your
-- own account. 'same': it is named already, or isn't. 'odd': no reason. Also 'again' and ''.
CREATE FUNCTION name_suspect(which uuid, of_account uuid, is_cleared boolean, why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); one account;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    SELECT * INTO one FROM account a WHERE a.uuid = of_account;
    IF one.id IS NULL OR length(trim(why)) BETWEEN 1 AND 2000 IS NOT true
        OR is_cleared IS NULL THEN RETURN 'odd'; END IF;
    IF one.person_id = asking() THEN RETURN 'mine'; END IF;
    IF is_cleared <> (one.uuid IN (SELECT suspects_of(mine))) THEN RETURN 'same'; END IF;
    PERFORM write_fact(mine, asking(), CASE WHEN is_cleared THEN 'cleared' ELSE 'suspect' END, '',
        why, known => jsonb_build_object('account', one.uuid));
    PERFORM tell_account(w.person_id, 'staff', 'incident suspect')
        FROM (SELECT DISTINCT a.person_id FROM administrator a
            WHERE handles_incidents(a.person_id) AND a.person_id <> asking()) w;
    RETURN 'recorded';
END $$;

-- Counts the people affected by a question, and everyone affected by this incident's questions
-- together. The question and its answer stay. `about` and `subject` are as in question_of(), and
-- `since` and `until` bound the views. Returns 'recorded'. 'odd': nothing fits, an impossible time,
-- or everyone without a reason. Also ''.
CREATE FUNCTION count_affected(which uuid, about text, subject text, of_act text,
    since timestamptz, until timestamptz, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
    one jsonb := CASE WHEN mine IS NOT NULL
        THEN question_of(about, subject, of_act, since, until) END;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF one IS NULL OR length(trim(why)) BETWEEN (about = 'everyone')::integer AND 2000 IS NOT true
        THEN RETURN 'odd';
    END IF;
    PERFORM write_fact(mine, asking(), 'counted', '', why, known => jsonb_build_object('question',
        one, 'counts', counts_of(jsonb_build_array(one)), 'total',
        counts_of(questions_counted(mine) || one)));
    RETURN 'recorded';
END $$;

-- Sets a question aside, such as one about the wrong account. It stays in the diary, and no longer
-- counts. Returns 'recorded', 'odd' or ''.
CREATE FUNCTION set_count_aside(which uuid, of_count uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF length(trim(why)) BETWEEN 1 AND 2000 IS NOT true
        OR of_count IN (SELECT counts_that_count(mine)) IS NOT true THEN RETURN 'odd'; END IF;
    PERFORM write_fact(mine, asking(), 'set aside', '', why, known => jsonb_build_object('count',
        of_count, 'total', counts_of(coalesce((SELECT jsonb_agg(f.facts->'question' ORDER BY f.id)
            FROM incident_fact f WHERE f.uuid <> of_count
                AND f.uuid IN (SELECT counts_that_count(mine))), '[]'))));
    RETURN 'recorded';
END $$;

-- For the jobs process: notifies everyone who handles incidents that so many deadlines are overdue,
-- once a day. Returns how many people were notified.
CREATE FUNCTION incident_overdue_told(how_many integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account; done integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(4117308, 2);  -- otherwise parallel calls would each notify
    FOR a IN SELECT c.* FROM account c WHERE c.side = 'staff' AND c.is_active
          AND c.person_id IN (SELECT w.person_id FROM administrator w
              WHERE handles_incidents(w.person_id))
          AND NOT EXISTS (SELECT FROM account_notice n WHERE n.account_id = c.id
              AND n.what = 'incident overdue' AND n.at > now() - interval '1 day')
    LOOP
        DELETE FROM account_notice n WHERE n.account_id = a.id AND n.what = 'incident overdue';
        PERFORM tell_account(a.person_id, 'staff', 'incident overdue'),
            mail_account(a.id, 'incident overdue', '', how_many);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;

GRANT EXECUTE ON FUNCTION incident_overdue_told(integer) TO jobs;
GRANT EXECUTE ON FUNCTION declare_incident(uuid, text, text, timestamptz),
    note_incident(uuid, text, text, text, timestamptz),
    start_earlier(uuid, timestamptz, text), propose_later_start(uuid, timestamptz, text),
    hold_notices(uuid, text, timestamptz), end_hold(uuid, text),
    name_suspect(uuid, uuid, boolean, text),
    count_affected(uuid, text, text, text, timestamptz, timestamptz, text),
    set_count_aside(uuid, uuid, text) TO app;
