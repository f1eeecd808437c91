-- How somebody who registered comes to hold a tie: what was typed, whose record it may be, what an office answered. Nothing that the
-- asker is shown, and no time that passes, tells whether there is such a child (34 CFR 99.31(c): identity before access).

-- A parent's new account, which sees nothing, and her first request. The account's number, for the door to keep the password; 0: the
-- name is somebody else's; -1: there is no such letter's code; NULL: the district takes no registrations, or a field is out of bounds.
CREATE FUNCTION register(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF (SELECT registering FROM district) = 'closed' THEN RETURN NULL; END IF;
    IF coalesce(said->>'code', '') <> '' AND (letter_typed(said->>'code')).id IS NULL THEN RETURN -1; END IF;
    RETURN new_asker(given, family, name, 'family', said);
END $$;

CREATE FUNCTION new_asker(given text, family text, name text, on_side text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer; made bigint;
BEGIN
    IF trim(given) = '' OR trim(family) = '' OR length(given || family) > 200 THEN RETURN NULL; END IF;
    INSERT INTO person (given_name, family_name) VALUES (trim(given), trim(family)) RETURNING id INTO who;
    made := woken(who, on_side, name);
    IF made IS NULL OR NOT write_registration(who, said, on_side = 'student') THEN
        DELETE FROM account a WHERE a.id = made;
        DELETE FROM person p WHERE p.id = who;
        RETURN CASE WHEN made IS NULL THEN 0 END;
    END IF;
    PERFORM ledger_change('registered', NULL, who, on_side, NULL, '');
    RETURN made;
END $$;

-- Kept as it was typed. Whose record it may be is looked for later, by the jobs process: an answer at once would take longer for a child who is there.
-- of_self: a student asks about their own record, which no parent's form can say.
CREATE FUNCTION write_registration(who integer, said jsonb, of_self boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_school integer := (SELECT s.id FROM school s WHERE s.uuid = (said->>'school')::uuid AND s.kind = 'school' AND s.ended_at IS NULL);
    given text := trim(said->>'given_name'); family text := trim(said->>'family_name'); born date := said->>'birth_date';
    letter contact_code := letter_typed(coalesce(said->>'code', '')); asker text := CASE WHEN of_self THEN 'self' ELSE said->>'relation' END;
BEGIN
    IF of_school IS NULL OR coalesce(given, '') = '' OR coalesce(family, '') = '' OR length(given || family) > 200 OR born IS NULL
        OR born NOT BETWEEN make_date(extract(year FROM today())::integer - 25, 1, 2) AND today() OR NOT of_self AND registered_as(asker) IS NULL THEN RETURN false; END IF;
    INSERT INTO registration (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, phone, contact_code_id)
        VALUES (who, of_school, of_school, given, family, born, asker, left(coalesce(said->>'phone', ''), 40), letter.id);
    UPDATE contact_code k SET used_at = now() WHERE k.id = letter.id;
    RETURN true;
END $$;

-- The kind of tie that a relation stands for. Foster and agency ties, tutors and court cases come by the district alone.
CREATE FUNCTION registered_as(relation text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN relation IN ('mother', 'father', 'parent') THEN 'parent' WHEN relation = 'guardian' THEN 'guardian'
                WHEN relation IN ('grandmother', 'grandfather', 'aunt', 'uncle', 'relative') THEN 'caregiver by affidavit' END
$$;

-- ── For the family that asks ──
-- A further child, by somebody signed in: 'asked'; 'many' where ten wait; 'code': no such letter's code, or five wrong ones today; 'odd' where a field is out of bounds; '' on another side.
CREATE FUNCTION ask_for_child(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking();
BEGIN
    IF asking_side() IS DISTINCT FROM 'family' OR (SELECT registering FROM district) = 'closed' THEN RETURN ''; END IF;
    PERFORM hold(4117306, me);  -- or many at once would each count the others out
    IF (SELECT count(*) FROM registration r WHERE r.person_id = me AND r.state = 'waiting') >= 10 THEN RETURN 'many'; END IF;
    IF coalesce(said->>'code', '') <> '' THEN
        IF 5 <= (SELECT count(*) FROM letter_try t WHERE t.person_id = me AND t.at > now() - interval '1 day') THEN RETURN 'code'; END IF;
        IF (letter_typed(said->>'code')).id IS NULL THEN
            INSERT INTO letter_try (person_id) VALUES (me);
            RETURN 'code';
        END IF;
    END IF;
    RETURN CASE WHEN write_registration(me, said) THEN 'asked' ELSE 'odd' END;
END $$;

-- What I asked for, in my own words, the school too: where the request went would tell where the child is. Of an answer only yes or no, which reads the same for a child who is not there.
CREATE FUNCTION my_registrations() RETURNS TABLE (uuid uuid, child text, school text, asked_at timestamptz, state text, answered_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.uuid, r.child_given_name || ' ' || r.child_family_name, (SELECT s.name FROM school s WHERE s.id = r.school_id), r.asked_at, r.state, r.answered_at
    FROM registration r WHERE r.person_id = asking() AND asking_side() = side_of_request(r)
      AND (r.state = 'waiting' OR r.state = 'declined' AND r.answered_at > now() - interval '60 days') ORDER BY r.id
$$;

-- False: it is not one's own, or waits no more. A student's account is for nothing else, and closes with it: what was typed goes, and the name is free again.
CREATE FUNCTION withdraw_registration(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE taken registration;
BEGIN
    UPDATE registration r SET state = 'withdrawn', answered_at = now()
        WHERE r.uuid = which AND r.person_id = asking() AND asking_side() = side_of_request(r) AND r.state = 'waiting' RETURNING * INTO taken;
    IF taken.relation = 'self' THEN PERFORM close_asker(taken.person_id, 'student', 'the request was taken back'); END IF;
    RETURN taken.id IS NOT NULL;
END $$;

-- ── Whose record it may be ──
-- Students called so, or born that day with one of these names; by how much is the same.
CREATE FUNCTION students_like(given text, family text, born date) RETURNS TABLE (student_id integer, same_name boolean, same_birth boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, name_words(given) <> '' AND name_words(given) IN (name_words(p.given_name), name_words(p.preferred_given_name))
               AND name_words(family) <> '' AND name_words(family) IN (name_words(p.family_name), name_words(p.preferred_family_name)), coalesce(d.birth_date = born, false)
    FROM person p LEFT JOIN demographic d ON d.person_id = p.id AND d.ended_at IS NULL
    WHERE p.is_student AND p.ended_at IS NULL AND p.id IN (
        SELECT people_called(given || ' ' || family)
        UNION SELECT b.person_id FROM demographic b WHERE b.birth_date = born AND b.person_id IN (SELECT people_called(given) UNION SELECT people_called(family)))
$$;

-- Whose record a request may be about: students like what was typed, the one whom the letter's code names, and those who have a contact with the
-- asker's proven address or typed phone. fits: how much of it is the same.
CREATE FUNCTION students_for(r registration) RETURNS TABLE (student_id integer, same_name boolean, same_birth boolean, fits bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH alike AS (SELECT * FROM students_like(r.child_given_name, r.child_family_name, r.child_birth_date)),
         named AS (SELECT c.student_id FROM contact_code k JOIN contact c ON c.id = k.contact_id WHERE k.id = r.contact_code_id
                   UNION SELECT w FROM students_by_contact(r) w)
    SELECT w.student_id, coalesce(a.same_name, false), coalesce(a.same_birth, false), count(n.student_id) + coalesce(a.same_name, false)::integer + coalesce(a.same_birth, false)::integer
    FROM (SELECT student_id FROM alike UNION SELECT student_id FROM named) w LEFT JOIN alike a USING (student_id) LEFT JOIN named n USING (student_id)
    GROUP BY w.student_id, a.same_name, a.same_birth
$$;

-- Students one of whose contacts has the asker's proven address, or the phone that she typed; the name is not asked. Indexes answer, where
-- their expressions are repeated to the letter.
CREATE FUNCTION students_by_contact(r registration) RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine text := lower(address_of_family(r.person_id)); digits text := phone_end(r.phone);
BEGIN
    IF r.relation = 'self' THEN RETURN; END IF;
    RETURN QUERY SELECT c.student_id FROM contact c JOIN person p ON p.id = c.student_id AND p.ended_at IS NULL
        WHERE c.ended_at IS NULL AND NOT is_kept_confidential(c) AND c.id IN (
            SELECT o.id FROM contact o WHERE o.email <> '' AND lower(o.email) = mine
            UNION SELECT o.id FROM contact_detail d JOIN contact o ON o.person_id = d.person_id AND o.email = '' WHERE d.email <> '' AND lower(d.email) = mine
            UNION SELECT o.id FROM contact o WHERE o.phone <> '' AND right(regexp_replace(o.phone, '\D', '', 'g'), 10) = digits
            UNION SELECT o.id FROM contact_detail d JOIN contact o ON o.person_id = d.person_id AND o.phone = ''
                  WHERE d.phone <> '' AND right(regexp_replace(d.phone, '\D', '', 'g'), 10) = digits);
END $$;

-- The last ten digits, by which phones are compared, however they are written; NULL: they are fewer.
CREATE FUNCTION phone_end(typed text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT digits FROM right(regexp_replace(typed, '\D', '', 'g'), 10) digits WHERE length(digits) = 10
$$;

-- The one student of this name and birth date; none where two are.
CREATE FUNCTION student_of(r registration) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN count(*) = 1 THEN min(s.student_id) END
    FROM students_like(r.child_given_name, r.child_family_name, r.child_birth_date) s WHERE s.same_name AND s.same_birth
$$;

-- Whether the record itself vouches for who asks: for a student by has_own_address(); for a parent where her proven address is a contact's,
-- which no file changed for 14 days, and nobody is barred from the child, and nobody of the child's under challenge.
CREATE FUNCTION is_vouched_for(r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN r.relation = 'self' THEN has_own_address(r) ELSE r.student_id IS NOT NULL AND registered_as(r.relation) IN ('parent', 'guardian') AND EXISTS (
            SELECT FROM contact c LEFT JOIN contact_detail d ON d.person_id = c.person_id, lower(address_of_family(r.person_id)) mine
            WHERE c.student_id = r.student_id AND c.ended_at IS NULL AND is_called_parent(c) AND NOT is_kept_confidential(c)
              AND (mine = lower(c.email) AND is_settled(c.delivery_id) OR mine = lower(d.email) AND is_settled(d.delivery_id)))
        AND NOT EXISTS (SELECT FROM restriction x WHERE x.student_id = r.student_id AND (x.end_date IS NULL OR x.end_date > today()))
        AND NOT EXISTS (SELECT FROM challenge_case c WHERE c.student_id = r.student_id AND c.decided_at IS NULL)
        AND NOT is_closed_to_parents(r.student_id)
    END
$$;

-- Whether what this file wrote last has stood for 14 days: whoever slips an address into a file does not reach a child with it the same night.
CREATE FUNCTION is_settled(of_delivery integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT v.ended_at < now() - interval '14 days' FROM delivery v WHERE v.id = of_delivery), false)
$$;

-- Whoever proves an address is looked for anew: the record may vouch for her now.
CREATE FUNCTION match_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE registration r SET matched_at = NULL FROM account a WHERE a.id = NEW.account_id AND a.person_id = r.person_id AND r.state = 'waiting';
    RETURN NULL;
END $$;
CREATE TRIGGER address_proven AFTER INSERT OR UPDATE OF proven_at ON mail_address FOR EACH ROW WHEN (NEW.proven_at IS NOT NULL) EXECUTE FUNCTION match_again();

-- For the jobs process: the next request that nobody looked at yet, or whose asker has since proven an address. Those who are tied to
-- the child, and the child from grade 6, are told that somebody asks. False: none is left.
CREATE FUNCTION next_registration_matched() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r registration; was integer;
BEGIN
    SELECT * INTO r FROM registration WHERE state = 'waiting' AND matched_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    was := r.student_id;
    r.student_id := coalesce((SELECT c.student_id FROM contact_code k JOIN contact c ON c.id = k.contact_id WHERE k.id = r.contact_code_id), student_of(r));
    UPDATE registration SET matched_at = now(), student_id = r.student_id, is_exact = is_vouched_for(r) AND coalesce(student_of(r) = r.student_id, false),
        office_id = coalesce(school_of_student(r.student_id), r.school_id) WHERE id = r.id;
    IF r.student_id IS NOT NULL AND was IS NULL THEN PERFORM tell_of_request(r); END IF;
    IF approves_itself(r) THEN PERFORM tie_registered(r, r.student_id, 'code', ARRAY['grades', 'attendance', 'contacts', 'birth date', 'ledger']); END IF;
    RETURN true;
END $$;

CREATE FUNCTION school_of_student(child integer) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.school_id FROM role o JOIN school s ON s.id = o.school_id AND s.kind = 'school'
    WHERE o.person_id = child AND o.role = 'student' AND o.ended_at IS NULL ORDER BY o.is_primary DESC, o.id LIMIT 1
$$;

-- Of a parent's request those who are tied hear by mail, too; where nobody is, the record's contacts (letters.sql).
CREATE FUNCTION tell_of_request(r registration) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_family_of(r.student_id, r.person_id, CASE r.relation WHEN 'self' THEN 'student account asked' ELSE 'somebody asks' END);
    IF r.relation = 'self' THEN RETURN; END IF;
    PERFORM mail_of_request(told) FROM adults_told_of(r.student_id) told WHERE told <> r.person_id;
    IF NOT EXISTS (SELECT FROM adults_told_of(r.student_id) told WHERE told <> r.person_id) THEN PERFORM tell_contacts_of(r); END IF;
END $$;

-- One mail a day, however many ask.
CREATE FUNCTION mail_of_request(who integer) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT mail_account(a.id, 'asks') FROM account a WHERE a.person_id = who AND a.side = 'family' AND a.is_active
        AND NOT EXISTS (SELECT FROM account_mail m WHERE m.account_id = a.id AND m.kind = 'asks' AND m.made_at > now() - interval '1 day')
$$;

-- Whoever is tied to the child, and the child from grade 6; not the adult whom it is about.
CREATE FUNCTION tell_family_of(child integer, but_for integer, what text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_account(told, 'family', what) FROM adults_told_of(child) told WHERE told <> but_for;
    PERFORM tell_account(p.id, 'student', what) FROM person p WHERE p.id = child AND is_of_grade_6_or_more(p);
END $$;

-- Adults whose tie opens the child's record today; no tutor.
CREATE FUNCTION adults_told_of(student integer) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.adult_id FROM tie t WHERE t.student_id = student AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut AND t.kind <> 'tutor'
        AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today()) AND NOT is_restricted(t.adult_id, student)
$$;

CREATE FUNCTION is_of_grade_6_or_more(p person) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM unnest(p.grade_levels) g WHERE g ~ '^\d{1,2}$' AND g::integer >= 6)
$$;
GRANT EXECUTE ON FUNCTION register(text, text, text, jsonb) TO door;
GRANT EXECUTE ON FUNCTION ask_for_child(jsonb), my_registrations(), withdraw_registration(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_registration_matched() TO jobs;
