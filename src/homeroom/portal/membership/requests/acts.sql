-- A parent or a student asks for access. The jobs process finds out whose record the request is
-- about.

-- Makes a parent's account, which can't see any records, and the first request. Returns the
-- account's number, with which the door stores the password. 0: the username is taken. -1: no
-- letter has this code. NULL: the district takes no requests, or a field is not valid.
CREATE FUNCTION register(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF (SELECT registering FROM district) = 'closed' THEN RETURN NULL; END IF;
    IF coalesce(said->>'code', '') <> '' AND (letter_typed(said->>'code')).id IS NULL THEN
        RETURN -1;
    END IF;
    RETURN new_asker(given, family, name, 'family', said);
END $$;

CREATE FUNCTION new_asker(given text, family text, name text, on_side text, said jsonb)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer; made bigint;
BEGIN
    IF trim(given) = '' OR trim(family) = '' OR length(given || family) > 200 THEN
        RETURN NULL;
    END IF;
    INSERT INTO person (given_name, family_name) VALUES (trim(given), trim(family))
        RETURNING id INTO who;
    made := woken(who, on_side, name);
    IF made IS NULL OR NOT write_registration(who, said, on_side = 'student') THEN
        DELETE FROM account a WHERE a.id = made;
        DELETE FROM person p WHERE p.id = who;
        RETURN CASE WHEN made IS NULL THEN 0 END;
    END IF;
    PERFORM ledger_change('registered', NULL, who, on_side, NULL, '');
    RETURN made;
END $$;

-- Stores the request as typed. The jobs process looks for the record later, since an immediate
-- answer would take longer for a child who exists.
-- `of_self`: a student asks about their own record, which no parent's form can say.
CREATE FUNCTION write_registration(who integer, said jsonb, of_self boolean DEFAULT false)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_school integer := (SELECT s.id FROM school s
    WHERE s.uuid = (said->>'school')::uuid AND s.kind = 'school' AND s.ended_at IS NULL);
    given text := trim(said->>'given_name');
    family text := trim(said->>'family_name');
    born date := said->>'birth_date';
    letter contact_code := letter_typed(coalesce(said->>'code', ''));
    asker text := CASE WHEN of_self THEN 'self' ELSE said->>'relation' END;
BEGIN
    IF of_school IS NULL OR coalesce(given, '') = '' OR coalesce(family, '') = ''
        OR length(given || family) > 200 OR born IS NULL
        OR born NOT BETWEEN make_date(extract(year FROM today())::integer - 25, 1, 2) AND today()
        OR NOT of_self AND registered_as(asker) IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO registration (person_id, school_id, office_id, child_given_name, child_family_name,
        child_birth_date, relation, phone, contact_code_id)
        VALUES (who, of_school, of_school, given, family, born, asker,
            left(coalesce(said->>'phone', ''), 40), letter.id);
    UPDATE contact_code k SET used_at = now() WHERE k.id = letter.id;
    RETURN true;
END $$;

-- A signed-in person asks for another child. Returns 'asked'. 'many': ten requests wait. 'code': no
-- letter has this code, or five wrong ones within a day. 'odd': a field is not valid. '': not
-- signed in as family, or the district takes no requests.
CREATE FUNCTION ask_for_child(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking();
BEGIN
    IF asking_side() IS DISTINCT FROM 'family' OR (SELECT registering FROM district) = 'closed' THEN
        RETURN '';
    END IF;
    PERFORM hold(4117306, me);  -- otherwise parallel calls would not count each other
    IF (SELECT count(*) FROM registration r
        WHERE r.person_id = me AND r.state = 'waiting') >= 10 THEN
        RETURN 'many';
    END IF;
    IF coalesce(said->>'code', '') <> '' THEN
        IF 5 <= (SELECT count(*) FROM letter_try t
            WHERE t.person_id = me AND t.at > now() - interval '1 day') THEN
            RETURN 'code';
        END IF;
        IF (letter_typed(said->>'code')).id IS NULL THEN
            INSERT INTO letter_try (person_id) VALUES (me);
            RETURN 'code';
        END IF;
    END IF;
    RETURN CASE WHEN write_registration(me, said) THEN 'asked' ELSE 'odd' END;
END $$;

-- Returns false if the request is not the asker's own or no longer waits. A student's account has
-- no other use and closes with it. The typed data is deleted, and the username is free again.
CREATE FUNCTION withdraw_registration(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE taken registration;
BEGIN
    IF is_by_card() THEN RETURN false; END IF;
    IF which IN (SELECT r.uuid FROM registration r
        WHERE r.person_id = asking() OFFSET 0) IS NOT true THEN
        RETURN false;
    END IF;
    UPDATE registration r SET state = 'withdrawn', answered_at = now()
        WHERE r.uuid = which AND r.person_id = asking() AND asking_side() = side_of_request(r)
          AND r.state = 'waiting' RETURNING * INTO taken;
    IF taken.relation = 'self' THEN
        PERFORM close_asker(taken.person_id, 'student', 'the request was taken back');
    END IF;
    RETURN taken.id IS NOT NULL;
END $$;

-- For the jobs process: matches the next request that is new, or whose asker has since verified an
-- email. Adults with a tie to the child, and the child from grade 6, are notified that someone
-- asks. Returns false if none is left.
CREATE FUNCTION next_registration_matched() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE r registration; was integer;
BEGIN
    SELECT * INTO r FROM registration WHERE state = 'waiting' AND matched_at IS NULL ORDER BY id
    LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    was := r.student_id;
    r.student_id := coalesce((SELECT c.student_id
            FROM contact_code k JOIN contact c ON c.id = k.contact_id
            WHERE k.id = r.contact_code_id), student_of(r));
    UPDATE registration SET matched_at = now(), student_id = r.student_id,
        is_exact = (is_vouched_for(r) AND coalesce(student_of(r) = r.student_id, false)),
        office_id = coalesce(school_of_student(r.student_id), r.school_id) WHERE id = r.id;
    IF r.student_id IS NOT NULL AND was IS NULL THEN PERFORM tell_of_request(r); END IF;
    IF approves_itself(r) THEN
        PERFORM tie_registered(r, r.student_id, 'code',
            ARRAY['grades', 'attendance', 'contacts', 'birth date', 'ledger']);
    END IF;
    RETURN true;
END $$;

-- Adults with a tie also get an email about a parent's request. Without such adults, the record's
-- contacts are notified (membership/codes).
CREATE FUNCTION tell_of_request(r registration) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM tell_family_of(r.student_id, r.person_id,
        CASE r.relation WHEN 'self' THEN 'student account asked' ELSE 'somebody asks' END);
    IF r.relation = 'self' THEN RETURN; END IF;
    PERFORM mail_of_request(told) FROM adults_told_of(r.student_id) told WHERE told <> r.person_id;
    IF NOT EXISTS (SELECT FROM adults_told_of(r.student_id) told WHERE told <> r.person_id) THEN
        PERFORM tell_contacts_of(r);
    END IF;
END $$;

-- At most one email a day, however many people ask.
CREATE FUNCTION mail_of_request(who integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT mail_account(a.id, 'asks') FROM account a
    WHERE a.person_id = who AND a.side = 'family' AND a.is_active
        AND NOT EXISTS (SELECT FROM account_mail m
            WHERE m.account_id = a.id AND m.kind = 'asks' AND m.made_at > now() - interval '1 day')
$$;

-- Returns the typed code, locked, if it works. If two people type one code at the same moment, the
-- second one finds it used. Returns NULL for a wrong, used, expired or withdrawn code alike, and if
-- the contact may no longer get a letter.
CREATE FUNCTION letter_typed(code text) RETURNS contact_code LANGUAGE plpgsql VOLATILE AS $$
DECLARE k contact_code;
BEGIN
    IF code !~ '^[0-9a-f]{64}$' THEN RETURN NULL; END IF;
    SELECT * INTO k FROM contact_code o WHERE o.digest = decode(code, 'hex') FOR UPDATE;
    IF k.used_at IS NOT NULL OR k.ended_at IS NOT NULL OR k.expires_at <= now()
        OR NOT EXISTS (SELECT FROM contact c WHERE c.id = k.contact_id AND may_get_letter(c)) THEN
        RETURN NULL;
    END IF;
    RETURN k;
END $$;

-- Notifies contacts that someone asks, if no adult has a tie.
-- These are the record's parents, or all contacts if it names none. Contacts who verified the
-- record's own address get an email, the others a paper notice.
CREATE FUNCTION tell_contacts_of(r registration) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact; known integer[];
BEGIN
    FOR c IN SELECT k.* FROM contacts_once(r.student_id) k WHERE is_told_of(k, r)
        ORDER BY k.id LOOP
        known := ARRAY(SELECT DISTINCT a.person_id
            FROM rows_of_contact(c) o
                JOIN mail_address m ON lower(m.address) = address_of_contact(o)
                JOIN account a ON a.id = m.account_id
            -- The index of verified emails has these two conditions of m.
            WHERE m.proven_at IS NOT NULL AND m.ended_at IS NULL AND o.ended_at IS NULL
                AND has_answered(o, a.person_id)
                AND is_without_past(a.person_id, c.student_id));
        PERFORM tell_account(who, 'family', 'contact asked about'), mail_of_request(who)
            FROM unnest(known) who;
        IF known = '{}' THEN
            INSERT INTO paper_notice (student_id, contact_id) SELECT c.student_id, c.id
                WHERE NOT EXISTS (SELECT FROM paper_notice n
                    WHERE n.contact_id IN (SELECT o.id FROM rows_of_contact(c) o)
                      AND n.printed_at IS NULL);
        END IF;
    END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION register(text, text, text, jsonb) TO door;
GRANT EXECUTE ON FUNCTION ask_for_child(jsonb), withdraw_registration(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_registration_matched() TO jobs;
