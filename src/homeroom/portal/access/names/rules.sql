-- The name that a person is shown with, and how a search finds people. A search ignores accents,
-- capitals and apostrophes, because an office types Nunez for Núñez. The index person_names
-- contains the words.
-- A masked student's real name stays in the table person, because files, matching and letters need
-- it. first_name(), last_name() and full_name() return the alias to readers who may not know the
-- name.

-- True if a masking applies today. Lists call it only for people who have a masking, so that
-- today() doesn't run on each row.
CREATE FUNCTION counts_today(m masking) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN m.ended_at IS NULL AND m.start_date <= today()
        AND (m.end_date IS NULL OR m.end_date > today());
END $$;

-- Returns those of these students whose real name the person asking may read even if it is masked.
-- These people may: the student, the family by an open tie (but no tutor), teachers of the
-- student's own classes, and duties and offices of the student's school. No setting widens this,
-- and a restriction outweighs every role. A list calls it once.
CREATE FUNCTION names_i_read(among integer[]) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE side text := asking_side();
    barred integer[] := barred_from();
    schools integer[];
    classes integer[];
BEGIN
    IF side = 'family' THEN
        RETURN QUERY SELECT t.student_id FROM open_ties() t
            WHERE t.kind <> 'tutor' AND t.student_id = ANY (among)
            UNION SELECT f FROM my_former_students() f WHERE f = ANY (among);
        RETURN;
    END IF;
    IF side = 'student' THEN
        RETURN QUERY SELECT w FROM unnest(among) w WHERE w = asking();
        RETURN;
    END IF;
    schools := ARRAY(SELECT o.school_id FROM my_offices() o);
    IF array_position(schools, NULL) IS NOT NULL THEN  -- the whole district
        RETURN QUERY SELECT w FROM unnest(among) w WHERE w <> ALL (barred);
        RETURN;
    END IF;
    schools := schools || ARRAY(SELECT d.school_id FROM my_duties() d
        JOIN duty_kinds() k USING (duty) WHERE k.proposed_as <> 'district duty');
    classes := ARRAY(SELECT sections_i_teach());
    RETURN QUERY SELECT w FROM unnest(among) w
        WHERE w <> ALL (barred) AND (EXISTS (SELECT FROM enrollment e
            WHERE e.person_id = w AND e.role = 'student' AND e.ended_at IS NULL
              AND (e.begin_date IS NULL OR e.begin_date <= today())
              AND (e.end_date IS NULL OR e.end_date > today()) AND e.section_id = ANY (classes))
        OR EXISTS (SELECT FROM role r
            WHERE r.person_id = w AND r.role = 'student' AND r.school_id = ANY (schools)
              AND (r.ended_at IS NULL OR left_on(w) IS NOT NULL)));
END $$;

CREATE FUNCTION reads_name(who integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT names_i_read(ARRAY[who]));
END $$;

CREATE FUNCTION is_masked_from_me(who integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM FROM masking m WHERE m.student_id = who AND m.ended_at IS NULL AND counts_today(m);
    RETURN FOUND AND NOT reads_name(who);
END $$;

-- Returns those of these people whose name the person asking may not read. If none of them is
-- masked, it costs only one lookup.
CREATE FUNCTION masked_from_me(people integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE masked integer[] := ARRAY(SELECT m.student_id FROM masking m
    WHERE m.student_id = ANY (people) AND m.ended_at IS NULL AND counts_today(m));
BEGIN
    IF masked = '{}' THEN RETURN masked; END IF;
    RETURN ARRAY(SELECT unnest(masked) EXCEPT SELECT names_i_read(masked));
END $$;

-- The statements about the record itself, as a JSON list, or NULL. One about the birth date is only
-- where the birth date is, and one about the name where the reader may read the name. One about
-- something else may be about what only family and staff see.
CREATE FUNCTION statements_about(child integer, has_birth_date boolean, has_other boolean)
RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_agg(statement_said(c) ORDER BY c.id) FROM correction c
    WHERE c.student_id = child AND c.statement <> '' AND c.of_row IS NULL
        AND (c.about <> 'birth date' OR has_birth_date) AND (c.about <> 'other' OR has_other)
        AND (c.about NOT IN ('first name', 'middle name', 'last name')
            OR NOT is_masked_from_me(child))
$$;

-- Returns the alias, or no row if the student is not masked. The alias is '' for an adult whose tie
-- to the child is not open now, and for a restricted adult. Such an adult knew the name, and could
-- find the child again by the alias.
CREATE FUNCTION alias_of(who integer) RETURNS TABLE (given text, family text)
LANGUAGE plpgsql STABLE AS $$
DECLARE is_hidden boolean := EXISTS (SELECT FROM tie t
    WHERE t.adult_id = asking() AND t.student_id = who AND t.kind <> 'tutor')
    OR is_restricted(asking(), who);
BEGIN
    RETURN QUERY SELECT CASE WHEN is_hidden THEN '' ELSE m.given_name END,
        CASE WHEN is_hidden THEN '' ELSE m.family_name END
        FROM masking m WHERE m.student_id = who AND m.ended_at IS NULL AND counts_today(m);
END $$;

-- True if everyone who sees a name sees the preferred one, by the district's setting.
CREATE FUNCTION all_see_preferred() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM district d WHERE d.preferred_names = 'everyone');
END $$;

-- True if the person asking sees preferred names. Without a session, as for an email, and on
-- letters and cards that go home, it is true only if everyone sees them.
CREATE FUNCTION sees_preferred(goes_home boolean) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN all_see_preferred() OR NOT goes_home AND asking_side() = 'staff'
        AND EXISTS (SELECT FROM district d WHERE d.preferred_names = 'staff');
END $$;

-- plpgsql keeps its plans. A person without a preferred name adds no cost.
CREATE FUNCTION first_name(p person, goes_home boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN
        RETURN (SELECT a.given FROM alias_of(p.id) a);
    END IF;
    IF p.preferred_given_name <> '' AND sees_preferred(goes_home) THEN
        RETURN p.preferred_given_name;
    END IF;
    RETURN p.given_name;
END $$;

CREATE FUNCTION last_name(p person, goes_home boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN
        RETURN (SELECT a.family FROM alias_of(p.id) a);
    END IF;
    IF p.preferred_family_name <> '' AND sees_preferred(goes_home) THEN
        RETURN p.preferred_family_name;
    END IF;
    RETURN p.family_name;
END $$;

CREATE FUNCTION full_name(p person, goes_home boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN
        RETURN (SELECT trim(a.given || ' ' || a.family) FROM alias_of(p.id) a);
    END IF;
    IF p.preferred_given_name || p.preferred_family_name <> '' AND sees_preferred(goes_home) THEN
        RETURN coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' '
            || coalesce(nullif(p.preferred_family_name, ''), p.family_name);
    END IF;
    RETURN p.given_name || ' ' || p.family_name;
END $$;

-- Returns the masked students whose name the asking administrator may not read. It is for lists
-- whose names come from a file. For anyone else it is empty: no one else learns who is masked.
CREATE FUNCTION names_closed_to_me() RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM FROM my_offices();
    IF NOT FOUND THEN RETURN '{}'; END IF;
    RETURN masked_from_me(ARRAY(SELECT m.student_id FROM masking m WHERE m.ended_at IS NULL));
END $$;

-- Returns a name for comparison: no accents, capitals or punctuation, and one space between words.
CREATE FUNCTION name_words(typed text) RETURNS text LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT trim(regexp_replace(
            regexp_replace(regexp_replace(lower(translate(normalize(typed, NFKD), 'đĐłŁøØ',
                    'dDlLoO')),
        '[\u0300-\u036f''’]', '', 'g'), '[[:punct:]]+', ' ', 'g'), '\s+', ' ', 'g'))
$$;

-- Turns what was typed into a query for that index: each word begins one of the names. NULL if no
-- word has two characters or more.
CREATE FUNCTION names_begin(typed text) RETURNS tsquery LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT to_tsquery('simple', string_agg(quote_literal(w) || ':*', ' & ')) FROM (
        SELECT w FROM regexp_split_to_table(public.name_words(typed), ' ') AS w WHERE length(w) > 1
        LIMIT 6) AS words
$$;

-- Returns everyone whose name matches, masked or not, for requests and letters. An office searches
-- with people_found(). PostgreSQL uses the index only if its expression is repeated exactly and no
-- policy applies. So this runs as the owner: a search under policies would read every row.
CREATE FUNCTION people_matching(those tsquery) RETURNS SETOF integer
LANGUAGE sql STABLE ROWS 100 AS $$
    SELECT p.id FROM person p
    WHERE to_tsvector('simple',
        regexp_replace(regexp_replace(translate(normalize(p.given_name || ' ' || p.family_name
                || ' ' || p.preferred_given_name || ' ' || p.preferred_family_name, NFKD), 'đĐłŁøØ',
                'dDlLoO'),
        '[\u0300-\u036f''’]', '', 'g'), '[[:punct:]]+', ' ', 'g')) @@ those
$$;

CREATE FUNCTION people_called(typed text) RETURNS SETOF integer LANGUAGE sql STABLE ROWS 100 AS $$
    SELECT people_matching(names_begin(typed))
$$;

-- An office's search. It finds masked students by the alias, and by the name only for readers who
-- may know it. `schools` limits it to people of these schools. NULL means everyone. People of other
-- schools are left out first: two characters can match thousands of people, and a school has few of
-- them.
CREATE FUNCTION people_found(typed text, schools integer[] DEFAULT NULL) RETURNS SETOF integer
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE found integer[] := ARRAY(SELECT c FROM people_called(typed) c);
    question tsquery := names_begin(typed);
    by_alias integer[] := ARRAY(SELECT DISTINCT m.student_id FROM masking m
        WHERE m.ended_at IS NULL AND CASE  -- in this order
            WHEN to_tsvector('simple',
                name_words(m.given_name || ' ' || m.family_name)) @@ question
            THEN counts_today(m) END);
    elsewhere integer[];
BEGIN
    IF schools IS NOT NULL THEN
        found := ARRAY(SELECT s FROM people_of_schools(found, schools) s);
        by_alias := ARRAY(SELECT s FROM people_of_schools(by_alias, schools) s);
    END IF;
    elsewhere := masked_from_me(found) || by_alias;
    -- UNION would hash everyone whom the name matches, only to leave out the few in both.
    RETURN QUERY SELECT w FROM unnest(found) w WHERE w <> ALL (elsewhere);
    RETURN QUERY SELECT unnest(by_alias);
END $$;
