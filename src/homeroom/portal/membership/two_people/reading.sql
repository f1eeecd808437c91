-- Administrators and the board's person, for administrators, and the emails to the board.

-- For the jobs process: emails that the board gets. Each is marked before the relay has it, so that
-- it is never sent twice.
CREATE FUNCTION board_mails_due()
RETURNS TABLE (id integer, kind text, takes text, proposed_at timestamptz, lock_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT p.id, p.kind, a.takes, p.proposed_at, p.lock_until
    FROM proposal p JOIN two_person_acts() a USING (kind)
    WHERE p.board_told_at IS NULL AND p.lock_until IS NOT NULL
      AND p.proposed_at > now() - interval '2 days' ORDER BY p.id
$$;

-- Staff whose names begin with these words, for administrators who give an office or a duty. Leaves
-- out people that the asker may not decide about. This is checked in the list's order (OFFSET 0),
-- so for twenty people and not for all of a district of 50,000.
CREATE FUNCTION staff_found(words text) RETURNS TABLE (uuid uuid, name text, schools text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT w.uuid, w.name, coalesce((SELECT string_agg(DISTINCT s.name, ', ')
            FROM role r JOIN school s ON s.id = r.school_id
                                     WHERE r.person_id = w.id AND r.ended_at IS NULL), '')
    FROM (SELECT p.id, p.uuid, full_name(p) AS name, lower(full_name(p)) AS place FROM person p
          WHERE p.id IN (SELECT people_found(words))
            AND p.is_staff AND p.ended_at IS NULL
          ORDER BY place, p.id OFFSET 0) w
    WHERE may_decide_about(w.id) ORDER BY w.place, w.id LIMIT 20;
END $$;

-- One of them, with the name for the form, and the schools.
CREATE FUNCTION staff_named(which uuid) RETURNS TABLE (id integer, name text, schools text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, full_name(p), coalesce((SELECT string_agg(DISTINCT s.name, ', ')
            FROM role r JOIN school s ON s.id = r.school_id
                                     WHERE r.person_id = p.id AND r.ended_at IS NULL), '')
    FROM person p
    WHERE p.uuid = which AND p.is_staff AND p.ended_at IS NULL
      AND may_decide_about(p.id);
END $$;

CREATE FUNCTION administrators_shown()
RETURNS TABLE (uuid uuid, name text, school text, school_uuid uuid, since date, is_me boolean,
    may_end boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), s.name, s.uuid, a.start_date, p.id = asking(),
           may_end_administrator(p.id, a.school_id)
    FROM administrator a JOIN person p ON p.id = a.person_id
         LEFT JOIN school s ON s.id = a.school_id
    WHERE a.start_date <= today()
      AND (a.end_date IS NULL OR a.end_date > today())
    ORDER BY s.name NULLS FIRST, lower(full_name(p)), p.id;
END $$;

-- The person that the board named, for administrators. They know who else may answer.
CREATE FUNCTION board_second_shown() RETURNS TABLE (name text, since date)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT full_name(p), b.start_date FROM board_second b JOIN person p ON p.id = b.person_id
    WHERE b.start_date <= today()
      AND (b.end_date IS NULL OR b.end_date > today());
END $$;

GRANT EXECUTE ON FUNCTION board_mails_due() TO jobs;
GRANT EXECUTE ON FUNCTION staff_found(text), staff_named(uuid), administrators_shown(),
    board_second_shown() TO app;
