-- The first import of an empty table: its foreign keys and indexes away, load, and back, for a login that owns nothing.
-- A check per row costs more than the load; made at the end, an index and a foreign key are one pass each.
--
-- What is to be made again stands in the table's comment meanwhile: only the owner can write one, so intake cannot slip a
-- statement of its own in; and it rolls back with the load.

-- In a table of millions the primary key goes too; elsewhere others point to it and it grows in order, which is cheap.
CREATE FUNCTION first_load_open(target text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE is_used boolean; found record; later text[] := '{}'; is_large boolean := target IN ('result', 'attendance_mark');
BEGIN
    IF target NOT IN ('role', 'demographic', 'contact', 'enrollment', 'line_item', 'result', 'attendance_mark', 'section_term') THEN
        RAISE EXCEPTION 'no first load of %', target;
    END IF;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', target);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', target) INTO is_used;
    IF is_used THEN
        RAISE EXCEPTION '% is not empty', target;
    END IF;
    -- An image of each new row would cost as much as the load: that all of them are new says as much (images.sql).
    INSERT INTO row_image (delivery_id, at, kind, table_name)
        VALUES (current_setting('homeroom.delivery')::integer, clock_timestamp(), 'filled', target);
    FOR found IN SELECT t.tgname AS name, pg_get_triggerdef(t.oid) AS made FROM pg_trigger t
        WHERE t.tgrelid = target::regclass AND NOT t.tgisinternal AND t.tgnewtable IS NOT NULL
    LOOP
        later := later || found.made;
        EXECUTE format('DROP TRIGGER %I ON %I', found.name, target);
    END LOOP;
    FOR found IN SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made FROM pg_index i
        WHERE i.indrelid = target::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    LOOP
        later := later || found.made;
        EXECUTE 'DROP INDEX ' || found.name;
    END LOOP;
    -- Foreign keys first (f before p): one that points here hangs on the primary key.
    FOR found IN SELECT c.conrelid::regclass::text AS owner, c.conname AS name, c.contype, pg_get_constraintdef(c.oid) AS made
        FROM pg_constraint c
        WHERE (c.conrelid = target::regclass AND (c.contype = 'f' OR is_large AND c.contype = 'p'))
           OR (c.confrelid = target::regclass AND c.contype = 'f' AND is_large)
        ORDER BY c.contype
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.name);
        found.made := format('ALTER TABLE %s ADD CONSTRAINT %I %s', found.owner, found.name, found.made);
        later := CASE WHEN found.contype = 'p' THEN found.made || later ELSE later || found.made END;
    END LOOP;
    IF is_large THEN
        EXECUTE format('TRUNCATE %I', target);  -- a file made in this transaction needs no log beside itself
    END IF;
    EXECUTE format('COMMENT ON TABLE %I IS %L', target, array_to_json(later)::text);
END $$;

-- The foreign keys are validated against every row here.
CREATE FUNCTION first_load_close(target text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '256MB' SET default_statistics_target = 100 AS $$
DECLARE statement text;
BEGIN
    FOR statement IN SELECT json_array_elements_text(obj_description(target::regclass, 'pg_class')::json) LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('COMMENT ON TABLE %I IS NULL', target);
    EXECUTE format('ANALYZE %I', target);
END $$;
GRANT EXECUTE ON FUNCTION first_load_open(text), first_load_close(text) TO intake;
