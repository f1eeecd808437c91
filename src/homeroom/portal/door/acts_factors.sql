-- Passwords and second factors of one account, by its uuid. A change to any of them ends the
-- account's sessions (triggers.sql). `by_key` is what proves the right to change something: the key
-- of a session, or of a step that a printed code led to.

-- Returns the account's number if this key may change it. NULL: it may not. A session that this
-- transaction ended still may. A card session and an old proof may not. Holds the step, so that two
-- requests with it don't both change something. The operator's command runs as owner and needs no
-- key, and neither does an account that is being made.
CREATE FUNCTION account_to_change(of_account uuid, by_key bytea) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE which bigint := (SELECT a.id FROM account a WHERE a.uuid = of_account AND a.is_active);
BEGIN
    IF session_user = current_user
        OR EXISTS (SELECT FROM account a WHERE a.id = which AND a.created_at >= now())
        OR EXISTS (SELECT FROM session s
        WHERE s.key = by_key AND s.account_id = which AND is_owners_method(s.method)
          AND (s.ended_at IS NULL OR s.ended_at = now())
          AND s.expires_at > now() AND s.last_seen_at + s.idle_limit > now()
          AND s.proven_at > now() - interval '10 minutes') THEN
        RETURN which;
    END IF;
    PERFORM FROM sign_in_step s WHERE s.key = by_key AND s.kind = 'enrol' AND s.account_id = which
        AND s.expires_at > now() FOR UPDATE;
    RETURN CASE WHEN FOUND THEN which END;
END $$;

-- A way to sign in came, changed or went. It doesn't matter who did it or how: the door's login
-- could add one for itself, and the account's owner must notice. The account gets a notice and an
-- email, and the access log an entry. Several changes at one time are one email.
CREATE FUNCTION note_way_in(of_account bigint, what text, by_mail boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account;
BEGIN
    SELECT * INTO a FROM account o WHERE o.id = of_account;
    -- It is gone or closed, or is being made: no one signs in with it.
    IF NOT FOUND OR NOT a.is_active OR a.created_at >= now() THEN RETURN; END IF;
    PERFORM tell_account(a.person_id, a.side, what),
        ledger_change('sign-in changed', CASE WHEN a.side = 'student' THEN a.person_id END,
            a.person_id, a.side, NULL, what);
    IF by_mail AND NOT EXISTS (SELECT FROM account_mail m
        WHERE m.account_id = of_account AND m.kind = 'factor' AND m.handed_at IS NULL) THEN
        PERFORM mail_account(of_account, 'factor');
    END IF;
END $$;

-- The account chooses another username. 'changed', 'taken', or '' for an account without a verified
-- email: the answer tells which usernames are taken. The account gets a notice and an email.
CREATE FUNCTION rename_account(account_uuid uuid, name text, by_key bytea) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE which bigint := account_to_change(account_uuid, by_key);
BEGIN
    UPDATE account a SET sign_in_name = name
        WHERE a.id = which AND EXISTS (SELECT FROM mail_address m
            WHERE m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL)
        RETURNING a.id INTO which;
    IF which IS NULL THEN RETURN ''; END IF;
    PERFORM note_way_in(which, 'username changed', true);
    RETURN 'changed';
EXCEPTION WHEN unique_violation THEN RETURN 'taken';
END $$;

-- `long`: the password is enough without a second factor. NULL: the same password, hashed again.
CREATE FUNCTION keep_password(of_account uuid, hash text, long boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO credential AS c (account_id, password, is_long)
        SELECT a.id, hash, coalesce(long, true) FROM account a WHERE a.uuid = of_account
        ON CONFLICT (account_id) DO UPDATE SET password = hash,
            is_long = coalesce(long, c.is_long),
            changed_at = CASE WHEN long IS NULL THEN c.changed_at ELSE now() END;
END $$;

-- The session's own change of a password, after the door compared the current one. False: the
-- session has ended, or it is a card session.
CREATE FUNCTION change_password(by_key bytea, hash text, long boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose uuid := (SELECT a.uuid FROM session s JOIN account a ON a.id = s.account_id
        WHERE s.key = by_key AND s.ended_at IS NULL AND is_owners_method(s.method));
BEGIN
    PERFORM keep_password(whose, hash, long);
    RETURN whose IS NOT NULL;
END $$;

-- False if an account already has this passkey, or the key may not add one. codes: hashes of the
-- recovery codes that come with a first factor.
CREATE FUNCTION add_passkey(of_account uuid, named text, of_credential bytea, half bytea,
    count bigint, codes bytea[], by_key bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(of_account, by_key);
BEGIN
    INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count)
        SELECT gen_random_uuid(), whose, named, of_credential, half, count
        WHERE whose IS NOT NULL ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO recovery_code (account_id, hash) SELECT whose, unnest(codes);
    RETURN true;
END $$;

-- A device that counts must count up. One that doesn't count up was copied. A device without a
-- counter says 0.
CREATE FUNCTION use_passkey(of_credential bytea, count bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE passkey f SET sign_count = count, last_used_at = now()
        WHERE f.credential_id = of_credential
          AND CASE WHEN count > 0 THEN f.sign_count < count ELSE f.sign_count = 0 END;
    RETURN FOUND;
END $$;

-- False if the key may not add one. codes: as for a passkey.
CREATE FUNCTION add_app(of_account uuid, named text, sealed bytea, step bigint, codes bytea[],
    by_key bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(of_account, by_key);
BEGIN
    IF whose IS NULL THEN RETURN false; END IF;
    INSERT INTO authenticator (uuid, account_id, name, secret, last_step)
        VALUES (gen_random_uuid(), whose, named, sealed, step);
    INSERT INTO recovery_code (account_id, hash) SELECT whose, unnest(codes);
    RETURN true;
END $$;

-- One statement decides between two requests at the same moment.
CREATE FUNCTION use_app(of_app uuid, step bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE authenticator f SET last_step = step, last_used_at = now()
        WHERE f.uuid = of_app AND f.last_step < step;
    RETURN FOUND;
END $$;

-- False if the key may not.
CREATE FUNCTION rename_factor(of_account uuid, factor uuid, named text, by_key bytea)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(of_account, by_key);
BEGIN
    UPDATE passkey f SET name = named WHERE f.account_id = whose AND f.uuid = factor;
    UPDATE authenticator f SET name = named WHERE f.account_id = whose AND f.uuid = factor;
    RETURN whose IS NOT NULL;
END $$;

-- Removes a factor. With the last one the recovery codes are removed too. False: without it the
-- account could not sign in, or the key may not remove it. The lock keeps two simultaneous removals
-- from each leaving the other's factor. Every login can read the keys of locks, so this one names a
-- group of accounts, not an account.
CREATE FUNCTION remove_factor(of_account uuid, factor uuid, by_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(of_account, by_key);
BEGIN
    IF whose IS NULL THEN RETURN false; END IF;
    PERFORM pg_advisory_xact_lock(4, (whose % 16)::integer);
    IF needs_factor(whose) AND NOT EXISTS (SELECT FROM factors_shown(of_account) f
        WHERE f.uuid <> factor) THEN
        RETURN false;
    END IF;
    DELETE FROM passkey f WHERE f.account_id = whose AND f.uuid = factor;
    DELETE FROM authenticator f WHERE f.account_id = whose AND f.uuid = factor;
    IF NOT has_factor(whose) THEN DELETE FROM recovery_code f WHERE f.account_id = whose; END IF;
    RETURN true;
END $$;

-- The new codes replace the old ones. False: the key may not make any.
CREATE FUNCTION keep_recovery_codes(of_account uuid, hashes bytea[], by_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(of_account, by_key);
BEGIN
    IF whose IS NULL THEN RETURN false; END IF;
    DELETE FROM recovery_code f WHERE f.account_id = whose;
    INSERT INTO recovery_code (account_id, hash) SELECT whose, unnest(hashes);
    RETURN true;
END $$;

CREATE FUNCTION use_recovery_code(of_account uuid, of_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE recovery_code f SET used_at = now() FROM account a
        WHERE a.uuid = of_account AND f.account_id = a.id AND f.hash = of_hash
          AND f.used_at IS NULL;
    RETURN FOUND;
END $$;

-- For the operator, after an incident: takes back what changed about an account's ways to sign in
-- since a time. Returns what it did. An old password is in no table, so a changed one is removed,
-- and the person needs a printed code. The same for a passkey or an app that was changed in place.
-- A removed passkey or app doesn't come back. Every session ends (triggers.sql).
CREATE FUNCTION undo_ways_in(of_account bigint, since timestamptz) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE done text[] := '{}';
    changed text[] := ARRAY(SELECT l.reason FROM ledger l JOIN account a
        ON a.person_id = l.person_id AND a.side = l.capacity
        WHERE a.id = of_account AND l.event = 'sign-in changed' AND l.at >= since);
BEGIN
    IF 'passkey added' = ANY (changed) THEN
        DELETE FROM passkey f WHERE f.account_id = of_account AND f.created_at >= since;
        IF NOT FOUND THEN DELETE FROM passkey f WHERE f.account_id = of_account; END IF;
        done := done || 'passkey removed'::text;
    END IF;
    IF 'app added' = ANY (changed) THEN
        DELETE FROM authenticator f WHERE f.account_id = of_account AND f.created_at >= since;
        IF NOT FOUND THEN DELETE FROM authenticator f WHERE f.account_id = of_account; END IF;
        done := done || 'app removed'::text;
    END IF;
    IF 'recovery codes made' = ANY (changed) OR NOT has_factor(of_account) THEN
        DELETE FROM recovery_code f WHERE f.account_id = of_account;
        IF FOUND THEN done := done || 'recovery codes removed'::text; END IF;
    END IF;
    IF changed && ARRAY['password changed', 'password saved again'] THEN
        DELETE FROM credential c WHERE c.account_id = of_account;
        done := done || 'password removed'::text;
    END IF;
    IF 'e-mail verified' = ANY (changed) THEN
        UPDATE mail_address m SET ended_at = now() WHERE m.account_id = of_account
            AND m.proven_at >= since AND m.ended_at IS NULL;
        done := done || 'e-mail removed'::text;
    END IF;
    IF 'e-mail removed' = ANY (changed) THEN
        UPDATE mail_address m SET ended_at = NULL WHERE m.id = (
            SELECT o.id FROM mail_address o WHERE o.account_id = of_account
                AND o.proven_at < since AND o.ended_at >= since ORDER BY o.ended_at LIMIT 1);
        IF FOUND THEN done := done || 'e-mail restored'::text; END IF;
    END IF;
    UPDATE session s SET ended_at = now() WHERE s.account_id = of_account AND s.ended_at IS NULL;
    DELETE FROM sign_in_step s WHERE s.account_id = of_account;
    RETURN done;
END $$;

GRANT EXECUTE ON FUNCTION keep_password(uuid, text, boolean), change_password(bytea, text, boolean),
    add_passkey(uuid, text, bytea, bytea, bigint, bytea[], bytea), use_passkey(bytea, bigint),
    add_app(uuid, text, bytea, bigint, bytea[], bytea), use_app(uuid, bigint),
    rename_factor(uuid, uuid, text, bytea), remove_factor(uuid, uuid, bytea),
    keep_recovery_codes(uuid, bytea[], bytea), use_recovery_code(uuid, bytea),
    rename_account(uuid, text, bytea) TO door;
