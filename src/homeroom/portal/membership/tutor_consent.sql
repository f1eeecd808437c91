-- The family's side of tutors: who sees that one asks, who may consent, and how a tutor's access ends: by any of the child's family, by
-- the district, with the day or the term, and with the tie of whoever consented.

-- What somebody may do about this child's tutors: see and end by any open tie but a tutor's own, and as the student; consent by an
-- approved tie with that right alone, so not while it is challenged, or as a student who is 18 (34 CFR 99.5(a)(1)), signed in otherwise than by
-- a card, which a teacher prints.
CREATE FUNCTION my_say_on_tutors(child uuid) RETURNS TABLE (student_id integer, tie_id integer, may_consent boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.student_id, t.id, t.may_consent AND t.state = 'approved' FROM open_ties() t JOIN person p ON p.id = t.student_id
    WHERE p.uuid = child AND t.kind <> 'tutor'
    UNION ALL
    SELECT p.id, NULL, is_of_age(p.id) AND (SELECT s.method FROM asking_session s) <> 'card' FROM person p WHERE p.uuid = child AND p.id = asking() AND asking_side() = 'student' AND p.ended_at IS NULL AND is_readable(p.id, p.id)
$$;

-- Whether the consent that a tutor's tie rests on stands: while the tie of whoever gave it is open and has that right, or the student who gave
-- it is of age. A tie without one is the district's own.
CREATE FUNCTION consent_stands(tutoring integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM tutor_consent c LEFT JOIN tie g ON g.id = c.consenter_tie_id
                       WHERE c.tie_id = tutoring AND (g.id IS NULL AND NOT is_of_age(c.consenter_id) OR g.state NOT IN ('approved', 'under challenge')
                                                      OR g.end_date <= today() OR g.is_shut OR NOT g.may_consent OR is_restricted(g.adult_id, g.student_id)))
$$;

-- Requests of tutors, for those who may answer them.
CREATE FUNCTION tutor_requests_of(child uuid)
RETURNS TABLE (uuid uuid, name text, organization text, kinds text[], purpose text, last_day date, asked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.uuid, full_name(p), a.organization, ARRAY(SELECT unnest(r.kinds) INTERSECT SELECT unnest(tutor_kinds()) ORDER BY 1), r.purpose, r.last_day, r.asked_at
    FROM my_say_on_tutors(child) s JOIN tutor_request r ON r.student_id = s.student_id AND s.may_consent AND r.state = 'waiting'
         JOIN person p ON p.id = r.person_id JOIN tutor_application a ON a.person_id = p.id
    WHERE is_tutor(p.id) AND p.id <> asking() AND r.asked_at > now() - interval '14 days' AND r.last_day >= today() AND NOT is_restricted(p.id, r.student_id)
    ORDER BY r.id
$$;

-- Who reads as a tutor now. relation: of whoever consented, never the name; NULL where the record keeps that adult confidential, or the
-- district made the tie.
CREATE FUNCTION tutors_of(child uuid)
RETURNS TABLE (uuid uuid, name text, organization text, kinds text[], purpose text, last_day date, relation text, is_mine boolean, signed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.uuid, full_name(p), coalesce(c.organization, ''), t.view_kinds, coalesce(c.purpose, ''), t.end_date - 1,
           CASE WHEN c.tie_id IS NOT NULL AND g.id IS NULL THEN 'student' WHEN NOT g.is_confidential THEN coalesce(nullif(g.relation, ''), g.kind) END, coalesce(c.consenter_id = asking(), false), c.signed_at
    FROM my_say_on_tutors(child) s JOIN tie t ON t.student_id = s.student_id AND t.kind = 'tutor' JOIN person p ON p.id = t.adult_id
         LEFT JOIN tutor_consent c ON c.tie_id = t.id LEFT JOIN tie g ON g.id = c.consenter_tie_id
    WHERE t.state IN ('approved', 'under challenge') AND (t.end_date IS NULL OR t.end_date > today()) AND NOT t.is_confidential AND consent_stands(t.id)
    ORDER BY p.given_name, t.id
$$;

-- 34 CFR 99.30(a), (b), (d): which records, what for, to whom, signed and dated, by somebody whom the sign-in identified just now. Of
-- the kinds that were asked for those that were ticked, and never more. 'given'; 'kinds', 'signature': what is missing; 'taken':
-- answered meanwhile; 'tied': this adult is tied to the child already; 'again': the last proof of who it is has grown old; '' as for
-- nothing there.
CREATE FUNCTION give_consent(child uuid, which uuid, ticked text[], signed text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r tutor_request; s record; made tie;
BEGIN
    -- Locked: of a consent and an end of the same tie, of two answers, of a consent and the end of an approval the second waits.
    SELECT * INTO r FROM tutor_request q WHERE q.uuid = which FOR UPDATE;
    PERFORM FROM tie t WHERE t.adult_id = asking() AND t.student_id = r.student_id FOR UPDATE;
    PERFORM FROM tutor_application a WHERE a.person_id = r.person_id FOR SHARE;
    PERFORM FROM district FOR SHARE;
    SELECT * INTO s FROM my_say_on_tutors(child) m WHERE m.may_consent AND m.student_id = r.student_id;
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF NOT EXISTS (SELECT FROM tutor_requests_of(child) o WHERE o.uuid = which) THEN RETURN 'taken'; END IF;
    IF ticked = '{}' OR NOT ticked <@ r.kinds OR NOT ticked <@ tutor_kinds() THEN RETURN 'kinds'; END IF;
    IF name_words(signed) IS DISTINCT FROM (SELECT name_words(full_name(p)) FROM person p WHERE p.id = asking()) THEN RETURN 'signature'; END IF;
    PERFORM end_if_over(r.person_id, r.student_id);  -- last term's
    INSERT INTO tie (uuid, adult_id, student_id, kind, relation, basis, start_date, end_date, view_kinds, may_consent, may_correct, may_challenge, proof, state,
                     is_confidential, approved_at, approved_by_id)
        SELECT gen_random_uuid(), r.person_id, r.student_id, 'tutor', 'tutor', 'consent', today(), least(r.last_day + 1, end_of_term()),
               ARRAY(SELECT DISTINCT unnest(ticked) ORDER BY 1), false, false, false, 'district record', 'approved', false, now(), asking()
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'tied'; END IF;
    PERFORM write_consent(r, made, s.tie_id, signed);
    RETURN 'given';
END $$;

-- What was signed, in the child's ledger, and to whoever sees the child.
CREATE FUNCTION write_consent(r tutor_request, made tie, by_tie integer, signed text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO tutor_consent (tie_id, request_id, consenter_id, consenter_tie_id, organization, kinds, purpose, last_day, signature)
        SELECT made.id, r.id, asking(), by_tie, a.organization, made.view_kinds, r.purpose, made.end_date - 1, trim(signed)
        FROM tutor_application a WHERE a.person_id = r.person_id;
    UPDATE tutor_request SET state = 'consented', answered_at = now(), answered_by_id = asking() WHERE id = r.id;
    PERFORM ledger_change('tutor let in', r.student_id, asking(), asking_side(), by_tie, 'consent'), tell_family_of(r.student_id, asking(), 'tutor let in'),
        tell_in_challenge(r.person_id, 'family', 'tutor consent');
END $$;

CREATE FUNCTION decline_tutor(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r tutor_request;
BEGIN
    SELECT * INTO r FROM tutor_request q WHERE q.uuid = which FOR UPDATE;
    IF NOT EXISTS (SELECT FROM my_say_on_tutors(child) m WHERE m.may_consent AND m.student_id = r.student_id) THEN RETURN ''; END IF;
    UPDATE tutor_request SET state = 'declined', answered_at = now(), answered_by_id = asking() WHERE id = r.id AND state = 'waiting';
    RETURN CASE WHEN FOUND THEN 'declined' ELSE 'taken' END;
END $$;

-- By any of the child's family, and by the student: 'ended'; 'card': signed in by a card, which a teacher prints; 'taken': it had ended; '' as for nothing there.
CREATE FUNCTION end_tutor(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t tie; s record;
BEGIN
    SELECT * INTO t FROM tie q WHERE q.uuid = which AND q.kind = 'tutor' FOR UPDATE;
    SELECT * INTO s FROM my_say_on_tutors(child) m WHERE m.student_id = t.student_id;
    IF s.student_id IS NULL OR t.is_confidential THEN RETURN ''; END IF;
    IF (SELECT a.method FROM asking_session a) = 'card' THEN RETURN 'card'; END IF;
    RETURN stop_tutor(t.id, asking(), asking_side(), s.tie_id, 'ended');
END $$;

-- Ends a tutor's tie: the tutor is told, and whoever sees the child. by_person NULL: by a rule.
CREATE FUNCTION stop_tutor(which integer, by_person integer, capacity text, by_tie integer, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t tie;
BEGIN
    UPDATE tutor_consent c SET ended_by_id = by_person WHERE c.tie_id = which AND c.ended_at IS NULL;
    UPDATE tie SET state = 'ended', end_date = least(end_date, today()) WHERE id = which AND state <> 'ended' RETURNING * INTO t;
    IF t.id IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('tutor ended', t.student_id, by_person, capacity, by_tie, why), tell_family_of(t.student_id, coalesce(by_person, 0), 'tutor ended'),
        tell_in_challenge(t.adult_id, 'family', 'tie ended');
    RETURN 'ended';
END $$;

-- However a tie ends: the consent that made it ends with it, and so do the tutors who rest on a consent that was given by it.
CREATE FUNCTION end_what_rests_on_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE tutor_consent SET ended_at = now() WHERE tie_id = NEW.id AND ended_at IS NULL;
    PERFORM stop_tutor(c.tie_id, NULL, 'consent', NULL, 'consent over') FROM tutor_consent c WHERE c.consenter_tie_id = NEW.id AND c.ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER consent_over AFTER UPDATE OF state ON tie FOR EACH ROW WHEN (NEW.state = 'ended' AND OLD.state <> 'ended') EXECUTE FUNCTION end_what_rests_on_consent();

CREATE FUNCTION keep_as_signed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a consent stays as it was signed: end it, and ask anew';
END $$;
CREATE TRIGGER consent_as_signed BEFORE UPDATE OF tie_id, request_id, consenter_id, consenter_tie_id, organization, kinds, purpose, last_day, signature, signed_at
    ON tutor_consent FOR EACH ROW EXECUTE FUNCTION keep_as_signed();
GRANT EXECUTE ON FUNCTION my_say_on_tutors(uuid), tutor_requests_of(uuid), tutors_of(uuid), give_consent(uuid, uuid, text[], text), decline_tutor(uuid, uuid), end_tutor(uuid, uuid) TO app;
