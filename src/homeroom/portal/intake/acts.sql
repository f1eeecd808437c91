-- Acts of imports: decisions, questions whether two records are one person, uploads, and the first
-- load of an empty table. app has no right on the tables. The database sets person and time.

-- Drops indexes, unique keys and foreign keys before a first load. In tables of millions of rows it
-- drops the primary key, too. In others, more tables point to it, and it grows in order, which is
-- cheap.
CREATE FUNCTION first_load_open(target text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_used boolean;
    found record;
    later text[] := '{}';
    is_large boolean := target IN ('result', 'attendance_mark');
BEGIN
    IF target NOT IN ('section', 'role', 'demographic', 'contact', 'enrollment', 'line_item',
        'result', 'attendance_mark') THEN
        RAISE EXCEPTION 'no first load of %', target;
    END IF;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', target);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', target) INTO is_used;
    IF is_used THEN
        RAISE EXCEPTION '% is not empty', target;
    END IF;
    -- Images of the new rows would cost as much as the load. Instead one image says that all rows
    -- are new.
    INSERT INTO row_image (delivery_id, at, kind, table_name)
        VALUES (current_setting('homeroom.delivery')::integer, clock_timestamp(), 'filled', target);
    FOR found IN SELECT t.tgname AS name, pg_get_triggerdef(t.oid) AS made FROM pg_trigger t
        WHERE t.tgrelid = target::regclass AND t.tgnewtable IS NOT NULL
    LOOP
        later := later || found.made;
        EXECUTE format('DROP TRIGGER %I ON %I', found.name, target);
    END LOOP;
    FOR found IN SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
        FROM pg_index i
        WHERE i.indrelid = target::regclass
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    LOOP
        later := later || found.made;
        EXECUTE 'DROP INDEX ' || found.name;
    END LOOP;
    -- Foreign keys first (f before p and u), because one that points here depends on such a key.
    FOR found IN SELECT c.conrelid::regclass::text AS owner, c.conname AS name, c.contype,
    pg_get_constraintdef(c.oid) AS made
        FROM pg_constraint c
        WHERE (c.conrelid = target::regclass
                AND (c.contype IN ('f', 'u') OR is_large AND c.contype = 'p'))
           OR (c.confrelid = target::regclass AND is_large)
        ORDER BY c.contype
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.name);
        found.made := format('ALTER TABLE %s ADD CONSTRAINT %I %s', found.owner, found.name,
            found.made);
        later := CASE WHEN found.contype = 'p' THEN found.made || later
            ELSE later || found.made END;
    END LOOP;
    IF is_large THEN
        -- PostgreSQL writes no log for a table file that this transaction made
        EXECUTE format('TRUNCATE %I', target);
    END IF;
    EXECUTE format('COMMENT ON TABLE %I IS %L', target, array_to_json(later)::text);
END $$;

-- Restores what first_load_open() dropped. This checks every row against the foreign keys.
CREATE FUNCTION first_load_close(target text) RETURNS void
LANGUAGE plpgsql VOLATILE SET maintenance_work_mem = '256MB'
    SET default_statistics_target = 100 AS $$
DECLARE statement text;
BEGIN
    FOR statement IN SELECT json_array_elements_text(obj_description(target::regclass,
            'pg_class')::json) LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('COMMENT ON TABLE %I IS NULL', target);
    EXECUTE format('ANALYZE %I', target);
END $$;

-- Returns 'proposed' (needs a second approval), 'answered', 'taken' (someone was faster), or '' as
-- for a question that does not exist.
CREATE FUNCTION propose_answer(of_question uuid, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT id INTO about FROM question
    WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL OR said IN ('same person', 'new person', 'merge') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    INSERT INTO answer (question_id, answer, proposed_by_id, proposed_at)
        VALUES (about, said, asking(), now()) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    RETURN CASE said WHEN 'new person' THEN 'answered' ELSE 'proposed' END;
END $$;

-- Confirms an answer. Someone else must have proposed it, because moving a tie takes two
-- administrators. `said` is the answer that the second one saw.
CREATE FUNCTION confirm_answer(of_question uuid, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT id INTO about FROM question
    WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    UPDATE answer SET confirmed_by_id = asking(), confirmed_at = now()
        WHERE question_id = about AND answer = said AND answer <> 'new person'
          AND confirmed_by_id IS NULL AND proposed_by_id <> asking();
    RETURN CASE WHEN FOUND THEN 'answered' ELSE 'taken' END;
END $$;

-- Withdraws an answer, which is possible until the file is applied. The question is open again.
CREATE FUNCTION withdraw_answer(of_question uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT id INTO about FROM question
    WHERE uuid = of_question AND applied_by_id IS NULL AND may_answer_about(person_id);
    IF about IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    DELETE FROM answer WHERE question_id = about;
    RETURN CASE WHEN FOUND THEN 'open' ELSE 'taken' END;
END $$;

-- Moves back the rows that the merge moved, if they are still where it put them. The next file is
-- read whole, because unchanged lines may belong to the other record now. Returns 'busy' while an
-- import runs.
CREATE FUNCTION undo_merge(of_question uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE m merge; moved record;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT w.* INTO m FROM merge w JOIN question q ON q.id = w.question_id
        WHERE q.uuid = of_question AND may_answer_about(w.old_id) AND may_answer_about(w.into_id);
    IF m.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN ''; END IF;
    -- intake.importing.ONE_AT_A_TIME
    IF NOT pg_try_advisory_xact_lock(4117303) THEN RETURN 'busy'; END IF;
    UPDATE merge SET undone_at = now(), undone_by_id = asking()
        WHERE id = m.id AND undone_at IS NULL;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    PERFORM move_corrections_back(m.id);
    FOR moved IN SELECT * FROM (VALUES ('enrollment', 'person_id', 'integer'),
        ('result', 'student_id', 'uuid'),
                                       ('result_change', 'student_id', 'bigint'),
                                       ('attendance_mark', 'student_id', 'uuid')) AS v (source,
                                       whose, of_key)
    LOOP
        EXECUTE format(
            'UPDATE %I t SET %I = $1 FROM merged_row r WHERE r.merge_id = $2 AND r."table" = $3 AND t.id = r.key::%s AND t.%I = $4',
                       moved.source, moved.whose, moved.of_key, moved.whose) USING m.old_id, m.id,
                       moved.source, m.into_id;
    END LOOP;
    DELETE FROM former_id f
        WHERE f.leads_here AND f.person_id = m.into_id AND f.delivery_id = m.delivery_id;
    DELETE FROM row_hashes WHERE file IN ('enrollments.csv', 'results.csv', 'attendance.csv',
        'users.csv', 'roles.csv', 'demographics.csv', 'contacts.csv');
    PERFORM ledger_same_person(m.old_id, 'merge undone', asking());
    PERFORM ledger_same_person(m.into_id, 'merge undone', asking());
    RETURN 'undone';
END $$;

-- Writes a decision and returns whether it did. The database finds the person and the office. Each
-- delivery has one open decision. If two come at the same time, the second one returns false. app
-- has no INSERT, so it can't forge a decision in someone else's name or one already carried out.
CREATE FUNCTION write_decision(about integer, said text, words text, without_schools text[],
    without_tables text[])
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking(); made integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() OR num_nulls(said, words, without_schools, without_tables) > 0
        OR array_position(without_schools || without_tables, NULL) IS NOT NULL THEN
        RETURN false;
    END IF;
    INSERT INTO decision (delivery_id, verdict, by_id, why, schools, tables)
        SELECT v.id, said, me, words, without_schools, without_tables FROM delivery v
        WHERE v.id = about AND CASE said WHEN 'undo' THEN v.state = 'imported'
            AND v.ended_at > now() - interval '30 days'
                                         ELSE v.state = 'held' END
        ON CONFLICT (delivery_id) WHERE done_at IS NULL DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN false; END IF;
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, xid)
        VALUES (clock_timestamp(), 'import ' || said, 'administrator', me, about,
            pg_current_xact_id()::text::bigint);
    RETURN true;
END $$;

-- Deletes change sets 30 days after their deliveries ended, for the jobs process. Returns how many
-- changes it deleted.
CREATE FUNCTION change_sets_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH old AS (SELECT id FROM delivery WHERE ended_at < now() - interval '30 days'),
         details AS (DELETE FROM change_detail
             WHERE change_id IN (SELECT c.id FROM change c
                 WHERE c.delivery_id IN (SELECT id FROM old))),
         counts AS (DELETE FROM change_count WHERE delivery_id IN (SELECT id FROM old)),
         swept AS (DELETE FROM change WHERE delivery_id IN (SELECT id FROM old) RETURNING 1)
    SELECT count(*) FROM swept
$$;

-- Gives an administrator permission to send one file. Returns NULL to anyone else, and after 20 in
-- an hour. Sealed files are kept for days, and a stolen session must not fill the disk in a night.
-- The database finds the person. app has no grant on the table.
CREATE FUNCTION begin_upload() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking(); made uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    IF NOT is_fresh() THEN RETURN NULL; END IF;
    PERFORM hold(4117304, me);  -- or simultaneous calls would not count each other
    IF (SELECT count(*) FROM upload WHERE by_id = me AND at > now() - interval '1 hour') >= 20 THEN
        RETURN NULL;
    END IF;
    INSERT INTO upload (by_id) VALUES (me) RETURNING id INTO made;
    RETURN made;
END $$;

-- Whether an administrator had permission to send this delivery. A repeated call returns the same.
-- A permission is valid for one delivery within three hours. So inbox and intake can neither invent
-- a person who sent a file nor use one person's permission for a second file.
CREATE FUNCTION claim_upload(about integer, leave uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer;
BEGIN
    IF EXISTS (SELECT FROM upload WHERE delivery_id = about) THEN RETURN true; END IF;
    UPDATE upload u SET delivery_id = about FROM delivery v
        WHERE u.id = leave AND u.delivery_id IS NULL AND v.id = about
          AND v.received_at BETWEEN u.at - interval '1 minute' AND u.at + interval '3 hours'
        RETURNING u.by_id INTO who;
    IF who IS NULL THEN RETURN false; END IF;
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, xid)
        VALUES (clock_timestamp(), 'import upload', 'administrator', who, about,
            pg_current_xact_id()::text::bigint);
    RETURN true;
END $$;

-- Deletes unused permissions after 30 days, for the jobs process. A portal may be off for a while
-- with a file in its inbox.
CREATE FUNCTION uploads_swept() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH swept AS (DELETE FROM upload WHERE delivery_id IS NULL AND at < now() - interval '30 days'
        RETURNING 1) SELECT count(*) FROM swept
$$;

-- Lets one process at a time send import reports. jobs can't take advisory locks itself, because it
-- could then hold those that imports and the door's count need. This function takes one for it. The
-- session keeps it until end_reports(), or until it ends.
CREATE FUNCTION begin_reports() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_try_advisory_lock(4117304)
$$;

CREATE FUNCTION end_reports() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_unlock(4117304)
$$;

GRANT EXECUTE ON FUNCTION first_load_open(text), first_load_close(text),
    claim_upload(integer, uuid) TO intake;
GRANT EXECUTE ON FUNCTION propose_answer(uuid, text), confirm_answer(uuid, text),
    withdraw_answer(uuid), undo_merge(uuid), write_decision(integer, text, text, text[], text[]),
    begin_upload() TO app;
GRANT EXECUTE ON FUNCTION change_sets_swept(), uploads_swept(), begin_reports(),
    end_reports() TO jobs;
