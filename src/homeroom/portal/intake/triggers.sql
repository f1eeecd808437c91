-- Row images: rows as they were before an import wrote them, and keys of rows that someone else
-- wrote since. Statement triggers see every write, from any room. No login has a right on
-- row_image, because intake could remove rows, which it may not, if it could write images.

-- `was` and `now` are the statement's rows. A row that this delivery wrote before already has an
-- image or is new. Writes by intake outside an import are refused, because no undo could restore
-- them. Dates and times have the same form in every session.
CREATE FUNCTION row_image_written() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE file text := current_setting('homeroom.delivery', true);
    key text := TG_ARGV[0];
    kind text;
    image text;
    source text;
    columns text[] := '{}';
BEGIN
    IF session_user <> 'intake' THEN
        IF TG_OP = 'INSERT' THEN RETURN NULL; END IF;
        file := NULL; kind := 'by hand'; source := 'was'; image := format('o.%I::text', key);
        -- If only is_grade changes, no image is needed. The mark follows from the district's
        -- setting, and an undo sets it again (mark_grades()). Rows are compared column by column,
        -- because a setting may mark 100,000 rows. As jsonb, that takes as long as writing them.
        IF TG_TABLE_NAME = 'line_item' THEN
            SELECT format('was o WHERE NOT EXISTS (SELECT FROM line_item n WHERE n.id = o.id
                    AND ROW(%s) IS NOT DISTINCT FROM ROW(%s))', string_agg(format('n.%I', c), ', '),
                    string_agg(format('o.%I', c), ', '))
                INTO source FROM unnest(columns_of(TG_RELID)) AS c WHERE c <> 'is_grade';
        END IF;
    ELSIF file IN ('undo', 'setting') THEN
        -- 'setting': empty_column() empties a column that the district turned off
        RETURN NULL;
    ELSIF coalesce(file, '') = '' THEN
        RAISE EXCEPTION 'no import has begun' USING ERRCODE = 'integrity_constraint_violation';
    ELSIF TG_OP = 'INSERT' THEN
        kind := 'new'; source := 'now'; image := format('o.%I::text', key);
    ELSE
        kind := CASE TG_OP WHEN 'UPDATE' THEN 'changed' ELSE 'gone' END;
        source := 'was';
        image := 'o::text';
        columns := columns_of(TG_RELID);
        IF 'delivery_id' = ANY (columns) THEN
            source := 'was o WHERE o.delivery_id IS DISTINCT FROM $1';
        END IF;
    END IF;
    IF source IN ('was', 'now') THEN source := source || ' o'; END IF;
    EXECUTE format('INSERT INTO row_image (delivery_id, at, kind, table_name, columns, rows)
        SELECT $1, clock_timestamp(), $2, $3, $4, array_agg(image)
        FROM (SELECT %s AS image, (row_number() OVER () - 1) / 1000 AS chunk FROM %s) AS rows GROUP BY chunk', image, source)
        USING file::integer, kind, TG_TABLE_NAME, columns;
    RETURN NULL;
END $$;

-- All tables that an import writes and an undo restores. row_hashes has its own images
-- (bucket_image).
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['school', 'term', 'course', 'section', 'section_term', 'person',
        'role', 'demographic', 'contact_detail',
        'contact', 'enrollment', 'category', 'line_item', 'result', 'result_change', 'score_scale',
        'line_item_score_scale',
        'result_score_scale', 'attendance_mark', 'stale_key', 'former_id', 'merge', 'merged_row']
    LOOP
        EXECUTE format('CREATE TRIGGER row_image_new AFTER INSERT ON %I REFERENCING NEW TABLE AS now
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
        EXECUTE format('CREATE TRIGGER row_image_changed AFTER UPDATE ON %I
            REFERENCING OLD TABLE AS was
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
        EXECUTE format('CREATE TRIGGER row_image_gone AFTER DELETE ON %I
            REFERENCING OLD TABLE AS was
            FOR EACH STATEMENT EXECUTE FUNCTION row_image_written(%L)', target, key_of(target::regclass));
    END LOOP;
END $$;

CREATE TRIGGER merge_keeps_masking AFTER INSERT ON merge FOR EACH ROW
    EXECUTE FUNCTION mask_after_merge();
CREATE TRIGGER merge_keeps_apart AFTER INSERT ON merge FOR EACH ROW
    EXECUTE FUNCTION keep_apart_after_merge();

-- A replay doesn't separate two records. It tells an administrator to do it again.
CREATE TRIGGER merge_undone_narrows AFTER UPDATE ON merge
    FOR EACH ROW WHEN (OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('merge undone', 'old_id', 'into_id!');
-- If preferred names are turned off, no file's are read, and stored ones are deleted before the
-- next file. If they are turned on, they are read from the next file on.
CREATE FUNCTION read_preferred_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.preferred_names = 'off' THEN
        INSERT INTO unread_column (file, column_name) SELECT * FROM preferred_columns()
            ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM unread_column u USING preferred_columns() p
            WHERE (u.file, u.column_name) = (p.file, p.column_name);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER preferred_names_chosen AFTER UPDATE OF preferred_names ON district FOR EACH ROW
    WHEN (OLD.preferred_names IS DISTINCT FROM NEW.preferred_names)
    EXECUTE FUNCTION read_preferred_names();
-- A file on hold keeps what it would change, for its page. A column that is turned off is removed
-- from it immediately. Before its import, the file is read again, without the column.
CREATE FUNCTION forget_column_of_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text[] := column_place(NEW.file, NEW.column_name);
BEGIN
    UPDATE change_detail d SET rows = (
            SELECT jsonb_agg(CASE WHEN r.one->>'shape' = kept[1]
                THEN r.one #- ARRAY['old', kept[2]] #- ARRAY['new', kept[2]]
                ELSE r.one END ORDER BY r.place)
            FROM jsonb_array_elements(d.rows) WITH ORDINALITY r (one, place))
        WHERE EXISTS (SELECT FROM jsonb_array_elements(d.rows) r (one)
            WHERE r.one->>'shape' = kept[1]
              AND (r.one->'old' ? kept[2] OR r.one->'new' ? kept[2]));
    RETURN NULL;
END $$;
CREATE TRIGGER column_of_held_forgotten AFTER INSERT ON unread_column FOR EACH ROW
    EXECUTE FUNCTION forget_column_of_held();
CREATE TRIGGER column_narrows AFTER INSERT ON unread_column FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('column', 'file', 'column_name');
CREATE TRIGGER signer_narrows AFTER UPDATE ON signer
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('sender', 'fingerprint', 'revoked_at');
CREATE TRIGGER signer_gone_narrows AFTER DELETE ON signer FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('sender', 'fingerprint');

-- A file was imported, put on hold or refused, or its import was undone. It was opened with the
-- portal's key.
CREATE FUNCTION note_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_event('file', NEW.state, NULL, NEW.reason, of_number => NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_event AFTER UPDATE OF state ON delivery FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state <> 'arrived')
    EXECUTE FUNCTION note_file();

-- A sender's key may sign files, or may no longer.
CREATE FUNCTION note_signer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_event('key', 'done', NULL, CASE
        WHEN TG_OP = 'INSERT' THEN 'signer added'
        WHEN NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN 'signer revoked'
        ELSE 'signer changed' END);
    RETURN NULL;
END $$;
CREATE TRIGGER signer_event AFTER INSERT OR UPDATE ON signer FOR EACH ROW
    EXECUTE FUNCTION note_signer();
