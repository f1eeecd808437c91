-- Emails about an account. The door asks for them, and the jobs process sends them and makes the
-- code in the email. No table holds a code, and the door never learns whether an address exists.

-- Queues an email to the person with this username or this verified email, if that account is open
-- and has one. Homeroom makes usernames, and people forget them. It adds one row in any case, in
-- one statement, so that neither the answer nor its time reveals whether the account exists. A row
-- without an account is deleted by the next sweep.
CREATE FUNCTION ask_for_reset(name text, in_language text) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO account_mail (account_id, kind, language) VALUES ((
        SELECT a.id FROM account a JOIN mail_address m ON m.account_id = a.id
            AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
        WHERE (a.sign_in_name = name OR lower(m.address) = name) AND a.is_active
            AND may_sign_in(a.person_id, a.side)
        ORDER BY a.sign_in_name = name DESC, a.id LIMIT 1), 'reset', in_language)
$$;

-- An account names an address. It gets an email with a code, and doesn't count until the code comes
-- back. 'asked': queued. 'often': there were five in the last hour, or the key may not change the
-- account. 'students': an address in the students' own domain, for a parent.
CREATE FUNCTION name_address(account_uuid uuid, named text, in_language text, by_key bytea)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_account bigint := account_to_change(account_uuid, by_key); made bigint;
BEGIN
    PERFORM FROM account a WHERE a.id = of_account FOR UPDATE;
    IF NOT FOUND OR (SELECT count(*) FROM mail_address m
        WHERE m.account_id = of_account AND m.asked_at > now() - interval '1 hour') >= 5 THEN
        RETURN 'often';
    END IF;
    IF (SELECT a.side FROM account a WHERE a.id = of_account) = 'family'
        AND is_students_domain(named) THEN
        RETURN 'students';
    END IF;
    UPDATE mail_address m SET ended_at = now()
        WHERE m.account_id = of_account AND m.proven_at IS NULL AND m.ended_at IS NULL;
    INSERT INTO mail_address (account_id, address, language) VALUES (of_account, named, in_language)
        RETURNING id INTO made;
    INSERT INTO account_mail (account_id, kind, address_id, language)
        VALUES (of_account, 'prove', made, in_language);
    RETURN 'asked';
END $$;

-- Ends the account's verified email. Returns whether there was one.
CREATE FUNCTION remove_address(account_uuid uuid, by_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := account_to_change(account_uuid, by_key);
BEGIN
    UPDATE mail_address m SET ended_at = now()
        WHERE m.account_id = whose AND m.proven_at IS NOT NULL AND m.ended_at IS NULL;
    RETURN FOUND;
END $$;

-- The emailed code came back, in a session of the same account. The address before it ends
-- (triggers.sql says so to it, and to the account).
CREATE FUNCTION prove_address(account_uuid uuid, of_code bytea, by_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c code; whose account; which bigint := account_to_change(account_uuid, by_key);
BEGIN
    SELECT * INTO c FROM code WHERE digest = of_code AND kind = 'address' FOR UPDATE;
    SELECT a.* INTO whose FROM account a JOIN mail_address m ON m.account_id = a.id
        AND m.id = c.address_id AND m.proven_at IS NULL AND m.ended_at IS NULL
        WHERE a.id = which AND c.used_at IS NULL AND c.ended_at IS NULL AND c.expires_at > now();
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE code o SET used_at = now() WHERE o.id = c.id;
    PERFORM remove_address(account_uuid, by_key);
    UPDATE mail_address m SET proven_at = now() WHERE m.id = c.address_id;
    RETURN true;
END $$;

-- Someone signed in from a browser that is new to the account. The email has only the browser's
-- name, from this list.
CREATE FUNCTION mail_of_browser(of_account bigint, named text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT mail_account(of_account, 'browser',
        CASE WHEN named = ANY (ARRAY['Chrome', 'Edge', 'Firefox', 'Opera', 'Safari',
                'Samsung Internet']) THEN named ELSE '' END)
$$;

-- Marks an email before the relay gets it, and keeps the hash of its code, which works for half an
-- hour. Returns whether this call marked it: if two call together, one sends.
CREATE FUNCTION hand_account_mail(which bigint, of_code bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m account_mail;
BEGIN
    UPDATE account_mail w SET handed_at = now() WHERE w.id = which AND w.handed_at IS NULL
        RETURNING * INTO m;
    IF NOT FOUND THEN RETURN false; END IF;
    IF m.kind IN ('reset', 'prove') THEN
        INSERT INTO code (person_id, side, kind, digest, expires_at, checked, address_id)
            SELECT a.person_id, a.side, CASE m.kind WHEN 'reset' THEN 'password' ELSE 'address' END,
                of_code, now() + interval '30 minutes', 'mail', m.address_id
            FROM account a WHERE a.id = m.account_id;
    END IF;
    RETURN true;
END $$;

-- Records the relay's answer. not_taken: the relay doesn't have the email, which is tried again.
-- Its code ends, because the next try sends another one.
CREATE FUNCTION account_mail_answered(which bigint, of_code bytea, said text, not_taken boolean)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE account_mail w SET answer = said, sent_at = CASE WHEN said = '' THEN now() END,
        handed_at = CASE WHEN NOT not_taken THEN w.handed_at END,
        tries = w.tries + not_taken::integer,
        next_at = CASE WHEN not_taken THEN now() + interval '1 minute' * least(2 ^ w.tries, 15)
            ELSE w.next_at END
        WHERE w.id = which;
    IF not_taken THEN
        UPDATE code c SET ended_at = now() WHERE c.digest = of_code AND c.used_at IS NULL;
    END IF;
END $$;

GRANT EXECUTE ON FUNCTION ask_for_reset(text, text), name_address(uuid, text, text, bytea),
    prove_address(uuid, bytea, bytea), remove_address(uuid, bytea) TO door;
GRANT EXECUTE ON FUNCTION hand_account_mail(bigint, bytea),
    account_mail_answered(bigint, bytea, text, boolean) TO jobs;
