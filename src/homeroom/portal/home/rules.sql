-- Who sees one child's page, and who finds a student of a school.

-- The family and the child see the page. Staff with a duty at the child's school see the kinds of
-- data that the duty opens. The entry names the duty that opens the most.
CREATE FUNCTION seen_of_child(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
DECLARE me integer;
BEGIN
    IF asking_side() <> 'staff' THEN
        RETURN QUERY SELECT * FROM seen_of_record(subject, wanted);
        RETURN;
    END IF;
    me := asking();
    RETURN QUERY
    SELECT p.id, NULL::integer,
           (SELECT array_agg(w) FROM unnest(wanted) w WHERE w = ANY (array_agg(o))),
           'duty: ' || (array_agg(d.duty ORDER BY cardinality(k.opens) DESC, d.duty))[1],
           NULL::integer
    FROM person p JOIN role r ON r.person_id = p.id AND r.role = 'student'
        AND r.ended_at IS NULL
         JOIN my_duties() d ON d.school_id = r.school_id
         JOIN duty_kinds() k USING (duty), unnest(k.opens) o
    WHERE p.uuid = subject AND NOT is_restricted(me, p.id)
    GROUP BY p.id;
END $$;

CREATE FUNCTION child_itself(child integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.uuid FROM person p WHERE p.id = child
$$;

-- Adults with access, the child, and everyone who has a duty at the child's schools.
CREATE FUNCTION accounts_of_child(child integer) RETURNS TABLE (person_id integer, side text)
LANGUAGE sql STABLE AS $$
    SELECT t.adult_id, 'family' FROM tie t WHERE t.student_id = child AND t.state <> 'ended'
    UNION SELECT child, 'student'
    UNION SELECT d.person_id, 'staff' FROM duty d
    WHERE d.school_id IN (SELECT schools_of_child(child))
$$;

-- My schools where a duty of mine opens grades, with all their students that I may see.
CREATE FUNCTION students_i_advise()
RETURNS TABLE (student integer, school_id integer, capacity text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT u.student, w.school_id, w.capacity
    FROM (SELECT d.school_id, 'duty: ' || min(d.duty) AS capacity
          FROM my_duties() d JOIN duty_kinds() k ON k.duty = d.duty AND 'grades' = ANY (k.opens)
          GROUP BY d.school_id) w, unnest(students_of_school(w.school_id)) AS u (student);
END $$;

-- Students whose page I opened in the past seven days. The day's summary has one row per student
-- and day, and its index begins with the student.
CREATE FUNCTION opened_lately(among integer[]) RETURNS TABLE (student integer, last_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE me integer := asking_staff(); since date := today() - 7;
BEGIN
    RETURN QUERY
    SELECT u.student, v.last_at FROM unnest(among) AS u (student), LATERAL (
        SELECT max(w.last_at) AS last_at FROM view_day w
        WHERE w.student_id = u.student AND w.day > since AND w.person_id = me
          AND w.act = 'child') v
    WHERE v.last_at IS NOT NULL;
END $$;

-- Students whose names begin with these words, or without words those that I opened lately. At most
-- twenty.
CREATE FUNCTION seen_of_school(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[]; schools integer[]; as_what text; found integer[];
BEGIN
    SELECT array_agg(a.student), array_agg(DISTINCT a.school_id), min(a.capacity)
        INTO mine, schools, as_what FROM students_i_advise() a;
    IF subject IS NOT NULL OR mine IS NULL THEN RETURN; END IF;
    IF coalesce(words, '') = '' THEN
        RETURN QUERY SELECT o.student, NULL::integer, wanted, as_what, NULL::integer
            FROM opened_lately(mine) o ORDER BY o.last_at DESC, o.student LIMIT 20;
        RETURN;
    END IF;
    found := ARRAY(SELECT people_found(words, schools));
    RETURN QUERY SELECT p.id, NULL::integer, wanted, as_what, NULL::integer
        FROM person p WHERE p.id = ANY (found) AND p.id = ANY (mine)
        ORDER BY last_name(p), first_name(p), p.id LIMIT 20;
END $$;
