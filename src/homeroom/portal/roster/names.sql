-- Somebody is found by the beginnings of names, whatever their accents, capitals and apostrophes: an office types Nunez for Núñez. The
-- index person_names holds the words.

-- A name as it is compared: no accents, no capitals, no marks, one space between words.
CREATE FUNCTION name_words(typed text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT trim(regexp_replace(regexp_replace(regexp_replace(lower(translate(normalize(typed, NFKD), 'đĐłŁøØ', 'dDlLoO')),
        '[\u0300-\u036f''’]', '', 'g'), '[[:punct:]]+', ' ', 'g'), '\s+', ' ', 'g'))
$$;

-- What was typed, as a question to that index: each word begins one of the names. NULL: no word of two letters or more.
CREATE FUNCTION names_begin(typed text) RETURNS tsquery LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_tsquery('simple', string_agg(quote_literal(w) || ':*', ' & ')) FROM (
        SELECT w FROM regexp_split_to_table(public.name_words(typed), ' ') AS w WHERE length(w) > 1 LIMIT 6) AS words
$$;

-- Whom a name matches, masked or not: for requests and letters. What an office searches is people_found(). The index answers only where its expression is repeated to the
-- letter, and no policy stands between: this is the owner's (a search under policies would look at every row).
CREATE FUNCTION people_called(typed text) RETURNS SETOF integer LANGUAGE sql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id FROM person p
    WHERE to_tsvector('simple', regexp_replace(regexp_replace(translate(normalize(p.given_name || ' ' || p.family_name || ' ' || p.preferred_given_name || ' ' || p.preferred_family_name, NFKD), 'đĐłŁøØ', 'dDlLoO'),
        '[\u0300-\u036f''’]', '', 'g'), '[[:punct:]]+', ' ', 'g')) @@ names_begin(typed)
$$;

-- For an office's search: masked students by the alias, by the name for those alone who read it.
CREATE FUNCTION people_found(typed text) RETURNS SETOF integer LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found integer[] := ARRAY(SELECT people_called(typed)); hidden integer[] := masked_from_me(found);
BEGIN
    RETURN QUERY SELECT w FROM unnest(found) w WHERE w <> ALL (hidden)
        UNION SELECT m.student_id FROM masking m WHERE m.ended_at IS NULL AND counts_today(m)
              AND to_tsvector('simple', name_words(m.given_name || ' ' || m.family_name)) @@ names_begin(typed);
END $$;
