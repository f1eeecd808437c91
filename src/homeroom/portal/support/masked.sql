-- What a supporter reads: numbers, dates and words of closed lists. No text that a person or a file wrote comes out of these functions:
-- a title, a comment or a local code may hold a name. Students, classes, teachers and adults are called by their place in a list.

-- Writes and commits who is looked at, as look() does; > 0: the look's number, for begin_support(); 0: no grant that runs, or no such student in it.
CREATE FUNCTION support_look(proof bytea, number integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; mine running_support; student integer; moment timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM claim(proof, NULL);
    SELECT * INTO mine FROM running_support;
    SELECT p.id INTO student FROM person p WHERE p.id = mine.students[number];
    IF student IS NULL THEN RETURN 0; END IF;
    INSERT INTO ledger (at, event, act, capacity, session_key, reason, xid)
        VALUES (moment, 'look', 'support', 'support', mine.session_key, mine.uuid::text, pg_current_xact_id()::text::bigint) RETURNING id INTO entry;
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) VALUES (entry, student, moment, ARRAY['grades', 'attendance', 'ties']);
    INSERT INTO support_opening (entry_id, session_key, number, student_id, xid, until)
        VALUES (entry, mine.session_key, number, student, pg_current_xact_id()::text::bigint, moment + interval '30 seconds');
    RETURN entry;
END $$;

-- The student that this request's look opened, while the grant runs; the rule once, for every function below. As open_opening: a look
-- of the running transaction could still be rolled back, so it opens nothing.
CREATE FUNCTION student_in_support() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named bigint := asking_look();
BEGIN
    RETURN (SELECT o.student_id FROM support_opening o JOIN running_support r ON r.session_key = o.session_key
            WHERE o.entry_id = named AND o.until > clock_timestamp() AND o.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint);
END $$;

-- Classes in the order in which a family's page lists them.
CREATE FUNCTION classes_in_support() RETURNS TABLE (section_id integer, class bigint, left_on date) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.section_id, row_number() OVER (ORDER BY s.title, s.id), e.end_date
    FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = (SELECT student_in_support()) AND e.role = 'student' AND e.ended_at IS NULL AND s.ended_at IS NULL
      AND (e.begin_date IS NULL OR e.begin_date <= today())
$$;

CREATE FUNCTION support_classes() RETURNS TABLE (class bigint, left_on date, terms date[], teachers bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mine AS MATERIALIZED (SELECT * FROM classes_in_support()),
         taught AS (SELECT e.section_id, dense_rank() OVER (ORDER BY e.person_id) AS teacher FROM enrollment e
                    WHERE e.section_id IN (SELECT m.section_id FROM mine m) AND e.role = 'teacher' AND e.ended_at IS NULL AND (e.end_date IS NULL OR e.end_date > today()))
    SELECT m.class, m.left_on,
           (SELECT array_agg(ARRAY[t.start_date, t.end_date] ORDER BY t.end_date) FROM section_term st JOIN term t ON t.id = st.term_id
            WHERE st.section_id = m.section_id AND t.ended_at IS NULL),
           ARRAY(SELECT w.teacher FROM taught w WHERE w.section_id = m.section_id ORDER BY 1)
    FROM mine m ORDER BY m.class
$$;

-- A letter grade, where it is one; any other text that stands for a score is only said to be there.
CREATE FUNCTION mark_in_support(score_text text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN score_text ~ '^[A-F][+-]?$' THEN score_text WHEN score_text <> '' THEN '…' END
$$;

-- Work with this student's result, newest first; without a result only what is assigned by now. kind: the category's number.
CREATE FUNCTION support_work() RETURNS TABLE (class bigint, kind bigint, weight float8, due_date date, out_of float8, is_grade boolean, term_starts date, term_ends date,
    score float8, mark text, status smallint, score_date date, is_late boolean, is_missing boolean, is_incomplete boolean, in_progress boolean,
    delivery integer, changed_by integer, old_score float8, old_mark text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.class, dense_rank() OVER (ORDER BY l.category_id), c.weight, l.due_date, l.score_max, l.is_grade, t.start_date, t.end_date,
           r.score, mark_in_support(r.text_score), r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete, r.in_progress,
           r.delivery_id, x.delivery_id, x.old_score, mark_in_support(x.old_text_score)
    FROM classes_in_support() m JOIN line_item l ON l.section_id = m.section_id AND l.ended_at IS NULL
         JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
         LEFT JOIN LATERAL (SELECT * FROM result o WHERE o.student_id = (SELECT student_in_support()) AND o.line_item_id = l.id AND o.ended_at IS NULL
                            ORDER BY o.score_date DESC, o.id DESC LIMIT 1) r ON true
         LEFT JOIN LATERAL (SELECT * FROM result_change y WHERE y.result_id = r.id ORDER BY y.id DESC LIMIT 1) x ON true
    WHERE r.id IS NOT NULL OR l.assign_date <= today()
    ORDER BY l.due_date DESC, l.id DESC LIMIT 2000
$$;

-- presence, excuse: what the district set its codes to mean; 0 and 0 where it set nothing. Of a class only that it is one.
CREATE FUNCTION support_marks(since date) RETURNS TABLE (day date, presence smallint, excuse smallint, is_whole_day boolean, classes bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.day, coalesce(both_set.presence, alone.presence, 0::smallint), coalesce(both_set.excuse, alone.excuse, 0::smallint), bool_or(m.section_id IS NULL),
           array_agg(DISTINCT c.class) FILTER (WHERE c.class IS NOT NULL)
    FROM attendance_mark m
         LEFT JOIN attendance_code both_set ON both_set.status = lower(btrim(m.status)) AND both_set.excuse_code = lower(btrim(m.excuse_code))
         LEFT JOIN attendance_code alone ON alone.status = lower(btrim(m.status)) AND alone.excuse_code = ''
         LEFT JOIN classes_in_support() c ON c.section_id = m.section_id
    WHERE m.student_id = (SELECT student_in_support()) AND m.day >= since AND m.ended_at IS NULL
    GROUP BY 1, 2, 3 ORDER BY 1
$$;

-- Adults and their ties, and why one opens nothing: 'state', 'not begun', 'over', 'barred', 'no account', 'asleep', 'closed'. Of a restriction only that there is one.
CREATE FUNCTION support_ties() RETURNS TABLE (adult bigint, relation text, kind text, state text, proof text, first_day date, end_date date, views text[], closed_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT dense_rank() OVER (ORDER BY t.adult_id),
           CASE WHEN lower(t.relation) IN ('mother', 'father', 'parent', 'guardian', 'grandmother', 'grandfather', 'aunt', 'uncle') THEN lower(t.relation) ELSE '' END,
           t.kind, t.state, t.proof, t.start_date, t.end_date, t.view_kinds,
           CASE WHEN is_restricted(t.adult_id, t.student_id) THEN 'barred' WHEN t.state NOT IN ('approved', 'under challenge') OR t.is_shut THEN 'state'
                WHEN t.start_date > today() THEN 'not begun' WHEN t.end_date <= today() THEN 'over' WHEN a.id IS NULL THEN 'no account'
                WHEN NOT a.is_active THEN 'closed' WHEN NOT EXISTS (SELECT FROM credential k WHERE k.account_id = a.id) THEN 'asleep' ELSE '' END
    FROM tie t LEFT JOIN account a ON a.person_id = t.adult_id AND a.side = 'family'
    WHERE t.student_id = (SELECT student_in_support()) ORDER BY 1, t.id
$$;

-- Files and what became of them, while the grant runs: about no student, so without a look. Of numbers only those that are some.
CREATE FUNCTION support_deliveries() RETURNS TABLE (received_at timestamptz, signed_at timestamptz, ended_at timestamptz, state text, reason text, numbers jsonb, counts jsonb,
    refused jsonb) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.received_at, d.signed_at, d.ended_at, d.state, d.reason,
           (SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') FROM jsonb_each(d.numbers) n WHERE jsonb_typeof(n.value) = 'number'), d.counts,
           (SELECT coalesce(jsonb_object_agg(w.why, w.rows), '{}') FROM (SELECT r.file || ': ' || r.reason AS why, count(*) AS rows FROM refused_row r
                                                                         WHERE r.delivery_id = d.id GROUP BY 1) w)
    FROM delivery d WHERE asking_support() IS NOT NULL ORDER BY d.id DESC LIMIT 30
$$;
-- Whether families are shown estimates where the file has no grade: a setting, read while the grant runs.
CREATE FUNCTION support_estimates() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF asking_support() IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT d.estimates FROM district d);
END $$;
GRANT EXECUTE ON FUNCTION support_estimates() TO app;
GRANT EXECUTE ON FUNCTION support_look(bytea, integer), support_classes(), support_work(), support_marks(date), support_ties(), support_deliveries() TO app;
