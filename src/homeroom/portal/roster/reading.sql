-- Reading functions for schools, classes and the names in them.

-- Schools by name. They are not secret, because the pages where parents register list them for
-- anyone.
CREATE FUNCTION schools_listed() RETURNS TABLE (uuid uuid, name text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.uuid, s.name FROM school s WHERE s.kind = 'school' AND s.ended_at IS NULL
        ORDER BY lower(s.name), s.id;
END $$;

-- The title of a class that the person asking may open as staff. NULL otherwise.
CREATE FUNCTION class_titled(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer[];
BEGIN
    IF asking_side() IS DISTINCT FROM 'staff' THEN RETURN NULL; END IF;
    mine := ARRAY(SELECT sections_i_may_open());
    RETURN (SELECT s.title FROM section s WHERE s.id = ANY (mine) AND (s.uuid = which) IS true);
END $$;

-- Names in the class that the view opened. A substitute can read no more of it. Masked students
-- have their alias.
CREATE FUNCTION class_names_shown() RETURNS TABLE (family_name text, given_name text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT last_name(p), first_name(p) FROM enrollment e JOIN person p ON p.id = e.person_id
    WHERE e.section_id = o.section_id AND e.role = 'student' AND e.ended_at IS NULL
      AND p.id = ANY (o.names || o.aliases) ORDER BY 1, 2, p.id;
END $$;

GRANT EXECUTE ON FUNCTION schools_listed() TO app, door;
GRANT EXECUTE ON FUNCTION class_titled(uuid), class_names_shown() TO app;
