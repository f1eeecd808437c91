-- How a restored database finds what a note names (replaying.py, as owner), and the pages of the
-- administrators' list of notes.

-- The person that a note names: by uuid, or by the sourcedId if a file made the person again since.
-- NULL if the person is not here.
CREATE FUNCTION person_here(known jsonb) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT p.id FROM person p
    WHERE p.uuid = (known->>'uuid')::uuid OR p.sourced_id = known->>'sourced_id'
    ORDER BY p.uuid = (known->>'uuid')::uuid DESC LIMIT 1
$$;

CREATE FUNCTION tie_here(known jsonb) RETURNS tie LANGUAGE sql STABLE AS $$
    SELECT t.* FROM tie t WHERE t.uuid = (known#>>'{}')::uuid
$$;

CREATE FUNCTION account_here(known jsonb) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT a.id FROM account a WHERE a.uuid = (known->>'uuid')::uuid
$$;

-- The record's name, for the administrators' list. No one else sees what is restored.
CREATE FUNCTION name_here(known jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT trim(p.given_name || ' ' || p.family_name)
                     FROM person p WHERE p.id = person_here(known)),
                     trim(concat_ws(' ', known->>'given_name', known->>'family_name')))
$$;

-- A page of the newest restoration's notes, in order: as many as name 100 students. `is_near`: the
-- note is about someone the asker may not decide about, and names no one.
CREATE FUNCTION page_of_notes(after integer)
RETURNS TABLE (line integer, place integer, is_near boolean, students integer[], has_more boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE newest integer := (SELECT max(r.id) FROM restoration r);
    apart integer[] := people_not_decided_by(asking());
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN; END IF;
    RETURN QUERY
    SELECT w.id, w.position, w.is_near, w.students, w.position < (SELECT max(l.position)
        FROM restoration_line l WHERE l.restoration_id = newest)
    FROM (SELECT o.*, sum(cardinality(o.students)) OVER (ORDER BY o.position) AS so_far
          FROM (SELECT l.id, l.position, n.is_near, ARRAY(SELECT p.id FROM person p
                    WHERE p.id IN (l.person_id, l.student_id) AND p.is_student
                      AND NOT n.is_near) AS students
                FROM restoration_line l,
                    LATERAL (SELECT ARRAY[l.person_id, l.student_id] && apart AS is_near) n
                WHERE l.restoration_id = newest AND l.position > coalesce(after, -1)
                ORDER BY l.position LIMIT 100) o) w
    WHERE w.so_far <= 100 ORDER BY w.position;
END $$;

-- The students that this page names. The act and its kind do not tell a family what was closed.
CREATE FUNCTION seen_in_restoration(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT u.student, NULL::integer, wanted, 'administrator', NULL::integer
    FROM page_of_notes(after) w, unnest(w.students) u (student)
    GROUP BY u.student ORDER BY min(w.place), u.student;
END $$;
