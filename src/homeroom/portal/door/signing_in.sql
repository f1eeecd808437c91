-- What each sign-in asks of the database, in few statements: it is to cost little more than its password's hash. These run as the door,
-- under its own grants. What they write may be lost with the last fraction of a second before a power cut: then somebody signs in
-- again, or one try more is free (decisions 0004). Passwords, codes and factors are never among it.

-- One order, so that no two wait for each other; held until the transaction's end.
CREATE FUNCTION lock_tries(marks bytea[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE number bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR number IN SELECT DISTINCT hashtextextended(encode(m, 'hex'), 0) FROM unnest(marks) m WHERE m IS NOT NULL ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(number);
    END LOOP;
END $$;

-- How long the next try waits (SP 800-63B-4 3.2.2), from the failed ones of any age: most, in an hour; and where it grows, after three
-- typing errors that cost nothing 5, 10, 20 … 320 seconds.
CREATE FUNCTION pause_after(tries timestamptz[], moment timestamptz, most integer, grows boolean) RETURNS interval
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE recent timestamptz[] := ARRAY(SELECT t FROM unnest(tries) t WHERE t > moment - interval '1 hour' ORDER BY t);
    many integer := cardinality(recent); one_is_old interval;
BEGIN
    IF many >= most THEN
        one_is_old := recent[many - most + 1] + interval '1 hour' - moment;
        RETURN one_is_old + public.pause_after(tries, moment + one_is_old, most, grows);  -- the others still count then
    END IF;
    IF NOT grows OR many < 3 THEN RETURN interval '0'; END IF;
    RETURN greatest(recent[many] + interval '5 seconds' * (1 << many - 3) - moment, interval '0');
END $$;

-- Counts this try before anything is looked at, and says how long to wait; one that must wait is not counted. Ten a name, a hundred an
-- address, which a whole school may share. Locked: a hundred sent at once are counted one after the other.
CREATE FUNCTION count_try(of_name bytea, of_address bytea) RETURNS interval LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE moment timestamptz; pause interval;
BEGIN
    PERFORM public.lock_tries(ARRAY[of_name, of_address]);
    moment := clock_timestamp();  -- the lock may have taken a while
    pause := greatest(
        public.pause_after(ARRAY(SELECT t.at FROM public.sign_in_try t WHERE t.of = of_name AND t.at > moment - interval '1 hour'), moment, 10, true),
        public.pause_after(ARRAY(SELECT t.at FROM public.sign_in_try t WHERE t.of = of_address AND t.at > moment - interval '1 hour'), moment, 100, false));
    IF pause = interval '0' THEN
        INSERT INTO public.sign_in_try (of, at) SELECT m, moment FROM unnest(ARRAY[of_name, of_address]) m WHERE m IS NOT NULL;
    END IF;
    RETURN pause;
END $$;

-- What a sign-in by password begins with, the same for a name that nobody has. From a browser that this account knows, by its key for this
-- name, a try is counted apart. Of an account whose try must wait no password is given out. may_enter: not while a restoration is unconfirmed
-- (restoration.sql); the page then answers as for a wrong password.
CREATE FUNCTION try_password(name text, browser bytea, browser_since timestamptz, of_browser bytea, of_name bytea, of_address bytea)
RETURNS TABLE (pause interval, is_known boolean, account_id bigint, uuid uuid, person_id integer, side text, is_active boolean, password text, may_enter boolean)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    is_known := EXISTS (SELECT FROM public.known_browser b WHERE b.key = browser AND b.last_at > browser_since);
    pause := CASE WHEN is_known THEN public.count_try(of_browser, NULL) ELSE public.count_try(of_name, of_address) END;
    SELECT a.id, a.uuid, a.person_id, a.side, a.is_active, c.password
        INTO account_id, try_password.uuid, try_password.person_id, try_password.side, try_password.is_active, try_password.password
        FROM public.account a JOIN public.credential c ON c.account_id = a.id WHERE a.sign_in_name = name AND pause = interval '0';
    may_enter := public.may_sign_in(try_password.person_id, try_password.side);
    RETURN NEXT;
END $$;

-- After a success: all of the name's, and one of the address's, where hundreds may sign in each morning. Under the lock: two at once
-- would take away the same row, and the address would fill up.
CREATE FUNCTION forget_tries(of_name bytea, of_address bytea) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.lock_tries(ARRAY[of_name, of_address]);
    DELETE FROM public.sign_in_try t WHERE t.of = of_name;
    DELETE FROM public.sign_in_try WHERE id = (SELECT t.id FROM public.sign_in_try t WHERE t.of = of_address ORDER BY t.at DESC, t.id DESC LIMIT 1);
END $$;

-- A browser that this account signs in from. own_key: what the table calls it if it has a name; new_key: what it will be called otherwise.
-- 'known', 'first' of all, or 'new' beside others. Of more than the most, those seen longest ago are forgotten.
CREATE FUNCTION browser_met(account bigint, own_key bytea, new_key bytea, most integer) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE others boolean;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE public.known_browser b SET last_at = now() WHERE b.account_id = account AND b.key = own_key;
    IF FOUND THEN RETURN 'known'; END IF;
    others := EXISTS (SELECT FROM public.known_browser b WHERE b.account_id = account);
    INSERT INTO public.known_browser (account_id, key) VALUES (account, new_key);
    DELETE FROM public.known_browser WHERE id IN (SELECT b.id FROM public.known_browser b WHERE b.account_id = account ORDER BY b.last_at DESC, b.id DESC OFFSET most);
    RETURN CASE WHEN others THEN 'new' ELSE 'first' END;
END $$;

-- Whether no session without a second factor may begin: by what its person is, or because the password is short.
-- plpgsql, here and below: its plans stay in the session.
CREATE FUNCTION needs_factor(of_account bigint) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT public.must_be_strong(a.person_id, a.side) OR EXISTS (SELECT FROM public.credential c WHERE c.account_id = a.id AND NOT c.is_long)
            FROM public.account a WHERE a.id = of_account);
END $$;

-- Holds an account open until this transaction's end: one that is being closed finds the session that began meanwhile, and ends it.
CREATE FUNCTION hold_open(of_account bigint) RETURNS public.account LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE held account;
BEGIN
    SELECT * INTO held FROM account a WHERE a.id = of_account AND a.is_active FOR SHARE;
    RETURN held;
END $$;

-- Where every way in ends, a reset, a card and an invitation too: none of them is weaker than the account's rule. old_key: of the token
-- that this browser came with, which somebody may have planted. wants_own: what was ticked; it counts for families and students, and not
-- where a second factor is asked of them. idle, longest, own: how long the session lasts. own_browser, new_browser, most: browser_met().
-- of_name, of_address: whose tries a right password forgets; NULL: nobody's.
-- ended: 'unconfirmed' after a restore, before anything is forgotten or asked; 'closed', 'factor asked', 'factor missing'; else it began, with what browser_met() says.
CREATE FUNCTION begin_session(of_account bigint, new_key bytea, old_key bytea, how text, strong boolean, on_device text, wants_own boolean,
    idle interval, longest interval, own interval, own_browser bytea, new_browser bytea, most integer,
    of_name bytea, of_address bytea, OUT ended text, OUT is_own boolean)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE a public.account; needs boolean := public.needs_factor(of_account);
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    -- The lock that the session's own row takes below: a restore that has just begun is waited for, and seen.
    LOCK TABLE public.session IN ROW EXCLUSIVE MODE;
    IF NOT (SELECT public.may_sign_in(o.person_id, o.side) FROM public.account o WHERE o.id = of_account) THEN ended := 'unconfirmed'; RETURN; END IF;
    IF of_name IS NOT NULL THEN PERFORM public.forget_tries(of_name, of_address); END IF;
    a := public.hold_open(of_account);
    IF a.id IS NULL THEN ended := 'closed'; RETURN; END IF;
    IF NOT strong AND (EXISTS (SELECT FROM public.passkey p WHERE p.account_id = of_account) OR EXISTS (SELECT FROM public.authenticator p WHERE p.account_id = of_account))
        THEN ended := 'factor asked'; RETURN; END IF;
    IF NOT strong AND needs THEN ended := 'factor missing'; RETURN; END IF;
    is_own := wants_own AND a.side <> 'staff' AND NOT needs;
    UPDATE public.session SET ended_at = now() WHERE key = old_key AND ended_at IS NULL;
    INSERT INTO public.session (key, account_id, person_id, side, idle_limit, expires_at, method, is_strong, device, is_own_device, previous_visit_at, has_news)
        VALUES (new_key, a.id, a.person_id, a.side, CASE WHEN is_own THEN own ELSE idle END, statement_timestamp() + CASE WHEN is_own THEN own ELSE longest END,
                how, strong, on_device, is_own, (SELECT max(s.last_seen_at) FROM public.session s WHERE s.account_id = of_account),
                EXISTS (SELECT FROM public.account_notice n WHERE n.account_id = of_account AND n.shown_at IS NULL));
    ended := public.browser_met(of_account, own_browser, new_browser, most);
    IF ended = 'new' THEN PERFORM public.tell_account(a.person_id, a.side, 'new device', new_key), public.mail_of_browser(of_account, split_part(on_device, ' on ', 1)); END IF;
END $$;
GRANT EXECUTE ON FUNCTION lock_tries(bytea[]), count_try(bytea, bytea), forget_tries(bytea, bytea),
    pause_after(timestamptz[], timestamptz, integer, boolean), try_password(text, bytea, timestamptz, bytea, bytea, bytea), browser_met(bigint, bytea, bytea, integer),
    needs_factor(bigint), hold_open(bigint),
    begin_session(bigint, bytea, bytea, text, boolean, text, boolean, interval, interval, interval, bytea, bytea, integer, bytea, bytea) TO door;
