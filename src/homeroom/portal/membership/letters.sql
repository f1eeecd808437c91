-- Letters to the contacts of students, each with a code: who has it has the letter. A code proves possession, and nothing about who
-- somebody is: it fills the office's queue, or approves where the district chose so and the record's own address answered.

-- Whether a contact may get a letter: not one that the record keeps confidential, nor somebody barred from the child (34 CFR 99.4) or
-- called like somebody who is, nor of a student met by an alias: where in doubt, none.
CREATE FUNCTION may_get_letter(c contact) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.ended_at IS NULL AND NOT is_kept_confidential(c) AND name_of_contact(c) <> '' AND NOT is_closed_to_parents(c.student_id)
        AND NOT EXISTS (SELECT FROM masking m WHERE m.student_id = c.student_id AND counts_today(m)) AND NOT EXISTS (
        SELECT FROM restriction x JOIN person p ON p.id = x.person_id
        WHERE x.student_id = c.student_id AND (x.end_date IS NULL OR x.end_date > today())
          AND (p.id = c.person_id OR name_words(full_name(p)) = name_words(name_of_contact(c)) OR name_words(p.given_name || ' ' || p.family_name) = name_words(name_of_contact(c))))
$$;

CREATE FUNCTION name_of_contact(c contact) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(nullif(c.name, ''), (SELECT full_name(p) FROM person p WHERE p.id = c.person_id), '')
$$;

CREATE FUNCTION address_of_contact(c contact) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT lower(coalesce(nullif(c.email, ''), (SELECT d.email FROM contact_detail d WHERE d.person_id = c.person_id), ''))
$$;

-- Whether the record's own address of this contact has answered: somebody proved it as hers, and no file changed it for 14 days.
CREATE FUNCTION has_answered(c contact, who integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT address_of_contact(c) <> '' AND address_of_contact(c) = coalesce(lower(address_of_family(who)), '')
        AND is_settled(CASE WHEN c.email <> '' THEN c.delivery_id ELSE (SELECT d.delivery_id FROM contact_detail d WHERE d.person_id = c.person_id) END)
$$;

CREATE FUNCTION is_called_parent(c contact) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT lower(c.relationship) IN ('mother', 'father', 'parent', 'guardian', 'stepmother', 'stepfather', 'parent/guardian')
$$;

-- For an office: contacts of a school's students who may get a letter and see nothing yet, by child's name; a hundred from a number on, or of
-- the students whose names begin with these words. Never of a child with whom the
-- asker has to do. A list of names is written down. is_parent: as the record calls them.
CREATE FUNCTION contacts_for_letters(of_school uuid, after integer, words text)
RETURNS TABLE (number integer, contact uuid, name text, relation text, child text, is_parent boolean, printed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE of_place integer := (SELECT s.id FROM school s WHERE s.uuid = of_school AND s.ended_at IS NULL); mine integer[] := ARRAY(SELECT children_not_decided_by(asking()));
BEGIN
    IF of_place IS NULL OR NOT EXISTS (SELECT FROM schools_of_my_office() m WHERE m IS NULL OR m = of_place) THEN RETURN; END IF;
    PERFORM ledger_change('contacts listed', NULL, asking(), office_i_act_in(), NULL, of_school::text);
    RETURN QUERY
    SELECT w.place::integer, c.uuid, name_of_contact(c), c.relationship, full_name(p),
           is_called_parent(c),
           (SELECT max(k.made_at) FROM contact_code k WHERE k.contact_id = c.id AND k.used_at IS NULL AND k.ended_at IS NULL AND k.expires_at > now())
    FROM (SELECT c.id, p.id AS child, row_number() OVER (ORDER BY p.family_name, p.given_name, p.id, c.id) AS place
          FROM role r JOIN person p ON p.id = r.person_id AND p.ended_at IS NULL JOIN contact c ON c.student_id = p.id AND c.ended_at IS NULL
          WHERE r.school_id = of_place AND r.role = 'student' AND r.ended_at IS NULL AND p.id <> ALL (mine)
            AND (words = '' OR p.id IN (SELECT people_found(words)))
            AND NOT EXISTS (SELECT FROM tie t WHERE t.student_id = p.id AND t.adult_id = c.person_id AND t.state <> 'ended')) w
         JOIN contact c ON c.id = w.id JOIN person p ON p.id = w.child
    WHERE w.place > coalesce(after, 0) AND may_get_letter(c) ORDER BY w.place LIMIT 101;
END $$;

-- Keeps the hashes of new codes, one a contact; an earlier one that was not used ends. way: office, post, or child where the district ticked it.
-- The last moment they work; NULL: one of them is out of reach, nobody proved lately who it is, or more than a hundred at once.
CREATE FUNCTION print_letters(contacts uuid[], codes bytea[], by_way text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids integer[]; until timestamptz := now() + interval '21 days';
BEGIN
    ids := ARRAY(SELECT c.id FROM unnest(contacts) WITH ORDINALITY AS u (uuid, place) JOIN contact c ON c.uuid = u.uuid
                 WHERE may_get_letter(c) AND may_decide_about(c.student_id) AND (c.person_id IS NULL OR may_decide_about(c.person_id))
                   AND EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR is_of_school(c.student_id, 'student', s)) ORDER BY u.place);
    IF NOT is_fresh() OR cardinality(ids) NOT BETWEEN 1 AND 100 OR cardinality(ids) <> cardinality(contacts) OR cardinality(ids) <> cardinality(codes)
        OR by_way <> ALL (ARRAY['office', 'post', 'child']) OR by_way = 'child' AND NOT (SELECT letters_by_child FROM district)
        OR EXISTS (SELECT FROM unnest(codes) k WHERE length(k) <> 32) THEN RETURN NULL; END IF;
    UPDATE contact_code k SET ended_at = now() WHERE k.contact_id = ANY (ids) AND k.used_at IS NULL AND k.ended_at IS NULL;
    INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at)
        SELECT u.id, u.code, by_way, asking(), until FROM unnest(ids, codes) AS u (id, code);
    PERFORM ledger_change('letter printed', c.student_id, asking(), office_i_act_in(), NULL, by_way) FROM contact c WHERE c.id = ANY (ids);
    RETURN until;
END $$;

-- What stands on the letters: to whom, and the child's first name alone; in the order of contacts. Of no other adult anything.
CREATE FUNCTION contacts_on_letters(contacts uuid[]) RETURNS TABLE (name text, child text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT name_of_contact(c), first_name(p) FROM unnest(contacts) WITH ORDINALITY AS u (uuid, place) JOIN contact c ON c.uuid = u.uuid JOIN person p ON p.id = c.student_id
    WHERE EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR is_of_school(c.student_id, 'student', s)) AND may_decide_about(c.student_id)
        AND may_get_letter(c) ORDER BY u.place
$$;

-- The code that somebody typed, while it works, and locked: of two who type one code at once the second finds it used. No row for a
-- wrong, a used, an expired and a taken-back one alike, and for a contact who may no longer get a letter.
CREATE FUNCTION letter_typed(code text) RETURNS contact_code LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE k contact_code;
BEGIN
    IF code !~ '^[0-9a-f]{64}$' THEN RETURN NULL; END IF;
    SELECT * INTO k FROM contact_code o WHERE o.digest = decode(code, 'hex') FOR UPDATE;
    IF k.used_at IS NOT NULL OR k.ended_at IS NOT NULL OR k.expires_at <= now() OR NOT EXISTS (SELECT FROM contact c WHERE c.id = k.contact_id AND may_get_letter(c)) THEN
        RETURN NULL;
    END IF;
    RETURN k;
END $$;

-- Whether a request by a code approves itself: the district chose so; name and birth date as typed are the child's; the record's own
-- address of that contact answered; nobody is barred from the child, and nobody of it challenged.
CREATE FUNCTION approves_itself(r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (SELECT code_approves AND registering <> 'in person' FROM district) AND registered_as(r.relation) IN ('parent', 'guardian') AND EXISTS (
            SELECT FROM contact_code k JOIN contact c ON c.id = k.contact_id
            WHERE k.id = r.contact_code_id AND c.student_id = student_of(r) AND may_get_letter(c) AND is_called_parent(c) AND has_answered(c, r.person_id))
        AND NOT EXISTS (SELECT FROM restriction x WHERE x.student_id = student_of(r) AND (x.end_date IS NULL OR x.end_date > today()))
        AND NOT EXISTS (SELECT FROM challenge_case c WHERE c.student_id = student_of(r) AND c.decided_at IS NULL)
$$;

-- ── Who is told that somebody asks, where nobody is tied ──
-- The record's parents, or, where it names none, all contacts: by mail whoever proved the record's own address as hers, the others on paper.
CREATE FUNCTION tell_contacts_of(r registration) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c contact; known integer[];
BEGIN
    FOR c IN SELECT k.* FROM contact k WHERE k.student_id = r.student_id AND is_told_of(k, r) ORDER BY k.id LOOP
        known := ARRAY(SELECT a.person_id FROM mail_address m JOIN account a ON a.id = m.account_id AND a.side = 'family' AND a.is_active
                       WHERE lower(m.address) = address_of_contact(c) AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
                         AND has_answered(c, a.person_id) AND is_without_past(a.person_id, c.student_id));
        PERFORM tell_account(who, 'family', 'contact asked about'), mail_of_request(who) FROM unnest(known) who;
        IF known = '{}' THEN
            INSERT INTO paper_notice (student_id, contact_id) SELECT c.student_id, c.id
                WHERE NOT EXISTS (SELECT FROM paper_notice n WHERE n.contact_id = c.id AND n.printed_at IS NULL);
        END IF;
    END LOOP;
END $$;

-- Nobody who may get no letter, nor whoever asks: by the letter's code, or by the record's own address, which is hers.
CREATE FUNCTION is_told_of(c contact, r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT may_get_letter(c) AND NOT has_answered(c, r.person_id) AND NOT EXISTS (SELECT FROM contact_code k WHERE k.id = r.contact_code_id AND k.contact_id = c.id)
        AND (c.person_id IS NULL OR is_without_past(c.person_id, c.student_id))
        AND (is_called_parent(c) OR NOT EXISTS (SELECT FROM contact o WHERE o.student_id = c.student_id AND o.ended_at IS NULL AND is_called_parent(o)))
$$;

-- Nobody barred, and nobody whose tie to this child is suspended, ended or over: what goes on about the child is no longer theirs to hear.
CREATE FUNCTION is_without_past(who integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT is_restricted(who, child) AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = who AND t.student_id = child AND (t.state IN ('suspended', 'ended') OR t.end_date <= today()))
$$;
-- Whether the district lets a letter go home with the child: a setting, for everyone signed in.
CREATE FUNCTION letters_go_by_child() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF asking() IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT d.letters_by_child FROM district d);
END $$;
GRANT EXECUTE ON FUNCTION letters_go_by_child() TO app;
GRANT EXECUTE ON FUNCTION contacts_for_letters(uuid, integer, text), print_letters(uuid[], bytea[], text), contacts_on_letters(uuid[]) TO app;
