-- Signing in, codes, cards and sessions. Each sign-in takes few statements and costs little more
-- than hashing the password. A power failure may lose the last fraction of a second of these
-- writes. Then the person signs in again, or gets one more try (decision 0004). Passwords, codes
-- and factors are never lost that way.

-- For the jobs process: ends the sessions of staff whose duty or office ended at midnight by its
-- date. Returns how many.
CREATE FUNCTION sessions_outlived() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH over AS (SELECT person_id, end_date FROM duty
        UNION ALL SELECT person_id, end_date FROM administrator),
         ended AS (UPDATE session s SET ended_at = now() FROM district d
             WHERE s.side = 'staff' AND s.ended_at IS NULL AND EXISTS (
                       SELECT FROM over o WHERE o.person_id = s.person_id AND o.end_date <= today()
                       AND o.end_date > (s.created_at AT TIME ZONE d.time_zone)::date) RETURNING 1)
    SELECT count(*) FROM ended
$$;

-- For the jobs process: deletes ended or expired sessions after 30 days, tries to sign in after an
-- hour, and counts of views after a day (of staff after 61). Notices go 90 days after they were
-- read or 400 days after they were written, and openings right away.
CREATE FUNCTION sessions_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH closed AS (DELETE FROM opening WHERE until < now()),
         changes AS (DELETE FROM closing WHERE at < now() - interval '1 day'),
         counted AS (DELETE FROM look_count
             WHERE hour < now() - make_interval(days => CASE WHEN is_staff THEN 61 ELSE 1 END)),
         viewed AS (DELETE FROM look_student WHERE at < now() - interval '1 day'),
         braked AS (DELETE FROM brake
             WHERE greatest(half_at, reached_at) < now() - interval '60 days'),
         raised AS (DELETE FROM cap_raise WHERE until < now() - interval '60 days'),
         told AS (DELETE FROM account_notice
             WHERE least(shown_at + interval '90 days', at + interval '400 days') < now()),
         forgotten AS (DELETE FROM known_browser WHERE last_at < now() - interval '400 days'),
         tries AS (DELETE FROM sign_in_try WHERE at < now() - interval '1 hour'),
         wrong AS (DELETE FROM wrong_password WHERE last_at < now() - interval '400 days'),
         -- The people in a restore's notes see them for 400 days.
         restored AS (DELETE FROM restoration_line l USING restoration r
             WHERE r.id = l.restoration_id AND r.confirmed_at < now() - interval '400 days'),
         steps AS (DELETE FROM sign_in_step WHERE expires_at < now()),
         swept AS (DELETE FROM session
             WHERE coalesce(ended_at, expires_at) < now() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- Uses up a code, in the transaction that does what it is for. Returns the account's number. A wake
-- code makes or opens the account with this username. 0: another person has that username, and the
-- code still works. NULL: it no longer works, or must wait in this browser (code_wait()). The
-- second of two callers waits for the row and finds the code used. Only a code of the kind
-- "factors" removes all of an account's second factors, and it does so here.
CREATE FUNCTION use_code(of_code bytea, name text, browser bytea) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c code; whose bigint;
BEGIN
    SELECT * INTO c FROM code WHERE digest = of_code FOR UPDATE;
    IF code_of(of_code) IS NULL OR code_wait(of_code, browser) > interval '0' THEN
        RETURN NULL;
    END IF;
    SELECT a.id INTO whose FROM account a WHERE a.person_id = c.person_id AND a.side = c.side;
    IF c.kind = 'wake' THEN
        whose := woken(c.person_id, c.side, name);
        IF whose IS NULL THEN RETURN 0; END IF;
    END IF;
    UPDATE code o SET used_at = now() WHERE o.id = c.id;
    UPDATE code o SET ended_at = now()
        WHERE o.person_id = c.person_id AND o.side = c.side AND o.kind = c.kind
          AND o.used_at IS NULL AND o.ended_at IS NULL;
    IF c.kind = 'factors' THEN
        DELETE FROM passkey f WHERE f.account_id = whose;
        DELETE FROM authenticator f WHERE f.account_id = whose;
        DELETE FROM recovery_code f WHERE f.account_id = whose;
    END IF;
    PERFORM ledger_change('code used', CASE WHEN c.side = 'student' THEN c.person_id END,
        c.person_id, c.side, NULL, c.kind);
    PERFORM tell_account(c.person_id, c.side,
        CASE c.kind WHEN 'wake' THEN 'account woken' WHEN 'password' THEN 'password reset'
            ELSE 'code used' END);
    RETURN whose;
END $$;

-- The code was typed in this browser. If it must wait there, the wait begins now. The account sees
-- a notice in every open session, and the code works for half an hour after the wait. Typing it
-- again changes nothing. Returns how long it must wait.
CREATE FUNCTION begin_code_wait(of_code bytea, browser bytea) RETURNS interval
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c code; wait interval := code_wait(of_code, browser);
BEGIN
    IF wait > interval '0' AND code_of(of_code) IS NOT NULL THEN
        UPDATE code o SET opens_at = now() + wait, expires_at = now() + wait + interval '30 minutes'
            WHERE o.digest = of_code AND o.opens_at IS NULL RETURNING o.* INTO c;
        IF FOUND THEN PERFORM tell_account(c.person_id, c.side, 'reset waits'); END IF;
    END IF;
    RETURN wait;
END $$;

-- Ends every emailed code for a new password of this session's account. Returns whether there was
-- one. Not in a card session.
CREATE FUNCTION stop_reset(of_key bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine running_session;
BEGIN
    SELECT s.* INTO mine FROM running_session s
        WHERE s.key = of_key AND is_owners_method(s.method);
    UPDATE code c SET ended_at = now()
        WHERE c.person_id = mine.person_id AND c.side = mine.side AND c.kind = 'password'
          AND c.checked = 'mail' AND c.used_at IS NULL AND c.ended_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM tell_account(mine.person_id, mine.side, 'reset stopped');
    RETURN true;
END $$;

-- Makes or renames the account of this person on this side. NULL if the username is taken.
CREATE FUNCTION woken(who integer, on_side text, name text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE made bigint;
BEGIN
    INSERT INTO account AS a (uuid, person_id, side, sign_in_name)
        VALUES (gen_random_uuid(), who, on_side, name)
        ON CONFLICT (person_id, side) DO UPDATE SET sign_in_name = excluded.sign_in_name
            RETURNING a.id INTO made;
    RETURN made;
EXCEPTION WHEN unique_violation THEN RETURN NULL;
END $$;

-- Returns the username of the card's student, and opens a sleeping account. A card is only for a
-- student, on the student side, and never for staff or a parent. It ends after a year, when its
-- student leaves, or when a teacher ends it.
CREATE FUNCTION use_card(of_card bytea) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE who person; theirs account;
BEGIN
    SELECT p.* INTO who FROM card c JOIN person p ON p.id = c.person_id
        WHERE c.digest = of_card AND c.ended_at IS NULL AND c.made_at > now() - interval '1 year'
          AND NOT is_unconfirmed() AND p.ended_at IS NULL AND p.is_student;
    IF NOT FOUND THEN RETURN NULL; END IF;
    INSERT INTO account (uuid, person_id, side, sign_in_name)
        VALUES (gen_random_uuid(), who.id, 'student',
            'student-' || replace(who.uuid::text, '-', ''))
        ON CONFLICT DO NOTHING;
    SELECT * INTO theirs FROM account a WHERE a.person_id = who.id AND a.side = 'student';
    RETURN CASE WHEN theirs.is_active THEN theirs.sign_in_name END;
END $$;

-- For the jobs process: deletes codes that no longer work after 60 days, with their hashes, and
-- cards a year after their end.
CREATE FUNCTION codes_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH letters AS (DELETE FROM letter_try WHERE at < now() - interval '1 day'),
         cards AS (DELETE FROM card
             WHERE coalesce(ended_at, made_at + interval '1 year') < now() - interval '1 year'),
         mails AS (DELETE FROM account_mail
             WHERE made_at < now() - CASE WHEN account_id IS NULL THEN interval '1 hour'
                 ELSE interval '60 days' END),
         swept AS (DELETE FROM code
             WHERE coalesce(used_at, ended_at, expires_at) < now() - interval '60 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- Records that this account signs in from this browser. own_key: the browser's key in the table, if
-- it has a name. new_key: its key otherwise. Returns 'known', 'first' if it is the account's only
-- browser, or 'new'. If there are more than `most`, the ones seen longest ago are forgotten.
-- with_card: the browser is known to later sign-ins with a card only. It is new when the owner
-- signs in there, and makes the account forget no browser of the owner's.
CREATE FUNCTION browser_met(account bigint, own_key bytea, new_key bytea, most integer,
    with_card boolean) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE others boolean;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE known_browser b SET last_at = now()
        WHERE b.account_id = account AND b.key = own_key AND (with_card OR NOT b.by_card);
    IF FOUND THEN RETURN 'known'; END IF;
    others := EXISTS (SELECT FROM known_browser b WHERE b.account_id = account);
    INSERT INTO known_browser (account_id, key, by_card) VALUES (account, new_key, with_card)
        ON CONFLICT (key) DO UPDATE SET last_at = now(),
            by_card = known_browser.by_card AND excluded.by_card;
    DELETE FROM known_browser
        WHERE id IN (SELECT b.id FROM known_browser b
            WHERE b.account_id = account AND b.by_card = with_card
            ORDER BY b.last_at DESC, b.id DESC OFFSET most);
    RETURN CASE WHEN others THEN 'new' ELSE 'first' END;
END $$;

-- Holds an account open until this transaction ends. A transaction that closes the account then
-- finds the session that began in between, and ends it.
CREATE FUNCTION hold_open(of_account bigint) RETURNS account LANGUAGE plpgsql VOLATILE AS $$
DECLARE held account;
BEGIN
    SELECT * INTO held FROM account a WHERE a.id = of_account AND a.is_active FOR SHARE;
    RETURN held;
END $$;

-- Every way to sign in leads here, also a reset, a card and an invitation, so that none is weaker
-- than the account's rule. old_key: of the token that this browser came with, which someone may
-- have planted. wants_own: the checkbox for an own device. It counts for families and students who
-- need no second factor. idle, longest, own: how long the session lasts. Staff get at most an hour
-- idle and a day, and others 30 days. own_browser, new_browser, most: as in browser_met(). of_name,
-- of_address, of_wrong: the tries that a right password forgets. NULL: none. from_address: for the
-- security event that each answer is.
-- ended: 'unconfirmed' after a restore, before anything is forgotten or asked. 'closed', 'factor
-- asked', 'factor missing': no session. Otherwise the session began, and it is browser_met()'s
-- answer. offers: this family has no second factor, has had its account for a week, and was not
-- offered one in the last 90 days.
CREATE FUNCTION begin_session(account_uuid uuid, new_key bytea, old_key bytea, how text,
    strong boolean, on_device text, wants_own boolean, idle interval, longest interval,
    own interval, own_browser bytea, new_browser bytea, most integer, of_name bytea,
    of_address bytea, of_wrong bytea[], from_address text DEFAULT NULL,
    OUT ended text, OUT is_own boolean, OUT offers boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_account bigint := (SELECT o.id FROM account o WHERE o.uuid = account_uuid); a account;
    needs boolean := needs_factor(of_account); by_card boolean;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    -- The session's own row takes this lock below. Taking it now waits for a restore that has just
    -- begun, and sees it.
    LOCK TABLE session IN ROW EXCLUSIVE MODE;
    IF NOT (SELECT may_sign_in(o.person_id, o.side) FROM account o
        WHERE o.id = of_account) THEN
        ended := 'unconfirmed';
        PERFORM note_event('sign in', 'refused', of_account, ended, from_address, on_device);
        RETURN;
    END IF;
    IF of_name IS NOT NULL THEN PERFORM forget_tries(of_name, of_address, of_wrong); END IF;
    a := hold_open(of_account);
    -- The card may have ended since it was shown, also before the second step.
    IF NOT is_owners_method(how) THEN
        PERFORM FROM card c WHERE c.person_id = a.person_id AND a.side = 'student'
            AND c.ended_at IS NULL FOR SHARE;
        by_card := FOUND;
    END IF;
    ended := CASE WHEN a.id IS NULL OR NOT by_card THEN 'closed'
        WHEN strong IS NOT true AND has_factor(of_account) THEN 'factor asked'
        WHEN strong IS NOT true AND needs THEN 'factor missing' END;
    IF ended IS NOT NULL THEN
        PERFORM note_event('sign in',
            CASE ended WHEN 'factor asked' THEN ended ELSE 'refused' END, of_account,
            CASE ended WHEN 'factor asked' THEN how ELSE ended END, from_address, on_device);
        RETURN;
    END IF;
    is_own := wants_own AND a.side <> 'staff' AND NOT needs AND by_card IS NULL;
    offers := NOT strong AND a.side = 'family' AND a.created_at < now() - interval '7 days'
        AND coalesce(a.factor_offered_at < now() - interval '90 days', true);
    UPDATE session SET ended_at = now() WHERE key = old_key AND ended_at IS NULL;
    INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, method,
        is_strong, device, is_own_device, previous_visit_at, has_news)
        VALUES (new_key, a.id, a.person_id, a.side,
            least(CASE WHEN is_own THEN own ELSE idle END,
                CASE a.side WHEN 'staff' THEN interval '1 hour' ELSE interval '30 days' END),
            statement_timestamp() + least(CASE WHEN is_own THEN own ELSE longest END,
                CASE a.side WHEN 'staff' THEN interval '1 day' ELSE interval '30 days' END),
                how, strong, on_device, is_own,
                (SELECT visit_before(s.last_seen_at, s.previous_visit_at) FROM session s
                    WHERE s.account_id = of_account ORDER BY s.last_seen_at DESC LIMIT 1),
                EXISTS (SELECT FROM account_notice n
                    WHERE n.account_id = of_account AND n.shown_at IS NULL));
    ended := browser_met(of_account, own_browser, new_browser, most, coalesce(by_card, false));
    IF ended = 'new' THEN
        PERFORM tell_account(a.person_id, a.side, 'new device', new_key),
            mail_of_browser(of_account, split_part(on_device, ' on ', 1));
    END IF;
    PERFORM note_event('sign in', 'done', of_account, how, from_address, on_device,
        in_session => new_key);
END $$;

GRANT EXECUTE ON FUNCTION sessions_outlived(), sessions_swept(), codes_swept() TO jobs;
GRANT EXECUTE ON FUNCTION use_code(bytea, text, bytea), use_card(bytea),
    begin_code_wait(bytea, bytea), stop_reset(bytea),
    begin_session(uuid, bytea, bytea, text, boolean, text, boolean, interval, interval, interval,
        bytea, bytea, integer, bytea, bytea, bytea[], text) TO door;
