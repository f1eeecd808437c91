-- After a restore: since when sign-in waits, and what the notes took away again.

-- Since when sign-in waits, for the door's pages. NULL if it does not.
CREATE FUNCTION unconfirmed_since() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(r.restored_at) FROM restoration r
    WHERE is_unconfirmed() AND r.id = (SELECT max(n.id) FROM restoration n)
$$;

-- For administrators of the district: the newest restoration. `notes` is how many. `waits` means
-- that someone proposed to open sign-in. `proposer` and `second` are those of the proposal that
-- waits or was carried out.
CREATE FUNCTION restoration_shown()
RETURNS TABLE (uuid uuid, number integer, restored_at timestamptz, snapshot_at timestamptz,
    missing_notes integer, notes bigint, confirmed_at timestamptz, waits boolean, proposer text,
    second text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT r.uuid, r.number, r.restored_at, r.snapshot_at, r.missing_notes,
        (SELECT count(*) FROM restoration_line l WHERE l.restoration_id = r.id), r.confirmed_at,
        coalesce(p.state = 'waiting', false), full_name(a), full_name(b)
    FROM restoration r LEFT JOIN proposal p ON p.kind = 'open after restoration'
        AND p.payload->>'restoration' = r.uuid::text AND p.state IN ('waiting', 'carried out')
         LEFT JOIN person a ON a.id = p.proposed_by_id LEFT JOIN person b ON b.id = p.decided_by_id
    WHERE i_decide_for(NULL) ORDER BY r.id DESC LIMIT 1;
END $$;

-- A page of the notes, in order, after a view of that page's students. A note that names no student
-- needs no view. `person` and `student` are names. `told` has words for people who are not in the
-- backup. If the reader may not decide about someone in the note, it names no one and `is_kept` is
-- true. Restrictions and hidden entries about them are not for this reader.
CREATE FUNCTION restoration_lines_shown(after integer)
RETURNS TABLE (at timestamptz, kind text, person text, student text, outcome text, told jsonb,
    is_kept boolean, place integer, has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := coalesce(listed_by('restoration'), '{}');
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.at, CASE WHEN w.is_near THEN '' ELSE l.kind END, full_name(p), full_name(s), l.outcome,
           CASE WHEN w.is_near THEN '{}' ELSE l.told
               - CASE WHEN p.id IS NULL THEN '' ELSE 'person' END
               - CASE WHEN s.id IS NULL THEN '' ELSE 'student' END END,
           w.is_near, w.place, w.has_more
    FROM page_of_notes(after) w JOIN restoration_line l ON l.id = w.line
         LEFT JOIN person p ON p.id = l.person_id AND NOT w.is_near
         LEFT JOIN person s ON s.id = l.student_id AND NOT w.is_near
    WHERE w.students <@ listed ORDER BY w.place;
END $$;

GRANT EXECUTE ON FUNCTION restoration_shown(), restoration_lines_shown(integer) TO app;
GRANT EXECUTE ON FUNCTION unconfirmed_since() TO door;
