-- Tries to sign in, by keyed hashes. They are counted before anything is checked.

-- Locks in one order, so that no two callers wait for each other. Holds the locks until the
-- transaction ends.
CREATE FUNCTION lock_tries(marks bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE number bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR number IN SELECT DISTINCT hashtextextended(encode(m, 'hex'), 0) FROM unnest(marks) m
        WHERE m IS NOT NULL ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(number);
    END LOOP;
END $$;

-- Counts this try before anything is checked, and returns how long to wait. A try that must wait is
-- not counted. of_name has ten tries an hour. of_address has `most` `within` a time, because a
-- whole school may share one. The lock makes a hundred simultaneous tries count one by one.
CREATE FUNCTION count_try(of_name bytea, of_address bytea, most integer, within interval)
RETURNS interval
LANGUAGE plpgsql VOLATILE AS $$
DECLARE moment timestamptz; pause interval;
BEGIN
    PERFORM lock_tries(ARRAY[of_name, of_address]);
    moment := clock_timestamp();  -- waiting for the lock may have taken a while
    pause := greatest(pause_after(tries_of(of_name), moment, 10, interval '1 hour', true),
        pause_after(tries_of(of_address), moment, most, within, false));
    IF pause = interval '0' THEN PERFORM note_try(of_name, of_address, moment); END IF;
    RETURN pause;
END $$;

CREATE FUNCTION note_try(of_name bytea, of_address bytea, moment timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO sign_in_try (of, at) SELECT m, moment
        FROM unnest(ARRAY[of_name, of_address]) m WHERE m IS NOT NULL
$$;

-- The same for a password. An address has `most` tries a minute. No one waits longer than 5
-- minutes: of_here is one username at one address, and `waited` is how long it has been in line
-- there (door/waiting.py). After 5 minutes it has its turn, whatever others at this address tried.
-- is_full: it waits because of others.
CREATE FUNCTION count_password(of_here bytea, waited interval, of_address bytea, most integer,
    OUT pause interval, OUT is_full boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE moment timestamptz; longest CONSTANT interval := '5 minutes'; tries timestamptz[];
BEGIN
    PERFORM lock_tries(ARRAY[of_here, of_address]);
    moment := clock_timestamp();
    tries := tries_of(of_here);
    is_full := false;
    pause := greatest(interval '0', least(pause_after(tries, moment, 10, interval '1 hour', true),
        (SELECT max(t) FROM unnest(tries) t) + longest - moment));
    IF pause > interval '0' THEN RETURN; END IF;
    pause := greatest(interval '0', least(longest - waited,
        pause_after(tries_of(of_address), moment, most, interval '1 minute', false)));
    is_full := pause > interval '0';
    IF NOT is_full THEN PERFORM note_try(of_here, of_address, moment); END IF;
END $$;

-- Counts a wrong password of an account before it is checked. False if the account has had `most`
-- since the last right one, from any address (SP 800-63B-4 3.2.2). A username that someone takes
-- begins anew.
CREATE FUNCTION count_wrong(mark bytea, most integer, name text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO wrong_password AS w (of, account_id)
        VALUES (mark, (SELECT a.id FROM account a WHERE a.sign_in_name = name))
        ON CONFLICT (of) DO UPDATE SET last_at = now(), account_id = excluded.account_id,
            tries = CASE WHEN w.account_id IS DISTINCT FROM excluded.account_id THEN 1
                ELSE w.tries + 1 END
            WHERE w.tries < most OR w.account_id IS DISTINCT FROM excluded.account_id;
    RETURN FOUND;
END $$;

-- A security event of a try that was not checked. A flood writes one a minute for each address.
CREATE FUNCTION note_wait(of_kind text, of_result text, of_account bigint, of_what text,
    from_address text, on_device text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM security_event e WHERE e.at > now() - interval '1 minute'
            AND e.kind = of_kind AND e.result = of_result
            AND e.address IS NOT DISTINCT FROM keyed_address(from_address)) THEN
        PERFORM note_event(of_kind, of_result, of_account, of_what, from_address, on_device);
    END IF;
END $$;

-- For the door: something that proves who a person is was wrong, or had to wait. The kinds are
-- those that only the door can know. An account is named by its uuid. NULL: no one's. After a right
-- password, a wrong second factor is a notice to the person: someone may have the password.
CREATE FUNCTION note_failure(of_kind text, of_result text, of_account uuid, of_what text,
    from_address text, on_device text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account;
BEGIN
    IF of_kind NOT IN ('sign in', 'second factor', 'confirmation', 'code', 'support')
        OR of_result NOT IN ('wrong', 'waits', 'used up') THEN
        RAISE EXCEPTION 'no failure is called % %', of_kind, of_result;
    END IF;
    SELECT * INTO a FROM account o WHERE o.uuid = of_account;
    IF of_result <> 'wrong' THEN
        PERFORM note_wait(of_kind, of_result, a.id, of_what, from_address, on_device);
        RETURN;
    END IF;
    PERFORM note_event(of_kind, of_result, a.id, of_what, from_address, on_device);
    IF of_kind = 'second factor' AND NOT EXISTS (SELECT FROM account_notice n
        WHERE n.account_id = a.id AND n.what = 'second factor wrong' AND n.shown_at IS NULL) THEN
        PERFORM tell_account(a.person_id, a.side, 'second factor wrong');
    END IF;
END $$;

-- Takes back what a try of a password counted for its account.
CREATE FUNCTION take_back_try(of_here bytea, of_wrong bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM lock_tries(ARRAY[of_here]);
    DELETE FROM sign_in_try
        WHERE id = (SELECT t.id FROM sign_in_try t WHERE t.of = of_here
            ORDER BY t.at DESC, t.id DESC LIMIT 1);
    UPDATE wrong_password SET tries = tries - 1
        WHERE of = (SELECT w.of FROM wrong_password w WHERE w.of = ANY (of_wrong)
            ORDER BY w.last_at DESC LIMIT 1);
END $$;

-- The first statement of a sign-in by password, the same for a username that no one has. Tries from
-- a browser that this account knows are counted separately, by the browser's key for this username.
-- An account has 100 wrong passwords in a row: 20 from browsers that it knows, and 80 from others,
-- so that no stranger can use up the owner's (of_wrong has both marks, in this order). is_used_up:
-- it has had them. If the try must wait or is used up, the password's hash is not returned.
-- may_enter: false while a restoration is unconfirmed (membership/restore). Then the page answers
-- as for a wrong password.
CREATE FUNCTION try_password(name text, browser bytea, browser_since timestamptz, of_browser bytea,
    of_here bytea, waited interval, of_address bytea, most integer, of_wrong bytea[],
    from_address text DEFAULT NULL, on_device text DEFAULT '')
RETURNS TABLE (pause interval, is_full boolean, is_used_up boolean, is_known boolean,
    account_id bigint, uuid uuid, side text, is_active boolean, password text, may_enter boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer;
BEGIN
    is_known := EXISTS (SELECT FROM known_browser b
        WHERE b.key = browser AND b.last_at > browser_since AND NOT b.by_card);
    is_full := false;
    IF is_known THEN pause := count_try(of_browser, NULL, 1, interval '1 hour');
    ELSE SELECT c.pause, c.is_full INTO pause, is_full
        FROM count_password(of_here, waited, of_address, most) c;
    END IF;
    is_used_up := pause = interval '0'
        AND NOT CASE WHEN is_known THEN count_wrong(of_wrong[1], 20, name)
        ELSE count_wrong(of_wrong[2], 80, name) END;
    SELECT a.id, a.uuid, a.person_id, a.side, a.is_active, c.password
        INTO account_id, try_password.uuid, who, try_password.side, try_password.is_active,
        try_password.password
        FROM account a JOIN credential c ON c.account_id = a.id
        WHERE a.sign_in_name = name AND pause = interval '0' AND NOT is_used_up;
    may_enter := may_sign_in(who, try_password.side);
    IF is_used_up OR pause > interval '0' THEN
        PERFORM note_wait('sign in', CASE WHEN is_used_up THEN 'used up' ELSE 'waits' END, NULL, '',
            from_address, on_device);
    END IF;
    RETURN NEXT;
END $$;

-- After a success, forgets all tries of the username and one of the address, because hundreds may
-- sign in from one address each morning. Without the lock two callers would delete the same row,
-- and the address would fill up. of_wrong: the account's wrong passwords. NULL: none.
CREATE FUNCTION forget_tries(of_name bytea, of_address bytea, of_wrong bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM lock_tries(ARRAY[of_name, of_address]);
    DELETE FROM sign_in_try t WHERE t.of = of_name;
    DELETE FROM sign_in_try
        WHERE id = (SELECT t.id FROM sign_in_try t WHERE t.of = of_address
            ORDER BY t.at DESC, t.id DESC LIMIT 1);
    DELETE FROM wrong_password w WHERE w.of = ANY (of_wrong);
END $$;

GRANT EXECUTE ON FUNCTION count_try(bytea, bytea, integer, interval),
    try_password(text, bytea, timestamptz, bytea, bytea, interval, bytea, integer, bytea[],
        text, text),
    forget_tries(bytea, bytea, bytea[]),
    take_back_try(bytea, bytea[]),
    note_failure(text, text, uuid, text, text, text) TO door;
