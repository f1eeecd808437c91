-- Requests that nobody answers: offices see how old they are, administrators are told each day how many, and at last they lapse. What a mail
-- says here is a number, and what an asker reads is the same whatever the reason.

CREATE FUNCTION overdue_from() RETURNS timestamptz LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT now() - interval '7 days'
$$;

CREATE FUNCTION lapsed_from() RETURNS timestamptz LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT now() - interval '60 days'
$$;

-- How many overdue ones this administrator could answer: requests of the school or the district; for the district's, applications of tutors,
-- too. Not those about people with whom the administrator has to do.
CREATE FUNCTION overdue_for(who integer) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine integer[] := ARRAY(SELECT children_not_decided_by(who)); adults integer[]; found bigint; is_of_district boolean := decides_for(who, NULL);
    schools integer[] := ARRAY(SELECT o.school_id FROM administrator o WHERE o.person_id = who AND decides_for(who, o.school_id));
BEGIN
    adults := ARRAY(SELECT who UNION SELECT people_like(who) UNION SELECT adults_around(mine));
    SELECT count(*) INTO found FROM registration r WHERE r.state = 'waiting' AND r.asked_at < (SELECT overdue_from()) AND (is_of_district OR r.office_id = ANY (schools))
        AND r.person_id <> ALL (adults) AND (r.student_id IS NULL OR r.student_id <> ALL (mine));
    IF is_of_district THEN
        found := found + (SELECT count(*) FROM tutor_application a WHERE a.state = 'waiting' AND a.asked_at < (SELECT overdue_from()) AND a.person_id <> ALL (adults));
    END IF;
    RETURN found;
END $$;

-- For the jobs process, each hour: administrators for whom something is overdue are told once a day of the district's clock, on the next page and by
-- mail. How many were told. One line a day stands on the page: the newest.
CREATE FUNCTION overdue_told() RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE a account; counted bigint; done integer := 0; zone text := (SELECT time_zone FROM district);
BEGIN
    PERFORM pg_advisory_xact_lock(4117308, 0);  -- or two at once would each tell
    FOR a IN SELECT c.* FROM account c WHERE c.side = 'staff' AND c.is_active AND c.person_id IN (SELECT w.person_id FROM administrator w)
        AND NOT EXISTS (SELECT FROM account_notice n WHERE n.account_id = c.id AND n.what = 'requests wait' AND (n.at AT TIME ZONE zone)::date = today())
    LOOP
        counted := overdue_for(a.person_id);
        CONTINUE WHEN counted = 0;
        DELETE FROM account_notice n WHERE n.account_id = a.id AND n.what = 'requests wait';
        PERFORM tell_account(a.person_id, 'staff', 'requests wait'), mail_account(a.id, 'overdue', '', counted::integer);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;

-- A tutor applied: the district's administrators are told on the next page, and by one mail a day however many apply: the form is anybody's.
CREATE FUNCTION tell_of_application(a tutor_application) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM account_notice n WHERE n.account_id = c.id AND n.what = 'tutor applied' AND n.shown_at IS NULL)
                THEN tell_account(c.person_id, 'staff', 'tutor applied') END,
           CASE WHEN NOT EXISTS (SELECT FROM account_mail m WHERE m.account_id = c.id AND m.kind = 'applied' AND m.made_at > now() - interval '1 day')
                THEN mail_account(c.id, 'applied') END
    FROM account c WHERE c.side = 'staff' AND c.is_active AND is_apart(c.person_id, a.person_id)
        AND c.person_id IN (SELECT w.person_id FROM administrator w WHERE w.school_id IS NULL AND decides_for(w.person_id, NULL))
$$;

-- For the jobs process: the next request that nobody answered for 60 days lapses; not while somebody challenges it. What was typed about the child is
-- emptied, and the account closed, where nothing else rests on it. False: none is left. One a minute: their mails leave room for others'.
CREATE FUNCTION next_request_lapsed() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r registration;
BEGIN
    SELECT * INTO r FROM registration q WHERE q.state = 'waiting' AND q.asked_at < lapsed_from()
        AND NOT EXISTS (SELECT FROM challenge c WHERE c.registration_id = q.id AND c.decided_at IS NULL) ORDER BY q.asked_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE registration q SET state = 'lapsed', answered_at = now(), child_given_name = '', child_family_name = '', child_birth_date = NULL, phone = '',
        contact_code_id = NULL, is_exact = false, student_id = CASE WHEN EXISTS (SELECT FROM challenge c WHERE c.registration_id = q.id) THEN q.student_id END
        WHERE q.id = r.id;
    PERFORM ledger_change('request lapsed', NULL, r.person_id, side_of_request(r), NULL, r.uuid::text);
    PERFORM tell_account(r.person_id, side_of_request(r), 'request lapsed');
    PERFORM mail_account(a.id, 'lapsed') FROM account a WHERE a.person_id = r.person_id AND a.side = side_of_request(r) AND a.is_active;
    PERFORM close_asker(r.person_id, side_of_request(r), 'the request lapsed');
    RETURN true;
END $$;

-- Whoever registered alone and has nothing left that waits, or that an office decided: the account closes, and what the person had typed of
-- themselves goes: name, sign-in name, password, second factors. The address goes a week later, when its mail is sent. why: for the ledger.
CREATE FUNCTION close_asker(who integer, on_side text, why text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE closed bigint;
BEGIN
    IF EXISTS (SELECT FROM person p WHERE p.id = who AND (p.sourced_id IS NOT NULL OR p.delivery_id IS NOT NULL)) OR EXISTS (SELECT FROM tie t WHERE t.adult_id = who)
        OR EXISTS (SELECT FROM registration q WHERE q.person_id = who AND (q.state IN ('waiting', 'approved', 'declined') OR EXISTS (SELECT FROM challenge c WHERE c.registration_id = q.id)))
        OR EXISTS (SELECT FROM account a WHERE a.person_id = who AND a.side <> on_side)
        OR EXISTS (SELECT FROM tutor_application a WHERE a.person_id = who) OR EXISTS (SELECT FROM restriction x WHERE x.person_id = who) THEN RETURN; END IF;
    UPDATE account a SET is_active = false, sign_in_name = 'lapsed-' || a.uuid WHERE a.person_id = who AND a.side = on_side AND a.is_active RETURNING a.id INTO closed;
    IF closed IS NULL THEN RETURN; END IF;
    DELETE FROM credential c WHERE c.account_id = closed;
    DELETE FROM passkey k WHERE k.account_id = closed;
    DELETE FROM authenticator k WHERE k.account_id = closed;
    DELETE FROM recovery_code k WHERE k.account_id = closed;
    DELETE FROM known_browser k WHERE k.account_id = closed;
    UPDATE mail_address m SET ended_at = now() WHERE m.account_id = closed AND m.ended_at IS NULL;
    UPDATE registration q SET child_given_name = '', child_family_name = '', child_birth_date = NULL, phone = '', contact_code_id = NULL,
        student_id = NULL, is_exact = false, state = CASE q.state WHEN 'withdrawn' THEN q.state ELSE 'lapsed' END WHERE q.person_id = who;
    UPDATE person p SET given_name = '', family_name = '' WHERE p.id = who;
    PERFORM ledger_change('account closed', NULL, who, on_side, NULL, why);
END $$;

-- What a tutor asked of a family lapses after 60 days, whether the family said no or nobody read it: a mail about one of them alone would tell which.
CREATE FUNCTION next_tutor_request_lapsed() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r tutor_request;
BEGIN
    SELECT * INTO r FROM tutor_request q WHERE q.state IN ('waiting', 'declined') AND q.asked_at < lapsed_from() ORDER BY q.asked_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE tutor_request q SET state = 'lapsed', answered_at = now(), answered_by_id = NULL, child_given_name = '', child_family_name = '', child_birth_date = NULL,
        purpose = '', student_id = NULL WHERE q.id = r.id;
    PERFORM tell_account(r.person_id, 'family', 'request lapsed');
    PERFORM mail_account(a.id, 'lapsed') FROM account a WHERE a.person_id = r.person_id AND a.side = 'family' AND a.is_active;
    RETURN true;
END $$;

-- For the jobs process, each hour: addresses of lapsed accounts, a week after the last mail was made. How many.
CREATE FUNCTION lapsed_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH old AS (SELECT m.id FROM mail_address m JOIN account a ON a.id = m.account_id
                 WHERE NOT a.is_active AND a.sign_in_name = 'lapsed-' || a.uuid AND m.ended_at < now() - interval '7 days'),
         mails AS (DELETE FROM account_mail w WHERE w.address_id IN (SELECT o.id FROM old o)),
         codes AS (DELETE FROM code c WHERE c.address_id IN (SELECT o.id FROM old o)),
         gone AS (DELETE FROM mail_address m WHERE m.id IN (SELECT o.id FROM old o) RETURNING 1)
    SELECT count(*) FROM gone
$$;
GRANT EXECUTE ON FUNCTION next_request_lapsed(), next_tutor_request_lapsed(), overdue_told(), lapsed_swept() TO jobs;
