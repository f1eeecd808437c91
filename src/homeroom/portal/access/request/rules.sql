-- What each act would show, and of whom. A view comes before a read: look() writes who, in which
-- role, by which tie, which kinds of data, which students and when. It commits in a transaction of
-- its own, and only then reading functions answer, for 30 seconds.
-- 34 CFR 99.31(a)(1)(ii): reasonable methods, so that staff reach only records in which they have a
-- legitimate interest.

-- Students an hour, by capacity; the district's own numbers win. A whole school read in one night
-- would stop here.
CREATE FUNCTION look_cap(capacity text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT (caps->>capacity)::integer FROM district),
                    CASE capacity WHEN 'family' THEN 2000 WHEN 'student' THEN 1000
                        WHEN 'teacher' THEN 10000 ELSE 3000 END)
$$;

-- Whom this act would show, by which tie, which kinds. One row a student; none: closed. An act that
-- no room declares, or that opens nothing, shows nobody.
-- words, after: of a list, the beginnings of names and the place that the page goes on after; of a
-- search, the words alone.
CREATE FUNCTION seen_by(act text, subject uuid, words text DEFAULT '', after integer DEFAULT NULL)
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE act
    -- {acts that open something}
    ELSE RETURN;
    END CASE;
END $$;

-- Acts that show a page of a list.
CREATE FUNCTION acts_that_list() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT NULL WHERE false
    -- {acts that list}
    )
$$;

-- Acts that show, beside one student's record, whom a search found.
CREATE FUNCTION acts_that_search() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT NULL WHERE false
    -- {acts that search}
    )
$$;
