-- Data that the door and the jobs process read: codes, names in passwords, emails to send.

-- The meaning of a code while it works. NULL alike for a wrong, used, expired or revoked code and
-- for a person who left. Also for a person who may not sign in before a restoration is confirmed. A
-- wake code works only while the account sleeps. A person who finds an old letter must not take
-- over an account in use.
CREATE FUNCTION code_of(of_code bytea) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', c.kind, 'side', c.side, 'sign_in_name', a.sign_in_name,
        'is_printed', c.checked <> 'mail', 'has_second', CASE WHEN a.id IS NULL
            THEN must_be_strong(c.person_id, c.side) ELSE has_second(a.id) END)
    FROM code c JOIN person p ON p.id = c.person_id LEFT JOIN account a ON a.person_id = c.person_id
        AND a.side = c.side
    WHERE c.digest = of_code AND c.used_at IS NULL AND c.ended_at IS NULL AND c.expires_at > now()
      AND c.kind <> 'address'
      AND p.ended_at IS NULL AND coalesce(a.is_active, c.kind = 'wake')
      AND may_sign_in(c.person_id, c.side)
      AND (c.kind <> 'wake' OR NOT EXISTS (SELECT FROM credential k WHERE k.account_id = a.id))
$$;

-- How long a code must wait until it can set a new password. An emailed code works right away in a
-- browser from which the account has signed in. In any other browser it waits 15 minutes from the
-- first time it was typed there (begin_code_wait()), so that the account's open sessions can stop
-- it. Without this, the jobs process, which makes these codes, could take any account over, and so
-- could anyone who reads the mailbox. `browser` is the table's key for the browser and the account.
CREATE FUNCTION code_wait(of_code bytea, browser bytea) RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.checked <> 'mail' OR EXISTS (
            SELECT FROM account a JOIN known_browser b ON b.account_id = a.id
            WHERE a.person_id = c.person_id AND a.side = c.side AND b.key = browser
              AND b.last_at > now() - interval '400 days' AND NOT b.by_card) THEN interval '0'
        ELSE greatest(interval '0', coalesce(c.opens_at - now(), interval '15 minutes')) END
    FROM code c WHERE c.digest = of_code
$$;

-- Emails to send now. After an hour most are too late to help. Those that can wait are sent for a
-- day. Emails with a due day are sent through that day, and lapsed ones for a week. Challenges and
-- viewing limits go first, and lapsed and asks go last.
-- An account gets at most three emails per hour about resets and three about new browsers. The
-- portal sends at most two hundred emails per hour, but always all challenges and viewing limits.
-- So no one can fill a mailbox, or the district's relay, by typing names. Emails about changed
-- scores come only from the district's own files, twenty at a time after all others.
CREATE FUNCTION account_mails_due()
RETURNS TABLE (id bigint, kind text, address text, language text, tries integer, browser text,
    made_at timestamptz, counted integer, by_day date) LANGUAGE sql STABLE AS $$
    WITH waiting AS (
        SELECT m.*, d.address AS sent_to, m.kind = 'scores changed' AS is_of_file,
               m.kind IN ('challenge', 'many viewed', 'limit reached', 'limit of another',
                   'incident overdue', 'signer revoked')
                   AS is_urgent,
               row_number() OVER (PARTITION BY m.account_id, m.kind ORDER BY m.id) AS place
        FROM account_mail m JOIN account a ON a.id = m.account_id
            AND (a.is_active OR m.kind IN ('closed', 'lapsed'))
             JOIN mail_address d ON d.account_id = a.id
                 AND CASE WHEN m.address_id IS NULL THEN d.proven_at IS NOT NULL
                     AND d.ended_at IS NULL ELSE d.id = m.address_id END
        WHERE m.by_day >= today()
          OR m.made_at > now() - CASE
              WHEN m.kind IN ('challenge', 'written', 'overdue', 'applied', 'asks', 'changed',
                  'factor', 'many viewed', 'limit reached', 'limit of another', 'scores changed',
                  'weekly views', 'incident overdue', 'signer revoked') THEN interval '1 day'
              WHEN m.kind = 'lapsed' THEN interval '7 days' ELSE interval '1 hour' END
    ), placed AS (
        SELECT w.*, row_number() OVER (PARTITION BY w.is_of_file
            ORDER BY NOT w.is_urgent, w.kind IN ('lapsed', 'asks'), w.id) AS turn FROM waiting w
        WHERE w.handed_at IS NULL AND w.next_at <= now()
            AND (w.kind NOT IN ('reset', 'browser') OR w.place <= 3)
            AND (w.kind <> 'asks' OR w.id IN (SELECT mails_within('asks', 50)))
            AND (w.kind <> 'written' OR w.id IN (SELECT mails_within('written', 100)))
    )
    SELECT p.id, p.kind, p.sent_to, p.language, p.tries, p.browser, p.made_at, p.counted, p.by_day
    FROM placed p
    WHERE p.turn <= CASE WHEN p.is_of_file THEN 20 ELSE greatest(
            (SELECT count(*) FROM waiting u WHERE u.is_urgent AND u.handed_at IS NULL),
            200 - (SELECT count(*) FROM account_mail h
                WHERE h.handed_at > now() - interval '1 hour' AND h.kind <> 'scores changed')) END
    ORDER BY p.is_of_file, p.turn
$$;

-- True if a password contains only names that everyone at the school knows: the person's own, the
-- username, the schools' and the portal's (more). The door can't read a name. It gets only this yes
-- or no, about one account. The rest without the names must have five letters or digits. A name
-- with a year after it has four.
CREATE FUNCTION is_made_of_names(of_account uuid, password text, more text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE rest text := password; word text;
BEGIN
    FOR word IN
        SELECT w FROM (
            SELECT regexp_split_to_table(lower(concat_ws(' ', p.given_name, p.family_name,
                    p.preferred_given_name, p.preferred_family_name,
                                                a.sign_in_name, array_to_string(more, ' '))),
                                                '[^[:alnum:]]+') AS w
            FROM account a JOIN person p ON p.id = a.person_id WHERE a.uuid = of_account
            UNION SELECT regexp_split_to_table(lower(s.name), '[^[:alnum:]]+') FROM school s
            WHERE s.ended_at IS NULL) AS names
        WHERE length(w) > 1 ORDER BY length(w) DESC, w
    LOOP rest := replace(rest, word, ''); END LOOP;
    RETURN rest <> password AND length(regexp_replace(rest, '[^[:alnum:]]', '', 'g')) < 5;
END $$;

-- How long the next try must wait (SP 800-63B-4 3.2.2), by failed tries of any age. `most` is the
-- number allowed `within` a time. If `grows`, three typing errors cost nothing, and then the wait
-- is 5, 10, 20 … 320 seconds.
CREATE FUNCTION pause_after(tries timestamptz[], moment timestamptz, most integer, within interval,
    grows boolean)
RETURNS interval LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
DECLARE recent timestamptz[] := ARRAY(SELECT t FROM unnest(tries) t
    WHERE t > moment - within ORDER BY t);
    many integer := cardinality(recent); one_is_old interval;
BEGIN
    IF many >= most THEN
        one_is_old := recent[many - most + 1] + within - moment;
        -- the others still count then
        RETURN one_is_old + public.pause_after(tries, moment + one_is_old, most, within, grows);
    END IF;
    IF NOT grows OR many < 3 THEN RETURN interval '0'; END IF;
    RETURN greatest(recent[many] + interval '5 seconds' * (1 << many - 3) - moment, interval '0');
END $$;

CREATE FUNCTION tries_of(mark bytea) RETURNS timestamptz[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT t.at FROM sign_in_try t
        WHERE t.of = mark AND t.at > clock_timestamp() - interval '1 hour')
$$;

GRANT EXECUTE ON FUNCTION code_of(bytea), code_wait(bytea, bytea),
    is_made_of_names(uuid, text, text[]) TO door;
GRANT EXECUTE ON FUNCTION account_mails_due() TO jobs;
