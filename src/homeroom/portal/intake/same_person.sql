-- Questions whether two records are one person, as administrators meet them. app has no right on the tables: it calls these, and the
-- person and the time come from the database.

-- Nobody decides on a child they are tied to or barred from, or on themselves; nor on a masked one of another school's, whose name stands beside.
CREATE FUNCTION may_answer_about(subject integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_offices()) AND subject <> asking() AND NOT subject = ANY (barred_from())
        AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = asking() AND t.student_id = subject)
        AND NOT is_masked_from_me(subject)
$$;

CREATE FUNCTION questions_of(of_delivery integer)
RETURNS TABLE (question uuid, kind text, sourced_id text, answer text, proposed_by text, proposed_at timestamptz, is_mine boolean,
               confirmed_by text, confirmed_at timestamptz, is_applied boolean, is_merged boolean, undone_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT q.uuid, q.kind, q.sourced_id, a.answer, full_name(p), a.proposed_at, a.proposed_by_id = asking(), full_name(c), a.confirmed_at,
           q.applied_by_id IS NOT NULL, m.id IS NOT NULL AND m.undone_at IS NULL, m.undone_at
    FROM question q LEFT JOIN answer a ON a.question_id = q.id LEFT JOIN person p ON p.id = a.proposed_by_id
         LEFT JOIN person c ON c.id = a.confirmed_by_id LEFT JOIN merge m ON m.question_id = q.id
    WHERE q.delivery_id = of_delivery AND may_answer_about(q.person_id)
    ORDER BY (a.answer = 'new person' OR a.confirmed_by_id IS NOT NULL) IS TRUE, q.id
$$;

-- Both records beside each other, for whom a look at them is written; else nothing.
CREATE FUNCTION question_beside(of_question uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE q question; p person;
BEGIN
    SELECT * INTO q FROM question WHERE uuid = of_question AND person_id = ANY (opened('birth date')) AND may_answer_about(person_id);
    IF q.id IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO p FROM person WHERE id = q.person_id;
    RETURN jsonb_build_object(
        'delivery', q.delivery_id,
        'file', jsonb_build_object('sourced_id', q.sourced_id, 'given_name', q.given_name, 'family_name', q.family_name,
            'birth_date', q.birth_date, 'grade_levels', q.grade_levels, 'schools', q.schools),
        'ours', jsonb_build_object('sourced_id', coalesce(p.sourced_id, ''), 'given_name', p.given_name, 'family_name', p.family_name,
            'birth_date', (SELECT d.birth_date FROM demographic d WHERE d.person_id = p.id), 'grade_levels', array_to_string(p.grade_levels, ', '),
            'schools', coalesce((SELECT string_agg(DISTINCT s.name, ', ') FROM role r JOIN school s ON s.id = r.school_id
                                 WHERE r.person_id = p.id AND (r.ended_at IS NULL OR p.ended_at IS NOT NULL)), '')),
        'ended_at', p.ended_at,
        'ties', (SELECT count(*) FROM tie t WHERE p.id IN (t.student_id, t.adult_id) AND t.state <> 'ended'),
        'accounts', (SELECT count(*) FROM account a WHERE a.person_id = p.id));
END $$;

-- 'proposed' (waits for a second), 'answered', 'taken' (somebody was faster), '' as for a question that does not exist.
CREATE FUNCTION propose_answer(of_question uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer;
BEGIN
    SELECT id INTO about FROM question WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL OR said NOT IN ('same person', 'new person', 'merge') THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    INSERT INTO answer (question_id, answer, proposed_by_id, proposed_at) VALUES (about, said, asking(), now()) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    RETURN CASE said WHEN 'new person' THEN 'answered' ELSE 'proposed' END;
END $$;

-- By another than who proposed it: one person's word moves no tie. said: what the second administrator read and confirms.
CREATE FUNCTION confirm_answer(of_question uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer;
BEGIN
    SELECT id INTO about FROM question WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    UPDATE answer SET confirmed_by_id = asking(), confirmed_at = now()
        WHERE question_id = about AND answer = said AND answer <> 'new person' AND confirmed_by_id IS NULL AND proposed_by_id <> asking();
    RETURN CASE WHEN FOUND THEN 'answered' ELSE 'taken' END;
END $$;

-- Until the file is applied an answer can be taken away, and the question is open again.
CREATE FUNCTION withdraw_answer(of_question uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer;
BEGIN
    SELECT id INTO about FROM question WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    DELETE FROM answer WHERE question_id = about;
    RETURN CASE WHEN FOUND THEN 'open' ELSE 'taken' END;
END $$;

-- Exactly the rows that the merge moved go back, as far as they are still where it put them. The next file is read whole: lines that
-- are as they were may belong to the other record now. 'busy' while an import runs.
CREATE FUNCTION undo_merge(of_question uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE m merge; moved record;
BEGIN
    SELECT w.* INTO m FROM merge w JOIN question q ON q.id = w.question_id
        WHERE q.uuid = of_question AND may_answer_about(w.old_id) AND may_answer_about(w.into_id);
    IF m.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    IF NOT pg_try_advisory_xact_lock(4117303) THEN RETURN 'busy'; END IF;  -- intake.importing.ONE_AT_A_TIME
    UPDATE merge SET undone_at = now(), undone_by_id = asking() WHERE id = m.id AND undone_at IS NULL;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    FOR moved IN SELECT * FROM (VALUES ('enrollment', 'person_id', 'integer'), ('result', 'student_id', 'uuid'),
                                       ('result_change', 'student_id', 'bigint'), ('attendance_mark', 'student_id', 'uuid')) AS v (source, whose, of_key)
    LOOP
        EXECUTE format('UPDATE %I t SET %I = $1 FROM merged_row r WHERE r.merge_id = $2 AND r."table" = $3 AND t.id = r.key::%s AND t.%I = $4',
                       moved.source, moved.whose, moved.of_key, moved.whose) USING m.old_id, m.id, moved.source, m.into_id;
    END LOOP;
    DELETE FROM former_id f WHERE f.leads_here AND f.person_id = m.into_id AND f.delivery_id = m.delivery_id;
    DELETE FROM row_hashes WHERE file IN ('enrollments.csv', 'results.csv', 'attendance.csv', 'users.csv', 'roles.csv', 'demographics.csv', 'contacts.csv');
    PERFORM ledger_same_person(m.old_id, 'merge undone', asking());
    PERFORM ledger_same_person(m.into_id, 'merge undone', asking());
    RETURN 'undone';
END $$;

GRANT EXECUTE ON FUNCTION questions_of(integer), question_beside(uuid), propose_answer(uuid, text), confirm_answer(uuid, text),
    withdraw_answer(uuid), undo_merge(uuid) TO app;
