-- An office answers requests: claim beside record, one at a time; or together those for which the record vouches (registering.sql).

-- Whether a request is my office's: of a school whose registrar I am, or of the district. Never about my own child, a child whom I am
-- barred from, an adult of such a child, or myself under another account.
CREATE FUNCTION may_answer_registration(r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR s = r.office_id)
        AND may_decide_about(r.person_id) AND (r.student_id IS NULL OR may_decide_about(r.student_id)) AND r.person_id NOT IN (SELECT people_like(asking()))
$$;

-- How many wait, by kind. A principal reads what the offices of the school answered, and answers nothing.
CREATE FUNCTION registrations_counted(of_school uuid) RETURNS TABLE (to_check bigint, exact bigint, overdue bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE NOT r.is_exact), count(*) FILTER (WHERE r.is_exact), count(*) FILTER (WHERE r.asked_at < (SELECT overdue_from()))
    FROM registration r WHERE r.state = 'waiting' AND r.office_id = ANY ((SELECT schools_i_approve_for(of_school))::integer[])
      AND r.person_id <> ALL ((SELECT people_i_do_not_decide_on())::integer[])
      AND (r.student_id IS NULL OR r.student_id <> ALL (ARRAY(SELECT children_not_decided_by(asking()))))
$$;

-- Schools whose requests I see; of one school only that.
CREATE FUNCTION schools_i_approve_for(of_school uuid) RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ARRAY(SELECT s.id FROM school s WHERE (of_school IS NULL OR s.uuid = of_school) AND EXISTS (SELECT FROM schools_of_my_office() m WHERE m IS NULL OR m = s.id))
$$;

-- Myself, whoever may be myself, and other adults of the children whom I have to do with: may_answer_registration(), for a whole list at once.
CREATE FUNCTION people_i_do_not_decide_on() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ARRAY(SELECT asking() UNION SELECT people_like(asking()) UNION SELECT adults_around(ARRAY(SELECT children_not_decided_by(asking()))))
$$;

-- Who has the name, or the proven address, of somebody: whoever registers at the door is a person anew, and nobody approves herself.
CREATE FUNCTION people_like(who integer) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id FROM person me JOIN person p ON p.id IN (SELECT people_called(me.given_name || ' ' || me.family_name))
    WHERE me.id = who AND p.id <> who AND NOT p.is_student AND name_words(p.given_name || ' ' || p.family_name) = name_words(me.given_name || ' ' || me.family_name)
    UNION SELECT b.person_id FROM account a JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
        JOIN mail_address n ON lower(n.address) = lower(m.address) AND n.proven_at IS NOT NULL AND n.ended_at IS NULL JOIN account b ON b.id = n.account_id
        WHERE a.person_id = who AND b.person_id <> who
$$;

-- The queue, oldest first; of the answered ones the newest first, for principals too. after: the last row of the page before. Planned for
-- each question by itself: one plan for both orders sorts all that wait.
CREATE FUNCTION registrations_shown(which text, of_school uuid, after integer)
RETURNS TABLE (number integer, uuid uuid, adult text, child text, school text, asked_at timestamptz, has_match boolean, state text, answered_at timestamptz, answerer text, evidence text,
    is_self boolean, is_overdue boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE schools integer[] := schools_i_approve_for(of_school); nobody integer[] := people_i_do_not_decide_on(); mine integer[] := ARRAY(SELECT children_not_decided_by(asking()));
BEGIN
    IF which = 'answered' THEN
        schools := schools || ARRAY(SELECT d.school_id FROM my_duties() d JOIN school s ON s.id = d.school_id
                                    WHERE d.duty = 'principal' AND (of_school IS NULL OR s.uuid = of_school));
    END IF;
    RETURN QUERY
    SELECT r.id, r.uuid, full_name(p), r.child_given_name || ' ' || r.child_family_name, s.name, r.asked_at, r.student_id IS NOT NULL, r.state, r.answered_at,
           (SELECT full_name(w) FROM person w WHERE w.id = r.answered_by_id), r.evidence,
           r.relation = 'self', r.state = 'waiting' AND r.asked_at < (SELECT overdue_from())
    FROM (SELECT q.* FROM registration q
          WHERE q.office_id = ANY (schools) AND q.person_id <> ALL (nobody) AND (q.student_id IS NULL OR q.student_id <> ALL (mine))
            AND CASE which WHEN 'answered' THEN q.state IN ('approved', 'declined') AND (after IS NULL OR q.id < after)
                           ELSE q.state = 'waiting' AND q.is_exact = (which = 'exact') AND (after IS NULL OR q.id > after) END
          ORDER BY CASE which WHEN 'answered' THEN -q.id ELSE q.id END LIMIT 51) r
         JOIN person p ON p.id = r.person_id LEFT JOIN school s ON s.id = r.office_id
    ORDER BY CASE which WHEN 'answered' THEN -r.id ELSE r.id END;
END $$;

-- One request as it was typed; what the asker has proven; who answered it already.
CREATE FUNCTION registration_shown(which uuid) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('adult', full_name(p), 'first_name', p.given_name, 'relation', r.relation, 'phone', r.phone, 'asked_at', r.asked_at, 'state', r.state,
        'child', r.child_given_name || ' ' || r.child_family_name, 'birth_date', r.child_birth_date, 'school', (SELECT s.name FROM school s WHERE s.id = r.school_id),
        'answered_at', r.answered_at, 'answerer', (SELECT full_name(w) FROM person w WHERE w.id = r.answered_by_id), 'is_exact', r.is_exact,
        'letter_to', (SELECT name_of_contact(c) FROM contact_code k JOIN contact c ON c.id = k.contact_id WHERE k.id = r.contact_code_id),
        'address', address_of_asker(r))
    FROM registration r JOIN person p ON p.id = r.person_id WHERE r.uuid = which AND r.child_birth_date IS NOT NULL AND may_answer_registration(r)
$$;

-- Students whom it may be about, likeliest first, five at most, as far as a look opened them: the record beside the claim. Of contacts the
-- one that fits the asker best, and no other adult's data; of a restriction only that there is one.
CREATE FUNCTION records_beside(which uuid)
RETURNS TABLE (student uuid, name text, birth_date date, school text, grade_levels text[], same_name boolean, same_birth boolean, is_barred boolean, is_tied boolean, contact jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, full_name(p), (SELECT d.birth_date FROM demographic d WHERE d.person_id = p.id), s.name, p.grade_levels, l.same_name, l.same_birth,
           EXISTS (SELECT FROM restriction x WHERE x.student_id = p.id AND (x.end_date IS NULL OR x.end_date > today())),
           CASE WHEN r.relation = 'self' THEN has_student_account(p.id) ELSE EXISTS (SELECT FROM tie t WHERE t.student_id = p.id AND t.adult_id = r.person_id
                                                                                               AND t.state <> 'ended' AND (t.end_date IS NULL OR t.end_date > today())) END,
           CASE WHEN r.relation = 'self' THEN details_beside(p.id) ELSE contact_beside(r, p.id) END
    FROM registration r, students_for(r) l JOIN person p ON p.id = l.student_id
         LEFT JOIN school s ON s.id = school_of_student(p.id)
    WHERE r.uuid = which AND may_answer_registration(r) AND p.id = ANY (opened('birth date'))
    ORDER BY l.fits DESC, l.same_birth DESC, p.id LIMIT 5
$$;

-- By the asker's given name, or by her proven address: not by a family name that another adult of the child has too.
CREATE FUNCTION contact_beside(r registration, child integer) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('name', f.name, 'relation', f.relationship, 'email', f.email, 'phone', f.phone) FROM (
        SELECT c.id, c.relationship, coalesce(nullif(c.name, ''), full_name(w)) AS name, coalesce(nullif(c.email, ''), d.email, '') AS email,
               coalesce(nullif(c.phone, ''), d.phone, '') AS phone
        FROM contact c LEFT JOIN person w ON w.id = c.person_id LEFT JOIN contact_detail d ON d.person_id = c.person_id
        WHERE c.student_id = child AND c.ended_at IS NULL AND NOT is_kept_confidential(c)) f
        JOIN person p ON p.id = r.person_id
    WHERE name_words(p.given_name) = ANY (regexp_split_to_array(name_words(f.name), ' ')) OR lower(f.email) = lower(address_of_family(p.id))
       OR phone_end(f.phone) = phone_end(r.phone)
    ORDER BY lower(f.email) = lower(address_of_family(p.id)) DESC NULLS LAST, f.id LIMIT 1
$$;

-- The proven address of somebody's family account; NULL: none.
CREATE FUNCTION address_of_family(who integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.address FROM account a JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
    WHERE a.person_id = who AND a.side = 'family' AND a.is_active
$$;

-- How an office saw who it is, and what that proves of the tie. Of a paper only that it was seen.
CREATE FUNCTION proof_of_evidence(evidence text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN evidence IN ('photo id', 'known', 'affidavit') THEN 'in person' WHEN evidence IN ('called back', 'record') THEN 'district record' WHEN evidence = 'code' THEN 'code' END
$$;

-- A request that was challenged, whose adult an administrator then saw: in person, however it is approved.
CREATE FUNCTION proof_of_request(r registration, how text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM challenge c WHERE c.registration_id = r.id AND c.outcome = 'restored') THEN 'in person' ELSE proof_of_evidence(how) END
$$;

-- By one person of an office. 'approved', 'declined'; 'taken': answered already; 'barred': a restriction stands; 'challenged': the family says it should not be; 'tied': there is a tie
-- already; 'account': the student has one; 'accounts': the student has no parent accounts;
-- 'evidence': not how this district wants it seen; 'again': the last proof of who you are has grown old; '' as for nothing there.
CREATE FUNCTION answer_registration(which uuid, verdict text, about uuid, how text, kinds text[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r registration; child integer := (SELECT p.id FROM person p WHERE p.uuid = about AND p.id = ANY (opened('birth date')));
BEGIN
    SELECT * INTO r FROM registration WHERE uuid = which FOR UPDATE;
    IF r.id IS NULL OR NOT may_answer_registration(r) OR verdict NOT IN ('approved', 'declined') THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF r.state <> 'waiting' THEN RETURN 'taken'; END IF;
    IF verdict = 'declined' THEN
        PERFORM close_registration(r, 'declined', NULL, '');
        RETURN 'declined';
    END IF;
    IF child IS NULL OR child NOT IN (SELECT l.student_id FROM students_for(r) l) THEN RETURN ''; END IF;
    IF proof_of_evidence(how) IS NULL OR how = 'record' OR how = 'code' AND r.contact_code_id IS NULL OR registering_for(r) = 'in person' AND proof_of_evidence(how) <> 'in person'
        OR coalesce(registered_as(r.relation) = 'caregiver by affidavit', false) <> (how = 'affidavit') THEN RETURN 'evidence'; END IF;
    RETURN tie_registered(r, child, how, kinds);
END $$;

-- Whether this district lets an office approve together what the record vouches for: not where it wants everybody seen.
CREATE FUNCTION approves_together(r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT registering_for(r) <> 'in person'
$$;

-- Requests that the record vouches for, together; one that no longer is goes back among those to check. How many were approved.
CREATE FUNCTION approve_exact(which uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r registration; done integer := 0;
BEGIN
    IF NOT is_fresh() THEN RETURN 0; END IF;
    FOR r IN SELECT q.* FROM registration q WHERE q.uuid = ANY (which) AND q.state = 'waiting' AND q.is_exact ORDER BY q.id FOR UPDATE LOOP
        CONTINUE WHEN NOT may_answer_registration(r) OR NOT approves_together(r);
        IF student_of(r) IS DISTINCT FROM r.student_id OR NOT is_vouched_for(r) THEN
            UPDATE registration SET is_exact = false WHERE id = r.id;
        ELSIF tie_registered(r, r.student_id, 'record', ARRAY['grades', 'attendance', 'contacts', 'birth date', 'ledger']) = 'approved' THEN
            done := done + 1;
        END IF;
    END LOOP;
    RETURN done;
END $$;

-- Whether the family's challenge keeps this adult from the child, whichever request or tie it named: while it is open; and within a year after it
-- ended a tie or a request, unless the record has the adult, and an administrator decides.
CREATE FUNCTION is_disputed(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM challenge_case c WHERE c.adult_id = adult AND c.student_id = child
        AND (c.decided_at IS NULL OR c.outcome = 'ended' AND c.decided_at > now() - interval '1 year'
             AND NOT (is_on_record(adult, child) AND EXISTS (SELECT FROM my_offices()))))
$$;

-- The tie, whoever decided. A restriction denies over everything (34 CFR 99.4). A caregiver by affidavit (Fam. Code 6550) reads; consent,
-- correction and challenge are a parent's or guardian's (Ed. Code 49061). Of somebody whom the record keeps confidential the tie is, too.
CREATE FUNCTION tie_registered(r registration, child integer, how text, kinds text[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made integer; of_kind text := registered_as(r.relation); is_holder boolean := of_kind IN ('parent', 'guardian');
BEGIN
    IF r.relation = 'self' THEN RETURN open_student_account(r, child, how); END IF;
    IF is_restricted(r.person_id, child) THEN RETURN 'barred'; END IF;
    IF is_disputed(r.person_id, child) THEN RETURN 'challenged'; END IF;
    IF is_closed_to_parents(child) THEN RETURN 'accounts'; END IF;
    PERFORM end_if_over(r.person_id, child);
    INSERT INTO tie (uuid, adult_id, student_id, kind, relation, basis, start_date, view_kinds, may_consent, may_correct, may_challenge, proof, state, is_confidential, approved_at, approved_by_id)
        SELECT gen_random_uuid(), r.person_id, child, of_kind, r.relation, how, today(),
               ARRAY(SELECT k FROM unnest(ARRAY['grades', 'attendance', 'contacts', 'birth date', 'ledger']) k WHERE k = ANY (kinds) OR k = 'ledger'),
               is_holder, is_holder, is_holder, proof_of_request(r, how), 'approved', is_kept_secret(r.person_id, child), now(), asking()
        ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN 'tied'; END IF;
    PERFORM close_registration(r, 'approved', child, how);
    PERFORM ledger_change('tie made', child, asking(), CASE WHEN asking() IS NULL THEN 'letter' ELSE office_i_act_in() END, made, proof_of_request(r, how));
    PERFORM tell_family_of(child, r.person_id, 'parent added');
    RETURN 'approved';
END $$;

CREATE FUNCTION close_registration(r registration, became text, child integer, how text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE registration SET state = became, student_id = coalesce(child, student_id), evidence = how, answered_at = now(), answered_by_id = asking() WHERE id = r.id;
    IF became = 'declined' THEN PERFORM ledger_change('request declined', NULL, asking(), office_i_act_in(), NULL, r.uuid::text); END IF;
    PERFORM tell_account(r.person_id, side_of_request(r), 'request answered');
    PERFORM mail_account(a.id, 'answered') FROM account a WHERE a.person_id = r.person_id AND a.side = side_of_request(r);
END $$;
GRANT EXECUTE ON FUNCTION registrations_counted(uuid), registrations_shown(text, uuid, integer), registration_shown(uuid), records_beside(uuid),
    answer_registration(uuid, text, uuid, text, text[]), approve_exact(uuid[]) TO app;
