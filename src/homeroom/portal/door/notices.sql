-- What an account is told on its next page: somebody signed in from a new browser, the office gave a code, a factor was added.

-- who, on_side: whose account; nothing where there is none. what: of a closed list, whose words are in door/news.py: a notice carries
-- no text of anybody's, so nothing about a student can come by here. in_session: key of the session that it began with, which alone
-- cannot read it away.
CREATE FUNCTION tell_account(who integer, on_side text, what text, in_session bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF what <> ALL (ARRAY['new device', 'password changed', 'password reset', 'passkey added', 'passkey removed', 'app added', 'app removed',
                          'recovery codes made', 'recovery code used', 'code given', 'code used', 'card printed', 'card taken back',
                          'e-mail verified', 'e-mail changed', 'e-mail removed', 'account woken', 'account changed by office',
                          'duty given', 'duty ended', 'office given', 'office ended', 'waits for a second', 'proposal decided', 'setting changed', 'inspection asked',
                          'administrators changed', 'board second named', 'board second ended',
                          'request answered', 'somebody asks', 'contact asked about', 'parent added', 'student account asked', 'student account opened',
                          'request lapsed', 'requests wait', 'tutor applied',
                          'challenge waits', 'challenge answered', 'challenge ran out', 'tie closed', 'tie opened', 'tie ended', 'school wrote',
                          'tutor asks', 'tutor let in', 'tutor consent', 'tutor ended',
                          'record given', 'record shut', 'record back',
                          'you turn 18', 'child turns 18', 'you turned 18', 'child turned 18', 'closed at 18', 'open after 18', 'agreed for you',
                          'support begun', 'support ended', 'supporters changed']) THEN
        RAISE EXCEPTION 'no notice is called %', what;
    END IF;
    INSERT INTO account_notice (account_id, what, in_session) SELECT a.id, tell_account.what, tell_account.in_session
        FROM account a WHERE a.person_id = who AND a.side = on_side;
    UPDATE session s SET has_news = true
        WHERE s.person_id = who AND s.side = on_side AND s.ended_at IS NULL AND s.key IS DISTINCT FROM tell_account.in_session;
END $$;
GRANT EXECUTE ON FUNCTION tell_account(integer, text, text, bytea) TO door;
