-- The office masks a student (roster/masking.sql says what that does): at once by one administrator, signed in anew; undone by two.

-- Students of the schools whose administrator I am, but no child that I have to do with.
CREATE FUNCTION i_mask(student integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL OR is_of_school(student, 'student', o.school_id)) AND may_decide_about(student)
$$;

-- By the beginnings of names, twenty at most; asked in the list's order, as for staff (administrators.sql). A search is written down.
CREATE FUNCTION students_for_masking(words text) RETURNS TABLE (uuid uuid, name text, school text, is_masked boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) OR names_begin(words) IS NULL THEN RETURN; END IF;
    PERFORM ledger_change('people searched', NULL, asking(), 'administrator', NULL, '');
    RETURN QUERY
    SELECT w.uuid, w.name, coalesce((SELECT s.name FROM school s WHERE s.id = school_of_student(w.id)), ''), open_masking(w.id) IS NOT NULL
    FROM (SELECT p.id, p.uuid, full_name(p) AS name, lower(full_name(p)) AS place FROM person p
          WHERE p.id IN (SELECT people_found(words)) AND p.is_student ORDER BY place, p.id OFFSET 0) w
    WHERE i_mask(w.id) ORDER BY w.place, w.id LIMIT 20;
END $$;

-- The masking that runs, or will; one that is over by its date is none. NULL: none.
CREATE FUNCTION open_masking(student integer) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id FROM masking m WHERE m.student_id = student AND m.ended_at IS NULL AND (m.end_date IS NULL OR m.end_date > today())
$$;

-- One of them, as the form names her. No row for anybody out of reach.
CREATE FUNCTION student_for_masking(which uuid) RETURNS TABLE (name text, school text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT full_name(p), coalesce((SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), '')
    FROM person p WHERE p.uuid = which AND p.is_student AND i_mask(p.id)
$$;

-- Whether an alias would give the name away: a word of one is a word of the other, or holds it; spaces and accents hide nothing.
CREATE FUNCTION resembles_name(alias text, p person) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM regexp_split_to_table(name_words(alias), ' ') a,
             regexp_split_to_table(name_words(concat_ws(' ', p.given_name, p.middle_name, p.family_name, p.preferred_given_name, p.preferred_family_name)), ' ') r
        WHERE r <> '' AND a <> '' AND (a = r OR length(r) > 2 AND strpos(replace(name_words(alias), ' ', ''), r) > 0
                                       OR length(a) > 2 AND strpos(r, a) > 0))
$$;

CREATE FUNCTION is_name(typed text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(length(typed) BETWEEN 1 AND 60 AND typed ~ '[[:alpha:]]' AND typed !~ '[[:cntrl:]<>]', false)
$$;

-- 'masked'; 'name': no name; 'alike': it gives the real name away; 'used': a student of the school is called so; 'basis'; 'days': begins before
-- today, or ends before it begins; 'taken': masked already; 'again': the last proof of who it is has grown old; '' as for nobody there.
-- last: the last day it counts.
CREATE FUNCTION mask_student(which uuid, given text, family text, of_basis text, first date, last date) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p person; odd text; made integer;
BEGIN
    SELECT q.* INTO p FROM person q WHERE q.uuid = which AND q.is_student AND i_mask(q.id);
    IF p.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    odd := odd_masking(p, trim(given), trim(family), of_basis, first, last);
    IF odd <> '' THEN RETURN odd; END IF;
    UPDATE masking m SET ended_at = now() WHERE m.student_id = p.id AND m.ended_at IS NULL AND m.end_date <= today();  -- was over
    INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date, masked_by_id)
        VALUES (p.id, trim(given), trim(family), of_basis, first, last + 1, asking()) ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('student masked', p.id, asking(), 'administrator', NULL, '');  -- why stands in masking: every tie of the child reads this line
    RETURN 'masked';
END $$;

CREATE FUNCTION odd_masking(p person, given text, family text, of_basis text, first date, last date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN NOT is_name(given) OR NOT is_name(family) THEN 'name'
        WHEN resembles_name(given || ' ' || family, p) THEN 'alike'
        WHEN of_basis IS NULL OR of_basis <> ALL (ARRAY['address confidentiality', 'protective order', 'threat', 'other']) THEN 'basis'
        WHEN first IS NULL OR first < today() OR last < first THEN 'days'
        WHEN EXISTS (SELECT FROM people_called(given || ' ' || family) w JOIN person q ON q.id = w AND q.is_student AND q.ended_at IS NULL
                     JOIN role r ON r.person_id = q.id AND r.role = 'student' AND r.ended_at IS NULL AND is_of_school(p.id, 'student', r.school_id)
                     WHERE name_words(q.given_name || ' ' || q.family_name) = name_words(given || ' ' || family)) THEN 'used'
        ELSE '' END
$$;

-- Who is masked, or will be. waits: somebody proposed to end it.
CREATE FUNCTION maskings_shown() RETURNS TABLE (uuid uuid, name text, school text, alias text, basis text, first_day date, last_day date, masked_by text,
    begins boolean, waits boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.uuid, full_name(p), coalesce((SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), ''),
           m.given_name || ' ' || m.family_name, m.basis, m.start_date, m.end_date - 1, full_name(b), m.start_date > today(),
           EXISTS (SELECT FROM proposal q WHERE q.kind = 'unmasking' AND q.state = 'waiting' AND q.payload->>'masking' = m.uuid::text)
    FROM masking m JOIN person p ON p.id = m.student_id JOIN person b ON b.id = m.masked_by_id
    WHERE m.id = open_masking(p.id) AND i_mask(p.id) ORDER BY lower(full_name(p)), m.id LIMIT 500
$$;

-- 'proposed', 'taken', 'again', or ''. Two people, however long: who wants to find the child may have one of them.
CREATE FUNCTION propose_unmasking(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE m masking;
BEGIN
    SELECT q.* INTO m FROM masking q WHERE q.uuid = which AND q.id = open_masking(q.student_id) AND i_mask(q.student_id);
    IF m.id IS NULL THEN RETURN ''; END IF;
    RETURN propose('unmasking', m.student_id, school_of_student(m.student_id), jsonb_build_object('masking', which), why);
END $$;

-- Carries it out (two_people.sql). The alias stays written in its row: what was printed under it can still be told.
CREATE FUNCTION unmask(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE masking m SET ended_at = now(), ended_by_id = p.decided_by_id
        WHERE m.uuid = (p.payload->>'masking')::uuid AND m.student_id = p.person_id AND m.id = open_masking(p.person_id);
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('student unmasked', p.person_id, p.decided_by_id, office_of(p.decided_by_id), NULL, '');
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION students_for_masking(text), student_for_masking(uuid), mask_student(uuid, text, text, text, date, date), maskings_shown(),
    propose_unmasking(uuid, text) TO app;
