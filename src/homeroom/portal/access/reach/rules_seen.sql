-- The people and data that an act shows, and to whom. Each room declares its acts in acts.py with
-- the function that answers for it. look() calls them all through seen_by().

-- One row per student: by which tie, which kinds of data, in which capacity, of which class. A
-- family's rows name all its children. kinds is NULL for those whom this act does not show.
CREATE VIEW seen_student AS
    SELECT NULL::integer AS student_id, NULL::integer AS tie_id, NULL::text[] AS kinds,
        NULL::text AS capacity, NULL::integer AS section_id
    WHERE false;

-- A child by an open tie, or the student. `one` limits it to this student. NULL means everyone whom
-- the person may see.
CREATE FUNCTION seen_in_family(one uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
DECLARE me integer; side text;
BEGIN
    SELECT s.person_id, s.side INTO me, side FROM asking_session s;
    IF side = 'family' THEN
        RETURN QUERY
        SELECT t.student_id, t.id, CASE WHEN one IS NULL OR p.uuid = one THEN
                   (SELECT array_agg(w) FROM unnest(wanted) w WHERE w = ANY (t.view_kinds)) END,
               'family', NULL::integer
        FROM open_ties() t JOIN person p ON p.id = t.student_id;
    ELSIF side = 'student' THEN
        RETURN QUERY
        SELECT p.id, NULL::integer, wanted, 'student', NULL::integer
        -- a student whom no file brought is only asking for an account
        FROM person p WHERE p.id = me AND (p.sourced_id IS NOT NULL OR p.delivery_id IS NOT NULL)
          AND (one IS NULL OR p.uuid = one) AND is_readable(me, me);
    END IF;
END $$;

CREATE FUNCTION seen_at_home(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE sql STABLE AS $$
    SELECT * FROM seen_in_family(NULL, wanted)
$$;

-- Everything that the person asking sees at home. A tutor's students have their own capacity, and
-- the access log is left out.
CREATE FUNCTION reached_at_home(wanted text[])
RETURNS TABLE (capacity text, kind text, ids integer[]) LANGUAGE sql STABLE AS $$
    SELECT w.capacity, k, array_agg(w.student_id)
    FROM (SELECT s.student_id, s.kinds,
              CASE t.kind WHEN 'tutor' THEN 'tutor' ELSE s.capacity END AS capacity
          FROM seen_at_home(NULL, wanted) s LEFT JOIN tie t ON t.id = s.tie_id) w, unnest(w.kinds) k
    WHERE k <> 'ledger' GROUP BY 1, 2
$$;

CREATE FUNCTION seen_of_record(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL THEN RETURN QUERY SELECT * FROM seen_in_family(subject, wanted); END IF;
END $$;

-- Classes of the child as a gradebook has them: also next term's, and a dropped one while its
-- teacher can still view it.
CREATE FUNCTION classes_of_child(child integer) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(e.section_id), '{}') FROM enrollment e
    WHERE e.person_id = child AND e.role = 'student'
        AND (e.ended_at IS NULL OR closes_to_teacher_on(e.section_id) > today())
$$;

-- The schools of the child's roles and classes.
CREATE FUNCTION schools_of_child(child integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT r.school_id FROM role r WHERE r.person_id = child AND r.role = 'student'
    UNION SELECT c.school_id FROM section c WHERE c.id = ANY (classes_of_child(child))
$$;
