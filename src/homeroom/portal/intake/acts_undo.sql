-- Takes an import back.

CREATE FUNCTION images_begin(delivery integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT set_config('homeroom.delivery', delivery::text, true);
    INSERT INTO row_image (delivery_id, at, kind) VALUES (delivery, clock_timestamp(), 'begun')
$$;

-- Undoes an import's rows. Returns '', or why it can't. In that case the caller rolls back. A tie,
-- an account or a decision may point to a new row by now. Then its foreign key fails, so that
-- nothing points to a missing row.
CREATE FUNCTION undo_rows(delivery integer) RETURNS text
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE begun row_image; targets text[]; emptied text[]; target text;
BEGIN
    SELECT * INTO begun FROM row_image i WHERE i.delivery_id = delivery AND i.kind = 'begun';
    IF begun.id IS NULL OR begun.at < clock_timestamp() - interval '30 days' THEN
        RETURN 'undo-too-late';
    END IF;
    IF EXISTS (SELECT FROM row_image i WHERE i.kind = 'begun' AND i.id > begun.id) THEN
        RETURN 'undo-newer-first';
    END IF;
    -- Separating two records deleted the known lines (row_hashes), which must not come back.
    IF EXISTS (SELECT FROM merge m WHERE m.undone_at > begun.at) THEN
        RETURN 'undo-written-since';
    END IF;
    PERFORM set_config('homeroom.delivery', 'undo', true);
    SELECT array_agg(DISTINCT i.table_name) INTO targets FROM row_image i
    WHERE i.delivery_id = delivery AND i.table_name <> '';
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        -- other writers wait, so that no write is lost
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', target);
        IF was_columns(target, delivery)
            <> (columns_of(target::regclass))[1:cardinality(was_columns(target, delivery))] THEN
            RETURN 'undo-upgraded';
        END IF;
        IF written_by_hand(target, delivery, begun.id) THEN RETURN 'undo-written-since'; END IF;
    END LOOP;
    SET CONSTRAINTS ALL DEFERRED;
    -- Corrections have no image. Those that this import's merges moved go back.
    PERFORM move_corrections_back(m.id) FROM merge m
        WHERE m.delivery_id = delivery AND m.undone_at IS NULL ORDER BY m.id DESC;
    emptied := undo_filled(delivery, targets);
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        IF target <> ALL (emptied) THEN PERFORM undo_new(target, delivery); END IF;
    END LOOP;
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        PERFORM undo_changed(target, delivery), undo_gone(target, delivery);
    END LOOP;
    PERFORM mark_grades();  -- restored rows have marks of an earlier setting
    DELETE FROM row_image i WHERE i.delivery_id = delivery;
    -- A later file that was never applied may have asked about a person whom this import added.
    -- These questions are deleted, and the next file asks again.
    DELETE FROM answer a USING question q
        WHERE q.id = a.question_id
          AND NOT EXISTS (SELECT FROM person p WHERE p.id = q.person_id);
    DELETE FROM question q WHERE q.applied_by_id IS NULL
        AND NOT EXISTS (SELECT FROM person p WHERE p.id = q.person_id);
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN '';
END $$;

-- Truncates tables that were empty before, together with all tables that point to them, because
-- DELETE checks references row by row. Returns the tables it emptied.
CREATE FUNCTION undo_filled(delivery integer, targets text[]) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE whole text[] := '{}'; target text; is_whole boolean; fewer text[];
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i
        WHERE i.delivery_id = delivery AND i.kind = 'filled') THEN
        RETURN whole;
    END IF;
    FOREACH target IN ARRAY targets LOOP
        is_whole := 'delivery_id' = ANY (columns_of(target::regclass))
            AND was_columns(target, delivery) = '{}';
        IF is_whole THEN
            EXECUTE format(
                'SELECT NOT EXISTS (SELECT FROM %I WHERE delivery_id IS DISTINCT FROM $1)', target)
                INTO is_whole USING delivery;
        END IF;
        IF is_whole THEN whole := whole || target; END IF;
    END LOOP;
    LOOP
        SELECT coalesce(array_agg(w), '{}') INTO fewer FROM unnest(whole) w WHERE NOT EXISTS (
            SELECT FROM pg_constraint c
            WHERE c.confrelid = w::regclass AND c.conrelid <> ALL (whole::regclass[]::oid[]));
        EXIT WHEN fewer = whole;
        whole := fewer;
    END LOOP;
    IF whole <> '{}' THEN
        EXECUTE 'TRUNCATE ' || (SELECT string_agg(quote_ident(w), ', ') FROM unnest(whole) w);
    END IF;
    RETURN whole;
END $$;

CREATE FUNCTION undo_new(target text, delivery integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE key text := key_of(target::regclass); key_type text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO key_type FROM pg_attribute a
    WHERE a.attrelid = target::regclass AND a.attname = key;
    EXECUTE format('DELETE FROM %I t
        USING (SELECT u.key::%s AS key FROM row_image i, unnest(i.rows) AS u (key)
        WHERE i.delivery_id = $1 AND i.table_name = $2 AND i.kind = ''new'' ORDER BY 1) AS n WHERE t.%I = n.key', target, key_type, key)
        USING delivery, target;
    IF EXISTS (SELECT FROM row_image i
        WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'filled') THEN
        EXECUTE format('DELETE FROM %I WHERE delivery_id = $1', target) USING delivery;
    END IF;
END $$;

-- Restores changed rows. Every row of an image must still be there.
CREATE FUNCTION undo_changed(target text, delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE key text := key_of(target::regclass); lacking bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i
        WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'changed') THEN
        RETURN;
    END IF;
    EXECUTE format('WITH %s,
        written AS (UPDATE %I t SET %s FROM oldest i WHERE t.%I = (i.o).%I RETURNING 1)
        SELECT (SELECT count(*) FROM oldest) - (SELECT count(*) FROM written)',
        images_as_rows(target, delivery, 'changed'), target,
        (SELECT string_agg(format('%I = (i.o).%I', name, name), ', ')
            FROM unnest(was_columns(target, delivery)) AS name),
        key, key) INTO lacking;
    IF lacking <> 0 THEN
        RAISE EXCEPTION 'rows of % are not there any more',
            target USING ERRCODE = 'foreign_key_violation';
    END IF;
END $$;

CREATE FUNCTION undo_gone(target text, delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i
        WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'gone') THEN
        RETURN;
    END IF;
    EXECUTE format('WITH %s INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM oldest',
        images_as_rows(target, delivery, 'gone'), target,
        (SELECT string_agg(quote_ident(name), ', ')
            FROM unnest(was_columns(target, delivery)) AS name),
        (SELECT string_agg(format('(o).%I', name), ', ')
            FROM unnest(was_columns(target, delivery)) AS name));
END $$;

-- Deletes images after 30 days, even if the jobs process passes a later time.
CREATE FUNCTION images_swept(moment timestamptz) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH buckets AS (DELETE FROM bucket_image
        WHERE at < least(moment, clock_timestamp()) - interval '30 days' RETURNING 1),
        rows AS (DELETE FROM row_image
            WHERE at < least(moment, clock_timestamp()) - interval '30 days' RETURNING 1)
    SELECT (SELECT count(*) FROM buckets) + (SELECT count(*) FROM rows)
$$;

GRANT EXECUTE ON FUNCTION images_begin(integer), undo_rows(integer) TO intake;
GRANT EXECUTE ON FUNCTION images_swept(timestamptz) TO jobs;
