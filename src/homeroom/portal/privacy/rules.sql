-- Who may have a copy of everything that is kept about a student.

-- A record whose access log the person asking may read. A tutor's access has none, so that a copy
-- of everything opens nothing to a tutor, and no line says that it was downloaded.
CREATE FUNCTION seen_with_log(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.student_id, s.tie_id, CASE WHEN 'ledger' = ANY (s.kinds) THEN s.kinds END,
           s.capacity, s.section_id
    FROM seen_of_record(subject, wanted) s;
END $$;
