-- Grants, passkeys, sessions and views of support. One administrator of the district proposes a
-- grant, another approves it, and any of them ends it. A supporter is not a person here. asking()
-- finds no one, so policies show no row, and functions that write refuse.

-- Claims the request, keeps the session awake, and returns what a page's frame needs. NULL if no
-- support session asks. `look` is the number of this request's own view.
CREATE FUNCTION begin_support(proof bytea, look bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine running_support;
BEGIN
    PERFORM claim(proof, look);
    -- Asked twice, since the session may have ended while the first turn waited for its row.
    FOR turn IN 1..2 LOOP
        SELECT * INTO mine FROM running_support;
        IF mine.grant_id IS NULL THEN RETURN NULL; END IF;
        UPDATE support_session s SET last_seen_at = now()
            WHERE s.key = mine.session_key AND s.last_seen_at < now() - interval '1 minute';
    END LOOP;
    RETURN jsonb_build_object('name', mine.name, 'until', mine.until, 'students',
        cardinality(mine.students));
END $$;

-- For the operator's command. `digest` is the hash of the code that makes the passkey. The code
-- works once, within three weeks.
CREATE FUNCTION add_supporter(of_name text, digest bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE made uuid;
BEGIN
    INSERT INTO supporter (name, code, code_until)
        VALUES (of_name, digest, now() + interval '21 days') RETURNING uuid INTO made;
    PERFORM ledger_change('supporter added', NULL, NULL, 'operator', NULL, made::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN made;
END $$;

CREATE FUNCTION end_supporter(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE supporter p SET ended_at = now(), code = NULL
        WHERE p.uuid = which AND p.ended_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('supporter ended', NULL, NULL, 'operator', NULL, which::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN true;
END $$;

-- Returns whether the code was still valid. If it is used twice at the same moment, the second use
-- waits for the row and finds it used.
CREATE FUNCTION register_supporter(digest bytea, credential bytea, public_half bytea, count bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE who uuid;
BEGIN
    PERFORM FROM supporter p WHERE p.code = digest FOR UPDATE;
    UPDATE supporter p SET credential_id = credential, attested = public_half, sign_count = count,
        registered_at = now(), code = NULL
        WHERE p.uuid = (SELECT s.uuid FROM supporter_of_code(digest) s)
            AND num_nulls(credential, public_half, count) = 0 RETURNING p.uuid INTO who;
    IF who IS NULL THEN RETURN false; END IF;
    PERFORM ledger_change('supporter registered', NULL, NULL, 'support', NULL, who::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN true;
END $$;

-- Called after the door checked the passkey's signature. Returns when the session ends. NULL: no
-- such passkey, a copied one (its count does not increase), or no running grant. An earlier session
-- ends, since a grant is for one browser.
CREATE FUNCTION begin_support_session(credential bytea, count bigint, of_key bytea)
RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer; g support_grant;
BEGIN
    -- Waits for a restore that has just begun, and sees it.
    LOCK TABLE support_session IN ROW EXCLUSIVE MODE;
    UPDATE supporter p SET sign_count = count
        WHERE p.credential_id = credential AND p.ended_at IS NULL
          AND (p.sign_count < count OR count = 0 AND p.sign_count = 0) RETURNING p.id INTO who;
    SELECT * INTO g FROM support_grant r
    WHERE r.supporter_id = who AND r.ended_at IS NULL AND r.until > now();
    IF g.id IS NULL OR length(of_key) <> 32 OR is_unconfirmed() THEN RETURN NULL; END IF;
    UPDATE support_session s SET ended_at = now() WHERE s.grant_id = g.id AND s.ended_at IS NULL;
    INSERT INTO support_session (key, grant_id) VALUES (of_key, g.id);
    PERFORM ledger_change('support signed in', NULL, NULL, 'support', NULL, g.uuid::text);
    RETURN g.until;
END $$;

CREATE FUNCTION end_support_session(of_key bytea) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE support_session SET ended_at = now() WHERE key = of_key AND ended_at IS NULL
$$;

-- For the jobs process: deletes openings that are over, and sessions 30 days after their grant.
-- Also removes codes that expired. Returns the number of deleted sessions.
CREATE FUNCTION support_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH closed AS (DELETE FROM support_opening WHERE until < now()),
         codes AS (UPDATE supporter SET code = NULL WHERE code_until < now() AND code IS NOT NULL),
         swept AS (DELETE FROM support_session s USING support_grant g
             WHERE g.id = s.grant_id AND g.until < now() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- Returns 'proposed', 'taken', 'again' or ''. 'hours': not 1 to 4. 'many': more than 20 students.
-- 'runs': this supporter has a grant already.
CREATE FUNCTION propose_support(of_supporter uuid, hours integer, children uuid[], why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE whom integer;
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    whom := (SELECT p.id FROM supporter p
        WHERE p.uuid = of_supporter AND p.registered_at IS NOT NULL AND p.ended_at IS NULL);
    IF whom IS NULL THEN RETURN ''; END IF;
    IF hours IS NULL OR hours NOT BETWEEN 1 AND 4 THEN RETURN 'hours'; END IF;
    IF cardinality(children) > 20 THEN RETURN 'many'; END IF;
    IF (SELECT count(*) FROM students_to_support(children)) IS DISTINCT FROM
        cardinality(children) THEN
        RETURN '';
    END IF;
    IF has_support(whom) THEN RETURN 'runs'; END IF;
    RETURN propose('support', NULL, NULL,
        jsonb_build_object('supporter', of_supporter, 'hours', hours, 'students',
            to_jsonb(children)), why);
END $$;

-- Carries out the proposal. Returns false if the supporter has another grant, or if a student or
-- the supporter is gone.
CREATE FUNCTION make_support_grant(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE whom integer; chosen integer[] := students_of_support(p.payload);
BEGIN
    SELECT s.id INTO whom FROM supporter s
    WHERE s.uuid = (p.payload->>'supporter')::uuid AND s.registered_at IS NOT NULL
      AND s.ended_at IS NULL FOR UPDATE;
    IF whom IS NULL OR has_support(whom)
        OR cardinality(chosen) <> jsonb_array_length(p.payload->'students') THEN
        RETURN false;
    END IF;
    INSERT INTO support_grant (supporter_id, proposal_id, students, until)
        VALUES (whom, p.id, chosen, now() + make_interval(hours => (p.payload->>'hours')::integer));
    PERFORM ledger_change('support granted', NULL, p.decided_by_id, 'administrator', NULL,
        p.uuid::text);
    PERFORM tell_administrators(NULL, 'support begun');
    RETURN true;
END $$;

-- Any administrator of the district may end it, whatever children they have. Returns 'ended',
-- 'again', or '' if none runs.
CREATE FUNCTION end_support(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE g support_grant;
BEGIN
    SELECT * INTO g FROM support_grant r
    WHERE r.uuid = which AND r.ended_at IS NULL AND r.until > now() AND i_decide_for(NULL)
        FOR UPDATE;
    IF g.id IS NULL OR why IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE support_grant r SET ended_at = now(), ended_by_id = asking(), words = why
        WHERE r.id = g.id;
    UPDATE support_session s SET ended_at = now() WHERE s.grant_id = g.id AND s.ended_at IS NULL;
    PERFORM ledger_change('support ended', NULL, asking(), 'administrator', NULL, g.uuid::text);
    PERFORM tell_administrators(NULL, 'support ended');
    RETURN 'ended';
END $$;

-- Writes and commits which student is viewed, as look() does. Returns the view's number, for
-- begin_support(). 0: no running grant, or no such student in it.
CREATE FUNCTION support_look(proof bytea, number integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint;
    mine running_support;
    student integer;
    moment timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM claim(proof, NULL);
    SELECT * INTO mine FROM running_support;
    SELECT p.id INTO student FROM person p WHERE p.id = mine.students[number];
    IF student IS NULL THEN RETURN 0; END IF;
    INSERT INTO ledger (at, event, act, capacity, session_key, reason, xid)
        VALUES (moment, 'look', 'support', 'support', mine.session_key, mine.uuid::text,
            pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds)
        VALUES (entry, student, moment, ARRAY['grades', 'attendance', 'ties']);
    INSERT INTO support_opening (entry_id, session_key, number, student_id, xid, until)
        VALUES (entry, mine.session_key, number, student, pg_current_xact_id()::text::bigint,
            moment + interval '30 seconds');
    RETURN entry;
END $$;

GRANT EXECUTE ON FUNCTION begin_support(bytea, bigint),
    propose_support(uuid, integer, uuid[], text), end_support(uuid, text),
    support_look(bytea, integer) TO app;
GRANT EXECUTE ON FUNCTION register_supporter(bytea, bytea, bytea, bigint),
    begin_support_session(bytea, bigint, bytea), end_support_session(bytea) TO door;
GRANT EXECUTE ON FUNCTION support_swept() TO jobs;
