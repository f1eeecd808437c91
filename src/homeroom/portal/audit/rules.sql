-- Access log entries that a family can't read until a day (child protection, a sealed order,
-- safety). Two administrators hide one for at most a year, and may renew it. The entry stays in the
-- log and in the chain, and so do the entries that say who hid it.

-- Lines that no family can read now, and the lines that say so.
CREATE FUNCTION withheld_of(child integer) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(e), '{}') FROM withheld_entry w, unnest(w.entry_id || w.notes) e
    WHERE w.student_id = child AND w.until > today()
$$;

-- An entry's reason, as a person reads it. For a view with a sign-in card it has the name of the
-- person who printed the card in place of their uuid.
CREATE FUNCTION reason_of_entry(l ledger) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN l.event = 'look' AND l.reason LIKE 'card %'
        THEN 'card ' || coalesce((SELECT full_name(p) FROM person p
            WHERE p.uuid = nullif(substr(l.reason, 6), '')::uuid), '')
        ELSE l.reason END
$$;

-- The number of staff who viewed these students' records since a moment, and the last view. Hidden
-- entries are left out: for a student who has one, the log itself is read. enable_seqscan: a plan
-- made while the tables were small would read all of them after they have grown. The first day is
-- one before UTC's, which covers every time zone. Years before 2000 would be out of range.
CREATE FUNCTION staff_views_in(students integer[], since timestamptz)
RETURNS TABLE (student integer, people bigint, last_name text, last_at timestamptz,
    last_section text, last_capacity text) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE hidden bigint[]; newest bigint;
    from_day date := (greatest(since, '2000-01-01') AT TIME ZONE 'UTC')::date - 1;
BEGIN
    FOREACH student IN ARRAY coalesce(students, '{}') LOOP
        hidden := withheld_of(student);
        IF hidden = '{}' THEN
            SELECT count(DISTINCT v.person_id),
                   (array_agg(v.entry_id ORDER BY v.last_at DESC, v.entry_id DESC))[1]
                INTO people, newest
                FROM view_day v
                WHERE v.student_id = student AND v.day >= from_day AND v.last_at >= since
                  AND EXISTS (SELECT FROM person w WHERE w.id = v.person_id);
        ELSE
            SELECT count(DISTINCT l.person_id), (array_agg(l.id ORDER BY s.at DESC, l.id DESC))[1]
                INTO people, newest
                FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look'
                    AND l.capacity NOT IN ('family', 'student')
                WHERE s.student_id = student AND s.at >= since AND s.entry_id <> ALL (hidden)
                  AND EXISTS (SELECT FROM person w WHERE w.id = l.person_id);
        END IF;
        CONTINUE WHEN people = 0;
        SELECT full_name(w), l.at, c.title, l.capacity
            INTO last_name, last_at, last_section, last_capacity
            FROM ledger l JOIN person w ON w.id = l.person_id
                 LEFT JOIN section c ON c.id = l.section_id
            WHERE l.id = newest;
        RETURN NEXT;
    END LOOP;
END $$;

-- No one can hide what they did themselves, or what another adult of their own child did. A line
-- about a hidden line can't be hidden.
CREATE FUNCTION is_withholdable(l ledger, child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(l.person_id) AND l.event NOT IN ('entry withheld', 'entry shown')
        AND EXISTS (SELECT FROM ledger_student s WHERE s.entry_id = l.id AND s.student_id = child)
$$;

-- By login: how long a statement, a wait for the client in a transaction, and a whole transaction
-- may take. Each is at least twice the login's own limit. Imports, dumps and the owner's commands
-- take as long as they need.
CREATE FUNCTION limits_watched()
RETURNS TABLE (login name, one_statement interval, idle interval, whole interval)
LANGUAGE sql STABLE AS $$
    VALUES ('app'::name, interval '50 seconds', interval '60 seconds', interval '2 minutes'),
        ('door', interval '30 seconds', interval '60 seconds', interval '2 minutes'),
        ('jobs', interval '10 minutes', interval '5 minutes', interval '30 minutes'),
        ('sealer', interval '2 minutes', interval '5 minutes', interval '10 minutes')
$$;
