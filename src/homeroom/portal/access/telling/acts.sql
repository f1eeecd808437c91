-- Writes access log entries, notices and emails about what happened.

-- Records what the operator's command or a person did with a tie, a duty or an office. It is called
-- where the change is made.
CREATE FUNCTION ledger_change(event text, student integer, by_person integer, by_capacity text,
    by_tie integer, why text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, reason, xid)
        VALUES (moment, event, by_capacity, by_person, why, pg_current_xact_id()::text::bigint)
        RETURNING id INTO entry;
    IF student IS NOT NULL THEN
        INSERT INTO ledger_student (entry_id, student_id, at, kinds, tie_id)
            VALUES (entry, student, moment, ARRAY[]::text[], by_tie);
    END IF;
END $$;

-- Records a change of the district's settings, which is about no student. `of` is the setting.
-- `why` has the old and the new value as JSON. `by_person` is NULL for the operator.
CREATE FUNCTION ledger_setting(of text, why text, by_person integer, by_capacity text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO ledger (at, event, act, capacity, person_id, reason, xid)
        VALUES (clock_timestamp(), 'setting', of, by_capacity, by_person, why,
            pg_current_xact_id()::text::bigint)
$$;

-- Queues an email to the address that is verified now, whichever the account names later. Does
-- nothing if there isn't one.
CREATE FUNCTION mail_account(of_account bigint, of_kind text, of_browser text DEFAULT '',
    how_many integer DEFAULT 0, by_day date DEFAULT NULL)
RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO account_mail (account_id, kind, address_id, language, browser, counted, by_day)
        SELECT m.account_id, of_kind, m.id, m.language, of_browser, how_many, mail_account.by_day
        FROM mail_address m WHERE m.account_id = of_account AND m.proven_at IS NOT NULL
            AND m.ended_at IS NULL
$$;

-- Writes a security event. `of_account`: whose session or account it is. NULL: no one's, or the
-- operator's. `what` is a word of Homeroom's own and never something that a person typed. The front
-- gives the keyed address, and a page gives it to the transaction. `of_number`: the access log
-- entry, or the file. Other characters than those of our own words are left out. `in_session` and
-- `session_before` are keys: the session's, and the one that it had before a confirmation.
CREATE FUNCTION note_event(of_kind text, of_result text, of_account bigint, of_what text DEFAULT '',
    from_address text DEFAULT NULL, on_device text DEFAULT NULL, of_number bigint DEFAULT NULL,
    in_session bytea DEFAULT NULL, session_before bytea DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO security_event (at, kind, result, account_id, what, address, device, about, xid,
        session, session_before)
        VALUES (clock_timestamp(), of_kind, of_result, of_account,
            left(regexp_replace(of_what, '[^a-z0-9:''. -]', '', 'g'), 40),
            keyed_address(coalesce(from_address, current_setting('homeroom.address', true))),
            left(regexp_replace(coalesce(on_device, ''), '[^A-Za-z ]', '', 'g'), 40),
            of_number, (SELECT d.event_base FROM district d) + pg_current_xact_id()::text::bigint,
            in_session, session_before);
END $$;

-- Notifies an account. `who` and `on_side` say which one. If it doesn't exist, nothing happens.
-- `what` is one of a closed list, whose words are in door/news.py. A notice has no free text, so
-- nothing about a student can get in. `in_session` is the key of the session in which it happened,
-- which can't mark the notice as read on its own.
CREATE FUNCTION tell_account(who integer, on_side text, what text, in_session bytea DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF what <> ALL (ARRAY['new device', 'password changed', 'password saved again',
            'password reset', 'username changed', 'reset waits', 'reset stopped',
                          'passkey added', 'passkey removed', 'app added', 'app removed',
                          'recovery codes made', 'recovery code used', 'second factor wrong',
                          'code given', 'code used',
                          'card printed', 'card taken back', 'card changes undone',
                          'e-mail verified', 'e-mail changed', 'e-mail removed', 'account woken',
                          'account changed by office',
                          'duty given', 'duty ended', 'office given', 'office ended',
                          'waits for a second', 'proposal decided', 'setting changed',
                          'inspection asked', 'inspection passed',
                          'correction asked', 'correction open again', 'correction passed',
                          'hearing asked', 'statement added',
                          'incident declared', 'incident suspect', 'incident overdue',
                          'breach notice', 'signer revoked',
                          'corrected', 'opt-out taken back', 'consent signed', 'consent ended',
                          'administrators changed', 'board second named', 'board second ended',
                          'request answered', 'somebody asks', 'contact asked about',
                          'parent added', 'student account asked', 'student account opened',
                          'request lapsed', 'requests wait', 'tutor applied',
                          'challenge waits', 'challenge answered', 'challenge ran out',
                          'tie closed', 'tie opened', 'tie ended', 'school wrote',
                          'tutor asks', 'tutor let in', 'tutor consent', 'tutor ended',
                          'record given', 'record shut', 'record back',
                          'you turn 18', 'child turns 18', 'you turned 18', 'child turned 18',
                          'closed at 18', 'open after 18', 'agreed for you',
                          'support begun', 'support ended', 'supporters changed',
                          'half of limit', 'limit reached', 'many viewed', 'viewing released',
                          'weekly views']) THEN
        RAISE EXCEPTION 'no notice is called %', what;
    END IF;
    INSERT INTO account_notice (account_id, what, in_session)
        SELECT a.id, tell_account.what, tell_account.in_session
        FROM account a WHERE a.person_id = who AND a.side = on_side;
    UPDATE session s SET has_news = true
        WHERE s.person_id = who AND s.side = on_side AND s.ended_at IS NULL
          AND s.key IS DISTINCT FROM tell_account.in_session;
END $$;
