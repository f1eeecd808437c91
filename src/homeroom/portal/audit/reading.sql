-- The access log as a family and an office read it.

-- Returns the lines of a child's log. About another adult of the family a line has only name and
-- relation, and the day without the time (has_time: false). For a confidential tie it doesn't even
-- have these, even if someone else did something with the tie. A line never has a device, address
-- or place. Without a time it has no entry_id, and the bounds count days. Otherwise the numbers of
-- neighboring entries, or narrow bounds, would reveal the time. The day on which daylight saving
-- time ends has 25 hours.
CREATE FUNCTION ledger_of(child uuid, since timestamptz, until timestamptz)
RETURNS TABLE (entry_id bigint, at timestamptz, event text, act text, kinds text[], is_me boolean,
    name text, capacity text, section text, relation text, proven_at timestamptz,
    is_hidden boolean, reason text, counts jsonb, has_time boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE me integer := asking(); about integer := one_of(opened('ledger'), child);
    withheld bigint[];
BEGIN
    IF about IS NULL THEN RETURN; END IF;
    withheld := withheld_of(about);
    RETURN QUERY
    SELECT CASE WHEN v.has_time THEN l.id END, v.at, l.event, l.act, s.kinds,
           coalesce(l.person_id = me, false),
           CASE WHEN NOT v.is_hidden THEN full_name(p) END, l.capacity, c.title,
           CASE WHEN NOT v.is_hidden THEN coalesce(nullif(t.relation, ''), t.kind) END,
           CASE WHEN NOT v.is_hidden THEN t.approved_at END, v.is_hidden,
           CASE WHEN NOT v.is_hidden THEN reason_of_entry(l) ELSE '' END, s.counts, v.has_time
    FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
         LEFT JOIN person p ON p.id = l.person_id LEFT JOIN section c ON c.id = l.section_id
         LEFT JOIN tie t ON t.id = s.tie_id,
         LATERAL (SELECT l.capacity <> 'family' OR coalesce(l.person_id = me, false) AS has_time,
                         coalesce(t.is_confidential AND t.adult_id <> me, false) AS is_hidden) h,
         LATERAL (SELECT h.has_time, h.is_hidden,
                         CASE WHEN h.has_time THEN s.at
                             ELSE date_trunc('day', s.at,
                                 (SELECT time_zone FROM district)) END AS at) v
    WHERE s.student_id = about AND s.entry_id <> ALL (withheld) AND s.at >= since
      AND s.at < until + interval '25 hours' AND v.at >= since AND v.at < until
    ORDER BY v.at DESC, l.id DESC;
END $$;

-- The last changes of a setting, for administrators, who see each other's names. enable_seqscan:
-- the cheapest plan would depend on the number of entries.
CREATE FUNCTION ledger_settings(of text) RETURNS TABLE (at timestamptz, name text, changes text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.at, coalesce((SELECT full_name(p) FROM person p WHERE p.id = l.person_id), ''),
           l.reason
    FROM ledger l
    WHERE l.event = 'setting' AND l.act = of
    ORDER BY l.id DESC LIMIT 20;
END $$;

-- The number and hash of the newest link. No row if there isn't one. The jobs process emails it to
-- the district's IT contact. It names no one.
CREATE FUNCTION ledger_head() RETURNS TABLE (number bigint, hash bytea) LANGUAGE sql STABLE AS $$
    SELECT k.number, k.hash FROM ledger_link k ORDER BY k.number DESC LIMIT 1
$$;

-- For an administrator after such a view: the lines of 13 months, newest first, fifty before a
-- number. Hidden lines say why, by whom, and until when.
CREATE FUNCTION ledger_for_office(child uuid, before bigint)
RETURNS TABLE (entry bigint, at timestamptz, event text, act text, kinds text[], name text,
    capacity text, section text, relation text, reason text, counts jsonb, basis text, until date,
    withholder text, seconder text, is_note boolean, may_withhold boolean, waits boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF opened('ledger') = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT l.id, s.at, l.event, l.act, s.kinds, full_name(p), l.capacity, c.title,
           coalesce(nullif(t.relation, ''), t.kind), reason_of_entry(l), s.counts, w.basis,
           w.until,
           (SELECT full_name(a) FROM person a WHERE a.id = w.withheld_by_id),
           (SELECT full_name(a) FROM person a WHERE a.id = w.seconded_by_id),
           coalesce(w.entry_id <> l.id, false),
           is_withholdable(l, o.id),
           EXISTS (SELECT FROM proposal q
               WHERE q.kind = 'withheld entry' AND q.state = 'waiting'
                 AND q.payload->>'entry' = l.id::text)
    FROM person o JOIN ledger_student s ON s.student_id = o.id JOIN ledger l ON l.id = s.entry_id
         LEFT JOIN person p ON p.id = l.person_id LEFT JOIN section c ON c.id = l.section_id
         LEFT JOIN tie t ON t.id = s.tie_id
         LEFT JOIN withheld_entry w ON w.student_id = o.id AND w.until > today()
             AND (w.entry_id = l.id OR l.id = ANY (w.notes))
    WHERE o.uuid = child AND o.id = ANY (opened('ledger')) AND i_keep_ties_of(o.id)
      AND s.at > now() - interval '396 days' AND (before IS NULL OR l.id < before)
    ORDER BY l.id DESC LIMIT 51;
END $$;

-- After that view, returns the student's names.
CREATE FUNCTION child_of_lines(child uuid) RETURNS TABLE (first_name text, full_name text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF opened('ledger') = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT first_name(p), full_name(p) FROM person p
    WHERE p.uuid = child AND p.id = ANY (opened('ledger')) AND i_keep_ties_of(p.id);
END $$;

GRANT EXECUTE ON FUNCTION ledger_of(uuid, timestamptz, timestamptz), ledger_settings(text),
    ledger_for_office(uuid, bigint), child_of_lines(uuid) TO app;
-- For the sealer: entries without a link, written by a transaction from this one on, and the
-- students they are about. The sealer can't read linked entries.
CREATE FUNCTION entries_unlinked(first_xid bigint, after bigint, most integer)
RETURNS SETOF ledger LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT l.* FROM ledger l WHERE l.xid >= first_xid AND l.id > after
          AND NOT EXISTS (SELECT FROM ledger_link k WHERE k.entry_id = l.id)
        ORDER BY l.id LIMIT most;
END $$;

CREATE FUNCTION students_unlinked(entries bigint[]) RETURNS SETOF ledger_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT s.* FROM ledger_student s WHERE s.entry_id = ANY (entries)
          AND NOT EXISTS (SELECT FROM ledger_link k WHERE k.entry_id = s.entry_id);
END $$;

GRANT EXECUTE ON FUNCTION ledger_head() TO jobs;
GRANT EXECUTE ON FUNCTION entries_unlinked(bigint, bigint, integer),
    students_unlinked(bigint[]) TO sealer;
