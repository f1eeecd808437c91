-- Data that the door reads about one account. Each function takes something that no one can guess
-- or count through: the key of a session or a step, a passkey's id, or an account's uuid, which the
-- door learns from these. account_named() and try_password() take a username. None returns a list
-- of accounts, so a stolen login learns only about accounts whose username it knows.

CREATE FUNCTION account_named(name text)
RETURNS TABLE (id bigint, uuid uuid, side text, sign_in_name text, is_active boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT a.id, a.uuid, a.side, a.sign_in_name, a.is_active FROM account a
        WHERE a.sign_in_name = name;
END $$;

CREATE FUNCTION session_shown(of_key bytea)
RETURNS TABLE (key bytea, expires_at timestamptz, proven_at timestamptz, is_strong boolean,
    is_own_device boolean, has_news boolean, method text, id bigint, uuid uuid, side text,
    sign_in_name text, is_active boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT s.key, s.expires_at, s.proven_at, s.is_strong, s.is_own_device, s.has_news,
            s.method, a.id, a.uuid, a.side, a.sign_in_name, a.is_active
        FROM running_session s JOIN account a ON a.id = s.account_id WHERE s.key = of_key;
END $$;

-- The sessions of the same account, this one first. handle: the name of a session in a form. The
-- only key that leaves the table is the caller's own.
CREATE FUNCTION sessions_shown(of_key bytea)
RETURNS TABLE (handle text, device text, began timestamptz, seen timestamptz, is_this boolean,
    is_kept boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT session_handle(s.key), s.device, s.created_at, s.last_seen_at,
            s.key = of_key, s.is_own_device
        FROM running_session mine JOIN running_session s ON s.account_id = mine.account_id
        WHERE mine.key = of_key ORDER BY s.key = of_key DESC, s.last_seen_at DESC;
END $$;

-- The same person's account on the other side. Staff who are parents have two.
CREATE FUNCTION other_side(of_key bytea) RETURNS TABLE (side text, sign_in_name text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT a.side, a.sign_in_name FROM running_session s JOIN account a
            ON a.person_id = s.person_id AND a.is_active
            AND a.side = CASE s.side WHEN 'family' THEN 'staff' WHEN 'staff' THEN 'family' END
        WHERE s.key = of_key;
END $$;

-- The account's verified email, and the address that waits for its code.
CREATE FUNCTION addresses_shown(of_key bytea) RETURNS TABLE (address text, is_proven boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT m.address, m.proven_at IS NOT NULL
        FROM running_session s JOIN mail_address m ON m.account_id = s.account_id
        WHERE s.key = of_key AND m.ended_at IS NULL;
END $$;

-- The account's notices, newest first.
CREATE FUNCTION notices_shown(of_key bytea, most integer)
RETURNS TABLE (at timestamptz, what text, is_new boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT n.at, n.what, n.shown_at IS NULL
        FROM running_session s JOIN account_notice n ON n.account_id = s.account_id
        WHERE s.key = of_key ORDER BY n.at DESC, n.id DESC LIMIT most;
END $$;

-- When an emailed code for a new password works in a browser that is new to this session's account.
-- NULL if no one typed one, or if it no longer works.
CREATE FUNCTION reset_waits(of_key bytea) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(c.opens_at) FROM running_session s
            JOIN code c ON c.person_id = s.person_id AND c.side = s.side
        WHERE s.key = of_key AND c.kind = 'password' AND c.checked = 'mail'
          AND c.used_at IS NULL AND c.ended_at IS NULL AND c.expires_at > now());
END $$;

-- A sign-in between two pages. No row after the account was closed.
CREATE FUNCTION step_shown(of_key bytea, of_kind text)
RETURNS TABLE (key bytea, kind text, state text, id bigint, uuid uuid, side text, sign_in_name text,
    is_active boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT s.key, s.kind, s.state::text, a.id, a.uuid, a.side, a.sign_in_name,
            a.is_active
        FROM sign_in_step s LEFT JOIN account a ON a.id = s.account_id
        WHERE s.key = of_key AND s.kind = of_kind AND s.expires_at > now()
          AND (a.is_active OR s.account_id IS NULL);
END $$;

CREATE FUNCTION has_password(of_account uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM credential c JOIN account a ON a.id = c.account_id
        WHERE a.uuid = of_account);
END $$;

CREATE FUNCTION asks_second(of_account uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT has_second(a.id) FROM account a WHERE a.uuid = of_account);
END $$;

-- Second factors, oldest first. Recovery codes are left out: they replace a lost factor.
CREATE FUNCTION factors_shown(of_account uuid)
RETURNS TABLE (uuid uuid, kind text, name text, created_at timestamptz, last_used_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT f.uuid, f.kind, f.name, f.created_at, f.last_used_at
        FROM account a JOIN (
            SELECT p.account_id, p.uuid, 'passkey' AS kind, p.name, p.created_at, p.last_used_at
            FROM passkey p
            UNION ALL SELECT p.account_id, p.uuid, 'authenticator', p.name, p.created_at,
                p.last_used_at FROM authenticator p) f ON f.account_id = a.id
        WHERE a.uuid = of_account ORDER BY f.created_at;
END $$;

-- The secrets of the account's apps, sealed with a key that the database does not have.
CREATE FUNCTION apps_shown(of_account uuid) RETURNS TABLE (uuid uuid, secret bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT f.uuid, f.secret FROM account a JOIN authenticator f ON f.account_id = a.id
        WHERE a.uuid = of_account ORDER BY f.id;
END $$;

-- The public halves of the account's passkeys.
CREATE FUNCTION passkeys_shown(of_account uuid) RETURNS TABLE (attested bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT f.attested FROM account a JOIN passkey f ON f.account_id = a.id
        WHERE a.uuid = of_account;
END $$;

CREATE FUNCTION passkey_shown(of_credential bytea)
RETURNS TABLE (attested bytea, id bigint, uuid uuid, side text, sign_in_name text,
    is_active boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT f.attested, a.id, a.uuid, a.side, a.sign_in_name, a.is_active
        FROM passkey f JOIN account a ON a.id = f.account_id WHERE f.credential_id = of_credential;
END $$;

CREATE FUNCTION recovery_codes_left(of_account uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM recovery_code f JOIN account a ON a.id = f.account_id
        WHERE a.uuid = of_account AND f.used_at IS NULL);
END $$;

-- `named` is the table's key for this browser and this username.
CREATE FUNCTION is_known_browser(named bytea, since timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM known_browser b
        WHERE b.key = named AND b.last_at > since AND NOT b.by_card);
END $$;

GRANT EXECUTE ON FUNCTION account_named(text), session_shown(bytea), sessions_shown(bytea),
    other_side(bytea), addresses_shown(bytea), notices_shown(bytea, integer),
    step_shown(bytea, text), has_password(uuid), asks_second(uuid), factors_shown(uuid),
    apps_shown(uuid), passkeys_shown(uuid), passkey_shown(bytea), recovery_codes_left(uuid),
    is_known_browser(bytea, timestamptz), reset_waits(bytea) TO door;
