-- Access log entries that a family does not read until a day (child protection, a sealed order,
-- safety). Two administrators hide one for a year at most, and may renew it. The entry stays in the
-- log and in the chain, and so do the entries that say who hid it.

-- How many people at school viewed these students' records since a moment, and who did last. Hidden
-- entries are left out.
CREATE FUNCTION staff_views_in(students integer[], since timestamptz)
RETURNS TABLE (student integer, people bigint, last_name text, last_at timestamptz,
    last_section text, last_capacity text) LANGUAGE plpgsql STABLE AS $$
DECLARE is_whole boolean := NOT EXISTS (SELECT FROM withheld_entry w
    WHERE w.student_id = ANY (students));
BEGIN
    RETURN QUERY
    SELECT s.student_id, count(DISTINCT l.person_id),
           (array_agg(full_name(w) ORDER BY s.at DESC))[1], max(s.at),
           (array_agg(c.title ORDER BY s.at DESC))[1], (array_agg(l.capacity ORDER BY s.at DESC))[1]
    FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look'
        AND l.capacity NOT IN ('family', 'student')
         JOIN person w ON w.id = l.person_id LEFT JOIN section c ON c.id = l.section_id
    WHERE s.student_id = ANY (students) AND s.at >= since
      AND (is_whole OR s.entry_id <> ALL (withheld_of(s.student_id)))
    GROUP BY s.student_id;
END $$;

-- Lines that no family reads now, and the lines that say so.
CREATE FUNCTION withheld_of(child integer) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(e), '{}') FROM withheld_entry w, unnest(w.entry_id || w.notes) e
    WHERE w.student_id = child AND w.until > today()
$$;

-- Nobody withholds what they did themselves, or what another adult of their own child did; and no
-- line that says that one is withheld.
CREATE FUNCTION is_withholdable(l ledger, child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(l.person_id) AND l.event NOT IN ('entry withheld', 'entry shown')
        AND EXISTS (SELECT FROM ledger_student s WHERE s.entry_id = l.id AND s.student_id = child)
$$;
