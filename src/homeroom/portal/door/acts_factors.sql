-- Passwords and second factors of one account, by its uuid. A change to any of them ends the
-- account's sessions (triggers.sql).

CREATE FUNCTION tell_own(of_account uuid, what text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM tell_account(a.person_id, a.side, tell_own.what) FROM account a
        WHERE a.uuid = of_account;
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

-- False if an account already has this passkey.
CREATE FUNCTION add_passkey(of_account uuid, named text, of_credential bytea, half bytea,
    count bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count)
        SELECT gen_random_uuid(), a.id, named, of_credential, half, count FROM account a
        WHERE a.uuid = of_account ON CONFLICT DO NOTHING;
    RETURN FOUND;
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

CREATE FUNCTION add_app(of_account uuid, named text, sealed bytea, step bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO authenticator (uuid, account_id, name, secret, last_step)
        SELECT gen_random_uuid(), a.id, named, sealed, step FROM account a
        WHERE a.uuid = of_account;
END $$;

-- One statement decides between two requests at the same moment.
CREATE FUNCTION use_app(of_app uuid, step bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE authenticator f SET last_step = step, last_used_at = now()
        WHERE f.uuid = of_app AND f.last_step < step;
    RETURN FOUND;
END $$;

CREATE FUNCTION rename_factor(of_account uuid, factor uuid, named text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := (SELECT a.id FROM account a WHERE a.uuid = of_account);
BEGIN
    UPDATE passkey f SET name = named WHERE f.account_id = whose AND f.uuid = factor;
    UPDATE authenticator f SET name = named WHERE f.account_id = whose AND f.uuid = factor;
END $$;

-- Removes a factor. With the last one the recovery codes are removed too. False: without it the
-- account could not sign in. The lock keeps two simultaneous removals from each leaving the other's
-- factor. Every login can read the keys of locks, so this one names a group of accounts, not an
-- account.
CREATE FUNCTION remove_factor(of_account uuid, factor uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := (SELECT a.id FROM account a WHERE a.uuid = of_account);
BEGIN
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

-- The new codes replace the old ones.
CREATE FUNCTION keep_recovery_codes(of_account uuid, hashes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := (SELECT a.id FROM account a WHERE a.uuid = of_account);
BEGIN
    DELETE FROM recovery_code f WHERE f.account_id = whose;
    INSERT INTO recovery_code (account_id, hash) SELECT whose, unnest(hashes);
END $$;

CREATE FUNCTION use_recovery_code(of_account uuid, of_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE recovery_code f SET used_at = now() FROM account a
        WHERE a.uuid = of_account AND f.account_id = a.id AND f.hash = of_hash
          AND f.used_at IS NULL;
    RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION tell_own(uuid, text), keep_password(uuid, text, boolean),
    add_passkey(uuid, text, bytea, bytea, bigint), use_passkey(bytea, bigint),
    add_app(uuid, text, bytea, bigint), use_app(uuid, bigint), rename_factor(uuid, uuid, text),
    remove_factor(uuid, uuid), keep_recovery_codes(uuid, bytea[]),
    use_recovery_code(uuid, bytea) TO door;
