-- An office answers requests one at a time next to the record, or together if the record vouches
-- for the askers. An approved student's request moves the account to that student, who can have
-- only one.

-- One office member answers. Returns 'approved' or 'declined'. 'taken': answered already. 'barred':
-- there is a restriction. 'challenged': the family challenges it. 'tied': there is a tie already.
-- 'account': the student has one. 'accounts': parent access is turned off for this student.
-- 'evidence': not what this district accepts. 'again': the last confirmation of identity is too
-- old. '' as if nothing were there. `as_contact` is the contact next to the request, if the office
-- says that it is the asker. Restrictions of this contact count then, too.
CREATE FUNCTION answer_registration(which uuid, verdict text, about uuid, how text, kinds text[],
    as_contact uuid DEFAULT NULL)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE r registration; child integer; named contact; odd text;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    child := (SELECT p.id FROM person p WHERE p.uuid = about AND p.id = ANY (opened('birth date')));
    SELECT * INTO r FROM registration WHERE uuid = which FOR UPDATE;
    IF r.id IS NULL OR NOT may_answer_registration(r)
        OR verdict IN ('approved', 'declined') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF r.state <> 'waiting' THEN RETURN 'taken'; END IF;
    IF verdict = 'declined' THEN
        PERFORM close_registration(r, 'declined', NULL, '');
        RETURN 'declined';
    END IF;
    IF kinds IS NULL OR child IN (SELECT l.student_id FROM students_for(r) l) IS NOT true THEN
        RETURN '';
    END IF;
    IF proof_of_evidence(how) IS NULL OR how = 'record' OR how = 'code'
        AND r.contact_code_id IS NULL OR registering_for(r) = 'in person'
        AND proof_of_evidence(how) <> 'in person'
        OR coalesce(registered_as(r.relation) = 'caregiver by affidavit',
            false) <> (how = 'affidavit') THEN
        RETURN 'evidence';
    END IF;
    IF as_contact IS NOT NULL THEN
        SELECT * INTO named FROM contact c WHERE c.uuid = as_contact
            AND c.uuid::text = contact_beside(r, child)->>'contact' AND r.relation <> 'self';
        IF named.id IS NULL THEN RETURN ''; END IF;
        odd := odd_with_join(named, NULL, r.person_id);
        IF odd IS NOT NULL THEN RETURN odd; END IF;
    END IF;
    RETURN tie_registered(r, child, how, kinds, named.id);
END $$;

-- Approves requests together that the record vouches for. One that it no longer vouches for goes
-- back to those to check. Returns how many were approved.
CREATE FUNCTION approve_exact(which uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE r registration; done integer := 0;
BEGIN
    IF NOT is_fresh() OR NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN 0; END IF;
    FOR r IN SELECT q.* FROM registration q
        WHERE q.uuid = ANY (which) AND q.state = 'waiting' AND q.is_exact ORDER BY q.id
            FOR UPDATE LOOP
        CONTINUE WHEN NOT may_answer_registration(r) OR NOT approves_together(r);
        IF student_of(r) IS DISTINCT FROM r.student_id OR NOT is_vouched_for(r) THEN
            UPDATE registration SET is_exact = false WHERE id = r.id;
        ELSIF tie_registered(r, r.student_id, 'record',
            ARRAY['grades', 'attendance', 'contacts', 'birth date', 'ledger']) = 'approved' THEN
            done := done + 1;
        END IF;
    END LOOP;
    RETURN done;
END $$;

-- Makes the tie, for an office or by a letter's code. A caregiver by affidavit (Fam. Code 6550) can
-- view. Consent, correction and challenge are for parents and guardians (Ed. Code 49061).
-- `as_contact` is the contact that the office says is the asker. Returns 'approved', 'account',
-- 'taken', 'accounts', or an answer of make_tie().
CREATE FUNCTION tie_registered(r registration, child integer, how text, kinds text[],
    as_contact integer DEFAULT NULL)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_kind text := registered_as(r.relation);
    became text;
BEGIN
    IF r.relation = 'self' THEN RETURN open_student_account(r, child, how); END IF;
    IF is_closed_to_parents(child) THEN RETURN 'accounts'; END IF;
    became := make_tie(r.person_id, child, of_kind, jsonb_build_object('relation', r.relation,
            'basis', how, 'start', today(), 'proof', proof_of_request(r, how),
            'views', ARRAY(SELECT k FROM unnest(ARRAY['grades', 'attendance', 'contacts',
                    'birth date', 'ledger']) k WHERE k = ANY (kinds) OR k = 'ledger'),
            'rights', CASE WHEN of_kind IN ('parent', 'guardian')
                THEN ARRAY['consent', 'correct', 'challenge'] ELSE '{}' END),
        asking(), CASE WHEN asking() IS NULL THEN 'letter' ELSE office_i_act_in() END);
    IF became NOT IN ('set', 'of age') THEN RETURN became; END IF;
    PERFORM join_registered(r, child, how, as_contact);
    PERFORM close_registration(r, 'approved', child, how);
    RETURN 'approved';
END $$;

-- Joins the approved adult to a contact of the record: the one that the office named, the addressee
-- of the letter whose code let them in, or the only person with their verified address.
CREATE FUNCTION join_registered(r registration, child integer, how text, as_contact integer)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE vouching integer[];
BEGIN
    IF as_contact IS NOT NULL THEN
        PERFORM join_adult(as_contact, r.person_id, 'office');
    ELSIF how = 'code' THEN
        PERFORM join_adult(k.contact_id, r.person_id, 'code')
            FROM contact_code k JOIN contact c ON c.id = k.contact_id
            WHERE k.id = r.contact_code_id AND c.student_id = child;
    ELSIF how = 'record' THEN
        vouching := ARRAY(SELECT DISTINCT p.one FROM contacts_vouching(r) c
            JOIN people_of_contacts(ARRAY[child]) p ON p.contact = c.id);
        IF cardinality(vouching) = 1 THEN
            PERFORM join_adult(vouching[1], r.person_id, 'record');
        END IF;
    END IF;
END $$;

CREATE FUNCTION close_registration(r registration, became text, child integer, how text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE registration SET state = became, student_id = coalesce(child, student_id),
        evidence = how, answered_at = now(), answered_by_id = asking() WHERE id = r.id;
    IF became = 'declined' THEN
        PERFORM ledger_change('request declined', NULL, asking(), office_i_act_in(), NULL,
            r.uuid::text);
    END IF;
    PERFORM tell_account(r.person_id, side_of_request(r), 'request answered');
    PERFORM mail_account(a.id, 'answered') FROM account a
        WHERE a.person_id = r.person_id AND a.side = side_of_request(r);
END $$;

-- As register() for a parent. Returns the account's number. 0: the username is taken. NULL:
-- students can't register here, or a field is not valid.
CREATE FUNCTION register_student(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF (SELECT registering_students FROM district) = 'closed' THEN RETURN NULL; END IF;
    RETURN new_asker(given, family, name, 'student',
        jsonb_build_object('given_name', given, 'family_name', family)
            || (said - 'code' - 'phone'));
END $$;

-- Moves the asker's account to the student. Its sessions, unfinished sign-ins and codes end, since
-- they name the asker, who is no longer a person of their own. Returns 'approved'. 'account': the
-- student has one. 'taken': the asker's was closed.
CREATE FUNCTION open_student_account(r registration, child integer, how text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE moved bigint; asker integer := r.person_id;
BEGIN
    BEGIN
        UPDATE account a SET person_id = child
            WHERE a.person_id = asker AND a.side = 'student' AND a.is_active
            RETURNING a.id INTO moved;
    -- If two offices, or an office and a card, do this at the same moment, the second one ends
    -- here.
    EXCEPTION WHEN unique_violation THEN RETURN 'account';
    END;
    IF moved IS NULL THEN RETURN 'taken'; END IF;
    UPDATE session s SET ended_at = now() WHERE s.account_id = moved AND s.ended_at IS NULL;
    DELETE FROM sign_in_step t WHERE t.account_id = moved;
    UPDATE code c SET ended_at = now()
        WHERE c.person_id = asker AND c.used_at IS NULL AND c.ended_at IS NULL;
    UPDATE registration q SET person_id = child WHERE q.person_id = asker;
    UPDATE person p SET given_name = '', family_name = '', ended_at = now() WHERE p.id = asker;
    r.person_id := child;
    PERFORM close_registration(r, 'approved', child, how);
    PERFORM ledger_change('student account opened', child, asking(), office_i_act_in(), NULL,
        proof_of_evidence(how));
    PERFORM tell_family_of(child, child, 'student account opened');
    RETURN 'approved';
END $$;

-- For the jobs process, each hour: notifies administrators of overdue requests, once a day by the
-- district's clock, on the next page and by email. Returns how many were notified. The page keeps
-- only the newest notice.
CREATE FUNCTION overdue_told() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account; counted bigint; done integer := 0; zone text := (SELECT time_zone FROM district);
BEGIN
    PERFORM pg_advisory_xact_lock(4117308, 0);  -- otherwise parallel calls would each notify
    FOR a IN SELECT c.* FROM account c
        WHERE c.side = 'staff' AND c.is_active
          AND c.person_id IN (SELECT w.person_id FROM administrator w)
        AND NOT EXISTS (SELECT FROM account_notice n
            WHERE n.account_id = c.id AND n.what = 'requests wait'
              AND (n.at AT TIME ZONE zone)::date = today())
    LOOP
        counted := overdue_for(a.person_id);
        CONTINUE WHEN counted = 0;
        DELETE FROM account_notice n WHERE n.account_id = a.id AND n.what = 'requests wait';
        PERFORM tell_account(a.person_id, 'staff', 'requests wait'),
            mail_account(a.id, 'overdue', '', counted::integer);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;

-- Notifies the district's administrators of a tutor's application, on the next page and by at most
-- one email a day. Anyone can send the form.
CREATE FUNCTION tell_of_application(a tutor_application) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM account_notice n
            WHERE n.account_id = c.id AND n.what = 'tutor applied' AND n.shown_at IS NULL)
                THEN tell_account(c.person_id, 'staff', 'tutor applied') END,
           CASE WHEN NOT EXISTS (SELECT FROM account_mail m
                   WHERE m.account_id = c.id AND m.kind = 'applied'
                     AND m.made_at > now() - interval '1 day')
                THEN mail_account(c.id, 'applied') END
    FROM account c WHERE c.side = 'staff' AND is_apart(c.person_id, a.person_id)
        AND c.person_id IN (SELECT w.person_id FROM administrator w
            WHERE decides_for(w.person_id, NULL))
$$;

GRANT EXECUTE ON FUNCTION answer_registration(uuid, text, uuid, text, text[], uuid),
    approve_exact(uuid[]) TO app;
GRANT EXECUTE ON FUNCTION register_student(text, text, text, jsonb) TO door;
GRANT EXECUTE ON FUNCTION overdue_told() TO jobs;
