-- Erases a student: all rows that refer to the person's row, in every room. A school may order
-- deletion (Cal. Bus. & Prof. Code 22584(d)(2)), and a parent or pupil may ask for it through the
-- district (AB 801).

-- Deletes rows of a table by their keys, after every row that points to one of them. Returns the
-- number of deleted rows by table. The ledger points here without a constraint and keeps its
-- numbers. Its chain would break otherwise, and a number without a person says nothing.
CREATE FUNCTION erase_rows(target regclass, keys text[])
RETURNS TABLE (table_name text, rows bigint) LANGUAGE plpgsql VOLATILE AS $$
DECLARE each record; found text[]; key name := key_of(target); kind text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO kind FROM pg_attribute a
    WHERE a.attrelid = target AND a.attname = key;
    FOR each IN SELECT c.conrelid::regclass AS child, a.attname AS pointer,
    format_type(a.atttypid, a.atttypmod) AS kind
                FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid
                    AND a.attnum = c.conkey[1]
                WHERE c.confrelid = target
                ORDER BY c.conrelid::regclass::text, a.attname LOOP
        IF is_beside(each.child, each.pointer) THEN
            EXECUTE format('UPDATE %s SET %I = NULL WHERE %I = ANY ($1::%s[])', each.child,
                each.pointer, each.pointer, each.kind) USING keys;
            CONTINUE;
        END IF;
        EXECUTE format('SELECT array_agg(%I::text) FROM %s WHERE %I = ANY ($1::%s[])',
            key_of(each.child), each.child, each.pointer, each.kind) INTO found USING keys;
        IF found IS NOT NULL THEN RETURN QUERY SELECT * FROM erase_rows(each.child, found); END IF;
    END LOOP;
    EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1::%s[])', target, key, kind) USING keys;
    GET DIAGNOSTICS rows = ROW_COUNT;
    table_name := target::text;
    RETURN NEXT;
END $$;

-- Runs in the caller's transaction, as owner. The caller has checked why_not_erased(). Also deletes
-- what points to the student without a constraint, the words of notes that wait for the vault, and
-- every import's images. Imports from before can't be undone after this.
CREATE FUNCTION erase_student(who integer, by_directive text)
RETURNS TABLE (table_name text, rows bigint) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE ids integer[] := records_of(who);
    names uuid[];
    newest bigint := (SELECT coalesce(max(n.id), 0) FROM narrowing n);
BEGIN
    SELECT array_agg(p.uuid) INTO names FROM person p WHERE p.id = ANY (ids);
    INSERT INTO erased_student (uuid, sourced_ids, directive)
        SELECT p.uuid, ARRAY(SELECT o.sourced_id FROM person o
            WHERE o.id = ANY (ids) AND o.sourced_id IS NOT NULL
                             UNION SELECT f.sourced_id FROM former_id f
                             WHERE f.person_id = ANY (ids) AND f.leads_here), by_directive
        FROM person p WHERE p.id = who;
    -- Rows that are known by their hash are read once more, and then left out for good.
    INSERT INTO stale_key (file, keys) SELECT k.file, array_agg(k.key) FROM (
        SELECT 'enrollments.csv', e.key FROM enrollment e WHERE e.person_id = ANY (ids)
        UNION ALL SELECT 'results.csv', r.id FROM result r WHERE r.student_id = ANY (ids)
        UNION ALL SELECT 'attendance.csv', a.id FROM attendance_mark a
        WHERE a.student_id = ANY (ids)) k (file, key) GROUP BY k.file;
    RETURN QUERY SELECT * FROM (
        SELECT * FROM erase_rows('change',
            ARRAY(SELECT c.id::text FROM change c WHERE c.person_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('restoration_line',
            ARRAY(SELECT l.id::text FROM restoration_line l
                WHERE l.student_id = ANY (ids) OR l.person_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('result_change',
            ARRAY(SELECT c.id::text FROM result_change c WHERE c.student_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('registration',
            ARRAY(SELECT r.id::text FROM registration r
                WHERE names_one_of(r.child_given_name, r.child_family_name, r.child_birth_date,
                    ids)))
        UNION ALL SELECT * FROM erase_rows('tutor_request',
            ARRAY(SELECT r.id::text FROM tutor_request r
                WHERE names_one_of(r.child_given_name, r.child_family_name, r.child_birth_date,
                    ids)))
        UNION ALL SELECT * FROM erase_rows('news_item',
            ARRAY(SELECT n.id::text FROM news_item n
                WHERE n.named && ids OR students_named_in(news_text(n), ids) <> '{}'))
        UNION ALL SELECT * FROM erase_rows('security_event',
            ARRAY(SELECT e.id::text FROM security_event e JOIN account a ON a.id = e.account_id
                WHERE a.person_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('view_day', ids::text[])
        UNION ALL SELECT * FROM erase_rows('person', ids::text[])) gone WHERE gone.rows > 0;
    DELETE FROM row_image;
    DELETE FROM bucket_image;
    DELETE FROM look_student l WHERE l.student_id = ANY (ids);
    UPDATE narrowing n SET said = '{}'
        WHERE n.kind <> 'erasure'
          AND EXISTS (SELECT FROM unnest(names) u WHERE n.said::text LIKE '%' || u || '%');
    -- Made by the rows that were just deleted.
    DELETE FROM narrowing n WHERE n.id > newest AND n.kind <> 'erasure';
    PERFORM ledger_change('student erased', NULL, NULL, 'operator', NULL, '');
END $$;

-- Lets a student back in if the district wants that. The next whole file is read to the end and
-- brings what it has. Returns how many entries the list had.
CREATE FUNCTION admit_student(of_sourced_id text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE done bigint;
BEGIN
    DELETE FROM erased_student e WHERE of_sourced_id = ANY (e.sourced_ids);
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done > 0 THEN
        DELETE FROM row_hashes WHERE bucket = -1;
        PERFORM ledger_change('student admitted again', NULL, NULL, 'operator', NULL, '');
    END IF;
    RETURN done;
END $$;
