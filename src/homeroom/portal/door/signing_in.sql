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

-- Those since then, oldest first, locked: a hundred tries sent at once are counted one after the other.
CREATE FUNCTION tries_of(marks bytea[], since timestamptz) RETURNS TABLE (mark bytea, tried_at timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.lock_tries(marks);
    RETURN QUERY SELECT t.of, t.at FROM public.sign_in_try t WHERE t.of = ANY (marks) AND t.at > since ORDER BY t.at;
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
GRANT EXECUTE ON FUNCTION lock_tries(bytea[]), tries_of(bytea[], timestamptz), forget_tries(bytea, bytea), browser_met(bigint, bytea, bytea, integer) TO door;
