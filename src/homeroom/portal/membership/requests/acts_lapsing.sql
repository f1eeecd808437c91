-- A request that no one answers lapses, and the asker reads the same words whatever the reason.

-- For the jobs process: closes the next request that no one answered for 60 days, unless someone
-- challenges it. Data typed about the child is emptied, and the account closes if nothing else
-- rests on it. Returns false if none is left. One a minute, so that these emails leave room for
-- others.
CREATE FUNCTION next_request_lapsed() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE r registration;
BEGIN
    SELECT * INTO r FROM registration q WHERE q.state = 'waiting' AND q.asked_at < lapsed_from()
        AND NOT EXISTS (SELECT FROM challenge c
            WHERE c.registration_id = q.id AND c.decided_at IS NULL) ORDER BY q.asked_at, q.id
            LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE registration q SET state = 'lapsed', answered_at = now(), child_given_name = '',
        child_family_name = '', child_birth_date = NULL, phone = '',
        contact_code_id = NULL, is_exact = false,
        student_id = CASE WHEN EXISTS (SELECT FROM challenge c WHERE c.registration_id = q.id)
            THEN q.student_id END
        WHERE q.id = r.id;
    PERFORM ledger_change('request lapsed', NULL, r.person_id, side_of_request(r), NULL,
        r.uuid::text);
    PERFORM tell_account(r.person_id, side_of_request(r), 'request lapsed');
    PERFORM mail_account(a.id, 'lapsed') FROM account a
        WHERE a.person_id = r.person_id AND a.side = side_of_request(r) AND a.is_active;
    PERFORM close_asker(r.person_id, side_of_request(r), 'the request lapsed');
    RETURN true;
END $$;

-- Closes the account of a person who registered without help from the school and has nothing that
-- waits or that an office decided. The person's name, username, password and second factors are
-- deleted. The email address is deleted a week later, after its email was sent. `why` is for the
-- access log.
CREATE FUNCTION close_asker(who integer, on_side text, why text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE closed bigint;
BEGIN
    IF EXISTS (SELECT FROM person p
        WHERE p.id = who AND (p.sourced_id IS NOT NULL OR p.delivery_id IS NOT NULL))
          OR EXISTS (SELECT FROM tie t WHERE t.adult_id = who)
        OR EXISTS (SELECT FROM registration q
            WHERE q.person_id = who
              AND (q.state IN ('waiting', 'approved', 'declined')
                  OR EXISTS (SELECT FROM challenge c WHERE c.registration_id = q.id)))
        OR EXISTS (SELECT FROM account a WHERE a.person_id = who AND a.side <> on_side)
        OR EXISTS (SELECT FROM tutor_application a WHERE a.person_id = who)
        OR EXISTS (SELECT FROM restriction x WHERE x.person_id = who) THEN
        RETURN;
    END IF;
    UPDATE account a SET is_active = false, sign_in_name = 'lapsed-' || a.uuid
        WHERE a.person_id = who AND a.is_active RETURNING a.id INTO closed;
    IF closed IS NULL THEN RETURN; END IF;
    DELETE FROM credential c WHERE c.account_id = closed;
    DELETE FROM passkey k WHERE k.account_id = closed;
    DELETE FROM authenticator k WHERE k.account_id = closed;
    DELETE FROM recovery_code k WHERE k.account_id = closed;
    DELETE FROM known_browser k WHERE k.account_id = closed;
    UPDATE mail_address m SET ended_at = now() WHERE m.account_id = closed AND m.ended_at IS NULL;
    UPDATE registration q SET child_given_name = '', child_family_name = '',
        child_birth_date = NULL, phone = '', contact_code_id = NULL,
        student_id = NULL, is_exact = false,
        state = CASE q.state WHEN 'withdrawn' THEN q.state ELSE 'lapsed' END
            WHERE q.person_id = who;
    UPDATE person p SET given_name = '', family_name = '' WHERE p.id = who;
    PERFORM ledger_change('account closed', NULL, who, on_side, NULL, why);
END $$;

-- A tutor's request to a family lapses after 60 days, whether the family declined or no one read
-- it. An email about only one of the two would tell which.
CREATE FUNCTION next_tutor_request_lapsed() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE r tutor_request;
BEGIN
    SELECT * INTO r FROM tutor_request q
    WHERE q.state IN ('waiting', 'declined') AND q.asked_at < lapsed_from()
    ORDER BY q.asked_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE tutor_request q SET state = 'lapsed', answered_at = now(), answered_by_id = NULL,
        child_given_name = '', child_family_name = '', child_birth_date = NULL,
        purpose = '', student_id = NULL WHERE q.id = r.id;
    PERFORM tell_account(r.person_id, 'family', 'request lapsed');
    PERFORM mail_account(a.id, 'lapsed') FROM account a
        WHERE a.person_id = r.person_id AND a.side = 'family' AND a.is_active;
    RETURN true;
END $$;

-- For the jobs process, each hour: deletes addresses of lapsed accounts a week after they closed.
-- Returns how many.
CREATE FUNCTION lapsed_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH old AS (SELECT m.id FROM mail_address m JOIN account a ON a.id = m.account_id
                 WHERE NOT a.is_active AND a.sign_in_name = 'lapsed-' || a.uuid
                   AND m.ended_at < now() - interval '7 days'),
         mails AS (DELETE FROM account_mail w WHERE w.address_id IN (SELECT o.id FROM old o)),
         codes AS (DELETE FROM code c WHERE c.address_id IN (SELECT o.id FROM old o)),
         gone AS (DELETE FROM mail_address m WHERE m.id IN (SELECT o.id FROM old o) RETURNING 1)
    SELECT count(*) FROM gone
$$;

GRANT EXECUTE ON FUNCTION next_request_lapsed(), next_tutor_request_lapsed(),
    lapsed_swept() TO jobs;
