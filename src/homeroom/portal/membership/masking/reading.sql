-- Maskings, for the office.

-- The students of the list that the view recorded.
CREATE FUNCTION students_for_masking()
RETURNS TABLE (uuid uuid, name text, school text, is_masked boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('masked');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), coalesce((SELECT s.name FROM school s
            WHERE s.id = school_of_student(p.id)), ''), open_masking(p.id) IS NOT NULL
    FROM unnest(listed) WITH ORDINALITY u (id, place) JOIN person p USING (id)
    WHERE i_mask(p.id) ORDER BY u.place;
END $$;

-- One of them, with the name for the form. No row for anyone out of reach.
CREATE FUNCTION student_for_masking(which uuid) RETURNS TABLE (name text, school text)
LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('masked');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT full_name(p), coalesce((SELECT s.name FROM school s
            WHERE s.id = school_of_student(p.id)), '')
    FROM person p WHERE p.id = ANY (listed) AND p.uuid = which AND i_mask(p.id);
END $$;

-- Students of the list that the view recorded who are masked, or will be. `waits` means that
-- someone proposed to end it. `number` is the place in the whole list.
CREATE FUNCTION maskings_shown()
RETURNS TABLE (uuid uuid, name text, school text, alias text, basis text, first_day date,
    last_day date, masked_by text, begins boolean, waits boolean, number integer,
    has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('masked');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.uuid, full_name(p),
           coalesce((SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), ''),
           m.given_name || ' ' || m.family_name, m.basis, m.start_date, m.end_date - 1,
           full_name(b), m.start_date > today(),
           EXISTS (SELECT FROM proposal q
               WHERE q.kind = 'unmasking' AND q.state = 'waiting'
                 AND q.payload->>'masking' = m.uuid::text), k.place, k.place < k.last
    FROM (SELECT a.*, max(a.place) OVER () AS last FROM maskings_i_keep() a) k
         JOIN masking m ON m.id = k.id JOIN person p ON p.id = m.student_id
         JOIN person b ON b.id = m.masked_by_id
    WHERE k.student = ANY (listed) ORDER BY k.place;
END $$;

GRANT EXECUTE ON FUNCTION students_for_masking() TO app;
GRANT EXECUTE ON FUNCTION student_for_masking(uuid), maskings_shown() TO app;
