-- Erasing a student: everything that hangs on the person's row goes with it, wherever a room keeps it. Deletion at the school's
-- direction: Cal. Bus. & Prof. Code 22584(d)(2); at the request of a parent or pupil, through the district (AB 801).

-- Why not, as a code, or '': an inspection is asked for or open, and until it is over nothing may be destroyed (34 CFR 99.10(e)); a
-- hold; who is more than a student has a record of another kind; who is still in the district's file would be left out of it every night.
CREATE FUNCTION why_not_erased(who integer, is_enrolled_said boolean) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM inspection i WHERE i.student_id = ANY (records_of(who)) AND (i.state = 'waiting' OR i.open_until > today())) THEN 'inspection'
        WHEN EXISTS (SELECT FROM hold h WHERE h.student_id = ANY (records_of(who)) AND h.ended_at IS NULL) THEN 'hold'
        WHEN NOT p.is_student AND NOT EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.role = 'student') THEN 'no student'
        WHEN p.is_staff OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.role <> 'student') OR EXISTS (SELECT FROM tie t WHERE t.adult_id = who)
            OR EXISTS (SELECT FROM administrator a WHERE a.person_id = who) OR EXISTS (SELECT FROM duty d WHERE d.person_id = who)
            OR EXISTS (SELECT FROM account a WHERE a.person_id = who AND a.side <> 'student') THEN 'not only a student'
        WHEN left_on(who) IS NULL AND NOT is_enrolled_said THEN 'enrolled'
        ELSE '' END
    FROM person p WHERE p.id = who
$$;

-- The person's row, and those whose records were joined into it.
CREATE FUNCTION records_of(who integer) RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE one (id) AS (SELECT who UNION SELECT m.old_id FROM merge m JOIN one ON m.into_id = one.id WHERE m.undone_at IS NULL)
    SELECT array_agg(id) FROM one
$$;

-- Who did something, and a brother whom another child's row names, stand beside a row that is somebody else's: the row stays, without them.
CREATE FUNCTION is_beside(of_table regclass, of_column name) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT of_column LIKE '%\_by\_id' OR (of_table, of_column) IN (('contact'::regclass, 'person_id'), ('age_effect'::regclass, 'opener_id'))
$$;

-- Rows of a table, by their keys, after every row that points to one of them: as many as went, by table. The ledger points without a
-- constraint, and keeps its numbers: its chain would break, and a number that leads to nobody says nothing.
CREATE FUNCTION erase_rows(target regclass, keys text[]) RETURNS TABLE (table_name text, rows bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE each record; found text[]; key name := key_of(target); kind text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO kind FROM pg_attribute a WHERE a.attrelid = target AND a.attname = key;
    FOR each IN SELECT c.conrelid::regclass AS child, a.attname AS pointer, format_type(a.atttypid, a.atttypmod) AS kind
                FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                WHERE c.contype = 'f' AND c.confrelid = target ORDER BY c.conrelid::regclass::text, a.attname LOOP
        IF is_beside(each.child, each.pointer) THEN
            EXECUTE format('UPDATE %s SET %I = NULL WHERE %I = ANY ($1::%s[])', each.child, each.pointer, each.pointer, each.kind) USING keys;
            CONTINUE;
        END IF;
        EXECUTE format('SELECT array_agg(%I::text) FROM %s WHERE %I = ANY ($1::%s[])', key_of(each.child), each.child, each.pointer, each.kind) INTO found USING keys;
        IF found IS NOT NULL THEN RETURN QUERY SELECT * FROM erase_rows(each.child, found); END IF;
    END LOOP;
    EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1::%s[])', target, key, kind) USING keys;
    GET DIAGNOSTICS rows = ROW_COUNT;
    table_name := target::text;
    RETURN NEXT;
END $$;

-- A request that named the child by typing, and was never matched to the record.
CREATE FUNCTION names_one_of(given text, family text, born date, ids integer[]) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM person p JOIN demographic b ON b.person_id = p.id
        WHERE p.id = ANY (ids) AND b.birth_date = born AND lower(p.family_name) = lower(family) AND lower(given) IN (lower(p.given_name), lower(p.preferred_given_name)))
$$;

-- In the caller's transaction, as owner; whoever asked looked at why_not_erased(). Gone too: what points to the student without a
-- constraint, words of notes on their way to the vault, and every image of an import, of which none from before can be taken back then.
CREATE FUNCTION erase_student(who integer, by_directive text) RETURNS TABLE (table_name text, rows bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE ids integer[] := records_of(who); names uuid[]; newest bigint := (SELECT coalesce(max(n.id), 0) FROM narrowing n);
BEGIN
    SELECT array_agg(p.uuid) INTO names FROM person p WHERE p.id = ANY (ids);
    INSERT INTO erased_student (uuid, sourced_ids, directive)
        SELECT p.uuid, ARRAY(SELECT o.sourced_id FROM person o WHERE o.id = ANY (ids) AND o.sourced_id IS NOT NULL
                             UNION SELECT f.sourced_id FROM former_id f WHERE f.person_id = ANY (ids) AND f.leads_here), by_directive
        FROM person p WHERE p.id = who;
    -- Lines that are known by their hash are read once more, and then left out for good.
    INSERT INTO stale_key (file, keys) SELECT k.file, array_agg(k.key) FROM (
        SELECT 'enrollments.csv', e.key FROM enrollment e WHERE e.person_id = ANY (ids)
        UNION ALL SELECT 'results.csv', r.id FROM result r WHERE r.student_id = ANY (ids)
        UNION ALL SELECT 'attendance.csv', a.id FROM attendance_mark a WHERE a.student_id = ANY (ids)) k (file, key) GROUP BY k.file;
    RETURN QUERY SELECT * FROM (
        SELECT * FROM erase_rows('change', ARRAY(SELECT c.id::text FROM change c WHERE c.person_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('restoration_line', ARRAY(SELECT l.id::text FROM restoration_line l WHERE l.student_id = ANY (ids) OR l.person_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('result_change', ARRAY(SELECT c.id::text FROM result_change c WHERE c.student_id = ANY (ids)))
        UNION ALL SELECT * FROM erase_rows('registration', ARRAY(SELECT r.id::text FROM registration r WHERE names_one_of(r.child_given_name, r.child_family_name, r.child_birth_date, ids)))
        UNION ALL SELECT * FROM erase_rows('tutor_request', ARRAY(SELECT r.id::text FROM tutor_request r WHERE names_one_of(r.child_given_name, r.child_family_name, r.child_birth_date, ids)))
        UNION ALL SELECT * FROM erase_rows('person', ids::text[])) gone WHERE gone.rows > 0;
    DELETE FROM row_image;
    DELETE FROM bucket_image;
    UPDATE narrowing n SET said = '{}' WHERE n.kind <> 'erasure' AND EXISTS (SELECT FROM unnest(names) u WHERE n.said::text LIKE '%' || u || '%');
    DELETE FROM narrowing n WHERE n.id > newest AND n.kind <> 'erasure';  -- made by the rows that went just now
    PERFORM ledger_change('student erased', NULL, NULL, 'operator', NULL, '');
END $$;

-- For intake: whose rows a file may still have.
CREATE FUNCTION erased_ids() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT unnest(e.sourced_ids) FROM erased_student e
$$;

-- The district wants somebody back: the next whole file is read to the end, and brings what it has. How many stood on the list.
CREATE FUNCTION admit_student(of_sourced_id text) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
GRANT EXECUTE ON FUNCTION erased_ids() TO intake;
