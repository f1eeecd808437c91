-- A line of a student's ledger that the family does not read until a day (child protection, a sealed order, safety): by two administrators, for a
-- year at most, renewable. The line stays in the ledger and in the chain, and so do the lines that say who withheld it.

-- Lines that no family reads now, and the lines that say so.
CREATE FUNCTION withheld_of(child integer) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(e), '{}') FROM withheld_entry w, unnest(w.entry_id || w.notes) e WHERE w.student_id = child AND w.until > today()
$$;

-- For an administrator after a look of that kind: the lines of 13 months, newest first, fifty before a number, with what is withheld, why, by whom, until when.
CREATE FUNCTION ledger_for_office(child uuid, before bigint)
RETURNS TABLE (entry bigint, at timestamptz, event text, act text, kinds text[], name text, capacity text, section text, relation text, reason text, counts jsonb,
    basis text, until date, withholder text, seconder text, is_note boolean, may_withhold boolean, waits boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.id, s.at, l.event, l.act, s.kinds, full_name(p), l.capacity, c.title, coalesce(nullif(t.relation, ''), t.kind), l.reason, s.counts, w.basis, w.until,
           (SELECT full_name(a) FROM person a WHERE a.id = w.withheld_by_id), (SELECT full_name(a) FROM person a WHERE a.id = w.seconded_by_id), coalesce(w.entry_id <> l.id, false),
           is_withholdable(l, o.id), EXISTS (SELECT FROM proposal q WHERE q.kind = 'withheld entry' AND q.state = 'waiting' AND q.payload->>'entry' = l.id::text)
    FROM person o JOIN ledger_student s ON s.student_id = o.id JOIN ledger l ON l.id = s.entry_id
         LEFT JOIN person p ON p.id = l.person_id LEFT JOIN section c ON c.id = l.section_id LEFT JOIN tie t ON t.id = s.tie_id
         LEFT JOIN withheld_entry w ON w.student_id = o.id AND w.until > today() AND (w.entry_id = l.id OR l.id = ANY (w.notes))
    WHERE o.uuid = child AND o.id = ANY (opened('ledger')) AND i_keep_ties_of(o.id) AND s.at > now() - interval '396 days' AND (before IS NULL OR l.id < before)
    ORDER BY l.id DESC LIMIT 51
$$;

-- After that look: whose lines they are.
CREATE FUNCTION child_of_lines(child uuid) RETURNS TABLE (first_name text, full_name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT first_name(p), full_name(p) FROM person p WHERE p.uuid = child AND p.id = ANY (opened('ledger')) AND i_keep_ties_of(p.id)
$$;

-- Nobody withholds what they did themselves, or what another adult of their own child did; and no line that says that one is withheld.
CREATE FUNCTION is_withholdable(l ledger, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT may_decide_about(l.person_id) AND l.event NOT IN ('entry withheld', 'entry shown')
        AND EXISTS (SELECT FROM ledger_student s WHERE s.entry_id = l.id AND s.student_id = child)
$$;

-- until: the first day on which it shows again; today: at once, of one that is withheld. 'proposed', 'taken'; 'basis', 'days', 'why': what is odd; 'again'; ''.
CREATE FUNCTION propose_withholding(child uuid, entry bigint, because text, until_day date, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer := (SELECT p.id FROM person p WHERE p.uuid = child AND p.id = ANY (opened('ledger')) AND i_keep_ties_of(p.id)); l ledger;
BEGIN
    SELECT * INTO l FROM ledger k WHERE k.id = entry AND about IS NOT NULL AND is_withholdable(k, about);
    IF l.id IS NULL THEN RETURN ''; END IF;
    IF because <> ALL (ARRAY['child protection', 'sealed order', 'safety']) THEN RETURN 'basis'; END IF;
    IF until_day IS NULL OR until_day > today() + interval '1 year' OR until_day < today() OR until_day = today() AND entry <> ALL (withheld_of(about)) THEN RETURN 'days'; END IF;
    IF trim(why) = '' OR length(why) > 2000 THEN RETURN 'why'; END IF;
    RETURN propose('withheld entry', l.person_id, school_of_student(about), jsonb_build_object('entry', entry, 'student', child, 'basis', because, 'until', until_day), why);
END $$;

-- What two people agreed on. The lines that say so are withheld as long. False: its last day is over before the second answered.
CREATE FUNCTION withhold_entry(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer := (SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid); over date := p.payload->>'until'; said text := p.payload->>'basis';
    of_entry bigint := p.payload->>'entry'; made bigint[];
BEGIN
    IF about IS NULL OR over < today() OR over = today() AND of_entry <> ALL (withheld_of(about)) THEN RETURN false; END IF;
    IF over = today() THEN
        UPDATE withheld_entry SET until = over WHERE student_id = about AND entry_id = of_entry;
        PERFORM ledger_change('entry shown', about, p.proposed_by_id, 'administrator', NULL, said);
        RETURN true;
    END IF;
    made := ARRAY[ledger_note(about, p.proposed_by_id, said), ledger_note(about, p.decided_by_id, said)];
    INSERT INTO withheld_entry (entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id) VALUES (of_entry, about, made, said, over, p.proposed_by_id, p.decided_by_id)
        ON CONFLICT (student_id, entry_id) DO UPDATE SET notes = CASE WHEN withheld_entry.until > today() THEN withheld_entry.notes ELSE '{}' END || excluded.notes, basis = excluded.basis, until = excluded.until,
            withheld_by_id = excluded.withheld_by_id, seconded_by_id = excluded.seconded_by_id, at = now();
    RETURN true;
END $$;

-- As ledger_change() writes a line, and its number: that of a line nobody of the family reads yet.
CREATE FUNCTION ledger_note(student integer, by_person integer, why text) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, reason, xid)
        VALUES (moment, 'entry withheld', office_of(by_person), by_person, why, pg_current_xact_id()::text::bigint) RETURNING id INTO made;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) VALUES (made, student, moment, ARRAY[]::text[]);
    RETURN made;
END $$;
GRANT EXECUTE ON FUNCTION child_of_lines(uuid), ledger_for_office(uuid, bigint), propose_withholding(uuid, bigint, text, date, text) TO app;
