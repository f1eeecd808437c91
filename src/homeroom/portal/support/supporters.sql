-- Who of the operator's may be granted a look, how they come to their passkey and their session, and which session asks.
-- A supporter is no person here: asking() knows none, so every policy shows them nothing and every function that writes refuses.

-- The grant that the session asking rests on, while it runs. By the clock and not by the transaction's beginning: a page in flight
-- closes with the statement after the end. A view, as asking_session; no login may read it.
CREATE VIEW running_support AS
    SELECT s.key AS session_key, s.last_seen_at, g.id AS grant_id, g.uuid, g.students, g.until, p.name
    FROM support_session s JOIN support_grant g ON g.id = s.grant_id JOIN supporter p ON p.id = g.supporter_id
    WHERE s.key = (SELECT asking_key()) AND current_setting('transaction_isolation') = 'read committed'
      AND s.ended_at IS NULL AND s.last_seen_at > clock_timestamp() - interval '1 hour'
      AND g.ended_at IS NULL AND g.until > clock_timestamp() AND p.ended_at IS NULL;

CREATE FUNCTION asking_support() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT grant_id FROM running_support);
END $$;

-- Claims, keeps the session awake, and says what a page's frame needs. NULL for nobody. look: the number of this request's own.
CREATE FUNCTION begin_support(proof bytea, look bigint DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine running_support;
BEGIN
    PERFORM claim(proof, look);
    SELECT * INTO mine FROM running_support;
    IF mine.grant_id IS NULL THEN RETURN NULL; END IF;
    UPDATE support_session s SET last_seen_at = now() WHERE s.key = mine.session_key AND s.last_seen_at < now() - interval '1 minute';
    RETURN jsonb_build_object('name', mine.name, 'until', mine.until, 'students', cardinality(mine.students));
END $$;

-- By the operator's command. digest: of the code that makes the passkey, good for three weeks, once.
CREATE FUNCTION add_supporter(of_name text, digest bytea) RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made uuid;
BEGIN
    INSERT INTO supporter (name, code, code_until) VALUES (of_name, digest, now() + interval '21 days') RETURNING uuid INTO made;
    PERFORM ledger_change('supporter added', NULL, NULL, 'operator', NULL, made::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN made;
END $$;

CREATE FUNCTION end_supporter(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE supporter p SET ended_at = now(), code = NULL WHERE p.uuid = which AND p.ended_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('supporter ended', NULL, NULL, 'operator', NULL, which::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN true;
END $$;

-- ── The door: it makes passkeys and sessions, and learns of nobody here ──
CREATE FUNCTION supporter_of_code(digest bytea) RETURNS TABLE (uuid uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, p.name FROM supporter p WHERE p.code = digest AND p.code_until > now() AND p.registered_at IS NULL AND p.ended_at IS NULL
$$;

-- Whether the code was still good: of two who use it at once the second waits for the row, and finds it used.
CREATE FUNCTION register_supporter(digest bytea, credential bytea, public_half bytea, count bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who uuid;
BEGIN
    PERFORM FROM supporter p WHERE p.code = digest FOR UPDATE;
    UPDATE supporter p SET credential_id = credential, attested = public_half, sign_count = count, registered_at = now(), code = NULL
        WHERE p.uuid = (SELECT s.uuid FROM supporter_of_code(digest) s) RETURNING p.uuid INTO who;
    IF who IS NULL THEN RETURN false; END IF;
    PERFORM ledger_change('supporter registered', NULL, NULL, 'support', NULL, who::text);
    PERFORM tell_administrators(NULL, 'supporters changed');
    RETURN true;
END $$;

CREATE FUNCTION supporter_of_passkey(credential bytea) RETURNS TABLE (uuid uuid, public_half bytea) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, p.attested FROM supporter p WHERE p.credential_id = credential AND p.ended_at IS NULL
$$;

-- After the door checked what the passkey signed. Until when the session lasts; NULL: no such passkey, one that was copied (it counts
-- no further), or no grant that runs. The session before ends: a grant is one browser's.
CREATE FUNCTION begin_support_session(credential bytea, count bigint, of_key bytea) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer; g support_grant;
BEGIN
    LOCK TABLE support_session IN ROW EXCLUSIVE MODE;  -- a restore that has just begun is waited for, and seen
    UPDATE supporter p SET sign_count = count
        WHERE p.credential_id = credential AND p.ended_at IS NULL AND (p.sign_count < count OR count = 0 AND p.sign_count = 0) RETURNING p.id INTO who;
    SELECT * INTO g FROM support_grant r WHERE r.supporter_id = who AND r.ended_at IS NULL AND r.until > now();
    IF g.id IS NULL OR length(of_key) <> 32 OR is_unconfirmed() THEN RETURN NULL; END IF;
    UPDATE support_session s SET ended_at = now() WHERE s.grant_id = g.id AND s.ended_at IS NULL;
    INSERT INTO support_session (key, grant_id) VALUES (of_key, g.id);
    PERFORM ledger_change('support signed in', NULL, NULL, 'support', NULL, g.uuid::text);
    RETURN g.until;
END $$;

CREATE FUNCTION end_support_session(of_key bytea) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE support_session SET ended_at = now() WHERE key = of_key AND ended_at IS NULL
$$;

-- For the jobs process: openings at once, sessions 30 days after their grant.
CREATE FUNCTION support_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH closed AS (DELETE FROM support_opening WHERE until < now()),
         codes AS (UPDATE supporter SET code = NULL WHERE code_until < now() AND code IS NOT NULL),
         swept AS (DELETE FROM support_session s USING support_grant g WHERE g.id = s.grant_id AND g.until < now() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION asking_support(), begin_support(bytea, bigint) TO app;
GRANT EXECUTE ON FUNCTION supporter_of_code(bytea), register_supporter(bytea, bytea, bytea, bigint), supporter_of_passkey(bytea),
    begin_support_session(bytea, bigint, bytea), end_support_session(bytea) TO door;
GRANT EXECUTE ON FUNCTION support_swept() TO jobs;
