-- Access log entries that are not views: imports, answers about records, hidden entries. Only these
-- functions, look() and access/telling write the log.

-- Adds a view by staff to the summary that pages read (view_day). It has one row per student, day
-- of the district, person and act. The rows are written in the order of the students, so that two
-- views of one person never deadlock. A class may name a student twice.
CREATE FUNCTION write_view_day(entry bigint, moment timestamptz, viewer integer, by_act text,
    students integer[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO view_day AS v (student_id, day, person_id, act, entry_id, last_at)
        SELECT DISTINCT u, (moment AT TIME ZONE (SELECT d.time_zone FROM district d))::date, viewer,
               by_act, entry, moment
        FROM unnest(students) u ORDER BY u
        ON CONFLICT (student_id, day, person_id, act) DO UPDATE
            SET entry_id = excluded.entry_id, last_at = excluded.last_at
            WHERE v.last_at <= excluded.last_at;
END $$;

-- An office viewed a list. Each student's log gets one line a day for the same person and list. The
-- second of two simultaneous views waits for the first and finds its row.
CREATE FUNCTION write_list_day(entry bigint, moment timestamptz, viewer integer, by_act text,
    students integer[], of_kinds text[]) RETURNS void LANGUAGE sql VOLATILE AS $$
    WITH first_today AS (
        INSERT INTO view_day (student_id, day, person_id, act, entry_id, last_at)
            SELECT u, (moment AT TIME ZONE d.time_zone)::date, viewer, by_act, entry, moment
            FROM unnest(students) u, district d ORDER BY u
            ON CONFLICT DO NOTHING RETURNING student_id
    )
    INSERT INTO ledger_student (entry_id, student_id, at, kinds)
        SELECT entry, f.student_id, moment, of_kinds FROM first_today f
$$;

-- Writes the nightly file's line for each student whose rows it changed. `counts` is {"scores": 3,
-- "marks": 1}. intake calls it in its one transaction.
CREATE FUNCTION ledger_import(delivery integer, students integer[], counts jsonb[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, delivery_id, xid)
        VALUES (moment, 'import', 'file', delivery, pg_current_xact_id()::text::bigint)
        RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds, counts)
        SELECT entry, s, moment, ARRAY[]::text[], c FROM unnest(students, counts) AS u (s, c);
END $$;

-- Writes a line about an undone import for each student in that import's line who is still here.
-- `reason` is the time of its export. The person is the one who decided.
CREATE FUNCTION ledger_undo(delivery integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, reason, xid)
        SELECT moment, 'undo', 'file', d.by_id, v.id,
               to_char(v.signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               pg_current_xact_id()::text::bigint
        FROM delivery v LEFT JOIN decision d ON d.delivery_id = v.id AND d.verdict = 'undo'
            AND d.done_at IS NULL
        WHERE v.id = delivery RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds, counts)
        SELECT entry, s.student_id, moment, ARRAY[]::text[], s.counts
        FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
             JOIN person p ON p.id = s.student_id
        WHERE l.delivery_id = delivery AND l.event = 'import';
END $$;

-- Records what administrators said about two records that may be one person. It is in the ledger of
-- the record that was here, and `answer` is the event.
CREATE FUNCTION ledger_same_person(about integer, answer text, by_person integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF answer NOT IN ('same person', 'new person', 'merge', 'merge undone') THEN
        RAISE EXCEPTION 'no answer about a person';
    END IF;
    PERFORM ledger_change(answer, about, by_person, 'administrator', NULL, '');
END $$;

-- Records the answers that an import carried out, each once. The people who gave them come from
-- rows that intake can't write, so intake can't name anyone.
CREATE FUNCTION ledger_answers(delivery integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT ledger_same_person(q.person_id, a.answer, a.proposed_by_id)
    FROM question q JOIN answer a ON a.question_id = q.id
    WHERE q.applied_by_id = delivery AND (a.answer = 'new person' OR a.confirmed_by_id IS NOT NULL)
      AND NOT EXISTS (
        SELECT FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
        WHERE s.student_id = q.person_id AND s.at >= a.proposed_at AND l.event = a.answer
          AND l.person_id = a.proposed_by_id)
$$;

-- `until_day` is the first day on which the entry shows again. Today means right away, for an entry
-- that is hidden now. Returns 'proposed' or 'taken'. 'basis', 'days' and 'why' say what is wrong.
-- 'again': a new proof is needed. '': not allowed.
CREATE FUNCTION propose_withholding(child uuid, entry bigint, because text, until_day date,
    why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := one_of(opened('ledger'), child); l ledger;
BEGIN
    IF about IS NULL OR NOT i_keep_ties_of(about) THEN RETURN ''; END IF;
    SELECT * INTO l FROM ledger k WHERE k.id = entry AND is_withholdable(k, about);
    IF l.id IS NULL THEN RETURN ''; END IF;
    IF because IN ('child protection', 'sealed order', 'safety') IS NOT true THEN
        RETURN 'basis';
    END IF;
    IF until_day IS NULL OR until_day > today() + interval '1 year' OR until_day < today()
        OR until_day = today() AND entry = ANY (withheld_of(about)) IS NOT true THEN
        RETURN 'days';
    END IF;
    IF trim(why) = '' OR length(why) > 2000 THEN RETURN 'why'; END IF;
    RETURN propose('withheld entry', l.person_id, school_of_student(about),
        jsonb_build_object('entry', entry, 'student', child, 'basis', because, 'until', until_day),
        why);
END $$;

-- Carries out the proposal. The lines about it are hidden for the same time. False if the last day
-- passed before the second approval.
CREATE FUNCTION withhold_entry(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := (SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid);
    over date := p.payload->>'until';
    said text := p.payload->>'basis';
    of_entry bigint := p.payload->>'entry'; made bigint[];
BEGIN
    IF about IS NULL OR over < today() OR over = today()
        AND of_entry <> ALL (withheld_of(about)) THEN
        RETURN false;
    END IF;
    IF over = today() THEN
        UPDATE withheld_entry SET until = over WHERE student_id = about AND entry_id = of_entry;
        PERFORM ledger_change('entry shown', about, p.proposed_by_id, 'administrator', NULL, said);
        RETURN true;
    END IF;
    made := ARRAY[ledger_note(about, p.proposed_by_id, said),
        ledger_note(about, p.decided_by_id, said)];
    INSERT INTO withheld_entry (entry_id, student_id, notes, basis, until, withheld_by_id,
        seconded_by_id) VALUES (of_entry, about, made, said, over, p.proposed_by_id,
        p.decided_by_id)
        ON CONFLICT (student_id, entry_id)
            DO UPDATE SET notes = CASE WHEN withheld_entry.until > today() THEN withheld_entry.notes
                ELSE '{}' END || excluded.notes, basis = excluded.basis, until = excluded.until,
            withheld_by_id = excluded.withheld_by_id, seconded_by_id = excluded.seconded_by_id,
            at = now();
    RETURN true;
END $$;

-- Writes a line as ledger_change() does, and returns its number. The family can't read this line
-- yet.
CREATE FUNCTION ledger_note(student integer, by_person integer, why text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE made bigint; moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO ledger (at, event, capacity, person_id, reason, xid)
        VALUES (moment, 'entry withheld', office_of(by_person), by_person, why,
            pg_current_xact_id()::text::bigint) RETURNING id INTO made;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds)
        VALUES (made, student, moment, ARRAY[]::text[]);
    RETURN made;
END $$;

GRANT EXECUTE ON FUNCTION ledger_import(integer, integer[], jsonb[]), ledger_undo(integer),
    ledger_answers(integer) TO intake;
GRANT EXECUTE ON FUNCTION propose_withholding(uuid, bigint, text, date, text) TO app;
