-- Row images: what rows were before an import wrote them, and which rows somebody else wrote since; and an import taken back.
-- Statement triggers see every write, whichever room's statement made it. No login has a right on row_image: an image that intake
-- could write would let it remove rows, which it may not.

CREATE FUNCTION images_begin(delivery integer) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT set_config('homeroom.delivery', delivery::text, true);
    INSERT INTO row_image (delivery_id, at, kind) VALUES (delivery, clock_timestamp(), 'begun')
$$;

-- was, now: the statement's rows. A row that this delivery wrote before has its image, or is new. What intake writes without an
-- import would be lost to undo: it is refused. Dates and times are written alike, whoever's session it is.
CREATE FUNCTION row_image_written() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE file text := current_setting('homeroom.delivery', true); key text := TG_ARGV[0]; kind text; image text; source text; columns text[] := '{}';
BEGIN
    IF session_user <> 'intake' THEN
        IF TG_OP = 'INSERT' THEN RETURN NULL; END IF;
        file := NULL; kind := 'by hand'; source := 'was'; image := format('o.%I::text', key);
    ELSIF file IN ('undo', 'setting') THEN  -- 'setting': a column that the district switched off is emptied (columns.sql)
        RETURN NULL;
    ELSIF coalesce(file, '') = '' THEN
        RAISE EXCEPTION 'no import has begun' USING ERRCODE = 'integrity_constraint_violation';
    ELSIF TG_OP = 'INSERT' THEN
        kind := 'new'; source := 'now'; image := format('o.%I::text', key);
    ELSE
        kind := CASE TG_OP WHEN 'UPDATE' THEN 'changed' ELSE 'gone' END; source := 'was'; image := 'o::text';
        columns := columns_of(TG_RELID);
        IF 'delivery_id' = ANY (columns) THEN source := 'was o WHERE o.delivery_id IS DISTINCT FROM $1'; END IF;
    END IF;
    IF source IN ('was', 'now') THEN source := source || ' o'; END IF;
    EXECUTE format('INSERT INTO row_image (delivery_id, at, kind, table_name, columns, rows)
        SELECT $1, clock_timestamp(), $2, $3, $4, array_agg(image)
        FROM (SELECT %s AS image, (row_number() OVER () - 1) / 1000 AS chunk FROM %s) AS rows GROUP BY chunk', image, source)
        USING file::integer, kind, TG_TABLE_NAME, columns;
    RETURN NULL;
END $$;

CREATE FUNCTION columns_of(target regclass) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
$$;

-- The primary key's one column.
CREATE FUNCTION key_of(target regclass) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = target AND i.indisprimary
$$;

-- Every table that an import writes and an undo puts back. row_hashes has images of its own (bucket_image).
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['school', 'term', 'course', 'section', 'section_term', 'person', 'role', 'demographic', 'contact_detail',
        'contact', 'enrollment', 'category', 'line_item', 'result', 'result_change', 'score_scale', 'line_item_score_scale',
        'result_score_scale', 'attendance_mark', 'stale_key', 'former_id', 'merge', 'merged_row']
    LOOP
        EXECUTE format('CREATE TRIGGER row_image_new AFTER INSERT ON %I REFERENCING NEW TABLE AS now
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
        EXECUTE format('CREATE TRIGGER row_image_changed AFTER UPDATE ON %I REFERENCING OLD TABLE AS was
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
        EXECUTE format('CREATE TRIGGER row_image_gone AFTER DELETE ON %I REFERENCING OLD TABLE AS was
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
    END LOOP;
END $$;

-- Takes an import's rows back; answers '' or why not, and then the caller rolls back. What has come to rest on a new row since (a
-- tie, an account, a decision) fails its foreign key: nothing is left pointing to nowhere.
CREATE FUNCTION undo_rows(delivery integer) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE begun row_image; targets text[]; emptied text[]; target text;
BEGIN
    SELECT * INTO begun FROM row_image i WHERE i.delivery_id = delivery AND i.kind = 'begun';
    IF begun.id IS NULL OR begun.at < clock_timestamp() - interval '30 days' THEN RETURN 'undo-too-late'; END IF;
    IF EXISTS (SELECT FROM row_image i WHERE i.kind = 'begun' AND i.id > begun.id) THEN RETURN 'undo-newer-first'; END IF;
    -- Two records taken apart again: what lines count as known (row_hashes) went with that, and must not come back.
    IF EXISTS (SELECT FROM merge m WHERE m.undone_at > begun.at) THEN RETURN 'undo-written-since'; END IF;
    PERFORM set_config('homeroom.delivery', 'undo', true);
    SELECT array_agg(DISTINCT i.table_name) INTO targets FROM row_image i WHERE i.delivery_id = delivery AND i.table_name <> '';
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', target);  -- whoever writes meanwhile waits: no write is lost
        IF was_columns(target, delivery) <> (columns_of(target::regclass))[1:cardinality(was_columns(target, delivery))] THEN
            RETURN 'undo-upgraded';
        END IF;
        IF written_by_hand(target, delivery, begun.id) THEN RETURN 'undo-written-since'; END IF;
    END LOOP;
    SET CONSTRAINTS ALL DEFERRED;
    emptied := undo_filled(delivery, targets);
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        IF target <> ALL (emptied) THEN PERFORM undo_new(target, delivery); END IF;
    END LOOP;
    FOREACH target IN ARRAY coalesce(targets, '{}') LOOP
        PERFORM undo_changed(target, delivery), undo_gone(target, delivery);
    END LOOP;
    DELETE FROM row_image i WHERE i.delivery_id = delivery;
    -- What a later file asked about somebody whom this one made, and which was never applied, rests on nothing: the next file asks anew.
    DELETE FROM answer a USING question q
        WHERE q.id = a.question_id AND q.applied_by_id IS NULL AND NOT EXISTS (SELECT FROM person p WHERE p.id = q.person_id);
    DELETE FROM question q WHERE q.applied_by_id IS NULL AND NOT EXISTS (SELECT FROM person p WHERE p.id = q.person_id);
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN '';
END $$;

-- The columns a table had when the images were written: those that an upgrade added since stand behind them.
CREATE FUNCTION was_columns(target text, delivery integer) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT i.columns FROM row_image i WHERE i.delivery_id = delivery AND i.table_name = target
        AND i.kind IN ('changed', 'gone') LIMIT 1), '{}')
$$;

-- SQL: images of whole rows as rows of the table, the oldest of each row. What an import itself had made before it changed or removed
-- it was not there before: where rows do not say whose they are (delivery_id), the trigger could not tell.
CREATE FUNCTION images_as_rows(target text, delivery integer, of_kind text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT format('images AS MATERIALIZED (
            SELECT i.id AS image, (left(u.written, -1) || %L || '')'')::%I AS o FROM row_image i, unnest(i.rows) AS u (written)
            WHERE i.delivery_id = %s AND i.table_name = %L AND i.kind = %L),
        oldest AS MATERIALIZED (SELECT DISTINCT ON ((o).%I) o, image FROM images %s ORDER BY (o).%I, image)',
        repeat(',', cardinality(columns_of(target::regclass)) - cardinality(was_columns(target, delivery))), target, delivery, target,
        of_kind, key_of(target::regclass),
        CASE WHEN 'delivery_id' <> ALL (columns_of(target::regclass)) THEN format('WHERE NOT EXISTS (
            SELECT FROM row_image n, unnest(n.rows) AS v (key) WHERE n.delivery_id = %s AND n.table_name = %L AND n.kind = ''new''
            AND n.id < image AND v.key = (o).%I::text)', delivery, target, key_of(target::regclass)) ELSE '' END,
        key_of(target::regclass))
$$;

-- Whether somebody, and no file, wrote a row after the import did.
CREATE FUNCTION written_by_hand(target text, delivery integer, since bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE key text := key_of(target::regclass); filled text := ''; answer boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i WHERE i.kind = 'by hand' AND i.table_name = target AND i.id > since) THEN RETURN false; END IF;
    IF 'delivery_id' = ANY (columns_of(target::regclass)) THEN
        filled := format('UNION ALL SELECT i.id, t.%I::text FROM row_image i, %I t
            WHERE i.delivery_id = $2 AND i.table_name = $1 AND i.kind = ''filled'' AND t.delivery_id = $2', key, target);
    END IF;
    EXECUTE format('WITH %s,
        touched (image, key) AS (
            SELECT i.id, u.key FROM row_image i, unnest(i.rows) AS u (key)
            WHERE i.delivery_id = $2 AND i.table_name = $1 AND i.kind = ''new''
            UNION ALL SELECT image, (o).%I::text FROM images %s)
        SELECT EXISTS (SELECT FROM row_image h, unnest(h.rows) AS u (key) JOIN touched t USING (key)
            WHERE h.kind = ''by hand'' AND h.table_name = $1 AND h.id > t.image)',
        images_as_rows(target, delivery, 'changed'), key, filled) INTO answer USING target, delivery;
    RETURN answer;
END $$;

-- Tables that were empty are emptied at once, where all that points to them is: a delete looks for pointers row by row.
CREATE FUNCTION undo_filled(delivery integer, targets text[]) RETURNS text[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whole text[] := '{}'; target text; is_whole boolean; fewer text[];
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i WHERE i.delivery_id = delivery AND i.kind = 'filled') THEN RETURN whole; END IF;
    FOREACH target IN ARRAY targets LOOP
        is_whole := 'delivery_id' = ANY (columns_of(target::regclass)) AND was_columns(target, delivery) = '{}';
        IF is_whole THEN
            EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I WHERE delivery_id IS DISTINCT FROM $1)', target) INTO is_whole USING delivery;
        END IF;
        IF is_whole THEN whole := whole || target; END IF;
    END LOOP;
    LOOP
        SELECT coalesce(array_agg(w), '{}') INTO fewer FROM unnest(whole) w WHERE NOT EXISTS (
            SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = w::regclass AND c.conrelid <> ALL (whole::regclass[]::oid[]));
        EXIT WHEN fewer = whole;
        whole := fewer;
    END LOOP;
    IF whole <> '{}' THEN
        EXECUTE 'TRUNCATE ' || (SELECT string_agg(quote_ident(w), ', ') FROM unnest(whole) w);
    END IF;
    RETURN whole;
END $$;

CREATE FUNCTION undo_new(target text, delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE key text := key_of(target::regclass); key_type text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO key_type FROM pg_attribute a WHERE a.attrelid = target::regclass AND a.attname = key;
    EXECUTE format('DELETE FROM %I t USING (SELECT u.key::%s AS key FROM row_image i, unnest(i.rows) AS u (key)
        WHERE i.delivery_id = $1 AND i.table_name = $2 AND i.kind = ''new'' ORDER BY 1) AS n WHERE t.%I = n.key', target, key_type, key)
        USING delivery, target;
    IF EXISTS (SELECT FROM row_image i WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'filled') THEN
        EXECUTE format('DELETE FROM %I WHERE delivery_id = $1', target) USING delivery;
    END IF;
END $$;

-- Every row of an image must be there.
CREATE FUNCTION undo_changed(target text, delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE key text := key_of(target::regclass); lacking bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'changed') THEN RETURN; END IF;
    EXECUTE format('WITH %s, written AS (UPDATE %I t SET %s FROM oldest i WHERE t.%I = (i.o).%I RETURNING 1)
        SELECT (SELECT count(*) FROM oldest) - (SELECT count(*) FROM written)',
        images_as_rows(target, delivery, 'changed'), target,
        (SELECT string_agg(format('%I = (i.o).%I', name, name), ', ') FROM unnest(was_columns(target, delivery)) AS name WHERE name <> key),
        key, key) INTO lacking;
    IF lacking <> 0 THEN
        RAISE EXCEPTION 'rows of % are not there any more', target USING ERRCODE = 'foreign_key_violation';
    END IF;
END $$;

CREATE FUNCTION undo_gone(target text, delivery integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i WHERE i.delivery_id = delivery AND i.table_name = target AND i.kind = 'gone') THEN RETURN; END IF;
    EXECUTE format('WITH %s INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM oldest',
        images_as_rows(target, delivery, 'gone'), target,
        (SELECT string_agg(quote_ident(name), ', ') FROM unnest(was_columns(target, delivery)) AS name),
        (SELECT string_agg(format('(o).%I', name), ', ') FROM unnest(was_columns(target, delivery)) AS name));
END $$;

-- Images are kept for 30 days, however jobs sets its clock.
CREATE FUNCTION images_swept(moment timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH buckets AS (DELETE FROM bucket_image WHERE at < least(moment, clock_timestamp()) - interval '30 days' RETURNING 1),
        rows AS (DELETE FROM row_image WHERE at < least(moment, clock_timestamp()) - interval '30 days' RETURNING 1)
    SELECT (SELECT count(*) FROM buckets) + (SELECT count(*) FROM rows)
$$;
GRANT EXECUTE ON FUNCTION images_begin(integer), undo_rows(integer) TO intake;
GRANT EXECUTE ON FUNCTION images_swept(timestamptz) TO jobs;
