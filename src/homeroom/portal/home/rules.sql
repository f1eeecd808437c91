-- Who sees one child's page.

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
