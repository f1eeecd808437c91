-- Mails about an account: asked for at the door, sent by the jobs process, which makes the code that a mail carries. No code stands
-- in a table, and the door learns of nobody whether there is an address.

-- A mail to whoever signs in by this name, if that account is open and has a proven address. One row in any case, by one statement:
-- neither the answer nor its time tells whether anybody is there. A row without an account is nobody's, and goes with the next sweep.
CREATE FUNCTION ask_for_reset(name text, in_language text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO account_mail (account_id, kind, language) VALUES ((
        SELECT a.id FROM account a JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
        WHERE a.sign_in_name = name AND a.is_active AND may_sign_in(a.person_id, a.side)), 'reset', in_language)
$$;

-- Whether a domain is the students' own: more students have addresses in it than adults on file. A parent's address in it would be
-- her child's, and whoever reads the child's mail would be the parent.
CREATE FUNCTION is_students_domain(named text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE p.is_student) > count(*) FILTER (WHERE NOT p.is_student)
    FROM contact_detail d JOIN person p ON p.id = d.person_id WHERE lower(split_part(d.email, '@', 2)) = lower(split_part(named, '@', 2))
$$;

-- An address that an account names: a mail with a code goes there, and counts for nothing before the code comes back. 'asked'; 'often':
-- five an hour are enough; 'students': of the students' own domain, for a parent.
CREATE FUNCTION name_address(of_account bigint, named text, in_language text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
    PERFORM 1 FROM account a WHERE a.id = of_account AND a.is_active FOR UPDATE;
    IF NOT FOUND OR (SELECT count(*) FROM mail_address m WHERE m.account_id = of_account AND m.asked_at > now() - interval '1 hour') >= 5 THEN RETURN 'often'; END IF;
    IF (SELECT a.side FROM account a WHERE a.id = of_account) = 'family' AND is_students_domain(named) THEN RETURN 'students'; END IF;
    UPDATE mail_address m SET ended_at = now() WHERE m.account_id = of_account AND m.proven_at IS NULL AND m.ended_at IS NULL;
    INSERT INTO mail_address (account_id, address, language) VALUES (of_account, named, in_language) RETURNING id INTO made;
    INSERT INTO account_mail (account_id, kind, address_id, language) VALUES (of_account, 'prove', made, in_language);
    RETURN 'asked';
END $$;

-- The code that was mailed there came back, in a session of the same account. The address before it ends, and is told.
CREATE FUNCTION prove_address(of_account bigint, of_code bytea, in_language text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c code; whose account; had boolean;
BEGIN
    SELECT * INTO c FROM code WHERE digest = of_code AND kind = 'address' FOR UPDATE;
    SELECT a.* INTO whose FROM account a JOIN mail_address m ON m.account_id = a.id AND m.id = c.address_id AND m.proven_at IS NULL AND m.ended_at IS NULL
        WHERE a.id = of_account AND a.is_active AND c.used_at IS NULL AND c.ended_at IS NULL AND c.expires_at > now();
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE code o SET used_at = now() WHERE o.id = c.id;
    had := forget_address(of_account, in_language);
    UPDATE mail_address m SET proven_at = now() WHERE m.id = c.address_id;
    PERFORM tell_account(whose.person_id, whose.side, CASE WHEN had THEN 'e-mail changed' ELSE 'e-mail verified' END);
    RETURN true;
END $$;

-- Ends the account's proven address, which gets a last mail that says so. Whether there was one.
CREATE FUNCTION forget_address(of_account bigint, in_language text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone bigint;
BEGIN
    UPDATE mail_address m SET ended_at = now() WHERE m.account_id = of_account AND m.proven_at IS NOT NULL AND m.ended_at IS NULL RETURNING m.id INTO gone;
    IF gone IS NOT NULL THEN
        INSERT INTO account_mail (account_id, kind, address_id, language) VALUES (of_account, 'changed', gone, in_language);
    END IF;
    RETURN gone IS NOT NULL;
END $$;

CREATE FUNCTION remove_address(of_account bigint, in_language text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE had boolean := forget_address(of_account, in_language);
BEGIN
    IF had THEN PERFORM tell_account(a.person_id, a.side, 'e-mail removed') FROM account a WHERE a.id = of_account; END IF;
    RETURN had;
END $$;

-- To the address that is proven now, whatever the account names next; nothing where there is none.
CREATE FUNCTION mail_account(of_account bigint, of_kind text, of_browser text DEFAULT '', how_many integer DEFAULT 0, by_day date DEFAULT NULL)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO account_mail (account_id, kind, address_id, language, browser, counted, by_day)
        SELECT m.account_id, of_kind, m.id, m.language, of_browser, how_many, mail_account.by_day
        FROM mail_address m WHERE m.account_id = of_account AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
$$;

-- Somebody signed in from a browser that is new to the account. Of the device nothing but the browser's name, from this list.
CREATE FUNCTION mail_of_browser(of_account bigint, named text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT mail_account(of_account, 'browser', CASE WHEN named = ANY (ARRAY['Chrome', 'Edge', 'Firefox', 'Opera', 'Safari', 'Samsung Internet']) THEN named ELSE '' END)
$$;

-- ── For the jobs process ──
-- Mails of a kind, so many an hour: a day on which many ties end, or somebody who asks for many children, would else leave no room for a password's.
CREATE FUNCTION mails_within(of_kind text, an_hour integer) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id FROM account_mail m WHERE m.kind = of_kind AND m.handed_at IS NULL AND m.next_at <= now() AND m.made_at > now() - interval '1 day' ORDER BY m.id
    LIMIT greatest(0, an_hour - (SELECT count(*) FROM account_mail h WHERE h.kind = of_kind AND h.handed_at > now() - interval '1 hour'))
$$;

-- Mails to send now; what is an hour old is no help any more, but for a challenge, which goes before all others and waits a day, and for news of the next
-- page, what is told to administrators each day, and that somebody asks; what is due by a day waits through that day, and what lapsed a week. Lapsed and
-- asked go last. Of resets, and of new browsers, three an account and hour; two hundred
-- mails an hour in all: nobody fills somebody's mailbox, or the district's relay, by typing names.
CREATE FUNCTION account_mails_due() RETURNS TABLE (id bigint, kind text, address text, language text, tries integer, browser text, made_at timestamptz, counted integer,
    by_day date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.id, w.kind, w.address, w.language, w.tries, w.browser, w.made_at, w.counted, w.by_day FROM (
        SELECT m.id, m.kind, d.address, m.language, m.tries, m.browser, m.handed_at, m.next_at, m.made_at, m.counted, m.by_day,
               row_number() OVER (PARTITION BY m.account_id, m.kind ORDER BY m.id) AS place
        FROM account_mail m JOIN account a ON a.id = m.account_id AND (a.is_active OR m.kind IN ('closed', 'lapsed'))
             JOIN mail_address d ON d.account_id = a.id AND CASE WHEN m.address_id IS NULL THEN d.proven_at IS NOT NULL AND d.ended_at IS NULL ELSE d.id = m.address_id END
        WHERE m.by_day >= today() OR m.made_at > now() - CASE WHEN m.kind IN ('challenge', 'written', 'overdue', 'applied', 'asks') THEN interval '1 day'
                                                              WHEN m.kind = 'lapsed' THEN interval '7 days' ELSE interval '1 hour' END) w
    WHERE w.handed_at IS NULL AND w.next_at <= now() AND (w.kind NOT IN ('reset', 'browser') OR w.place <= 3) AND (w.kind <> 'asks' OR w.id IN (SELECT mails_within('asks', 50)))
        AND (w.kind <> 'written' OR w.id IN (SELECT mails_within('written', 100)))
    ORDER BY w.kind <> 'challenge', w.kind IN ('lapsed', 'asks'), w.id
    LIMIT greatest((SELECT count(*) FROM account_mail c WHERE c.kind = 'challenge' AND c.handed_at IS NULL AND c.made_at > now() - interval '1 day'),
                   200 - (SELECT count(*) FROM account_mail h WHERE h.handed_at > now() - interval '1 hour'))
$$;

-- Marks a mail before the relay has its words, and keeps the hash of the code in it, good for half an hour. Whether it was this
-- look that marked it: of two at once one sends.
CREATE FUNCTION hand_account_mail(which bigint, of_code bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE m account_mail;
BEGIN
    UPDATE account_mail w SET handed_at = now() WHERE w.id = which AND w.handed_at IS NULL RETURNING * INTO m;
    IF NOT FOUND THEN RETURN false; END IF;
    IF m.kind IN ('reset', 'prove') THEN
        INSERT INTO code (person_id, side, kind, digest, expires_at, checked, address_id)
            SELECT a.person_id, a.side, CASE m.kind WHEN 'reset' THEN 'password' ELSE 'address' END, of_code, now() + interval '30 minutes', 'mail', m.address_id
            FROM account a WHERE a.id = m.account_id;
    END IF;
    RETURN true;
END $$;

-- What the relay said. not_taken: it does not have the mail, which is tried again; its code ends, since another one will go out.
CREATE FUNCTION account_mail_answered(which bigint, of_code bytea, said text, not_taken boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE account_mail w SET answer = said, sent_at = CASE WHEN said = '' THEN now() END,
        handed_at = CASE WHEN NOT not_taken THEN w.handed_at END, tries = w.tries + not_taken::integer,
        next_at = CASE WHEN not_taken THEN now() + interval '1 minute' * least(2 ^ w.tries, 15) ELSE w.next_at END
        WHERE w.id = which;
    IF not_taken THEN UPDATE code c SET ended_at = now() WHERE c.digest = of_code AND c.used_at IS NULL; END IF;
END $$;
GRANT EXECUTE ON FUNCTION ask_for_reset(text, text), name_address(bigint, text, text), prove_address(bigint, bytea, text), remove_address(bigint, text), mail_of_browser(bigint, text) TO door;
GRANT EXECUTE ON FUNCTION account_mails_due(), hand_account_mail(bigint, bytea), account_mail_answered(bigint, bytea, text, boolean) TO jobs;
