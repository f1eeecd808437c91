-- The ledger as a family reads it, and the lines that are not looks. Nobody but these functions and look() writes it.

-- What one line says. Of another adult of the family only name and relation, and the day without the time (has_time: false); of a
-- confidential tie not even these, whoever did something with it. Never a device, address or place. Where there is no time there is no
-- entry_id either, and the bounds count days: numbers of neighbours, or narrow bounds, would tell the time after all.
CREATE FUNCTION ledger_of(child uuid, since timestamptz, until timestamptz)
RETURNS TABLE (entry_id bigint, at timestamptz, event text, act text, kinds text[], is_me boolean, name text, capacity text, section text,
               relation text, proven_at timestamptz, is_hidden boolean, reason text, counts jsonb, has_time boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE me integer := asking(); about integer; withheld bigint[];
BEGIN
    SELECT p.id INTO about FROM person p WHERE p.uuid = child AND p.id = ANY ((SELECT opened('ledger'))::integer[]);
    IF about IS NULL THEN RETURN; END IF;
    withheld := withheld_of(about);
    RETURN QUERY
    SELECT CASE WHEN v.has_time THEN l.id END, v.at, l.event, l.act, s.kinds, coalesce(l.person_id = me, false),
           CASE WHEN NOT v.is_hidden THEN full_name(p) END, l.capacity, c.title,
           CASE WHEN NOT v.is_hidden THEN coalesce(nullif(t.relation, ''), t.kind) END,
           CASE WHEN NOT v.is_hidden THEN t.approved_at END, v.is_hidden,
           CASE WHEN NOT v.is_hidden THEN l.reason ELSE '' END, s.counts, v.has_time
    FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
         LEFT JOIN person p ON p.id = l.person_id LEFT JOIN section c ON c.id = l.section_id LEFT JOIN tie t ON t.id = s.tie_id,
         LATERAL (SELECT l.capacity <> 'family' OR coalesce(l.person_id = me, false) AS has_time,
                         coalesce(t.is_confidential AND t.adult_id <> me, false) AS is_hidden) h,
         LATERAL (SELECT h.has_time, h.is_hidden,
                         CASE WHEN h.has_time THEN s.at ELSE date_trunc('day', s.at, (SELECT time_zone FROM district)) END AS at) v
    WHERE s.student_id = about AND s.entry_id <> ALL (withheld) AND s.at >= since AND s.at < until + interval '1 day' AND v.at >= since AND v.at < until
    ORDER BY v.at DESC, l.id DESC;
END $$;

-- How many people at school viewed these students' records since a moment, and who did last. Hidden entries are left out.
CREATE FUNCTION staff_views_in(students integer[], since timestamptz)
RETURNS TABLE (student integer, people bigint, last_name text, last_at timestamptz, last_section text, last_capacity text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE is_whole boolean := NOT EXISTS (SELECT FROM withheld_entry w WHERE w.student_id = ANY (students));
BEGIN
    RETURN QUERY
    SELECT s.student_id, count(DISTINCT l.person_id),
           (array_agg(full_name(w) ORDER BY s.at DESC))[1], max(s.at),
           (array_agg(c.title ORDER BY s.at DESC))[1], (array_agg(l.capacity ORDER BY s.at DESC))[1]
    FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look' AND l.capacity NOT IN ('family', 'student')
         JOIN person w ON w.id = l.person_id LEFT JOIN section c ON c.id = l.section_id
    WHERE s.student_id = ANY (students) AND s.at >= since AND (is_whole OR s.entry_id <> ALL (withheld_of(s.student_id)))
    GROUP BY s.student_id;
END $$;

-- The nightly file's line, for each student whose rows it changed; counts: {"scores": 3, "marks": 1}. Called by intake in its one transaction.
CREATE FUNCTION ledger_import(delivery integer, students integer[], counts jsonb[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, delivery_id, xid)
        VALUES (moment, 'import', 'file', delivery, pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds, counts)
        SELECT entry, s, moment, ARRAY[]::text[], c FROM unnest(students, counts) AS u (s, c);
END $$;

-- An import taken back: for each student in that import's line who is still here. reason: the time of its export; the person, who decided.
CREATE FUNCTION ledger_undo(delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, reason, xid)
        SELECT moment, 'undo', 'file', d.by_id, v.id, to_char(v.signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               pg_current_xact_id()::text::bigint
        FROM delivery v LEFT JOIN decision d ON d.delivery_id = v.id AND d.verdict = 'undo' AND d.done_at IS NULL
        WHERE v.id = delivery RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds, counts)
        SELECT entry, s.student_id, moment, ARRAY[]::text[], s.counts
        FROM ledger l JOIN ledger_student s ON s.entry_id = l.id JOIN person p ON p.id = s.student_id
        WHERE l.delivery_id = delivery AND l.event = 'import';
END $$;

-- What was done with a tie, a duty or an office, by the operator's command or by a person; written where the change is made.
CREATE FUNCTION ledger_change(event text, student integer, by_person integer, by_capacity text, by_tie integer, why text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, reason, xid)
        VALUES (moment, event, by_capacity, by_person, why, pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    IF student IS NOT NULL THEN
        INSERT INTO ledger_student (entry_id, student_id, at, kinds, tie_id) VALUES (entry, student, moment, ARRAY[]::text[], by_tie);
    END IF;
END $$;

-- What administrators said about two records that may be one person, in the ledger of the record that was here. answer is the event.
CREATE FUNCTION ledger_same_person(about integer, answer text, by_person integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF answer NOT IN ('same person', 'new person', 'merge', 'merge undone') THEN
        RAISE EXCEPTION 'no answer about a person';
    END IF;
    PERFORM ledger_change(answer, about, by_person, 'administrator', NULL, '');
END $$;

-- The answers that an import carried out, each once. Who gave them stands in their rows, which intake cannot write: it names nobody here.
CREATE FUNCTION ledger_answers(delivery integer) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ledger_same_person(q.person_id, a.answer, a.proposed_by_id) FROM question q JOIN answer a ON a.question_id = q.id
    WHERE q.applied_by_id = delivery AND (a.answer = 'new person' OR a.confirmed_by_id IS NOT NULL) AND NOT EXISTS (
        SELECT FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
        WHERE s.student_id = q.person_id AND s.at >= a.proposed_at AND l.event = a.answer AND l.person_id = a.proposed_by_id)
$$;

-- What somebody changed in the district's settings: it is about no student. of: which setting; why: what was and what is, as JSON; by_person: NULL for the operator.
CREATE FUNCTION ledger_setting(of text, why text, by_person integer, by_capacity text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger (at, event, act, capacity, person_id, reason, xid)
        VALUES (clock_timestamp(), 'setting', of, by_capacity, by_person, why, pg_current_xact_id()::text::bigint)
$$;

-- The last changes of a setting, for administrators, who see each other's names.
CREATE FUNCTION ledger_settings(of text) RETURNS TABLE (at timestamptz, name text, changes text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.at, full_name(p), l.reason FROM ledger l JOIN person p ON p.id = l.person_id
    WHERE l.event = 'setting' AND l.act = of AND EXISTS (SELECT FROM my_offices()) ORDER BY l.id DESC LIMIT 20
$$;
GRANT EXECUTE ON FUNCTION ledger_of(uuid, timestamptz, timestamptz), ledger_settings(text) TO app;
GRANT EXECUTE ON FUNCTION ledger_import(integer, integer[], jsonb[]), ledger_undo(integer), ledger_answers(integer) TO intake;

-- Number and hash of the newest link, no row where there is none. jobs emails it to the district's IT contact: it names no one.
CREATE FUNCTION ledger_head() RETURNS TABLE (number bigint, hash bytea) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.number, k.hash FROM ledger_link k ORDER BY k.number DESC LIMIT 1
$$;
GRANT EXECUTE ON FUNCTION ledger_head() TO jobs;
