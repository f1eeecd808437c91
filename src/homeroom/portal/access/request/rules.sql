-- The data that each act would show, and about whom. A view comes before a read: look() records who
-- viewed, in which role, by which tie, which kinds of data, which students and when. It commits in
-- its own transaction. Only then reading functions answer, for 30 seconds.
-- 34 CFR 99.31(a)(1)(ii): reasonable methods, so that staff reach only records in which they have a
-- legitimate interest.

-- Records per hour of a family and of a student. The district's own numbers win. For staff see
-- rules_brake.sql.
CREATE FUNCTION look_cap(capacity text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT (caps->>capacity)::integer FROM district),
                    CASE capacity WHEN 'family' THEN 2000 ELSE 1000 END)
$$;

-- The person who printed the student's working card, by uuid, for the entry of a view in a session
-- that it began. Another card or its end would have ended that session.
CREATE FUNCTION printer_of_card(student integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT p.uuid::text FROM card c JOIN person p ON p.id = c.made_by_id
        WHERE c.person_id = student AND c.ended_at IS NULL), '')
$$;

-- The students whom this act would show, by which tie and which kinds, one row per student. No row
-- means closed. An act that no room declares, or that opens no record, shows no one.
-- For a list, `words` are the beginnings of names, and `after` is the place after which the page
-- continues. A search has only `words`.
CREATE FUNCTION seen_by(act text, subject uuid, words text DEFAULT '', after integer DEFAULT NULL)
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE act
    -- {acts that open something}
    ELSE RETURN;
    END CASE;
END $$;
