-- Sessions after they began, and steps between two pages. The caller proves its right with a key:
-- SHA-256 of SHA-256 of a session's cookie, or SHA-256 of a step's cookie.

CREATE FUNCTION end_session(of_key bytea, from_address text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine session;
BEGIN
    UPDATE session s SET ended_at = now() WHERE s.key = of_key AND s.ended_at IS NULL
        RETURNING s.* INTO mine;
    IF FOUND THEN
        PERFORM note_event('sign out', 'done', mine.account_id, '', from_address, mine.device,
            in_session => of_key);
    END IF;
END $$;

-- Ends another session of the same account, by its handle. NULL: all but this one. Returns whether
-- any ended. A card session ends no other.
CREATE FUNCTION end_other_sessions(of_key bytea, of_handle text, from_address text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE ended boolean;
BEGIN
    UPDATE session s SET ended_at = now() WHERE s.key IN (
        SELECT o.key FROM running_session mine JOIN running_session o USING (account_id)
        WHERE mine.key = of_key AND is_owners_method(mine.method)
          AND CASE WHEN of_handle IS NULL THEN o.key <> of_key
            ELSE session_handle(o.key) = of_handle END);
    ended := FOUND;
    IF ended THEN
        PERFORM note_event('sign out', 'done', s.account_id, 'other sessions', from_address,
            s.device, in_session => of_key) FROM session s WHERE s.key = of_key;
    END IF;
    RETURN ended;
END $$;

-- Comes before a change that ends every session of the account (triggers.sql). A change from
-- another session waits, and then ends this one. The change's security events get this address.
-- False: this session has ended, or it is a card session, which changes nothing.
CREATE FUNCTION hold_session(of_key bytea, from_address text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('homeroom.address', coalesce(from_address, ''), true);
    PERFORM FROM session s
        WHERE s.key = of_key AND s.ended_at IS NULL AND is_owners_method(s.method) FOR UPDATE;
    RETURN FOUND;
END $$;

-- Gives a session that was just proven its new key. A session that this same transaction ended
-- continues. No other ended session does, and no card session: nothing proves it.
CREATE FUNCTION keep_session(of_key bytea, new_key bytea, strong boolean,
    from_address text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine session;
BEGIN
    UPDATE session s SET key = new_key, ended_at = NULL, is_strong = strong, proven_at = now()
        FROM account a
        WHERE s.key = of_key AND (s.ended_at IS NULL OR s.ended_at = now())
          AND a.id = s.account_id AND a.is_active AND may_sign_in(s.person_id, s.side)
          AND is_owners_method(s.method)
        RETURNING s.* INTO mine;
    IF mine.key IS NULL THEN RETURN false; END IF;
    PERFORM note_event('confirmation', 'done', mine.account_id, '', from_address, mine.device,
        in_session => new_key, session_before => of_key);
    RETURN true;
END $$;

-- Marks every notice as read. A notice about this very session stays unread until another session
-- shows it, so that a thief can't hide it. A card session marks them only if the account has no
-- other way in.
CREATE FUNCTION read_notices(of_key bytea) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose bigint := (SELECT s.account_id FROM running_session s
        WHERE s.key = of_key AND (is_owners_method(s.method) OR NOT EXISTS (
            SELECT FROM credential c WHERE c.account_id = s.account_id
            UNION ALL SELECT FROM passkey f WHERE f.account_id = s.account_id)));
    waits boolean;
BEGIN
    UPDATE account_notice n SET shown_at = now()
        WHERE n.account_id = whose AND n.shown_at IS NULL AND n.in_session IS DISTINCT FROM of_key;
    waits := EXISTS (SELECT FROM account_notice n WHERE n.account_id = whose
        AND n.shown_at IS NULL);
    UPDATE session s SET has_news = false
        WHERE s.account_id = whose AND s.has_news AND s.ended_at IS NULL
          AND (s.key = of_key OR NOT waits);
END $$;

-- This session's account was offered a second factor.
CREATE FUNCTION factor_offered(of_key bytea) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE account a SET factor_offered_at = now()
        FROM running_session s WHERE s.key = of_key AND a.id = s.account_id;
END $$;

-- Strangers can begin steps, so expired ones are deleted here.
CREATE FUNCTION begin_step(of_key bytea, of_kind text, of_account uuid, of_state jsonb,
    lasts interval) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sign_in_step s WHERE s.expires_at <= now();
    INSERT INTO sign_in_step (key, kind, account_id, state, expires_at)
        VALUES (of_key, of_kind, (SELECT a.id FROM account a WHERE a.uuid = of_account), of_state,
            now() + least(lasts, interval '10 minutes'));
END $$;

-- Returns whether the step was still there. If two calls end one step together, only one gets true.
CREATE FUNCTION end_step(of_key bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sign_in_step s WHERE s.key = of_key;
    RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION end_session(bytea, text), end_other_sessions(bytea, text, text),
    hold_session(bytea, text),
    keep_session(bytea, bytea, boolean, text), read_notices(bytea), factor_offered(bytea),
    begin_step(bytea, text, uuid, jsonb, interval), end_step(bytea) TO door;
