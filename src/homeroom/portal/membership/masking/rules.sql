-- Which students an office may mask, and what an alias may be.

-- Returns the students among these at schools where I am an administrator, without children I may
-- not decide about. One call serves a whole list.
CREATE FUNCTION students_i_mask(among integer[]) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT students_at(ARRAY(SELECT o.school_id FROM my_offices() o), among);
END $$;

CREATE FUNCTION i_mask(student integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT students_i_mask(ARRAY[student]));
END $$;

-- The masking that is current or begins later, or NULL. One that is over by its date does not
-- count.
CREATE FUNCTION open_masking(student integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT m.id FROM masking m
    WHERE m.student_id = student AND m.ended_at IS NULL
      AND (m.end_date IS NULL OR m.end_date > today())
$$;

-- Whether an alias reveals the name: a word of one is a word of the other, or contains it. Spaces
-- and accents make no difference.
CREATE FUNCTION resembles_name(alias text, p person) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM regexp_split_to_table(name_words(alias), ' ') a,
             regexp_split_to_table(name_words(concat_ws(' ', p.given_name, p.middle_name,
                     p.family_name, p.preferred_given_name, p.preferred_family_name)), ' ') r
        WHERE r <> '' AND (a = r
            OR length(r) > 2 AND strpos(replace(name_words(alias), ' ', ''), r) > 0
            OR length(a) > 2 AND strpos(r, a) > 0))
$$;

CREATE FUNCTION is_name(typed text) RETURNS boolean LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT coalesce(length(typed) BETWEEN 1 AND 60 AND typed ~ '[[:alpha:]]'
        AND typed !~ '[[:cntrl:]<>]', false)
$$;

CREATE FUNCTION odd_masking(p person, given text, family text, of_basis text, first date, last date)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT is_name(given) OR NOT is_name(family) THEN 'name'
        WHEN resembles_name(given || ' ' || family, p) THEN 'alike'
        WHEN of_basis IS NULL OR of_basis <> ALL (ARRAY['address confidentiality',
                'protective order', 'threat', 'other']) THEN 'basis'
        WHEN first IS NULL OR first < today() OR last < first THEN 'days'
        WHEN EXISTS (SELECT FROM people_called(given || ' ' || family) w JOIN person q ON q.id = w
            AND q.is_student AND q.ended_at IS NULL
                     JOIN role r ON r.person_id = q.id AND r.role = 'student' AND r.ended_at IS NULL
                         AND is_of_school(p.id, 'student', r.school_id)
                     WHERE name_words(q.given_name || ' ' || q.family_name) = name_words(given
                         || ' ' || family)) THEN 'used'
        ELSE '' END
$$;

CREATE FUNCTION student_unmasked(what jsonb) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT m.student_id FROM masking m WHERE m.uuid = (what->>'masking')::uuid)
$$;

-- Current and later maskings of students I may mask, with their place in the list.
CREATE FUNCTION maskings_i_keep()
RETURNS TABLE (id integer, student integer, place integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE kept integer[] := ARRAY(SELECT students_i_mask(ARRAY(
        SELECT m.student_id FROM masking m WHERE m.ended_at IS NULL)));
BEGIN
    RETURN QUERY
    SELECT m.id, m.student_id,
        (row_number() OVER (ORDER BY p.family_name, p.given_name, p.id))::integer
    FROM masking m JOIN person p ON p.id = m.student_id
    WHERE m.ended_at IS NULL AND (m.end_date IS NULL OR m.end_date > today())
      AND m.student_id = ANY (kept);
END $$;

-- Without words: the students who are masked. With a student's UUID: that student, for the form.
-- Otherwise students by the beginnings of names, twenty at most.
CREATE FUNCTION seen_for_masking(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL OR NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    IF coalesce(words, '') = '' THEN
        RETURN QUERY SELECT k.student, NULL::integer, wanted, 'administrator', NULL::integer
            FROM maskings_i_keep() k WHERE k.place > coalesce(after, 0)
            ORDER BY k.place LIMIT 100;
        RETURN;
    END IF;
    IF pg_input_is_valid(words, 'uuid') THEN
        RETURN QUERY SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer
            FROM person p WHERE p.uuid = words::uuid AND i_mask(p.id);
        RETURN;
    END IF;
    IF names_begin(words) IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM students_i_mask(ARRAY(SELECT people_found(words))) k JOIN person p ON p.id = k
    ORDER BY p.family_name, p.given_name, p.id LIMIT 20;
END $$;
